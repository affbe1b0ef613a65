// What headquarters answers a kiosk: enrolment, hello, batches, catalogues, grants.

import HTTPTypes
import HeadquartersCore
import JobFair
import Logging
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sync API without HTTP: checked messages in, signed messages out.
struct SyncExchange: Sendable {
    let store: any HeadquartersStore
    let keys: KeyRing
    let headquartersName: String
    /// Whether the keys were backed up; asked at each enrolment.
    let isBackedUp: @Sendable () -> Bool
    let now: @Sendable () -> Int64
    /// See `HeadquartersSettings.daysAhead`.
    let daysAhead: Int
    let erasures: PersonErasure
    let logger: Logger
    let gate = IngestGate()
    let sessions = SyncSessions()
    let throttle = EnrolmentThrottle()
    /// Every hello asks for the ETags of all fairs of its kiosk. 1024 of 60 bytes: all fairs of several years.
    private let etags = EditionCache<String>(fairsMax: 1024)
    /// Fairs that kiosks fetch now. 32 catalogues of 2,000 vacancies of 400 bytes take 26 MB.
    private let catalogues = EditionCache<SignedCatalogue>(fairsMax: 32)

    private var reader: RecordReader { RecordReader(opener: keys.opener, personLink: keys.personLink) }

    func keyList() -> WireSigned { keys.signedKeyList(headquartersName: headquartersName) }

    // MARK: Enrolment

    func enrol(_ request: WireEnrolRequest, from address: String) async throws -> WireSigned {
        let at = now()
        if let delay = await throttle.delay(for: address, now: at) {
            throw SyncProblem(
                .tooManyRequests, "enrolment.throttled", "试得太多，请稍后再试。", "Too many tries; wait.",
                retryAfterSeconds: Int(delay / 1000) + 1)
        }
        guard isBackedUp() else { throw SyncProblem.notBackedUp }
        guard let code = try? EnrolmentCode(request.code), code.matches(rootPublicKey: keys.root.publicKey),
            EnrolmentProof.isValid(
                request.proof, code: code, agreementPublicKey: request.agreementPublicKey,
                devicePublicKey: request.devicePublicKey)
        else { throw await wrongCode(address, at) }
        let device = NewDevice(
            deviceID: KeyName.deviceID(publicKey: request.devicePublicKey), publicKey: request.devicePublicKey,
            agreementPublicKey: request.agreementPublicKey,
            softwareVersion: String(request.softwareVersion.prefix(SyncLimits.labelCharactersMax)))
        do {
            let enrolled = try await store.enrol(device, codeHash: code.secretHash, at: at)
            logger.notice("kiosk enrolled", metadata: ["kiosk.device": "\(Hexadecimal.encode(enrolled.deviceID))"])
            return statement(enrolled, at: at)
        } catch let error as HeadquartersStoreError where [.codeInvalid, .deviceExists].contains(error.code) {
            throw await wrongCode(address, at)
        }
    }

    private func wrongCode(_ address: String, _ at: Int64) async -> SyncProblem {
        await throttle.noteWrong(address, now: at)
        logger.warning("enrolment refused")
        return .codeInvalid
    }

    private func statement(_ device: EnrolledDevice, at: Int64) -> WireSigned {
        var statement = WireStatement()
        statement.deviceID = device.deviceID
        statement.kioskLabel = device.kioskLabel
        statement.fairIds = device.fairIDs.map { Data($0.bytes) }
        statement.devicePublicKey = device.publicKey
        statement.agreementPublicKey = device.agreementPublicKey
        statement.headquartersID = keys.headquartersID
        statement.issuedMilliseconds = UInt64(clamping: at)
        return SignedMessage.sign(WireCoding.bytes(statement), domain: .statement, key: keys.directive)
    }

    // MARK: Restored to before an enrolment

    /// Who the kiosk is by its own statement, where this headquarters signed that; nil where it did not. What it enrolled
    /// after the backup that it was restored from has come home so.
    func verified(_ statement: WireSigned, of deviceID: Data) -> WireStatement? {
        guard
            let body = try? SignedMessage.verify(
                statement, domain: .statement, publicKey: keys.directive.publicKey),
            let message = try? WireCoding.message(
                WireStatement.self, from: body, bytesMax: SyncLimits.messageBytesMax, name: "statement"),
            message.deviceID == deviceID, KeyName.deviceID(publicKey: message.devicePublicKey) == deviceID,
            message.headquartersID == keys.headquartersID
        else { return nil }
        return message
    }

