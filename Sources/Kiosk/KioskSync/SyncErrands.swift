// What the machine decides, done: one function per action, each ending in an event.

import JobFair
import KioskCore
import Logging
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Carries out actions against one headquarters with one enrolment.
struct SyncErrands: Sendable {
    let parts: SyncParts
    let enrolment: Enrolment
    let client: HTTPHeadquartersClient

    // MARK: - Hello

    func sayHello() async -> SyncMachine.Event {
        do {
            return .helloAnswered(try await hello())
        } catch {
            return .helloFailed(failure(error, of: "hello"))
        }
    }

    private func hello() async throws -> HelloAnswer {
        let facts = try await parts.outbox.helloFacts()
        let nonce = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        let asked = parts.clock.read()
        let request = await request(facts, clock: asked, nonce: nonce)
        let answer = try await client.post(
            SyncPath.hello, body: WireCoding.bytes(request), signing: .hello(nonce: nonce),
            bytesMax: SyncLimits.messageBytesMax)
        let answered = parts.clock.read()
        let signed = try WireCoding.message(
            WireSigned.self, from: answer.body, bytesMax: SyncLimits.messageBytesMax, name: "answer to hello")
        let body = try keyList.verify(signed, domain: .directive, purpose: .directive)
        let response = try WireCoding.message(
            WireHelloResponse.self, from: body, bytesMax: SyncLimits.messageBytesMax, name: "answer to hello")
        try HelloMapping.check(response, nonce: nonce)
        let helloAnswer = try await HelloMapping.answer(
            response, of: facts.head.lineageID, asked: facts, outbox: parts.outbox,
            erasures: erasures(response), downloads: try await downloads(response))
        // Before the lineage is left: the first number of the new one already has them.
        if let pairs = try HelloMapping.lettersToLeaveWith(response, facts.head.lineageID),
            let fair = FairID(bytes: request.openFairID)
        {
            try parts.enrolments.save(ticketPairs: pairs, of: fair)
            try await parts.freshLetters(fair, pairs)
        }
        client.open(session: response.sessionNonce)
        await anchor(asked: asked, answered: answered, response)
        return helloAnswer
    }

    /// One that cannot be verified is not confirmed; headquarters sends it again and somebody sees the log.
    private func erasures(_ response: WireHelloResponse) -> [ErasureDirective] {
        response.erasures.compactMap { signed in
            do {
                return try HelloMapping.erasure(signed, keyList: keyList)
            } catch {
                parts.logger.error("erasure directive is not right", metadata: ["sync.detail": "\(error)"])
                return nil
            }
        }
    }

    private func request(_ facts: HelloFacts, clock: ClockReading, nonce: Data) async -> WireHelloRequest {
        let head = facts.head
        var request = WireHelloRequest()
        request.directiveIds = facts.directivesToConfirm
        request.erasuresHeld = facts.erasuresToOffer.compactMap {
            try? WireCoding.message(
                WireSigned.self, from: $0.signed, bytesMax: OutboxRule.erasureBytesMax, name: "erasure")
        }
        request.deviceID = enrolment.deviceID
        request.statement = enrolment.statement
        request.lineageID = head.lineageID
        request.lastSequence = UInt64(clamping: head.lastSequence)
        request.lastDigest = head.lastDigest
        request.receiptedThrough = UInt64(clamping: head.receiptedThrough)
        request.newestReceiptSerial = UInt64(clamping: head.newestReceiptSerial)
        request.headquartersGeneration = head.headquartersGeneration
        request.clock = PayloadMapping.clock(clock)
        request.softwareVersion = parts.softwareVersion
        request.pendingRecords = UInt64(clamping: head.pendingCount)
        request.keyListVersion = keyList.list.version
        request.clientNonce = nonce
        // Whoever reads this was reached; why the last try failed is the kiosk's own affair.
        let problems = await parts.problems().filter { $0.code != .headquartersUnreachable }
        request.problems = problems.map { problem in
            var wire = WireProblem()
            wire.code = problem.code.rawValue
            wire.severity = problem.severity.rawValue
            return wire
        }
        if !head.newestReceipt.isEmpty,
            let receipt = try? WireCoding.message(
                WireSigned.self, from: head.newestReceipt, bytesMax: SyncLimits.receiptBytesMax, name: "receipt")
        {
            request.newestReceipt = receipt
        }
        if let fair = await parts.openFair() {
            request.openFairID = Data(fair.bytes)
            request.openFairTicketPairs = UInt32(parts.enrolments.grant(of: fair)?.ticketPairs.count ?? 0)
        }
        return request
    }

