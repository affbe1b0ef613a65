// Domain to wire: what the answer to hello tells a kiosk to do.

import HeadquartersCore
import JobFair
import Logging
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SyncExchange {
    /// Directives that stand in the answer itself; its signature covers them.
    static func directives(_ orders: KioskOrders) -> [WireDirective] {
        var directives: [WireDirective] = []
        if let id = orders.revocationID {
            var directive = WireDirective()
            directive.directiveID = id
            directive.revoked = true
            directives.append(directive)
        }
        for leave in orders.leaves {
            var directive = WireDirective()
            directive.directiveID = leave.directiveID
            directive.newLineage = leave.lineageID
            directive.ticketPairs = orders.ticketPairs
            directives.append(directive)
        }
        return directives
            + orders.dayOrders.map { order in
                var directive = WireDirective()
                directive.directiveID = order.directiveID
                directive.dayChange.change = order.change.rawValue
                directive.dayChange.fairDay = order.day.description
                directive.dayChange.by = "headquarters"
                directive.dayChange.fairID = Data(order.fairID.bytes)
                return directive
            }
    }

    /// What stands about a kiosk's chain and what it is told to do, the same by every road.
    func answer(
        to device: EnrolledDevice, about lineageID: Data, _ lineage: LineageState, orders: KioskOrders,
        generation: Generation, received: Int64
    ) async throws -> WireHelloResponse {
        var answer = WireHelloResponse()
        answer.headquartersGeneration = generation.id
        answer.knownThrough = UInt64(clamping: lineage.contiguousThrough)
        answer.digestAtKnownThrough = lineage.digestAtContiguous
        answer.gaps = lineage.gaps.map { gap in
            var range = WireSequenceRange()
            range.first = UInt64(clamping: gap.lowerBound)
            range.last = UInt64(clamping: gap.upperBound)
            return range
        }
        answer.durableThrough = UInt64(clamping: lineage.durableThrough)
        answer.digestAtDurable = lineage.digestAtDurable
        answer.otherLineages = try await otherLineages(of: device, except: lineageID)
        answer.directives = Self.directives(orders)
        answer.keyListVersion = 1
        answer.receivedMilliseconds = received
        return answer
    }

    /// For a stick: as hello would be answered, bound to the kiosk by its id, for there is no nonce.
    func stickOrders(for device: EnrolledDevice) async throws -> WireSigned {
        let received = now()
        let (lineageID, standing) = try await store.standingOrders(of: device.deviceID, at: received)
        let lineage = try await store.lineage(lineageID, of: device.deviceID)
        var orders = WireStickOrders()
        orders.deviceID = device.deviceID
        orders.lineageID = lineageID
        orders.answer = try await answer(
            to: device, about: lineageID, lineage, orders: standing, generation: try await store.generation(),
            received: received)
        orders.answer.answeredMilliseconds = now()
        return SignedMessage.sign(WireCoding.bytes(orders), domain: .stickOrders, key: keys.directive)
    }

    /// A kiosk that has left a lineage still purges what it made there.
    private func otherLineages(of device: EnrolledDevice, except lineageID: Data) async throws -> [WireLineageMark] {
        try await store.lineageMarks(of: device.deviceID, except: lineageID).map { mark in
            var wire = WireLineageMark()
            wire.lineageID = mark.lineageID
            wire.knownThrough = UInt64(clamping: mark.knownThrough)
            wire.durableThrough = UInt64(clamping: mark.durableThrough)
            wire.digestAtDurable = mark.digestAtDurable
            return wire
        }
    }

    /// Erasures are signed each for itself: kiosks keep them, and offer them back.
    func erasures(for request: WireHelloRequest) async throws -> [WireSigned] {
        try await store.erasures(
            unconfirmedBy: request.deviceID, lineageID: request.lineageID, limit: ErasureLimits.perHelloMax
        ).map {
            try WireCoding.message(
                WireSigned.self, from: $0, bytesMax: ErasureJournalContent.directiveBytesMax, name: "erasure")
        }
    }

    /// What the kiosk says to hold: the ids of what came, and of what it offers back.
    static func heldDirectives(_ request: WireHelloRequest) -> [Data] {
        let offered = request.erasuresHeld.prefix(ErasureLimits.perHelloMax).compactMap {
            try? WireCoding.message(
                WireDirective.self, from: $0.body, bytesMax: ErasureJournalContent.directiveBytesMax, name: "erasure"
            ).directiveID
        }
        return Array(request.directiveIds.prefix(SyncLimits.directivesMax)) + offered
    }

    func log(_ orders: KioskOrders, _ request: WireHelloRequest) {
        guard let objection = orders.newObjection else { return }
        logger.error(
            objection == .rollback
                ? "a kiosk knows less of its own records than headquarters: it was put back to an earlier state"
                : "a kiosk's newest record is another than headquarters has: two kiosks live on one identity",
            metadata: [
                "kiosk.device": "\(Hexadecimal.encode(request.deviceID))",
                "lineage.id": "\(Hexadecimal.encode(request.lineageID))", "lineage.said": "\(request.lastSequence)",
            ])
    }
}