    /// - Parameter statement: `verified`.
    func takeIn(_ statement: WireStatement, softwareVersion: String) async throws -> EnrolledDevice {
        let device = try await store.takeIn(
            NewDevice(
                deviceID: statement.deviceID, publicKey: statement.devicePublicKey,
                agreementPublicKey: statement.agreementPublicKey,
                softwareVersion: String(softwareVersion.prefix(SyncLimits.labelCharactersMax))),
            kioskLabel: statement.kioskLabel, fairIDs: statement.fairIds.compactMap { FairID(bytes: $0) },
            enrolledAt: Int64(clamping: statement.issuedMilliseconds))
        logger.notice(
            "a kiosk enrolled after the restored backup was taken in by its statement",
            metadata: ["kiosk.device": "\(Hexadecimal.encode(device.deviceID))"])
        return device
    }

    // MARK: Hello

    func hello(_ request: WireHelloRequest, from device: EnrolledDevice) async throws -> WireSigned {
        let received = now()
        guard request.deviceID == device.deviceID, request.lineageID.count == 16, request.clientNonce.count == 16 else {
            throw SyncProblem.malformed
        }
        let generation = try await generation(request, device: device, at: received)
        try await erasures.learn(Array(request.erasuresHeld.prefix(ErasureLimits.perHelloMax)))
        let lineage = try await store.lineage(request.lineageID, of: device.deviceID)
        let orders = try await store.noteContact(contact(request, at: received))
        log(orders, request)
        let nonce = Randomness.bytes(16)
        await sessions.open(nonce: nonce, lineageID: request.lineageID, for: device.deviceID)
        var answer = try await answer(
            to: device, about: request.lineageID, lineage, orders: orders, generation: generation, received: received)
        answer.sessionNonce = nonce
        answer.clientNonce = request.clientNonce
        answer.erasures = try await erasures(for: request)
        if !device.isRevoked {
            try await addTicketPairs(request, device)
            answer.catalogues = try await offers(device)
        }
        answer.answeredMilliseconds = now()
        return SignedMessage.sign(WireCoding.bytes(answer), domain: .directive, key: keys.directive)
    }

    /// A validly signed receipt that this store does not know: it was restored from a backup.
    private func generation(
        _ request: WireHelloRequest, device: EnrolledDevice, at: Int64
    ) async throws -> Generation {
        let before = try await store.generation()
        guard request.hasNewestReceipt,
            let body = try? SignedMessage.verify(
                request.newestReceipt, domain: .receipt, publicKey: keys.receipt.publicKey),
            let receipt = try? WireCoding.message(
                WireReceipt.self, from: body, bytesMax: SyncLimits.receiptBytesMax, name: "receipt"),
            receipt.headquartersGeneration.count == 16, let serial = Int64(exactly: receipt.serial)
        else { return before }
        let after = try await store.noteForeignReceipt(
            generation: receipt.headquartersGeneration, serial: serial, batchID: receipt.batchID, at: at)
        if after.id != before.id {
            logger.critical(
                "this headquarters was restored from a backup: kiosks offer their records again",
                metadata: ["kiosk.device": "\(Hexadecimal.encode(device.deviceID))"])
        }
        return after
    }

    private func contact(_ request: WireHelloRequest, at: Int64) -> KioskContact {
        let problems = request.problems.prefix(32).map { $0.code.filter { $0.isASCII && $0.isLetter }.prefix(40) }
        return KioskContact(
            deviceID: request.deviceID, lineageID: request.lineageID,
            lastSequence: Int64(clamping: request.lastSequence),
            pendingRecords: Int(clamping: request.pendingRecords),
            softwareVersion: String(request.softwareVersion.prefix(SyncLimits.labelCharactersMax)),
            problems: problems.map(String.init).filter { !$0.isEmpty }, anchor: ClockSample(wire: request.clock),
            at: at,
            lastDigest: request.lastDigest, openFair: FairID(bytes: request.openFairID),
            directiveIDs: Self.heldDirectives(request))
    }

