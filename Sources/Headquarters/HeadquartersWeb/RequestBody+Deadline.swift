// The body of a request, for as long as an honest sender takes; one that drips does not hold its connection for ever.

import Hummingbird
import NIOCore

extension RequestBody {
    /// What a whole body may take. A kiosk gives up after 60 s (`HTTPHeadquartersClient.deadline`); silent connections are
    /// closed by the server itself (`idleTimeout`).
    static let duration = Duration.seconds(90)
    /// A spreadsheet of a clerk who is logged in, over a slow line.
    static let uploadDuration = Duration.seconds(600)

    /// As `collect(upTo:)`, with 408 Request Timeout (RFC 9110, 15.5.9) for a body that is not there in time. The clock is
    /// looked at with each piece.
    consuming func collect(upTo bytesMax: Int, within limit: Duration) async throws -> ByteBuffer {
        let begin = ContinuousClock.now
        var collected = ByteBuffer()
        for try await piece in self {
            guard collected.readableBytes + piece.readableBytes <= bytesMax else {
                throw NIOTooManyBytesError(maxBytes: bytesMax)
            }
            guard begin.duration(to: .now) <= limit else { throw HTTPError(.requestTimeout) }
            collected.writeImmutableBuffer(piece)
        }
        return collected
    }
}
