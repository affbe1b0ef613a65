// Takes in what headquarters sent on a stick, entry by entry, by the same checks as over the network.

import JobFair
public import KioskCore
public import Logging
public import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A stick is a road like any other: nothing on it counts but by its signature. Also used without a daemon, on the files.
public struct StickReception: Sendable {
    private let enrolments: EnrolmentStore
    private let catalogues: any CatalogueStore
    private let outbox: any OutboxStore
    /// Returns how many were new.
    private let keepErasures: @Sendable ([ErasureDirective]) async throws(RecordStoreError) -> Int
    /// As `SyncParts.downloaded`.
    private let downloaded: @Sendable (SyncDownload) async -> Void
    private let word: HeadquartersWord
    /// Told after orders made this kiosk leave its lineage.
    private let leftLineage: @Sendable (HelloAnswer.Chain) -> Void
    private let logger: Logger

    public init(
        enrolments: EnrolmentStore, catalogues: any CatalogueStore, outbox: any OutboxStore,
        keepErasures: @escaping @Sendable ([ErasureDirective]) async throws(RecordStoreError) -> Int,
        downloaded: @escaping @Sendable (SyncDownload) async -> Void,
        follow: @escaping @Sendable (DayDirective) async -> DirectiveOutcome,
        leftLineage: @escaping @Sendable (HelloAnswer.Chain) -> Void, logger: Logger
    ) {
        word = HeadquartersWord(outbox: outbox, carryOut: follow, logger: logger)
        self.leftLineage = leftLineage
        self.enrolments = enrolments
        self.catalogues = catalogues
        self.outbox = outbox
        self.keepErasures = keepErasures
        self.downloaded = downloaded
        self.logger = logger
    }

    /// When headquarters said these orders, as they claim, milliseconds since 1970; for their order alone: whether it is true
    /// is found out where they are taken.
    public static func said(_ orders: StickEntry) -> Int64 {
        let signed = try? WireCoding.message(
            WireSigned.self, from: orders.bytes, bytesMax: SyncLimits.messageBytesMax, name: "orders")
        let body = try? WireCoding.message(
            WireStickOrders.self, from: signed?.body ?? Data(), bytesMax: SyncLimits.messageBytesMax, name: "orders")
        return body?.answer.answeredMilliseconds ?? .min
    }

    /// Never throws: a stick holds much, and one bad entry is no reason to leave the others.
    public func take(_ entry: StickEntry) async -> StickIntake {
        guard let enrolment = enrolments.enrolment else { return StickIntake(.notEnrolled) }
        do {
            switch entry.kind {
            case .manifest, .frame: return StickIntake(.headquarters)
            case .receipt: return try await takeReceipt(entry.bytes, enrolment)
            case .catalogue: return try await takeCatalogue(entry.bytes, enrolment)
            case .grant: return try await takeGrant(entry.bytes, enrolment)
            case .keyList: return try await takeKeyList(entry.bytes, enrolment)
            case .erasure: return try await takeErasure(entry.bytes, enrolment)
            case .orders: return try await takeOrders(entry.bytes, enrolment)
            }
        } catch let error as SyncProtocolError {
            if error.code == .identityMismatch { return StickIntake(.others) }
            logger.warning("an entry of a stick is not right", metadata: metadata(entry, "\(error)"))
            return StickIntake(.untrusted)
        } catch {
            logger.error("an entry of a stick could not be kept", metadata: metadata(entry, "\(error)"))
            return StickIntake(.failed)
        }
    }

    private func takeReceipt(_ bytes: Data, _ enrolment: Enrolment) async throws -> StickIntake {
        let receipt = try ReceiptCheck.verify(
            bytes, deviceID: enrolment.deviceID, keyList: enrolment.keyList
        ).receipt
        let effect = try await outbox.apply(receipt)
        if effect.isOtherGeneration { return StickIntake(.otherGeneration) }
        return StickIntake(effect.moved > 0 ? .taken : .known, records: effect.moved)
    }

