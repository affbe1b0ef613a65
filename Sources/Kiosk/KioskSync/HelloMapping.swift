// The answer to hello: wire to what the sync machine understands, every bound checked.

import JobFair
import KioskCore
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

enum HelloMapping {
    /// Throws where the answer is none to this question, or has a part that no headquarters sends.
    static func check(_ response: WireHelloResponse, nonce: Data) throws(SyncProtocolError) {
        guard response.clientNonce == nonce, response.sessionNonce.count == 16 else {
            throw SyncProtocolError(.malformed, "answer to hello")
        }
        try checkBounds(response)
    }

    private static func checkBounds(_ response: WireHelloResponse) throws(SyncProtocolError) {
        guard response.headquartersGeneration.count == 16 else {
            throw SyncProtocolError(.malformed, "answer to hello")
        }
        guard response.catalogues.count <= SyncLimits.fairsMax, response.gaps.count <= SyncLimits.gapsMax,
            response.directives.count <= SyncLimits.directivesMax, response.erasures.count <= SyncLimits.erasuresMax,
            response.otherLineages.count <= SyncLimits.lineagesMax
        else { throw SyncProtocolError(.tooLarge, "answer to hello") }
    }

    /// What an answer whose signature was verified says, beside what this kiosk knows.
    ///
    /// - Parameter lineageID: which one it speaks of.
    static func answer(
        _ response: WireHelloResponse, of lineageID: Data, asked: HelloFacts, outbox: any OutboxStore,
        erasures: [ErasureDirective] = [], downloads: [SyncDownload] = []
    ) async throws -> HelloAnswer {
        let known = try sequence(response.knownThrough)
        var ownDigest: Data?
        if known > 0, known < asked.head.lastSequence, lineageID == asked.head.lineageID {
            ownDigest = try await outbox.digest(lineageID: lineageID, sequence: known)
        }
        return HelloAnswer(
            knownThrough: known, digestAtKnownThrough: response.digestAtKnownThrough,
            durableThrough: try sequence(response.durableThrough), digestAtDurable: response.digestAtDurable,
            gaps: try gaps(response), otherLineages: try otherLineages(response),
            headquartersGeneration: response.headquartersGeneration, lineagesToLeave: lineagesToLeave(response),
            isRevoked: isRevoked(response), erasures: erasures, dayDirectives: dayDirectives(response),
            downloads: downloads, asked: asked, ownDigestAtKnownThrough: ownDigest, lineageID: lineageID,
            saidMilliseconds: response.answeredMilliseconds)
    }

    /// What a stick brought for this kiosk: nothing was asked, so nothing is confirmed or offered by it.
    static func stickOrders(
        _ bytes: Data, enrolment: Enrolment, outbox: any OutboxStore
    ) async throws -> HelloAnswer {
        let signed = try WireCoding.message(
            WireSigned.self, from: bytes, bytesMax: SyncLimits.messageBytesMax, name: "orders")
        let body = try enrolment.keyList.verify(signed, domain: .stickOrders, purpose: .directive)
        let orders = try WireCoding.message(
            WireStickOrders.self, from: body, bytesMax: SyncLimits.messageBytesMax, name: "orders")
        guard orders.deviceID == enrolment.deviceID else {
            throw SyncProtocolError(.identityMismatch, "orders for another kiosk")
        }
        guard [0, 16].contains(orders.lineageID.count) else { throw SyncProtocolError(.malformed, "lineage_id") }
        try checkBounds(orders.answer)
        return try await answer(
            orders.answer, of: orders.lineageID, asked: HelloFacts(head: try await outbox.chainHead()),
            outbox: outbox)
    }

    /// Sequences travel unsigned and are stored in 63 bits.
    static func sequence(_ wire: UInt64) throws(SyncProtocolError) -> Int64 {
        guard let sequence = Int64(exactly: wire), sequence < .max else {
            throw SyncProtocolError(.malformed, "sequence in the answer to hello")
        }
        return sequence
    }

    static func gaps(_ response: WireHelloResponse) throws(SyncProtocolError) -> [ClosedRange<Int64>] {
        var gaps: [ClosedRange<Int64>] = []
        for wire in response.gaps {
            let (first, last) = (try sequence(wire.first), try sequence(wire.last))
            guard first >= 1, first <= last else { throw SyncProtocolError(.malformed, "gap in the answer to hello") }
            gaps.append(first...last)
        }
        return gaps
    }

    static func otherLineages(_ response: WireHelloResponse) throws(SyncProtocolError) -> [LineageMark] {
        var marks: [LineageMark] = []
        for wire in response.otherLineages {
            guard wire.lineageID.count == 16 else {
                throw SyncProtocolError(.malformed, "lineage in the answer to hello")
            }
            marks.append(
                LineageMark(
                    lineageID: wire.lineageID, knownThrough: try sequence(wire.knownThrough),
                    durableThrough: try sequence(wire.durableThrough), digestAtDurable: wire.digestAtDurable))
        }
        return marks
    }

    static func lineagesToLeave(_ response: WireHelloResponse) -> [Data] {
        response.directives.compactMap { if case .newLineage(let lineage) = $0.kind { lineage } else { nil } }
    }

    /// Letters for the new lineage, the fresh ones last; nil: none came along.
    static func lettersToLeaveWith(_ response: WireHelloResponse, _ lineageID: Data) throws(SyncProtocolError)
        -> [String]?
    {
        let directive = response.directives.first {
            if case .newLineage(lineageID) = $0.kind { !$0.ticketPairs.isEmpty } else { false }
        }
        guard let pairs = directive?.ticketPairs else { return nil }
        guard pairs.count <= SyncLimits.ticketPairsMax, pairs.allSatisfy({ TicketNumber(pair: $0, number: 1) != nil })
        else { throw SyncProtocolError(.malformed, "ticket_pairs") }
        return pairs
    }

    static func isRevoked(_ response: WireHelloResponse) -> Bool {
        response.directives.contains { if case .revoked(true) = $0.kind { true } else { false } }
    }

    /// Those that this program understands.
    static func dayDirectives(_ response: WireHelloResponse) -> [DayDirective] {
        response.directives.compactMap { wire in
            guard case .dayChange(let change) = wire.kind, wire.directiveID.count == 16,
                let kind = DayChange.Change(rawValue: change.change), kind != .dayUnconfirmed,
                let day = CalendarDate(change.fairDay)
            else { return nil }
            // Not one that may be meant otherwise than it was said.
            let fair = FairID(bytes: change.fairID)
            guard change.fairID.isEmpty || fair != nil else { return nil }
            return DayDirective(id: wire.directiveID, change: kind, day: day, fairID: fair)
        }
    }

    /// The directive in a message that headquarters signed, with its exact bytes. By whichever road it came, nothing of it
    /// counts before this.
    static func erasure(_ signed: WireSigned, keyList: TrustedKeyList) throws(SyncProtocolError) -> ErasureDirective {
        let bytes = WireCoding.bytes(signed)
        guard bytes.count <= OutboxRule.erasureBytesMax else { throw SyncProtocolError(.tooLarge, "erasure") }
        let body = try keyList.verify(signed, domain: .erasure, purpose: .directive)
        let directive = try WireCoding.message(
            WireDirective.self, from: body, bytesMax: OutboxRule.erasureBytesMax, name: "erasure")
        guard directive.directiveID.count == 16, case .erasure(let erasure) = directive.kind,
            (1...64).contains(erasure.personKey.count)
        else { throw SyncProtocolError(.malformed, "erasure") }
        return ErasureDirective(id: directive.directiveID, signed: bytes)
    }
}
