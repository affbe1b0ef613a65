// A request to the form or the desk, with the address it came from.

import HTTPTypes
public import Hummingbird
import NIOCore

/// Knows the client's address; it is only counted with, never logged or stored.
public struct FormRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?
    /// Set by `DeskAccess`; nil at the form, and at the desk where no login is needed.
    var deskSession: DeskSession?
    /// What a page of the desk posted; set by `DeskAccess` after its checks.
    var deskForm: DeskForm?

    public init(source: Source) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// Of the other end of the connection, without its port.
    var address: String { remoteAddress?.ipAddress ?? "unknown" }

    /// The phone's address, without its port; with `header` the last entry of that header, which our own proxy wrote. Nil where
    /// only the proxy on this machine is known: all phones of the world would share it.
    func client(header: String?, of request: Request) -> String? {
        if let header, let name = HTTPField.Name(header), let value = request.headers[name],
            let last = value.split(separator: ",").last
        {
            return String(last.filter { !$0.isWhitespace }.prefix(64))
        }
        let isLoopback = address.hasPrefix("127.") || address.hasPrefix("::ffff:127.") || address == "::1"
        return isLoopback ? nil : address
    }
}