    /// The newest, where there are more than fit into an answer.
    private func fairs(of device: EnrolledDevice) async throws -> [FairOffer] {
        guard let today = BeijingTime(milliseconds: now())?.day else { return [] }
        return try await store.fairOffers(
            for: device.deviceID, today: today, daysAhead: daysAhead, limit: SyncLimits.fairsMax)
    }

    private func mayHave(_ fair: FairID, _ device: EnrolledDevice) async throws -> Bool {
        if device.isRevoked { return false }
        if device.fairIDs.contains(fair) { return true }
        return try await fairs(of: device).contains { $0.fairID == fair }
    }

    /// A kiosk whose numbers run out at the fair that is open there gets more letters.
    private func addTicketPairs(_ request: WireHelloRequest, _ device: EnrolledDevice) async throws {
        guard request.problems.contains(where: { ["ticketsRunningOut", "ticketsExhausted"].contains($0.code) }),
            let fair = FairID(bytes: request.openFairID), try await mayHave(fair, device)
        else { return }
        let held = Int(request.openFairTicketPairs)
        let count = try await store.addTicketPairs(for: device.deviceID, at: fair, held: held)
        guard held > 0, count <= held else { return }
        logger.warning(
            "a kiosk runs out of ticket numbers and gets no more",
            metadata: ["kiosk.device": "\(Hexadecimal.encode(device.deviceID))", "ticket.pairs": "\(count)"])
    }

    func offers(_ device: EnrolledDevice) async throws -> [WireCatalogueOffer] {
        var offers: [WireCatalogueOffer] = []
        let fairs = try await fairs(of: device)
        let pairs = Dictionary(uniqueKeysWithValues: fairs.map { ($0.fairID, $0.ticketPairs) })
        for edition in try await store.editions(of: fairs.map(\.fairID)) {
            let etag = try await etags.value(of: edition) {
                try await store.catalogue(of: edition.fairID).map { EncodedCatalogue($0).etag }
            }
            guard let etag else { continue }
            var offer = WireCatalogueOffer()
            offer.fairID = Data(edition.fairID.bytes)
            offer.etag = etag
            offer.grant = true
            offer.ticketPairs = UInt32(pairs[edition.fairID] ?? 0)
            offers.append(offer)
        }
        return offers
    }

    // MARK: Batches

    func take(_ batch: WireBatch, from device: EnrolledDevice, session: SyncSessions.Session) async throws -> WireSigned
    {
        guard batch.batchID.count == 16, !batch.frames.isEmpty else { throw SyncProblem.malformed }
        guard batch.frames.count <= SyncLimits.batchRecordsMax,
            batch.frames.reduce(0, { $0 + $1.count }) <= SyncLimits.batchBytesMax
        else { throw SyncProblem.tooLarge }
        return try await receive(
            batch.frames, batchID: batch.batchID, from: (device.deviceID, session.lineageID)
        ).signed
    }

    /// The one way in which records come, by whatever road: read, decided on, stored, receipted.
    ///
    /// - Parameter sender: device and lineage that the receipt names where no frame can be read.
    func receive(
        _ frames: [Data], batchID: Data, from sender: (deviceID: Data, lineageID: Data)
    ) async throws -> (signed: WireSigned, report: IngestReport) {
        var publicKeys: [Data: Data?] = [:]
        var records: [ArrivedRecord] = []
        for frame in frames {
            records.append(
                try await reader.read(frame) { deviceID in
                    if let known = publicKeys[deviceID] { return known }
                    let key = try await store.device(deviceID)?.publicKey
                    publicKeys[deviceID] = .some(key)
                    return key
                })
        }
        let arrived = Self.oneLineage(records, batchID: batchID, sender: sender, at: now())
        let report = try await store.ingest(arrived)
        log(report)
        return (receipt(arrived, report), report)
    }

    /// One receipt names one device and lineage: those of the first record that could be read. Records of others are
    /// to be sent in a batch of their own.
    private static func oneLineage(
        _ records: [ArrivedRecord], batchID: Data, sender: (deviceID: Data, lineageID: Data), at: Int64
    ) -> IngestBatch {
        let first = records.lazy.compactMap(\.envelope).first
        let deviceID = first?.deviceID ?? sender.deviceID
        let lineageID = first?.lineageID ?? sender.lineageID
        let sorted = records.map { record -> ArrivedRecord in
            guard let envelope = record.envelope, envelope.deviceID != deviceID || envelope.lineageID != lineageID
            else {
                return record
            }
            return .postponed(
                recordID: Data(envelope.recordID.bytes), digest: envelope.digest, reason: .otherLineage)
        }
        return IngestBatch(
            deviceID: deviceID, lineageID: lineageID, batchID: batchID, records: sorted, receivedAt: at)
    }

