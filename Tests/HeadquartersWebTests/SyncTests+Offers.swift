// Fairs that come to a kiosk by themselves, and letters that follow when its numbers run out.

import Foundation
import JobFair
import NIOHTTP1
import SwiftProtobuf
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

extension SyncTests {
    private static func grant(_ fair: Data, _ kiosk: FakeKiosk, _ keys: TrustedKeyList) async throws -> WireGrant {
        let path = "/sync/v1/fairs/\(Hexadecimal.encode(fair))/grant"
        let sealed = try await kiosk.sendInSession(.GET, path)
        #expect(sealed.status == 200, "\(sealed.problem ?? "")")
        return try GrantSeal.open(
            WireSealedGrant(
                serializedBytes: keys.verify(
                    WireSigned(serializedBytes: sealed.body), domain: .grant, purpose: .directive)),
            key: kiosk.agreement)
    }

    @Test func theNextFairsComeByThemselves() async throws {
        try await withKiosk { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            let sample = try String(contentsOfFile: HeadquartersFixture.sampleFair, encoding: .utf8)
            func create(_ days: String) async throws {
                let path = fixture.folder.file("fair.yaml")
                try sample.replacingOccurrences(of: "[today, today+1]", with: "[\(days)]")
                    .write(toFile: path, atomically: true, encoding: .utf8)
                _ = try await fixture.commands.createFair(from: path, kind: nil)
            }
            try await create("today+30, today+31")
            try await create("today+32")
            let offers = try await kiosk.hello(keys: keys).catalogues
            #expect(offers.map(\.ticketPairs) == [0, 0])
            #expect(offers.map(\.grant) == [true, true])
            let coming = try #require(offers.last)
            #expect(try await Self.grant(coming.fairID, kiosk, keys).ticketPairs == ["AA", "AB", "AC", "AD"])
            let catalogue = try await kiosk.sendInSession(
                .GET, "/sync/v1/fairs/\(Hexadecimal.encode(coming.fairID))/catalogue")
            #expect(catalogue.status == 200)
            #expect(try await kiosk.hello(keys: keys).catalogues.map(\.ticketPairs) == [0, 4])
        }
    }

    @Test func aKioskWhoseNumbersRunOutGetsMoreLetters() async throws {
        try await withKiosk { _, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            let fair = try #require(try await kiosk.hello(keys: keys).catalogues.first?.fairID)
            let first = try await Self.grant(fair, kiosk, keys).ticketPairs
            func say(_ problems: [String], pairs: Int) async throws -> [UInt32] {
                try await kiosk.hello(keys: keys, problems: problems, openFair: fair, pairs: pairs)
                    .catalogues.map(\.ticketPairs)
            }
            #expect(try await say(["printerFailing"], pairs: 4) == [4])
            #expect(try await say(["ticketsRunningOut"], pairs: 4) == [8])
            // It has not fetched them yet.
            #expect(try await say(["ticketsRunningOut"], pairs: 4) == [8])
            let more = try await Self.grant(fair, kiosk, keys).ticketPairs
            #expect(more == first + ["AE", "AF", "AG", "AH"])
            #expect(try await say(["ticketsExhausted"], pairs: 8) == [12])
            #expect(try await say(["ticketsExhausted"], pairs: 12) == [16])
            #expect(try await say(["ticketsExhausted"], pairs: 16) == [16])
            #expect(try await Self.grant(fair, kiosk, keys).ticketPairs.count == 16)
        }
    }
}
