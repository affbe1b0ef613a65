// A store on a real file, a fair in it, and records as kiosks would have sent them.

import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import SyncProtocol
import TestSupport

struct StoreFixture {
    let folder: TemporaryFolder
    let store: SQLiteHeadquartersStore
    let catalogue: Catalogue
    let deviceID = Data(repeating: 0xD1, count: 16)
    let lineageID = Data(repeating: 0x11, count: 16)

    static let now: Int64 = 1_800_000_000_000
    static let day = CalendarDate(year: 2027, month: 1, day: 15)

    init(kind: FairKind = .fair, label: String = #function) async throws {
        folder = try TemporaryFolder(label)
        store = try SQLiteHeadquartersStore(stateFolder: folder.path)
        catalogue = try await store.createFair(Self.makeCatalogue(seed: 1, kind: kind), at: Self.now)
        try await Self.enrol(deviceID, seed: 1, fairs: [catalogue.fair.id], in: store)
    }

    static func id<Scope>(_ seed: Int, _ index: Int = 0) -> Identifier<Scope> {
        Identifier(
            milliseconds: Int64(seed), random: (0..<10).map { UInt8(truncatingIfNeeded: index >> ($0 % 4 * 8)) })
    }

    static func makeCatalogue(seed: Int, kind: FairKind = .fair) -> Catalogue {
        let employer = Employer(id: id(seed, 1), name: "样例工厂", booth: "A01", isVerified: true)
        let vacancies = (0..<25).map { index in
            Vacancy(
                id: id(seed, 100 + index), employerID: employer.id, title: "普工", headcount: index == 0 ? nil : 2,
                pay: Pay(lowestFen: 500_000, highestFen: 700_000, unit: .month, text: ""), booth: "A01", place: "",
                boardAndLodging: "", insurance: "", hours: "", isWithdrawn: index == 24, isNotUnder18: index == 1)
        }
        return Catalogue(
            fair: Fair(
                id: id(seed, 7), name: "春风行动", venue: "广场", organiser: "就业服务中心", kind: kind,
                days: [CalendarDate(year: 2027, month: 1, day: 15), CalendarDate(year: 2027, month: 1, day: 16)]
                    .compactMap(\.self),
                keyNumber: 0, formAddress: "HTTP://127.0.0.1:7280", servicePhone: "", region: "990000"),
            version: 0, employers: [employer], vacancies: vacancies,
            notice: PrivacyNotice(version: "1", title: "告知", shortText: "短", fullText: "长"),
            keyGroups: [KeyGroup(code: "graduate", label: "毕业生")])
    }

    static func enrol(_ deviceID: Data, seed: UInt8, fairs: [FairID], in store: SQLiteHeadquartersStore) async throws {
        let hash = Data(repeating: seed, count: 32)
        try await store.addEnrolmentCode(
            NewEnrolmentCode(hash: hash, kioskLabel: "\(seed)号机", fairIDs: fairs, createdAt: now, expiresAt: now + 1000)
        )
        _ = try await store.enrol(
            NewDevice(
                deviceID: deviceID, publicKey: Data(repeating: seed, count: 32),
                agreementPublicKey: Data(repeating: seed, count: 32), softwareVersion: "1"),
            codeHash: hash, at: now)
    }

    // MARK: Records

    func envelope(
        _ index: Int, sequence: Int64? = nil, previous: Data? = nil, variant: UInt8 = 0, ticket: String? = nil,
        day: CalendarDate? = day, isDayConfirmed: Bool = true, fair: FairID? = nil, clock: ClockSample? = nil
    ) -> RecordEnvelope {
        let sequence = sequence ?? Int64(index)
        return RecordEnvelope(
            recordID: Self.id(50, index), deviceID: deviceID, fairID: fair ?? catalogue.fair.id, lineageID: lineageID,
            sequence: sequence, previousDigest: previous ?? (sequence == 1 ? Data() : Self.digest(index - 1)),
            fairDay: day, isDayConfirmed: isDayConfirmed, ticket: ticket.flatMap { TicketNumber($0) },
            clock: clock ?? Self.clock(.ntp),
            digest: Self.digest(index, variant), frame: Data([variant, UInt8(truncatingIfNeeded: index)]))
    }

    static func clock(
        _ quality: ClockSample.Quality, wall: Int64 = now, boot milliseconds: Int64 = 1000
    ) -> ClockSample {
        ClockSample(
            wallMilliseconds: wall, bootID: Data(repeating: 1, count: 16), bootCounter: 1,
            bootMilliseconds: milliseconds, quality: quality)
    }

    static func digest(_ index: Int, _ variant: UInt8 = 0) -> Data {
        SHA256Digest.of(Data([variant] + withUnsafeBytes(of: Int64(index).bigEndian) { Array($0) }))
    }

    static func registration(
        person: UInt8? = nil, surname: String? = "张", digits: String? = "1234", band: AgeBand = .adult,
        isRehearsal: Bool = false
    ) -> RecordContent {
        .registration(
            OpenedRegistration(
                person: person.map { PersonKey(bytes: Data(repeating: $0, count: 32)) }, surname: surname,
                slipDigits: digits, ageBand: band, hasBirthDate: band != .unknown, allowsIntents: band.allowsIntents,
                isRehearsal: isRehearsal))
    }

    @discardableResult
    func ingest(_ records: [ArrivedRecord], at: Int64 = now, batch: UInt8 = 1) async throws -> IngestReport {
        try await store.ingest(
            IngestBatch(
                deviceID: deviceID, lineageID: lineageID, batchID: Data(repeating: batch, count: 16), records: records,
                receivedAt: at))
    }

    func statement(
        _ index: Int, vacancy: Int, digits: String = "1234", isWithdrawn: Bool = false, at: Int64 = now
    ) -> IntentStatement {
        IntentStatement(
            seeker: Self.id(50, index), fairID: catalogue.fair.id, vacancyID: Self.id(1, 100 + vacancy),
            passOnConsent: true, isWithdrawn: isWithdrawn, digits: digits, at: at)
    }

    func figures() async throws -> FairFigures? {
        try await store.figures(of: catalogue.fair.id, now: Self.now)
    }
}
