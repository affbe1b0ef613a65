// Bodies of requests: in time, too late, too large.

import Hummingbird
import NIOCore
import Testing

@testable import HeadquartersWeb

@Suite struct RequestBodyTests {
    private func body() -> RequestBody {
        let (pieces, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        for _ in 0..<3 { continuation.yield(ByteBuffer(string: "ab")) }
        continuation.finish()
        return RequestBody(asyncSequence: pieces)
    }

    @Test func whatComesInTimeIsTakenWhole() async throws {
        #expect(try await body().collect(upTo: 6, within: RequestBody.duration) == ByteBuffer(string: "ababab"))
    }

    @Test func whatDripsIsGivenUp() async {
        let error = await #expect(throws: HTTPError.self) { _ = try await body().collect(upTo: 6, within: .zero) }
        #expect(error?.status == .requestTimeout)
    }

    @Test func whatIsTooLargeIsRefused() async {
        await #expect(throws: NIOTooManyBytesError.self) {
            _ = try await body().collect(upTo: 5, within: RequestBody.duration)
        }
    }
}
