// What the API takes and answers about vacancies; names and order of the fields are part of docs/openapi.yaml.

import JobFair
import KioskCore

extension JSONObjectReader {
    /// Nil where the member is absent, null, or no object.
    mutating func wishes() -> Wishes? {
        guard var reader = object("wishes") else { return nil }
        let wishes = Wishes(
            occupations: reader.texts("occupations"),
            lowestPayYuanMonth: reader.number("lowestPayYuanMonth", 0...1_000_000), places: reader.texts("places"),
            home: reader.text("home") ?? "", workForms: reader.choices("workForms", as: WorkForm.self),
            board: reader.flag("board"), nightShifts: reader.answer("nightShifts"), skills: reader.texts("skills"),
            travel: reader.flag("travel"))
        reader.finish()
        return wishes
    }
}

/// `GET /api/v1/vacancies`.
enum VacancyQueryFields {
    private enum Order: String, CaseIterable { case best, pay }

    static func read(_ query: String?, _ problems: ShapeProblems) -> VacancyQuery? {
        guard var fields = QueryReader(query, problems: problems) else { return nil }
        var query = VacancyQuery()
        query.text = fields.text("q", codePointsMax: 60)
        query.occupations = Set(fields.choices("occupation", as: Occupation.self))
        query.lowestPayYuanMonth = fields.number("lowestPay", 0...1_000_000).flatMap { $0 > 0 ? $0 : nil }
        query.place = fields.text("region", codePointsMax: 30)
        query.board = fields.flag("board")
        query.lodging = fields.flag("lodging")
        query.noNightShifts = fields.flag("noNightShifts")
        query.workForms = Set(fields.choices("workForm", as: WorkForm.self))
        query.order = fields.choice("order", as: Order.self) == .pay ? .pay : .best
        query.turn = fields.number("turn", 0...999_999) ?? 0
        query.offset = fields.number("offset", 0...100_000) ?? 0
        query.limit = fields.number("limit", 1...50) ?? 20
        fields.finish()
        return query
    }
}

struct MatchRequest {
    var scanned: String?
    var wishes: Wishes?
    var limit: Int

    init?(_ value: JSONValue, _ problems: ShapeProblems) {
        guard var body = JSONObjectReader(value, problems: problems) else { return nil }
        scanned = body.text("scanned")
        wishes = body.wishes()
        limit = body.number("limit", 1...20) ?? 10
        body.finish()
    }
}

struct VacancySlipRequest {
    var recordID: RecordID
    var vacancyID: VacancyID

    init?(_ value: JSONValue, _ problems: ShapeProblems) {
        guard var body = JSONObjectReader(value, problems: problems) else { return nil }
        let recordID = body.recordID()
        let vacancyID = body.vacancyID()
        body.finish()
        guard let recordID, let vacancyID else { return nil }
        (self.recordID, self.vacancyID) = (recordID, vacancyID)
    }
}

struct IntentRequest {
    var recordID: RecordID
    var formKey: FormKey
    var holder: SlipHolder
    var choice: IntentChoice

    init?(_ value: JSONValue, _ problems: ShapeProblems) {
        guard var body = JSONObjectReader(value, problems: problems) else { return nil }
        let recordID = body.recordID()
        let formKey = body.formKey()
        let scanned = body.requiredText("scanned")
        let digits = body.requiredText("digits")
        let vacancyID = body.vacancyID()
        let consent = body.flag("passOnConsent")
        let isWithdrawn = body.flag("withdrawn")
        body.finish()
        guard let recordID, let formKey, let scanned, let digits, let vacancyID else { return nil }
        (self.recordID, self.formKey) = (recordID, formKey)
        holder = SlipHolder(scanned: scanned, digits: digits)
        choice = IntentChoice(vacancyID: vacancyID, passOnConsent: consent, isWithdrawn: isWithdrawn)
    }
}

struct SlipIntentsRequest {
    var holder: SlipHolder

    init?(_ value: JSONValue, _ problems: ShapeProblems) {
        guard var body = JSONObjectReader(value, problems: problems) else { return nil }
        let scanned = body.requiredText("scanned")
        let digits = body.requiredText("digits")
        body.finish()
        guard let scanned, let digits else { return nil }
        holder = SlipHolder(scanned: scanned, digits: digits)
    }
}

struct WishesRequest {
    var recordID: RecordID
    var formKey: FormKey
    var holder: SlipHolder
    var wishes: Wishes

