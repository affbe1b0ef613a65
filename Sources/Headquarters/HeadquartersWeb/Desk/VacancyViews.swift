// What the lists of vacancies and employers are filled with.

import HeadquartersCore
import JobFair

/// Parts, search and pages above a list.
struct DeskListView {
    struct PartView {
        var words: String
        var path: String
        var isChosen: Bool
    }

    var action: String
    var parts: [PartView]
    var part: String
    var text: String
    var offset: Int
    var range: String
    var before: String?
    var after: String?

    init(_ list: String, parts: [(DeskQuery.Part, String)], place: DeskListPlace, total: Int) {
        let query = place.query
        action = list
        self.parts = parts.map { part, words in
            PartView(
                words: words, path: part == .all ? list : "\(list)?part=\(part.rawValue)", isChosen: part == query.part)
        }
        part = query.part.rawValue
        text = query.text
        offset = query.offset
        let last = min(total, query.offset + VacancyLimits.pageRows)
        range = total == 0 ? "没有" : "第 \(min(query.offset + 1, total)) 到 \(last) 个，共 \(PressNumber.exact(total)) 个"
        before = query.offset > 0 ? place.path(list, offset: max(0, query.offset - VacancyLimits.pageRows)) : nil
        after = last < total ? place.path(list, offset: last) : nil
    }
}

/// Words with the marked ones apart.
struct DeskSegmentView: Equatable {
    var text: String
    var isMarked: Bool

    /// - Parameter ranges: characters of the text; those that overlap or lie outside are cut.
    static func segments(_ text: String, marking ranges: [Range<Int>]) -> [DeskSegmentView] {
        let characters = Array(text)
        var segments: [DeskSegmentView] = []
        var place = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let lower = max(place, range.lowerBound)
            let upper = min(range.upperBound, characters.count)
            guard lower < upper else { continue }
            if lower > place { segments.append(.init(text: String(characters[place..<lower]), isMarked: false)) }
            segments.append(.init(text: String(characters[lower..<upper]), isMarked: true))
            place = upper
        }
        if place < characters.count { segments.append(.init(text: String(characters[place...]), isMarked: false)) }
        return segments
    }
}

struct DeskVacanciesView {
    struct FieldView {
        var label: String
        var segments: [DeskSegmentView]
    }
    struct FindingView {
        var sentence: String
        var law: String?
        var isHold: Bool
    }
    struct VacancyView {
        var anchor: String
        var action: String
        var title: String
        var employer: String
        var facts: String
        var booth: String
        /// Empty: 若干.
        var headcount: String
        var standing: String
        var isWarning: Bool
        var decision: String?
        var fields: [FieldView]
        var findings: [FindingView]
        var words: String
        var canRelease: Bool
        var canReject: Bool
        var asksDecision: Bool
        var isOpen: Bool
        var isFilled: Bool
        var isWithdrawn: Bool
    }

    var page: DeskPageView
    var fairName: String
    var list: DeskListView
    var vacancies: [VacancyView]
    var importPath: String
    var employersPath: String

    init(page: DeskPageView, fair: Fair, place: DeskListPlace, list: DeskPage<VacancyEntry>, backlog: DeskBacklog) {
        let path = "/desk/fairs/\(fair.id)/vacancies"
        self.page = page
        fairName = fair.name
        self.list = DeskListView(
            path,
            parts: [
                (.all, "全部 \(PressNumber.exact(backlog.vacancies))"),
                (.waiting, "待审 \(PressNumber.exact(backlog.held))"),
                (.flagged, "请看一眼 \(PressNumber.exact(backlog.flagged))"),
            ], place: place, total: list.total)
        vacancies = list.entries.map { Self.view($0, path) }
        importPath = "/desk/fairs/\(fair.id)/import"
        employersPath = "/desk/fairs/\(fair.id)/employers"
    }

    private static func view(_ entry: VacancyEntry, _ path: String) -> VacancyView {
        let (vacancy, review) = (entry.vacancy, entry.review)
        return VacancyView(
            anchor: "v-\(vacancy.id)", action: "\(path)/\(vacancy.id)", title: review.posting[.title],
            employer: entry.employer.name, facts: facts(vacancy), booth: vacancy.booth,
            headcount: vacancy.headcount.map(String.init) ?? "", standing: standing(entry),
            isWarning: !entry.isShown || !vacancy.isOpen,
            decision: review.decision.map { "\($0.by) \(time($0.at))：\($0.reason)" },
            // One that was rejected waits for a clerk also where the lint marks nothing.
            fields: review.findings.isEmpty && review.standing != .held ? [] : fields(review),
            findings: findings(review), words: entry.wordsDigest,
            canRelease: !review.standing.isShown, canReject: review.standing != .rejected,
            asksDecision: review.standing == .held, isOpen: vacancy.isOpen, isFilled: vacancy.isFilled,
            isWithdrawn: vacancy.isWithdrawn)
    }

