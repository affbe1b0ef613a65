// A desk over the real store, with fairs, keys and a clock for the tests of this room.

import Foundation
import JobFair
import KioskCore
import Logging
import SyncProtocol
import Synchronization
import TestSupport

@testable import KioskStore

/// One kiosk with two fairs it knows: number 1 is `StoreFixture.fair`, number 2 `StoreFixture.otherFair`.
struct DeskFixture {
    static let tokenKey = Data(repeating: 4, count: 32)

    let store: SQLiteRecordStore
    let fairs: FakeFairs
    let shelf: VacancyShelf
    let tries: SlipTries
    let desk: RegistrationDesk

    init(
        _ fixture: StoreFixture, _ store: SQLiteRecordStore, kind: FairKind = .fair, runtimeKey: UInt8 = 5,
        records: (any RecordStore)? = nil, isPrinting: Bool = true,
        committed: @escaping @Sendable (RecordKind) -> Void = { _ in }
    ) {
        self.store = store
        fairs = FakeFairs(kind: kind)
        let runtimeHash = KeyedHash(key: Array(repeating: runtimeKey, count: 32))
        // As at a restart: the key stays, and with it the file.
        tries = SlipTries(
            store: SlipTryFile(
                path: fixture.folder.file("slips.tried"),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            hash: runtimeHash)
        let sealer = FakeDeskSealer(deviceID: fixture.signer.deviceID)
        let current = CurrentFair(store: fairs)
        shelf = VacancyShelf(fairs: current)
        desk = RegistrationDesk(
            parts: DeskParts(
                store: records ?? store, printJobs: store, fairs: current, vacancies: shelf, lists: MatchLists(),
                sealer: { sealer }, clock: FakeDeskClock(),
                runtimeHash: runtimeHash, slipTries: tries,
                screenCode: { ScreenCode(address: $0, size: 1, rows: ["1"]) }, problems: { [] }, label: { "东门" },
                isReady: { true }, isRevoked: { () async throws(RecordStoreError) in try await store.isRevoked() },
                committed: committed, slipQueued: {}, isPrinting: { isPrinting },
                lastSlip: nil))
    }

    static let form = RegistrationForm(
        documentNumber: "000001199001010014", name: "张三", phone: "15400000001", noticeVersion: "1")

    static func key(_ digit: Character) throws(DeskError) -> FormKey {
        guard let key = FormKey(hex: String(repeating: digit, count: 32)) else { throw .failed }
        return key
    }

    static func slip(of registration: RecordID, fairKeyNumber: Int = 1, purpose: Int = 1) -> String {
        SlipToken.make(
            purpose: purpose, fairKeyNumber: fairKeyNumber, recordID: Data(registration.bytes), tokenKey: tokenKey
        ).text
    }

    func register(_ id: RecordID) async throws(DeskError) -> RegistrationAnswer {
        try await desk.register(Self.form, recordID: id, formKey: Self.key("a"))
    }

    func copySlip(_ id: RecordID, digits: String = "0001") async throws(DeskError) {
        try await desk.copySlip(
            documentNumber: "000001199001010014", phoneDigits: digits, recordID: id, formKey: Self.key("b"))
    }
}

/// The name of the error the desk throws, or nil.
func deskError(_ work: () async throws -> some Any) async -> String? {
    do {
        _ = try await work()
        return nil
    } catch {
        return "\(error)"
    }
}

/// Catalogues that may be lost.
final class FakeFairs: CatalogueStore {
    private let kind: FairKind
    private let isLost = Mutex(false)
    private let offered = Mutex<(etag: String, employers: [Employer], vacancies: [Vacancy])>(("1", [], []))

    init(kind: FairKind) { self.kind = kind }

    func lose(_ isLost: Bool) { self.isLost.withLock { $0 = isLost } }

    /// A new catalogue.
    func offer(_ vacancies: [Vacancy], of employers: [Employer]) {
        offered.withLock { $0 = ($0.etag + "1", employers, vacancies) }
    }

    func save(_ catalogue: Catalogue, etag: String, signed: Data) async throws {}

    func etag(of fair: FairID) async throws -> String? { isLost.withLock { $0 } ? nil : offered.withLock { $0.etag } }

    func catalogue(of fair: FairID) async throws -> Catalogue? {
        let offered = offered.withLock { $0 }
        return Catalogue(
            fair: Fair(
                id: fair, name: "春风行动", venue: "人民广场", organiser: "人社局", kind: kind,
                days: ["2026-02-03", "2026-02-04"].compactMap { CalendarDate($0) },
                keyNumber: fair == StoreFixture.fair ? 1 : 2, formAddress: "HTTPS://FORM.EXAMPLE.CN",
                servicePhone: "12333"),
            version: 1, employers: offered.employers, vacancies: offered.vacancies,
            notice: PrivacyNotice(version: "1", title: "告知", shortText: "短", fullText: "长"), keyGroups: [])
    }

    func fairs() async throws -> [Fair] { [] }
}

/// Seals nothing; the store looks at the identity only.
private struct FakeDeskSealer: ContentSealer {
    let deviceID: Data

    func seal(_ content: RecordContent, recordID: RecordID, fairID: FairID) throws -> SealedContent {
        SealedContent(
            identity: RecordFrame.identity(
                recordID: Data(recordID.bytes), deviceID: deviceID, fairID: Data(fairID.bytes),
                keyID: Data(repeating: 3, count: 8), suite: .x25519Sha256Aes256Gcm),
            encapsulatedKey: Data(repeating: 5, count: 32), ciphertext: Data(repeating: 6, count: 528))
    }

    func tokenKey(of fair: FairID) -> Data? { DeskFixture.tokenKey }
}

private struct FakeDeskClock: ClockSource {
    func read() -> ClockReading { .test }
}
