// Vacancies and employers at the desk: decisions about words, verification, and what the morning brings.

import HeadquartersCore
import Hummingbird
import JobFair

extension DeskParts {
    func addVacancyRoutes(to router: Router<FormRequestContext>) {
        let desk = VacancyRoutes(parts: self)
        let clerks = routes(in: router, for: .clerk)
        clerks.get("/fairs/:id/vacancies") { request, context in try await desk.vacancies(request, context) }
        clerks.post("/fairs/:id/vacancies/:vacancy") { _, context in try await desk.changeVacancy(context) }
        clerks.get("/fairs/:id/employers") { request, context in try await desk.employers(request, context) }
        clerks.post("/fairs/:id/employers/:employer") { _, context in try await desk.changeEmployer(context) }
    }
}

/// Which part of a list a page shows, in its address and in the forms on it.
struct DeskListPlace {
    var query: DeskQuery

    init(_ request: Request) {
        let parameters = request.uri.queryParameters
        query = Self.query(parameters["part"], parameters["q"], parameters["offset"])
    }

    /// What a form on the page said about where it stood.
    init(_ fields: IntentFields) {
        query = Self.query(fields.first("part")?[...], fields.first("q")?[...], fields.first("offset")?[...])
    }

    private static func query(_ part: Substring?, _ text: Substring?, _ offset: Substring?) -> DeskQuery {
        let text = text.map { String($0.prefix(VacancyLimits.textCharactersMax)) } ?? ""
        return DeskQuery(
            part: part.flatMap { DeskQuery.Part(rawValue: String($0)) } ?? .all,
            text: text.split(whereSeparator: \.isWhitespace).joined(separator: " "),
            offset: offset.flatMap { Int($0) }.map { max(0, min($0, CatalogueSize.vacanciesMax)) } ?? 0)
    }

    func path(_ list: String, offset: Int? = nil) -> String {
        var parts: [String] = []
        if query.part != .all { parts.append("part=\(query.part.rawValue)") }
        if !query.text.isEmpty { parts.append("q=\(Self.escaped(query.text))") }
        if let offset = offset ?? (query.offset > 0 ? query.offset : nil), offset > 0 {
            parts.append("offset=\(offset)")
        }
        return parts.isEmpty ? list : "\(list)?" + parts.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}

private struct VacancyRoutes: Sendable {
    let parts: DeskParts

    // MARK: Vacancies

    func vacancies(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        let (fair, session, place) = (try await parts.fair(context), try context.session(), DeskListPlace(request))
        let page = try await parts.store.vacancies(of: fair.id, place.query)
        return parts.answer(
            "desk-vacancies",
            DeskVacanciesView(
                page: parts.page("岗位", for: session), fair: fair, place: place, list: page,
                backlog: try await parts.store.backlog(of: fair.id)))
    }

    func changeVacancy(_ context: FormRequestContext) async throws -> Response {
        let (fair, session) = (try await parts.fair(context), try context.session())
        guard let id = context.parameters.get("vacancy").flatMap({ VacancyID($0) }) else { throw DeskRefusal.notFound }
        let fields = try context.form().fields
        try await Self.refusing {
            switch fields.first("do") {
            case "release", "reject":
                try await parts.store.decide(
                    id, releases: fields.first("do") == "release", reason: try Self.reason(fields),
                    words: fields.first("words") ?? "", by: session.author, at: parts.now())
            case "filled": try await change(id, .filled, session)
            case "open": try await change(id, .open, session)
            case "withdraw": try await change(id, .withdrawn, session)
            case "booth": try await change(id, .booth(try Self.booth(fields)), session)
            case "headcount":
                guard let headcount = VacancyText.headcount(fields.first("headcount") ?? "") else {
                    throw DeskRefusal.unsuitable("招聘人数请填 1 到 \(VacancyLimits.headcountMax) 的数字；没有定数的，空着，显示“若干”。")
                }
                try await change(id, headcount, session)
            default: throw DeskRefusal.notOurPage
            }
        }
        return parts.seeOther(DeskListPlace(fields).path("/desk/fairs/\(fair.id)/vacancies") + "#v-\(id)")
    }

    private func change(_ id: VacancyID, _ change: VacancyChange, _ session: DeskSession) async throws {
        try await parts.store.change(id, change, by: session.author, at: parts.now())
    }