    private func anchor(asked: ClockReading, answered: ClockReading, _ response: WireHelloResponse) async {
        // Signed, but a headquarters may be wrong too: nothing here may overflow.
        let plausible = Int64(1)..<(1 << 50)
        guard plausible.contains(response.answeredMilliseconds), plausible.contains(response.receivedMilliseconds),
            asked.bootID == answered.bootID
        else { return }
        let there = max(0, response.answeredMilliseconds - response.receivedMilliseconds)
        let roundTrip = max(0, answered.bootMilliseconds - asked.bootMilliseconds - there)
        await parts.anchored(
            ClockAnchor(
                bootID: answered.bootID, bootMilliseconds: answered.bootMilliseconds,
                headquartersMilliseconds: response.answeredMilliseconds + roundTrip / 2,
                roundTripMilliseconds: roundTrip))
    }

    private func downloads(_ response: WireHelloResponse) async throws -> [SyncDownload] {
        var downloads: [SyncDownload] = []
        if response.keyListVersion > keyList.list.version { downloads.append(.keyList) }
        for offer in response.catalogues {
            guard let fair = FairID(bytes: offer.fairID) else { continue }
            let held = parts.enrolments.grant(of: fair)?.ticketPairs.count
            if offer.grant, held.map({ $0 < offer.ticketPairs }) ?? true { downloads.append(.grant(fair)) }
            if try await parts.catalogues.etag(of: fair) != offer.etag {
                downloads.append(.catalogue(fair, etag: offer.etag))
            }
        }
        return downloads
    }

    // MARK: - Batches

    func upload(_ window: SyncMachine.UploadWindow) async -> SyncMachine.Event {
        var sent: SyncMachine.SentBatch?
        do {
            let records = try await parts.outbox.pending(
                after: window.after, countMax: window.countMax, bytesMax: window.bytesMax)
            guard let first = records.first else { return .nothingPending }
            guard let lineage = lineage(of: first) else {
                // The disk gave back other bytes than were written. The record stays, for a technician; the rest goes.
                parts.logger.error("pending record cannot be read", metadata: ["record.id": "\(first.recordID)"])
                return .uploaded(
                    .init(
                        sent: .init(count: 1, lastPosition: first.position), moved: 0,
                        retryAfter: SyncBackoff.retryAfterMost))
            }
            let batch = Array(records.prefix { self.lineage(of: $0) == lineage })
            let summary = SyncMachine.SentBatch(
                count: batch.count, lastPosition: batch.last?.position ?? first.position)
            sent = summary
            return .uploaded(try await send(batch, lineage: lineage, summary: summary))
        } catch {
            return .uploadFailed(failure(error, of: "batch"), sent: sent)
        }
    }

    private func send(
        _ batch: [OutboxRecord], lineage: Data, summary: SyncMachine.SentBatch
    ) async throws -> SyncMachine.UploadReport {
        var wire = WireBatch()
        wire.batchID = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        wire.frames = batch.map(\.frame)
        let answer = try await client.post(
            SyncPath.batches, body: WireCoding.bytes(wire), signing: .session, bytesMax: SyncLimits.receiptBytesMax)
        let records = SentRecords(
            deviceID: enrolment.deviceID, lineageID: lineage, batchID: wire.batchID,
            digests: Dictionary(batch.map { ($0.recordID, $0.digest) }) { first, _ in first })
        let (receipt, retryAfter) = try ReceiptCheck.verify(answer.body, of: records, keyList: keyList)
        let refused = receipt.lines.filter { $0.outcome == .refused }.count
        if refused > 0 {
            parts.logger.error(
                "headquarters refused records; they are kept", metadata: ["sync.refused": "\(refused)"])
        }
        let effect = try await parts.outbox.apply(receipt)
        if effect.isOtherGeneration { throw SyncFailure.otherGeneration }
        return SyncMachine.UploadReport(sent: summary, moved: effect.moved, retryAfter: retryAfter)
    }

    // MARK: - The store's own work

    func perform(_ chore: SyncMachine.Chore) async -> SyncMachine.Event {
        do {
            let records =
                switch chore {
                case .offerAgain: try await parts.outbox.offerAgain()
                case .purge: try await parts.outbox.purge()
                }
            if records > 0 {
                parts.logger.info(
                    chore == .purge ? "purged records that headquarters has backed up" : "offering records again",
                    metadata: ["sync.records": "\(records)"])
            }
            return .choreDone(chore, records: records)
        } catch {
            _ = failure(error, of: "store")
            return .choreFailed(chore)
        }
    }