    private static func facts(_ vacancy: Vacancy) -> String {
        [PayText.text(of: vacancy.pay), FormText.headcount(vacancy.headcount), vacancy.place]
            .filter { !$0.isEmpty }.joined(separator: "　")
    }

    private static func standing(_ entry: VacancyEntry) -> String {
        if entry.vacancy.isWithdrawn { return "已撤回" }
        switch entry.review.standing {
        case .held: return "待审，不显示"
        case .rejected: return "不予发布"
        case .clear, .released:
            if !entry.employer.isVerified { return "单位还没有核验，不显示" }
            return entry.vacancy.isFilled ? "已招满" : "显示中"
        }
    }

    static func time(_ milliseconds: Int64) -> String {
        BeijingTime(milliseconds: milliseconds).map { "\($0.day) \($0.clock)" } ?? ""
    }

    /// The employer's own words, telephone numbers included: only clerks see them.
    private static func fields(_ review: VacancyReview) -> [FieldView] {
        Posting.Field.allCases.filter { !review.posting[$0].isEmpty }.map { field in
            FieldView(
                label: label(field),
                segments: DeskSegmentView.segments(
                    review.posting[field],
                    marking: review.findings.filter { $0.field == field }.map { $0.lower..<max($0.lower, $0.upper) }))
        }
    }

    /// One line for each kind, what holds before what is only worth a look.
    private static func findings(_ review: VacancyReview) -> [FindingView] {
        let kinds = PostingFinding.Kind.allCases.filter { kind in review.findings.contains { $0.kind == kind } }
        return (kinds.filter { $0.severity == .hold } + kinds.filter { $0.severity == .flag }).map { kind in
            FindingView(
                sentence: kind.zh, law: kind.law.isEmpty ? nil : kind.law, isHold: kind.severity == .hold)
        }
    }

    private static func label(_ field: Posting.Field) -> String {
        switch field {
        case .title: "岗位名称"
        case .requirements: "任职要求"
        case .hours: "工作时间"
        case .boardAndLodging: "食宿"
        case .insurance: "五险一金"
        case .pay: "工资待遇"
        case .place: "工作地点"
        case .age: "年龄"
        case .sex: "性别"
        case .headcount: "招聘人数"
        case .remarks: "其他"
        }
    }
}

struct DeskEmployersView {
    struct EmployerView {
        var anchor: String
        var action: String
        var name: String
        var booth: String
        var creditCode: String
        var vacancies: String
        /// Who verified it, when, by what; nil: nobody has.
        var check: String?
    }

    var page: DeskPageView
    var fairName: String
    var list: DeskListView
    var employers: [EmployerView]
    var vacanciesPath: String
    var importPath: String

    init(page: DeskPageView, fair: Fair, place: DeskListPlace, list: DeskPage<EmployerEntry>, backlog: DeskBacklog) {
        let path = "/desk/fairs/\(fair.id)/employers"
        self.page = page
        fairName = fair.name
        self.list = DeskListView(
            path,
            parts: [
                (.all, "全部 \(PressNumber.exact(backlog.employers))"),
                (.waiting, "还没有核验 \(PressNumber.exact(backlog.unverified))"),
            ], place: place, total: list.total)
        employers = list.entries.map { entry in
            EmployerView(
                anchor: "e-\(entry.employer.id)", action: "\(path)/\(entry.employer.id)", name: entry.employer.name,
                booth: entry.employer.booth, creditCode: entry.employer.creditCode,
                vacancies: PressNumber.exact(entry.vacancies), check: entry.check.map(Self.words))
        }
        vacanciesPath = "/desk/fairs/\(fair.id)/vacancies"
        importPath = "/desk/fairs/\(fair.id)/import"
    }

    private static func words(_ check: EmployerCheck) -> String {
        let by = check.by == DeskAuthor.fairFile ? "招聘会文件" : check.by
        return [by, DeskVacanciesView.time(check.at), check.licence].filter { !$0.isEmpty }.joined(separator: " ")
    }
}