    private func log(_ report: IngestReport) {
        if report.forks > 0 {
            logger.error("two branches of one lineage", metadata: ["ingest.forks": "\(report.forks)"])
        }
        if report.conflicts > 0 {
            logger.critical("one record id with different bytes", metadata: ["ingest.conflicts": "\(report.conflicts)"])
        }
        logger.debug("batch taken in", metadata: ["ingest.records": "\(report.results.count)"])
    }

    private func receipt(_ batch: IngestBatch, _ report: IngestReport) -> WireSigned {
        var receipt = WireReceipt()
        receipt.deviceID = batch.deviceID
        receipt.lineageID = batch.lineageID
        receipt.serial = UInt64(clamping: report.generation.newestSerial)
        receipt.headquartersGeneration = report.generation.id
        receipt.results = report.results.map(Self.result)
        receipt.contiguousThrough = UInt64(clamping: report.lineage.contiguousThrough)
        receipt.digestAtContiguous = report.lineage.digestAtContiguous
        receipt.durableThrough = UInt64(clamping: report.lineage.durableThrough)
        receipt.digestAtDurable = report.lineage.digestAtDurable
        receipt.headquartersMilliseconds = batch.receivedAt
        receipt.batchID = batch.batchID
        return SignedMessage.sign(WireCoding.bytes(receipt), domain: .receipt, key: keys.receipt)
    }

    private static func result(_ result: IngestResult) -> WireRecordResult {
        var wire = WireRecordResult()
        wire.recordID = result.recordID
        wire.digest = result.digest
        wire.reason = result.reason?.rawValue ?? ""
        switch result.code {
        case .accepted: wire.code = .accepted
        case .duplicate: wire.code = .duplicate
        case .duplicateErased: wire.code = .duplicateErased
        case .held: wire.code = .held
        case .refused: wire.code = .refused
        case .retryLater:
            wire.code = .retryLater
            // A record of another lineage may follow at once.
            wire.retryAfterMilliseconds =
                result.reason == .otherLineage ? 0 : UInt32(IngestRule.retryAfterMilliseconds)
        }
        return wire
    }

    // MARK: Fairs

    func catalogue(of fair: FairID, for device: EnrolledDevice) async throws -> SignedCatalogue {
        let edition = try await edition(of: fair, for: device)
        let signed = try await catalogues.value(of: edition) {
            guard let catalogue = try await store.catalogue(of: fair) else { return nil }
            let encoded = EncodedCatalogue(catalogue)
            return SignedCatalogue(
                signed: SignedMessage.sign(encoded.body, domain: .catalogue, key: keys.catalogue), etag: encoded.etag)
        }
        guard let signed else { throw SyncProblem.notGranted }
        return signed
    }

    private func edition(of fair: FairID, for device: EnrolledDevice) async throws -> FairEdition {
        guard try await mayHave(fair, device), let edition = try await store.editions(of: [fair]).first else {
            throw SyncProblem.notGranted
        }
        return edition
    }

    func grant(of fair: FairID, for device: EnrolledDevice) async throws -> WireSigned {
        let edition = try await edition(of: fair, for: device)
        var grant = WireGrant()
        grant.fairID = Data(fair.bytes)
        grant.deviceID = device.deviceID
        grant.fairKeyNumber = UInt32(clamping: edition.keyNumber)
        grant.tokenKey = keys.tokenMaster.tokenKey(fairID: grant.fairID)
        grant.ticketPairs = try await store.ticketPairs(for: device.deviceID, at: fair)
        let sealed = try GrantSeal.seal(grant, to: device.agreementPublicKey)
        return SignedMessage.sign(WireCoding.bytes(sealed), domain: .grant, key: keys.directive)
    }
}

extension ArrivedRecord {
    var envelope: RecordEnvelope? {
        switch self {
        case .refused, .postponed: nil
        case .sealed(let envelope, _), .opened(let envelope, _): envelope
        }
    }
}