    // MARK: Employers

    func employers(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        let (fair, session, place) = (try await parts.fair(context), try context.session(), DeskListPlace(request))
        let page = try await parts.store.employers(of: fair.id, place.query)
        return parts.answer(
            "desk-employers",
            DeskEmployersView(
                page: parts.page("用人单位", for: session), fair: fair, place: place, list: page,
                backlog: try await parts.store.backlog(of: fair.id)))
    }

    func changeEmployer(_ context: FormRequestContext) async throws -> Response {
        let (fair, session) = (try await parts.fair(context), try context.session())
        guard let id = context.parameters.get("employer").flatMap({ EmployerID($0) }) else {
            throw DeskRefusal.notFound
        }
        let fields = try context.form().fields
        try await Self.refusing {
            switch fields.first("do") {
            case "verify":
                guard let licence = fields.first("licence"), licence.count <= VacancyLimits.textCharactersMax else {
                    throw DeskRefusal.unsuitable("请写明看了什么证照，例如“营业执照原件”，最多 \(VacancyLimits.textCharactersMax) 个字。")
                }
                try await parts.store.verify(
                    id, creditCode: PlainText.string(PlainText.number(fields.first("creditCode") ?? "")),
                    licence: licence, by: session.author, at: parts.now())
            case "unverify":
                try await parts.store.unverify(
                    id, reason: try Self.reason(fields), by: session.author, at: parts.now())
            case "booth":
                try await parts.store.moveEmployer(
                    id, to: try Self.booth(fields), by: session.author, at: parts.now())
            default: throw DeskRefusal.notOurPage
            }
        }
        return parts.seeOther(DeskListPlace(fields).path("/desk/fairs/\(fair.id)/employers") + "#e-\(id)")
    }

    // MARK: Fields

    private static func reason(_ fields: IntentFields) throws -> String {
        guard let reason = fields.first("reason"), reason.count <= VacancyLimits.textCharactersMax else {
            throw DeskRefusal.unsuitable("请写明理由，最多 \(VacancyLimits.textCharactersMax) 个字。理由会记在操作记录里。")
        }
        return reason
    }

    private static func booth(_ fields: IntentFields) throws -> String {
        guard let booth = VacancyText.booth(fields.first("booth") ?? "") else {
            throw DeskRefusal.unsuitable("展位号最多 \(VacancyLimits.boothCharactersMax) 个字。")
        }
        return booth
    }

    /// What the store refuses, as a sentence.
    private static func refusing(_ change: () async throws -> Void) async throws {
        do {
            try await change()
        } catch let error as HeadquartersStoreError {
            switch error.code {
            case .vacancyUnknown, .employerUnknown: throw DeskRefusal.notFound
            case .wordsChanged: throw DeskRefusal.unsuitable("这个岗位的文字刚刚变了，请重新看过再决定。")
            case .creditCodeInvalid: throw DeskRefusal.unsuitable("统一社会信用代码不对：应是 18 位，最后一位校验前面的。请对照执照检查。")
            case .creditCodeTaken: throw DeskRefusal.unsuitable("本场招聘会已有另一家单位用这个信用代码，请检查是不是同一家。")
            default: throw error
            }
        }
    }
}

/// Short texts that clerks type.
enum VacancyText {
    /// Empty or 若干: nobody said how many. Nil: neither that nor a number of people.
    static func headcount(_ text: String) -> VacancyChange? {
        // Not as numbers are typed elsewhere: a minus sign is no hyphen here.
        let digits = text.unicodeScalars.filter { !PlainText.isSpace($0) && !PlainText.isInvisible($0) }
            .map(PlainText.halfWidth)
        if digits.isEmpty || PlainText.string(digits) == "若干" { return .headcount(nil) }
        guard digits.allSatisfy(PlainText.isDigit), let count = Int(PlainText.string(digits)),
            (1...VacancyLimits.headcountMax).contains(count)
        else { return nil }
        return .headcount(count)
    }

    /// One line, without spaces at its ends; nil where it is too long or holds control characters.
    static func booth(_ text: String) -> String? {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard line.count <= VacancyLimits.boothCharactersMax,
            !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return nil }
        return line
    }
}
