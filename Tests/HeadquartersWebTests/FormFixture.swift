// A form and a desk over real HTTP with the real SQLite store, and a kiosk's records in it.

import AsyncHTTPClient
import Foundation
import HeadquartersCore
import HeadquartersStore
import Hummingbird
import JobFair
import Logging
import NIOCore
import NIOHTTP1
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

/// A clock that a test moves by hand. The lock is `lock`.
final class FormClock: @unchecked Sendable {
    private let lock = NSLock()
    private var milliseconds: Int64

    init(_ milliseconds: Int64) { self.milliseconds = milliseconds }

    var now: Int64 { lock.withLock { milliseconds } }
    func advance(days: Int64 = 0, minutes: Int64 = 0) {
        lock.withLock { milliseconds += days * 86_400_000 + minutes * 60_000 }
    }
}

struct FormAnswerSeen {
    var status: UInt
    var body: String
    /// As it came, for what is no text.
    var bytes: [UInt8] = []
    var headers: [String: String]
    var location: String { headers["location"] ?? "" }
}

/// One fair, three vacancies of two employers, one kiosk.
struct FormFixture {
    static let fairDay = CalendarDate("2026-02-01")
    /// 2026-02-01 10:00 in Beijing.
    static let opening: Int64 = 1_769_911_200_000

    let folder: TemporaryFolder
    let store: any HeadquartersStore
    let catalogue: Catalogue
    let master: TokenMaster
    /// Headquarters' key: kiosks seal to it, the desk opens with it.
    let sealing: AgreementKey
    let clock: FormClock
    let formPort: Int
    let deskPort: Int
    let client: HTTPClient
    /// The kiosk's key.
    let signer = SigningKey()
    private var kiosk: Data { signer.deviceID }

    var assembly: Vacancy { catalogue.vacancies[0] }
    var welding: Vacancy { catalogue.vacancies[1] }
    var cleaning: Vacancy { catalogue.vacancies[2] }

