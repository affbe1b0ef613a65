// The kiosk's API as a page would use it.

import AsyncHTTPClient
import JobFair
import KioskCore
import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Sends one registration until it resolves, always with the same record id and form key: nobody starts over.
struct KioskClient: Sendable {
    /// A kiosk with a slow disk and 64 waiting people still answers within this.
    static let deadline = TimeAmount.seconds(15)
    static let answerBytesMax = 64 << 10

    enum Outcome: Sendable {
        /// `tries` > 1: an answer was lost or refused for the moment before.
        case acknowledged(ticket: String, tries: Int, lost: Int)
        /// 422: a rule said no.
        case refused
        /// Anything that a healthy kiosk never answers, with its status.
        case failed(status: Int)
        case givenUp(lost: Int)
    }

    let address: String
    let http: HTTPClient
    let open: OpenRequests

    /// One connection for every request that is open: a page has its own too.
    static func makeHTTPClient() -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 512
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(5)
        return HTTPClient(configuration: configuration)
    }

    private struct Status: Decodable {
        struct Fair: Decodable { var kind: FairKind }
        struct Notice: Decodable { var version: String }
        var fair: Fair?
        var day: CalendarDate?
        var notice: Notice?
        var keyGroups: [KeyGroup]?
    }

    /// What the kiosk asks of a registration now.
    struct Terms: Sendable {
        var noticeVersion: String?
        var day: CalendarDate?
        var keyGroups: [String]
    }

    func terms() async throws -> Terms {
        let status = try await status()
        return Terms(
            noticeVersion: status.notice?.version, day: status.day, keyGroups: (status.keyGroups ?? []).map(\.code))
    }

    func requireRehearsal() async throws {
        guard try await status().fair?.kind == .rehearsal else {
            throw CommandFailure(
                """
                \(address): 当前没有开启“演练”类招聘会，拒绝演练。
                \(address): no fair of kind rehearsal is open there; a rehearsal on a real fair is refused.
                """)
        }
    }

    private func status() async throws -> Status {
        let response: HTTPClientResponse
        do {
            response = try await http.execute(
                HTTPClientRequest(url: address + "/api/v1/status"), timeout: Self.deadline)
        } catch {
            throw CommandFailure("\(address): 没有应答。 No answer; does kioskd run there?")
        }
        let body = try await response.body.collect(upTo: Self.answerBytesMax)
        return try JSONDecoder().decode(Status.self, from: Data(body.readableBytesView))
    }

    func register(
        _ form: RegistrationForm, recordID: RecordID, formKey: String, patience: Duration
    ) async throws -> Outcome {
        let body = try JSONEncoder().encode(RegistrationBody(form, recordID: recordID, formKey: formKey))
        let deadline = ContinuousClock.now + patience
        var tries = 0
        var lost = 0
        while ContinuousClock.now < deadline {
            tries += 1
            switch await send(body) {
            case .ticket(let ticket): return .acknowledged(ticket: ticket, tries: tries, lost: lost)
            case .refused: return .refused
            case .failed(let status): return .failed(status: status)
            case .again: break
            case .noAnswer: lost += 1
            case .noConnection: tries -= 1
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        return .givenUp(lost: lost)
    }

    private enum Answer {
        case ticket(String), refused, failed(Int), again, noAnswer, noConnection
    }

    private func send(_ body: Data) async -> Answer {
        struct Acknowledged: Decodable { var ticket: String }
        var request = HTTPClientRequest(url: address + "/api/v1/registrations")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: body))
        open.begin(address)
        defer { open.end(address) }
        do {
            let response = try await http.execute(request, timeout: Self.deadline)
            let answer = Data(try await response.body.collect(upTo: Self.answerBytesMax).readableBytesView)
            switch response.status.code {
            case 201:
                guard let value = try? JSONDecoder().decode(Acknowledged.self, from: answer) else { return .noAnswer }
                return .ticket(value.ticket)
            case 503, 507: return .again
            case 422: return .refused
            default: return .failed(Int(response.status.code))
            }
        } catch let error as HTTPClientError where error == .connectTimeout {
            return .noConnection
        } catch is NIOConnectionError {
            return .noConnection
        } catch {
            return .noAnswer
        }
    }
}

/// The request's JSON; the same field names as docs/openapi.yaml.
private struct RegistrationBody: Encodable {
    struct DocumentBody: Encodable {
        var kind: String?
        var number: String
    }
    var recordId: String
    var formKey: String
    var noticeVersion: String?
    var document: DocumentBody?
    var name: String?
    var phone: String?
    var noPhone: Bool
    var contactPhone: String?
    var birthDate: String?
    var keyGroups: [String]
    var keyGroupConsent: Bool

    init(_ form: RegistrationForm, recordID: RecordID, formKey: String) {
        recordId = recordID.description
        self.formKey = formKey
        noticeVersion = form.noticeVersion
        document = form.documentNumber.map { DocumentBody(kind: form.documentKind, number: $0) }
        name = form.name
        phone = form.phone
        noPhone = form.hasNoPhone
        contactPhone = form.contactPhone
        birthDate = form.birthDate
        keyGroups = form.keyGroups
        keyGroupConsent = form.keyGroupConsent
    }
}
