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
        guard response.clientNonce == nonce, response.sessionNonce.count == 16,
            response.headquartersGeneration.count == 16
        else { throw SyncProtocolError(.malformed, "answer to hello") }
        guard response.catalogues.count <= SyncLimits.fairsMax, response.gaps.count <= SyncLimits.gapsMax,
            response.directives.count <= SyncLimits.directivesMax, response.erasures.count <= SyncLimits.erasuresMax,
            response.otherLineages.count <= SyncLimits.lineagesMax
        else { throw SyncProtocolError(.tooLarge, "answer to hello") }
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
            return DayDirective(id: wire.directiveID, change: kind, day: day)
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
