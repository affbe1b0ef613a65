// The routes of an employer's list: to look at, to take away, to mark as signed.

import HTTPTypes
import HeadquartersCore
import HeadquartersSheets
import Hummingbird
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension DeskParts {
    /// `/desk/fairs/{id}/employers/{employer}/list`, `.csv` (`?encoding=gb18030`), `.xlsx`, `/signed`, `/unsigned`.
    ///
    /// An employer sees its own list in full, by GET. A clerk sees it masked by GET, in full by a POST with a reason.
    /// Whatever is shown in full or taken away is in the audit before it leaves.
    func addEmployerListRoutes(to router: Router<FormRequestContext>, opener: HPKEOpener) {
        let desk = EmployerListDesk(parts: self, opener: ParticularsOpener(opener: opener))
        let both = routes(in: router, for: .clerk, .employer)
        let path = "/fairs/:id/employers/:employer/list"
        for (ending, form) in EmployerListForm.byEnding {
            both.get("\(path)\(ending)") { request, context in try await desk.list(form, request, context) }
            both.post("\(path)\(ending)") { request, context in try await desk.list(form, request, context) }
        }
        both.post("\(path)/signed") { _, context in try await desk.sign(true, context) }
        both.post("\(path)/unsigned") { _, context in try await desk.sign(false, context) }
    }
}

/// How a list leaves.
private enum EmployerListForm {
    case page
    case csv
    case xlsx

    static let byEnding: [(String, EmployerListForm)] = [("", .page), (".csv", .csv), (".xlsx", .xlsx)]
}

private struct EmployerListDesk: Sendable {
    static let workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    let parts: DeskParts
    let opener: ParticularsOpener
    let turns = ListTurns()

    init(parts: DeskParts, opener: ParticularsOpener) {
        self.parts = parts
        self.opener = opener
    }

    // MARK: Who asks for what

    private struct Place {
        var session: DeskSession
        var fair: FairID
        var employer: EmployerID
        var look: ListTurns.Place {
            ListTurns.Place(session: session.tokenDigest, fair: fair, employer: employer)
        }
        var path: String { "/desk/fairs/\(fair)/employers/\(employer)/list" }
    }

    /// Another employer's list is not there at all: 403 would say that it is.
    private func place(_ context: FormRequestContext) throws -> Place {
        let session = try context.session()
        guard let fair = context.parameters.get("id").flatMap({ FairID($0) }),
            let employer = context.parameters.get("employer").flatMap({ EmployerID($0) }),
            session.role == .clerk || session.employerIDs.contains(employer)
        else { throw DeskRefusal.notFound }
        return Place(session: session, fair: fair, employer: employer)
    }

    private func reason(_ context: FormRequestContext) throws -> String {
        guard let reason = try context.form().fields.first("reason"),
            reason.count >= EmployerListLimits.reasonCharactersMin
        else { throw DeskRefusal.unsuitable(EmployerListWords.reasonMissing) }
        return reason
    }

    // MARK: The list

    func list(
        _ form: EmployerListForm, _ request: Request, _ context: FormRequestContext
    ) async throws -> Response {
        let place = try place(context)
        guard await turns.begin(place.session.tokenDigest) else {
            throw DeskRefusal.unsuitable(EmployerListWords.oneAtATime)
        }
        do {
            let response = try await list(form, place, request, context)
            await turns.end(place.session.tokenDigest)
            return response
        } catch {
            await turns.end(place.session.tokenDigest)
            throw error
        }
    }