    private func lineage(of record: OutboxRecord) -> Data? {
        try? RecordFrame.decode(record.frame).body.place.lineageID
    }

    // MARK: - Downloads

    func download(_ item: SyncDownload, session: Int) async -> SyncMachine.Event {
        do {
            switch item {
            case .keyList: try await fetchKeyList()
            case .grant(let fair): try await fetchGrant(of: fair)
            case .catalogue(let fair, let etag): try await fetchCatalogue(of: fair, offered: etag)
            }
            return .downloaded(item)
        } catch {
            return .downloadFailed(item, failure(error, of: "download"), session: session)
        }
    }

    private func fetchKeyList() async throws {
        let answer = try await client.get(SyncPath.keys, signing: .none, bytesMax: SyncLimits.messageBytesMax)
        let list = try VerifiedDownload.keyList(try signed(answer, "key list"), newerThan: keyList)
        try parts.enrolments.save(list)
    }

    private func fetchGrant(of fair: FairID) async throws {
        let answer = try await client.get(
            "/sync/v1/fairs/\(fair)/grant", signing: .session, bytesMax: SyncLimits.messageBytesMax)
        let grant = try VerifiedDownload.grant(
            try signed(answer, "grant"), keyList: keyList, enrolment: enrolment)
        guard grant.fairID == Data(fair.bytes) else {
            throw SyncProtocolError(.identityMismatch, "grant of another fair or device")
        }
        try parts.enrolments.save(grant)
    }

    /// An answer is signed, but not which one it is: an older edition, or a 304, may come from whoever stands between.
    private func fetchCatalogue(of fair: FairID, offered: String) async throws {
        let held = try await parts.catalogues.etag(of: fair)
        let answer = try await client.get(
            "/sync/v1/fairs/\(fair)/catalogue", signing: .session, etag: held,
            bytesMax: SyncLimits.catalogueBytesMax, deadline: HTTPHeadquartersClient.catalogueDeadline)
        if answer.isNotModified {
            guard held == offered else { throw SyncFailure.notHeadquarters }
            return
        }
        let catalogue = try CatalogueMapping.catalogue(signed: answer.body, keyList: keyList)
        guard catalogue.fair.id == fair else {
            throw SyncProtocolError(.identityMismatch, "catalogue of another fair")
        }
        let etag = CatalogueETag.make(
            version: catalogue.version, body: try signed(answer, "catalogue", SyncLimits.catalogueBytesMax).body)
        // Headquarters may have gone on since hello. One that was restored offers an older edition than it once had.
        let heldVersion = held.flatMap(CatalogueETag.version(of:)) ?? -1
        guard etag == offered || catalogue.version > heldVersion else {
            throw SyncProtocolError(.identityMismatch, "an older edition of the catalogue")
        }
        try await parts.catalogues.save(catalogue, etag: etag, signed: answer.body)
    }

    // MARK: - Common steps

    private var keyList: TrustedKeyList { parts.enrolments.enrolment?.keyList ?? enrolment.keyList }

    private func signed(
        _ answer: HeadquartersAnswer, _ name: String, _ bytesMax: Int = SyncLimits.messageBytesMax
    ) throws -> WireSigned {
        try WireCoding.message(WireSigned.self, from: answer.body, bytesMax: bytesMax, name: name)
    }

    /// Whatever went wrong, in the closed list; logged once, here.
    private func failure(_ error: any Error, of errand: String) -> SyncFailure {
        let failure: SyncFailure
        var detail = ""
        switch error {
        case let error as SyncFailure: failure = error
        case let error as SyncProtocolError:
            // A body that is no message at all is a portal's or a proxy's; one that is not right is worse.
            failure = error.code == .malformed ? .notHeadquarters : .untrusted
            detail = error.description
        default:
            failure = .storeFailed
            detail = "\(error)"
        }
        if !Task.isCancelled {
            var metadata: Logger.Metadata = [
                "sync.errand": "\(errand)", "sync.failure": "\(failure.shortDescription)",
            ]
            if case .refused(let code) = failure { metadata["sync.code"] = "\(code)" }
            if !detail.isEmpty { metadata["sync.detail"] = "\(detail)" }
            let level: Logger.Level = failure == .untrusted || failure == .storeFailed ? .warning : .info
            parts.logger.log(level: level, "sync errand failed", metadata: metadata)
        }
        return failure
    }
}
