// Erasing a person: from a document number to a signed directive, the journal, the store, and what is held.

import HeadquartersCore
import JobFair
import Logging
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The one way in which persons are erased, from the terminal, the desk, kiosks, sticks and the journal. A document number
/// lives in memory for one call; what stays of it is the person key.
struct PersonErasure: Sendable {
    let store: any HeadquartersStore
    let journal: any ErasureJournal
    let directive: SigningKey
    let personLink: PersonLink
    let held: HeldRecordsService
    let now: @Sendable () -> Int64
    let logger: Logger

    init(
        store: any HeadquartersStore, journal: any ErasureJournal, keys: KeyRing, now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.init(
            store: store, journal: journal, directive: keys.directive,
            reader: RecordReader(opener: keys.opener, personLink: keys.personLink), now: now, logger: logger)
    }

    init(
        store: any HeadquartersStore, journal: any ErasureJournal, directive: SigningKey, reader: RecordReader,
        now: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.store = store
        self.journal = journal
        self.directive = directive
        personLink = reader.personLink
        held = HeldRecordsService(store: store, reader: reader, now: now, logger: logger)
        self.now = now
        self.logger = logger
    }

    /// The document that somebody typed or read from a card, as kiosks normalise it. Nil: it is none.
    static func document(_ typed: String, now: Int64) -> Document? {
        guard let today = BeijingTime(milliseconds: now)?.day else { return nil }
        let trimmed = typed.filter { !$0.isWhitespace }
        // A number that shows no kind by itself can only have been registered as a passport's.
        let kind: DocumentKind? = DocumentRules.inferredKind(of: trimmed) == nil ? .passport : nil
        return try? DocumentRules.check(number: trimmed, kind: kind, on: today).get()
    }

    /// Everything of this person until now goes, here and whenever it arrives.
    ///
    /// - Parameter line: of the audit, without its time.
    func erase(_ document: Document, line: AuditLine) async throws -> ErasureCounts {
        let at = now()
        var message = WireDirective()
        message.directiveID = Randomness.bytes(16)
        message.erasure.personKey = personLink.personKey(documentNumber: document.number).bytes
        message.erasure.beforeMilliseconds = at
        let signed = SignedMessage.sign(WireCoding.bytes(message), domain: .erasure, key: directive)
        guard let erasure = erasure(signed) else {
            throw HeadquartersError(.internalFailure, "an erasure directive that was just made cannot be read")
        }
        try await held.linkAll()
        // The journal first: what stands there and not in the store is applied at the next start.
        try journal.append([erasure.signed])
        var line = line
        line.at = at
        let counts = try await store.erase([erasure], line: line, at: at)
        _ = try await held.takeAll(Set(IngestReason.allCases))
        return counts
    }

    /// Takes what kiosks, sticks or the journal offer back. What headquarters did not sign is passed over.
    @discardableResult
    func learn(_ offered: [WireSigned]) async throws -> ErasureCounts {
        let erasures = offered.compactMap(erasure)
        if erasures.count < offered.count {
            logger.error(
                "erasure directives that this headquarters did not sign were passed over",
                metadata: ["erasure.count": "\(offered.count - erasures.count)"])
        }
        if erasures.isEmpty { return ErasureCounts() }
        try journal.append(erasures.map(\.signed))
        let counts = try await store.erase(erasures, line: nil, at: now())
        guard counts.directives > 0 else { return counts }
        logger.notice(
            "erasures were learnt again",
            metadata: ["erasure.count": "\(counts.directives)", "erasure.records": "\(counts.records)"])
        _ = try await held.takeAll(Set(IngestReason.allCases))
        return counts
    }

    /// At start: the store may be older than the journal, or the journal may have been lost.
    func recover() async throws {
        let content = try journal.read()
        if content.damagedLines > 0 {
            logger.error(
                "lines of the erasure journal are damaged and were passed over",
                metadata: ["journal.lines": "\(content.damagedLines)"])
        }
        try await held.linkAll()
        try await learn(
            content.directives.compactMap {
                try? WireCoding.message(
                    WireSigned.self, from: $0, bytesMax: ErasureJournalContent.directiveBytesMax, name: "erasure")
            })
        try journal.append(try await store.erasures())
    }

    /// Nil unless headquarters' directive key signed it as an erasure.
    private func erasure(_ signed: WireSigned) -> Erasure? {
        guard let body = try? SignedMessage.verify(signed, domain: .erasure, publicKey: directive.publicKey),
            let message = try? WireCoding.message(
                WireDirective.self, from: body, bytesMax: ErasureJournalContent.directiveBytesMax, name: "erasure"),
            message.directiveID.count == 16, message.erasure.personKey.count == 32
        else { return nil }
        return Erasure(
            directiveID: message.directiveID, person: PersonKey(bytes: message.erasure.personKey),
            before: message.erasure.beforeMilliseconds, signed: WireCoding.bytes(signed))
    }
}