    /// Starts both servers on free ports, runs `test`, stops them.
    static func run(
        vacancies: Int = 3, kind: FairKind = .fair, clientHeader: String? = "x-forwarded-for",
        deskSettings: DeskSettings = DeskSettings(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        change: @Sendable (inout Catalogue) -> Void = { _ in },
        _ test: @escaping @Sendable (FormFixture) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteHeadquartersStore(stateFolder: folder.path)
        var wanted = makeCatalogue(vacancies: vacancies, kind: kind)
        change(&wanted)
        let catalogue = try await store.createFair(wanted, at: opening)
        let master = try TokenMaster(rawRepresentation: Data((0..<32).map { UInt8($0) }))
        let clock = FormClock(opening)
        let sealing = AgreementKey()
        let sealer = CompletionSealer(
            sealer: try HPKESealer(publicKey: sealing.publicKey), headquartersID: Data(repeating: 7, count: 16))
        let parts = FormParts(
            store: store, tokenKey: { master.tokenKey(fairID: Data($0.bytes)) }, completionSealer: sealer,
            settings: FormSettings(clientHeader: clientHeader), now: { clock.now })
        try await serve(logger) {
            try makeFormRouter(parts, logger: logger)
        } work: { formPort in
            try await serve(logger) {
                try makeDeskRouter(
                    store: store, settings: deskSettings, opener: HPKEOpener(key: sealing),
                    erasures: PersonErasure(
                        store: store, journal: ErasureJournalFile(folder: folder.path), directive: SigningKey(),
                        reader: RecordReader(
                            opener: HPKEOpener(key: sealing),
                            personLink: PersonLink(tokenMaster: Data(repeating: 5, count: 32))),
                        now: { clock.now }, logger: logger),
                    now: { clock.now },
                    logger: logger)
            } work: { deskPort in
                try await withClient { client in
                    let fixture = FormFixture(
                        folder: folder, store: store, catalogue: catalogue, master: master, sealing: sealing,
                        clock: clock, formPort: formPort, deskPort: deskPort, client: client)
                    try await fixture.enrolKiosk()
                    try await test(fixture)
                }
            }
        }
    }

    private static func withClient(_ work: (HTTPClient) async throws -> Void) async throws {
        let client = HTTPClient(configuration: .init(redirectConfiguration: .disallow))
        do {
            try await work(client)
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    private static func serve(
        _ logger: Logger, _ makeRouter: @Sendable () throws -> Router<FormRequestContext>,
        work: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let (ports, told) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: try makeRouter(), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in told.yield(channel.localAddress?.port ?? 0) }, logger: logger)
        try await serving(application.run) {
            for await port in ports {
                try await work(port)
                break
            }
        }
    }

    // MARK: The kiosk's part

    private func enrolKiosk() async throws {
        try await store.addEnrolmentCode(
            NewEnrolmentCode(
                hash: Data(repeating: 1, count: 32), kioskLabel: "一号机", fairIDs: [catalogue.fair.id],
                createdAt: Self.opening,
                expiresAt: .max))
        _ = try await store.enrol(
            NewDevice(
                deviceID: kiosk, publicKey: signer.publicKey,
                agreementPublicKey: Data(repeating: 3, count: 32), softwareVersion: "test"),
            codeHash: Data(repeating: 1, count: 32), at: Self.opening)
    }

    static func recordID(_ number: UInt8) -> RecordID {
        RecordID(milliseconds: 1_769_911_200_000, random: Array(repeating: number, count: 10))
    }

    /// The registration `number` arrives; digits 5678 unless said otherwise.
    @discardableResult
    func arrive(
        _ number: UInt8 = 1, surname: String? = "欧阳", digits: String? = "5678", age: AgeBand = .adult,
        allowsIntents: Bool = true, person: UInt8? = nil
    ) async throws -> RecordID {
        let id = Self.recordID(number)
        let registration = OpenedRegistration(
            person: person.map { PersonKey(bytes: Data(repeating: $0, count: 32)) }, surname: surname,
            slipDigits: digits, ageBand: age, hasBirthDate: age != .unknown, allowsIntents: allowsIntents,
            isRehearsal: false)
        try await ingest(id, .registration(registration), number: number)
        return id
    }

    func ingest(
        _ id: RecordID, _ content: RecordContent, number: UInt8, isDayConfirmed: Bool = true,
        quality: ClockSample.Quality = .ntp
    ) async throws {
        let ticket: TicketNumber? =
            if case .registration = content { TicketNumber(pair: "AB", number: Int(number)) } else { nil }
        let envelope = RecordEnvelope(
            recordID: id, deviceID: kiosk, fairID: catalogue.fair.id, lineageID: Data(repeating: 9, count: 16),
            sequence: Int64(number), previousDigest: Data(), fairDay: Self.fairDay,
            isDayConfirmed: isDayConfirmed, ticket: ticket,
            clock: ClockSample(
                wallMilliseconds: clock.now, bootID: Data(repeating: 4, count: 16), bootCounter: 1,
                bootMilliseconds: 1000, quality: quality),
            digest: SHA256Digest.of(Data(id.bytes)), frame: Data(id.bytes))
        let report = try await store.ingest(
            IngestBatch(
                deviceID: kiosk, lineageID: Data(repeating: 9, count: 16), batchID: Data(repeating: number, count: 16),
                records: [.opened(envelope, content)], receivedAt: clock.now))
        #expect(report.results.map(\.code) == [.accepted])
    }

    /// Another record with the id of registration `number` and its place in the chain.
    func conflict(with number: UInt8) async throws {
        let id = Self.recordID(number)
        let lineageID = Data(repeating: 9, count: 16)
        let envelope = RecordEnvelope(
            recordID: id, deviceID: kiosk, fairID: catalogue.fair.id, lineageID: lineageID, sequence: Int64(number),
            previousDigest: Data(), fairDay: Self.fairDay, isDayConfirmed: true, ticket: nil,
            clock: ClockSample(
                wallMilliseconds: clock.now, bootID: Data(repeating: 4, count: 16), bootCounter: 1,
                bootMilliseconds: 1000, quality: .ntp),
            digest: SHA256Digest.of(Data(id.bytes + [1])), frame: Data(id.bytes + [1]))
        let report = try await store.ingest(
            IngestBatch(
                deviceID: kiosk, lineageID: lineageID, batchID: Data(repeating: 99, count: 16),
                records: [.opened(envelope, .entry(people: 1, isRehearsal: false))], receivedAt: clock.now))
        #expect(report.results.map(\.code) == [.held] && report.conflicts == 1)
    }

    // MARK: The phone's part

    func token(_ number: UInt8 = 1, purpose: Int = 1) -> String {
        SlipToken.make(
            purpose: purpose, fairKeyNumber: catalogue.fair.keyNumber, recordID: Data(Self.recordID(number).bytes),
            tokenKey: master.tokenKey(fairID: Data(catalogue.fair.id.bytes))
        ).text
    }

    func get(_ path: String, desk: Bool = false, headers: [String: String] = [:]) async throws -> FormAnswerSeen {
        try await send("GET", path, nil, desk: desk, headers)
    }

    func post(_ path: String, _ fields: [(String, String)], headers: [String: String] = [:]) async throws
        -> FormAnswerSeen
    {
        let body = fields.map { "\(escape($0.0))=\(escape($0.1))" }.joined(separator: "&")
        let standard = ["content-type": "application/x-www-form-urlencoded"]
        return try await send("POST", path, body, desk: false, standard.merging(headers) { $1 })
    }

    /// Chooses vacancies with four digits.
    func state(
        _ vacancies: [Vacancy], digits: String = "5678", withhold: [Vacancy] = [], name: String? = nil,
        post postID: String? = nil, slip: UInt8 = 1
    ) async throws -> FormAnswerSeen {
        var fields = vacancies.map { ("vacancy", $0.id.description) } + withhold.map { ("withhold", $0.id.description) }
        fields.append(("digits", digits))
        if let name { fields.append(("name", name)) }
        if let postID { fields.append(("post", postID)) }
        return try await post("/I/\(token(slip))", fields)
    }

    /// Types a number by hand.
    func find(_ ticket: String, _ digits: String, fair: String? = nil, from client: String? = nil) async throws
        -> FormAnswerSeen
    {
        try await post(
            "/", [("fair", fair ?? String(catalogue.fair.keyNumber)), ("ticket", ticket), ("digits", digits)],
            headers: client.map { ["x-forwarded-for": "10.0.0.9, \($0)"] } ?? [:])
    }

    func send(_ method: String, _ path: String, _ body: String?, desk: Bool, _ headers: [String: String]) async throws
        -> FormAnswerSeen
    {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(desk ? deskPort : formPort)\(path)")
        request.method = .RAW(value: method)
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: .seconds(20))
        let received = try await response.body.collect(upTo: 4 << 20)
        var seen: [String: String] = [:]
        for header in response.headers { seen[header.name.lowercased()] = header.value }
        return FormAnswerSeen(
            status: response.status.code, body: String(buffer: received), bytes: Array(received.readableBytesView),
            headers: seen)
    }

