// A request to the form or the desk, with the address it came from.

import HTTPTypes
public import Hummingbird
import NIOCore

/// Knows the client's address; it is only counted with, never logged or stored.
public struct FormRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?

    public init(source: Source) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// An address without its port; with `header` the last entry of that header, which our own proxy wrote.
    func client(header: String?, of request: Request) -> String {
        if let header, let name = HTTPField.Name(header), let value = request.headers[name],
            let last = value.split(separator: ",").last
        {
            return String(last.filter { !$0.isWhitespace }.prefix(64))
        }
        return remoteAddress?.ipAddress ?? "unknown"
    }
}