    /// An old stick may lie around for months: what is here already is never replaced by something older.
    private func takeCatalogue(_ bytes: Data, _ enrolment: Enrolment) async throws -> StickIntake {
        let wire = try WireCoding.message(
            WireStickCatalogue.self, from: bytes, bytesMax: StickEntryKind.catalogue.bytesMax, name: "catalogue")
        let signed = WireCoding.bytes(wire.signed)
        let catalogue = try CatalogueMapping.catalogue(signed: signed, keyList: enrolment.keyList)
        if let held = try await catalogues.catalogue(of: catalogue.fair.id), held.version >= catalogue.version {
            return StickIntake(.known)
        }
        let etag = CatalogueETag.make(version: catalogue.version, body: wire.signed.body)
        try await catalogues.save(catalogue, etag: etag, signed: signed)
        await downloaded(.catalogue(catalogue.fair.id, etag: etag))
        return StickIntake(.taken)
    }

    private func takeGrant(_ bytes: Data, _ enrolment: Enrolment) async throws -> StickIntake {
        let grant = try VerifiedDownload.grant(
            try signed(bytes, "grant"), keyList: enrolment.keyList, enrolment: enrolment)
        // Letters are only ever added to.
        if let fair = FairGrant.fairID(of: grant), let held = enrolments.grant(of: fair),
            held.ticketPairs.count >= grant.ticketPairs.count
        {
            return StickIntake(.known)
        }
        try enrolments.save(grant)
        if let fair = FairGrant.fairID(of: grant) { await downloaded(.grant(fair)) }
        return StickIntake(.taken)
    }

    private func takeKeyList(_ bytes: Data, _ enrolment: Enrolment) async throws -> StickIntake {
        let signed = try signed(bytes, "key list")
        let list = try TrustedKeyList(verifying: signed, rootHash: enrolment.keyList.rootHash)
        guard list.list.version > enrolment.keyList.list.version else { return StickIntake(.known) }
        try enrolments.save(try VerifiedDownload.keyList(signed, newerThan: enrolment.keyList))
        await downloaded(.keyList)
        return StickIntake(.taken)
    }

    private func takeErasure(_ bytes: Data, _ enrolment: Enrolment) async throws -> StickIntake {
        let directive = try HelloMapping.erasure(try signed(bytes, "erasure"), keyList: enrolment.keyList)
        return StickIntake(try await keepErasures([directive]) > 0 ? .taken : .known)
    }

    /// As the answer to hello is carried out, and only where headquarters said it after what was heard last: a stick may
    /// lie in a drawer while orders are taken back. What was heard is noted at the end, so that a stick that was pulled
    /// out on the way, or came before its catalogue, goes on with the next try; each order is carried out once.
    private func takeOrders(_ bytes: Data, _ enrolment: Enrolment) async throws -> StickIntake {
        let answer = try await HelloMapping.stickOrders(bytes, enrolment: enrolment, outbox: outbox)
        let heard = try await outbox.heardMilliseconds()
        guard answer.saidMilliseconds > heard else { return StickIntake(.known) }
        var isWaiting = false
        var orders = 0
        for directive in answer.dayDirectives {
            switch try await word.follow(directive) {
            case .done: orders += 1
            case .notYet: isWaiting = true
            case .never, .failed: break
            }
        }
        if answer.chain != .continues {
            try await word.leaveLineage(answer.chain)
            leftLineage(answer.chain)
            if answer.chain == .toldToLeave { orders += 1 }
        }
        var news = answer.news(filling: answer.lacking)
        news.ifHeardBefore = answer.saidMilliseconds
        if isWaiting { news.saidMilliseconds = 0 }
        let effect = try await word.settle(news)
        // After a restore of headquarters; without a network nobody else does it.
        while try await outbox.offerAgain() == OutboxRule.stepRecordsMax {}
        if effect.isStale { return StickIntake(.known) }
        if effect.changesStanding { orders += 1 }
        return StickIntake(isWaiting ? .waiting : .taken, orders: orders)
    }

    private func signed(_ bytes: Data, _ name: String) throws(SyncProtocolError) -> WireSigned {
        try WireCoding.message(WireSigned.self, from: bytes, bytesMax: SyncLimits.messageBytesMax, name: name)
    }

    private func metadata(_ entry: StickEntry, _ detail: String) -> Logger.Metadata {
        ["stick.entry": "\(entry.kind)", "stick.detail": "\(detail)"]
    }
}