    private func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    // MARK: The fair

    static func makeCatalogue(vacancies: Int, kind: FairKind) -> Catalogue {
        func id<Scope>(_ group: UInt8, _ number: Int) -> Identifier<Scope> {
            Identifier(milliseconds: Int64(group), random: Array(repeating: UInt8(number), count: 10))
        }
        let employers = [
            Employer(id: id(1, 1), name: "青禾启明电子有限公司", booth: "A01", isVerified: true),
            Employer(id: id(1, 2), name: "悦邻家政 <服务> 有限公司", booth: "B02", isVerified: true),
        ]
        let titles = ["电子装配工", "焊工", "保洁员"]
        let list = (0..<vacancies).map { number in
            let employer = employers[number == 2 ? 1 : 0]
            return Vacancy(
                id: id(2, number + 1), employerID: employer.id, title: number < 3 ? titles[number] : "普工 \(number)",
                headcount: number == 2 ? nil : 120,
                pay: Pay(lowestFen: 500_000, highestFen: 750_000, unit: .month, text: "5000-7500元/月"),
                booth: employer.booth, place: "青禾县工业园区", boardAndLodging: "包吃包住", insurance: "五险一金",
                hours: "两班倒，每班 8 小时", isNotUnder18: number == 1)
        }
        return Catalogue(
            fair: Fair(
                id: id(3, kind == .fair ? 1 : 2), name: "青禾县专场招聘会", venue: "人民广场", organiser: "青禾县就业服务中心", kind: kind,
                days: [fairDay].compactMap(\.self), keyNumber: 0, formAddress: "HTTP://127.0.0.1:7280",
                servicePhone: "000-0000000"),
            version: 1, employers: employers, vacancies: list,
            notice: PrivacyNotice(version: "1", title: "个人信息告知", shortText: "谁在用\n给谁", fullText: "全文"),
            keyGroups: [])
    }
}