    init?(_ value: JSONValue, _ problems: ShapeProblems) {
        guard var body = JSONObjectReader(value, problems: problems) else { return nil }
        let recordID = body.recordID()
        let formKey = body.formKey()
        let scanned = body.requiredText("scanned")
        let digits = body.requiredText("digits")
        let wishes = body.wishes()
        if wishes == nil { body.missing("wishes") }
        body.finish()
        guard let recordID, let formKey, let scanned, let digits, let wishes else { return nil }
        (self.recordID, self.formKey, self.wishes) = (recordID, formKey, wishes)
        holder = SlipHolder(scanned: scanned, digits: digits)
    }
}

// MARK: - Answers

struct VacancyCardBody: Encodable {
    let card: VacancyCard

    private enum CodingKeys: String, CodingKey {
        case id, title, employer, employerId, booth, pay, headcount, place, region, regionName, boardAndLodging
        case insurance, hours, requirements, notUnder18, occupation, workForm, nightShifts
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let vacancy = card.vacancy
        try container.encode(vacancy.id, forKey: .id)
        try container.encode(vacancy.title, forKey: .title)
        try container.encode(card.employer.name, forKey: .employer)
        try container.encode(card.employer.id, forKey: .employerId)
        try container.encode(card.booth, forKey: .booth)
        try container.encode(PayText.text(of: vacancy.pay), forKey: .pay)
        try container.encode(vacancy.headcount, forKey: .headcount)
        try container.encode(vacancy.place, forKey: .place)
        try container.encode(vacancy.region, forKey: .region)
        try container.encode(card.regionName, forKey: .regionName)
        try container.encode(vacancy.boardAndLodging, forKey: .boardAndLodging)
        try container.encode(vacancy.insurance, forKey: .insurance)
        try container.encode(vacancy.hours, forKey: .hours)
        try container.encode(vacancy.requirements, forKey: .requirements)
        try container.encode(vacancy.isNotUnder18, forKey: .notUnder18)
        try container.encode(card.occupation, forKey: .occupation)
        try container.encode(vacancy.workForm, forKey: .workForm)
        try container.encode(vacancy.hasNightShifts, forKey: .nightShifts)
    }
}

struct VacancyPageBody: Encodable {
    var total: Int
    var vacancies: [VacancyCardBody]

    init(_ page: VacancyCardPage) {
        total = page.total
        vacancies = page.cards.map(VacancyCardBody.init)
    }
}

struct OccupationsBody: Encodable {
    struct Tile: Encodable {
        var code: Occupation
        var label: String
        var worker: String
        var vacancies: Int
    }
    var occupations: [Tile]

    init(_ tiles: [OccupationTile]) {
        occupations = tiles.map {
            Tile(code: $0.occupation, label: $0.label, worker: $0.worker, vacancies: $0.vacancies)
        }
    }
}

struct RegionsBody: Encodable {
    struct Tile: Encodable {
        var code: String
        var name: String
        var vacancies: Int
    }
    var fairRegion: String
    var regions: [Tile]

    init(_ regions: FairRegions) {
        fairRegion = regions.fairRegion
        self.regions = regions.regions.map {
            Tile(code: $0.region.code, name: $0.region.name, vacancies: $0.vacancies)
        }
    }
}

struct MatchesBody: Encodable {
    struct Line: Encodable {
        var vacancy: VacancyCardBody
        var score: Int
        var reasons: [String]
        var relaxed: [String]
    }
    var wishesKnown: Bool
    var matches: [Line]

    init(_ matched: MatchedVacancies) {
        wishesKnown = matched.areWishesKnown
        matches = matched.lines.map {
            Line(
                vacancy: VacancyCardBody(card: $0.card), score: $0.score, reasons: $0.reasons,
                relaxed: $0.relaxed.map(\.name))
        }
    }
}

extension Relaxation {
    /// The case's name; part of the API.
    fileprivate var name: String { "\(self)" }
}

struct IntentAnswerBody: Encodable {
    var state: StatementState
    var vacancyId: VacancyID
}

struct SlipIntentsBody: Encodable {
    struct Intent: Encodable {
        let intent: SlipIntent

        private enum CodingKeys: String, CodingKey { case vacancyId, standing, vacancy }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(intent.vacancyID, forKey: .vacancyId)
            try container.encode(intent.standing, forKey: .standing)
            try container.encode(intent.card.map(VacancyCardBody.init), forKey: .vacancy)
        }
    }
    var digitsChecked: Bool
    var intents: [Intent]

    init(_ stated: SlipIntents) {
        digitsChecked = stated.areDigitsChecked
        intents = stated.intents.map(Intent.init)
    }
}

struct WishesAnswerBody: Encodable {
    var state: StatementState
}