    private func list(
        _ form: EmployerListForm, _ place: Place, _ request: Request, _ context: FormRequestContext
    ) async throws -> Response {
        let encoding = try encoding(form, request)
        let name =
            switch form {
            case .page: "网页"
            case .csv: "CSV \(encoding == .gb18030 ? "GB18030" : "UTF-8")"
            case .xlsx: "XLSX"
            }
        let now = parts.now()
        let line = { (reason: String) in
            place.session.line(form == .page ? .listSeen : .listExported, at: now, subject: name, reason: reason)
        }
        let purpose: EmployerListPurpose
        if place.session.role == .employer {
            let seen = form == .page ? await turns.seen(place.look, now: now) : nil
            purpose = .full(line(EmployerListWords.ownList), seen: seen)
        } else if request.method == .post {
            purpose = .full(line(try reason(context)))
        } else {
            purpose = form == .page ? .masked : .maskedExport(line(EmployerListWords.maskedExport))
        }
        let table = try await table(place, purpose)
        switch form {
        case .page:
            if place.session.role == .employer {
                await turns.note(table.list.fingerprint, at: place.look, now: now)
            }
            let page = parts.page("求职者名单", for: place.session)
            return parts.answer(
                "desk-employer-list",
                EmployerListView(table, page: page, session: place.session, path: place.path, now: now))
        case .csv:
            let bytes = try DelimitedEncoder.encode(table.sheet(for: place.session, at: now), encoding: encoding)
            return file(bytes, type: "text/csv; charset=\(encoding.rawValue)", table.fileName(at: now, ending: "csv"))
        case .xlsx:
            let bytes = try WorkbookEncoder.encode(table.sheet(for: place.session, at: now))
            return file(bytes, type: Self.workbookType, table.fileName(at: now, ending: "xlsx"))
        }
    }

    private func encoding(_ form: EmployerListForm, _ request: Request) throws -> DelimitedEncoder.Encoding {
        guard form == .csv, let wanted = request.uri.queryParameters["encoding"] else { return .utf8 }
        guard let encoding = DelimitedEncoder.Encoding(rawValue: wanted.lowercased()) else {
            throw DeskRefusal.unsuitable("只能导出 utf-8 或 gb18030。")
        }
        return encoding
    }

    /// An employer whose verification was taken back gets nothing; it may not be who it said.
    private func table(_ place: Place, _ purpose: EmployerListPurpose) async throws -> EmployerListTable {
        if place.session.role == .employer {
            let entry = try await parts.store.employer(place.employer)
            guard entry?.employer.isVerified == true else { throw DeskRefusal.notFound }
        }
        guard let list = try await parts.store.employerList(of: place.employer, at: place.fair, for: purpose) else {
            throw DeskRefusal.notFound
        }
        if case .full = purpose { return await EmployerListTable(list, opener: opener) }
        return await EmployerListTable(list, opener: nil)
    }

    /// The name in Chinese for browsers that read RFC 5987, and a plain one for others.
    private func file(_ bytes: [UInt8], type: String, _ name: String) -> Response {
        var response = PageSafety.answer(bytes, type: type)
        let plain = "list.\(name.split(separator: ".").last ?? "")"
        let escaped = name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                return String(UnicodeScalar(byte))
            default:
                return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
        response.headers[.contentDisposition] = "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(escaped)"
        return response
    }

    // MARK: Signing

    /// 签约, or back to 初步; the latter with a reason.
    func sign(_ isSigned: Bool, _ context: FormRequestContext) async throws -> Response {
        let place = try place(context)
        let mark = try context.form().fields.first("line")?.split(separator: " ") ?? []
        guard mark.count == 2, let seeker = RecordID(mark[0]), let vacancy = VacancyID(mark[1]) else {
            throw DeskRefusal.notOurPage
        }
        let reason = isSigned ? nil : try reason(context)
        if place.session.role == .employer {
            let entry = try await parts.store.employer(place.employer)
            guard entry?.employer.isVerified == true else { throw DeskRefusal.notFound }
        }
        let outcome = try await parts.store.setSigned(
            isSigned, seeker: seeker, vacancy: vacancy, of: place.employer, at: place.fair,
            line: place.session.line(isSigned ? .intentSigned : .intentUnsigned, at: parts.now(), reason: reason))
        if outcome == .notListed { throw DeskRefusal.unsuitable(EmployerListWords.notListed) }
        return parts.seeOther(place.path)
    }
}
