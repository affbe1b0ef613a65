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
    static func directives(_ orders: KioskOrders, leaving lineageID: Data) -> [WireDirective] {
        var directives: [WireDirective] = []
        if let id = orders.revocationID {
            var directive = WireDirective()
            directive.directiveID = id
            directive.revoked = true
            directives.append(directive)
        }
        if let id = orders.leaveID {
            var directive = WireDirective()
            directive.directiveID = id
            directive.newLineage = lineageID
            directives.append(directive)
        }
        return directives
            + orders.dayOrders.map { order in
                var directive = WireDirective()
                directive.directiveID = order.directiveID
                directive.dayChange.change = order.change.rawValue
                directive.dayChange.fairDay = order.day.description
                directive.dayChange.by = "headquarters"
                return directive
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
