// Carries out what headquarters says about this kiosk: one way, whether hello was answered or a stick brought it.

import KioskCore
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is said was verified before. Logs what it comes to, once.
struct HeadquartersWord: Sendable {
    let outbox: any OutboxStore
    /// As `SyncParts.follow`.
    let carryOut: @Sendable (DayDirective) async -> DirectiveOutcome
    let logger: Logger

    func settle(_ news: HelloNews) async throws -> HelloEffect {
        let effect = try await outbox.settle(news)
        if effect.isNewGeneration {
            logger.warning("headquarters was restored; its receipts so far count as none")
        }
        if effect.offeredAgain > 0 {
            logger.warning(
                "headquarters lacks records; offering them again", metadata: ["sync.records": "\(effect.offeredAgain)"])
        }
        if effect.unavailable > 0 {
            logger.error(
                "headquarters lacks records that are not here any more",
                metadata: ["sync.records": "\(effect.unavailable)"])
        }
        return effect
    }

    struct NotCarriedOut: Error {}

    /// Throws where the store did not take it, or not that it was done: it comes again then, and is done once.
    func follow(_ directive: DayDirective) async throws -> DirectiveOutcome {
        let outcome = await carryOut(directive)
        if outcome == .failed { throw NotCarriedOut() }
        if outcome == .done { try await outbox.followed(directive: directive.id) }
        return outcome
    }

    func leaveLineage(_ reason: HelloAnswer.Chain) async throws {
        logger.error("leaving the lineage", metadata: ["sync.chain": "\(reason.rawValue)"])
        try await outbox.startNewLineage()
    }
}
