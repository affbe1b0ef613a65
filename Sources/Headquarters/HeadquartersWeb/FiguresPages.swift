// The figures as pages: a list of fairs, and one fair as a bulletin that can be printed.

import HeadquartersCore
import JobFair

struct FiguresListView {
    struct FairView {
        var path: String?
        var name: String
        var days: String
        var venue: String
        var isRehearsal: Bool
        var entries: String
        var registrations: String
        var intents: String
    }

    var title: String
    var stylesheet: String
    var script: String
    var cutOff: String
    var fairCount: String
    var dayCount: String
    var entries: String
    var fairs: [FairView]
    var machine: [MachineLine]
}

struct FiguresFairView {
    struct DayView {
        var day: String
        var people: Int
        var peopleText: String
        var max: Int
    }
    struct EmployerView {
        var name: String
        var booth: String
        var postings: String
        var headcount: String
        var withoutHeadcount: String?
        var people: String
        var pairs: String
        var preliminary: String
        var signed: String
    }
    struct KioskView {
        var label: String
        var contact: String
        var isSilent: Bool
        var backlog: String
        var isBehind: Bool
        var records: String
        var problems: String
    }

    var title: String
    var stylesheet: String
    var script: String
    var name: String
    var organiser: String
    var venue: String
    var days: String
    var isRehearsal: Bool
    var cutOff: String
    var gap: String?
    var allUploaded: Bool
    var entries: String
    var registrations: String
    var unlinked: String?
    var intentPeople: String
    var intentPairs: String
    var preliminary = ""
    var signedPairs = ""
    var signedPeople = ""
    var ofEntries = ""
    var ofRegistrations = ""
    var headcount: String
    var postings: String
    var withoutHeadcount: String?
    var employers: String
    var byEmployer: [EmployerView] = []
    var checkIns: [DayView]
    var kiosks: [KioskView]
    var held: String?
    var sentence: String
    var sentenceNote = ""
    var json: String
}

struct FiguresPages: Sendable {
    let files: PageFiles

    func list(
        _ fairs: [(fair: Fair, figures: FairFigures?)], machine: [MachineLine] = [], now: Int64
    ) -> String {
        let counted = fairs.filter { $0.fair.kind == .fair }
        return files.render(
            "figures-list",
            FiguresListView(
                title: "招聘会数字", stylesheet: files.figuresStylesheet, script: files.figuresScript,
                cutOff: Self.cutOff(now), fairCount: PressNumber.exact(counted.count),
                dayCount: PressNumber.exact(counted.reduce(0) { $0 + $1.fair.days.count }),
                entries: PressNumber.exact(counted.reduce(0) { $0 + ($1.figures?.entries ?? 0) }),
                fairs: fairs.sorted { Self.isLater($0.fair, $1.fair) }
                    .map { entry in
                        FiguresListView.FairView(
                            path: "/fairs/\(entry.fair.id)", name: entry.fair.name,
                            days: FormText.days(entry.fair.days), venue: entry.fair.venue,
                            isRehearsal: entry.fair.kind == .rehearsal,
                            entries: entry.figures.map { PressNumber.exact($0.entries) } ?? "—",
                            registrations: entry.figures.map { PressNumber.exact($0.registrations) } ?? "—",
                            intents: entry.figures.map { PressNumber.exact($0.intentPeople) } ?? "—")
                    },
                machine: machine))
    }

    func fair(_ figures: FairFigures) -> String {
        let fair = figures.fair
        let most = max(1, figures.checkInsWithoutDay, figures.checkIns.map(\.people).max() ?? 1)
        let gap = FiguresGap(figures)
        let conversion = IntentConversion(figures)
        return files.render(
            "figures-fair",
            FiguresFairView(
                title: fair.name, stylesheet: files.figuresStylesheet, script: files.figuresScript, name: fair.name,
                organiser: fair.organiser, venue: fair.venue, days: FormText.days(fair.days), isRehearsal: false,
                cutOff: Self.cutOff(figures.countedAt), gap: Self.words(gap),
                allUploaded: Self.words(gap) == nil && !figures.kiosks.isEmpty,
                entries: PressNumber.exact(figures.entries), registrations: PressNumber.exact(figures.registrations),
                unlinked: Self.positive(figures.unlinkedRegistrations),
                intentPeople: PressNumber.exact(figures.intentPeople),
                intentPairs: PressNumber.exact(figures.intentPairs),
                preliminary: PressNumber.exact(figures.intentPairs - figures.signedPairs),
                signedPairs: PressNumber.exact(figures.signedPairs),
                signedPeople: PressNumber.exact(figures.signedPeople),
                ofEntries: PressNumber.percent(conversion.ofEntries),
                ofRegistrations: PressNumber.percent(conversion.ofRegistrations),
                headcount: PressNumber.exact(figures.vacancyHeadcount),
                postings: PressNumber.exact(figures.vacancyPostings),
                withoutHeadcount: Self.positive(figures.vacanciesWithoutHeadcount),
                employers: PressNumber.exact(figures.employers),
                byEmployer: figures.byEmployer.map(Self.view),
                checkIns: Self.days(figures, most: most),
                kiosks: figures.kiosks.map { Self.view(of: $0, now: figures.countedAt) },
                held: Self.positive(figures.recordsToCheck), sentence: FiguresSentence.text(figures),
                sentenceNote: FiguresSentence.note(figures),
                json: "/api/v1/fairs/\(fair.id)/figures"))
    }

    /// A fair without figures: a rehearsal.
    func rehearsal(_ fair: Fair, now: Int64) -> String {
        files.render(
            "figures-fair",
            FiguresFairView(
                title: fair.name, stylesheet: files.figuresStylesheet, script: files.figuresScript, name: fair.name,
                organiser: fair.organiser, venue: fair.venue, days: FormText.days(fair.days), isRehearsal: true,
                cutOff: Self.cutOff(now), gap: nil, allUploaded: false, entries: "", registrations: "", unlinked: nil,
                intentPeople: "", intentPairs: "", headcount: "", postings: "", withoutHeadcount: nil, employers: "",
                checkIns: [], kiosks: [], held: nil, sentence: "", json: ""))
    }

    private static func isLater(_ left: Fair, _ right: Fair) -> Bool {
        guard let leftDay = left.days.max(), let rightDay = right.days.max(), leftDay != rightDay else {
            return left.name < right.name
        }
        return leftDay > rightDay
    }

    static func cutOff(_ milliseconds: Int64) -> String {
        guard let time = BeijingTime(milliseconds: milliseconds) else { return "" }
        return "截至 \(time.day.year)年\(time.day.month)月\(time.day.day)日 \(time.clock)（北京时间）"
    }

    static func words(_ gap: FiguresGap) -> String? {
        var parts: [String] = []
        if gap.kiosks > 0 { parts.append("\(gap.kiosks) 台自助机还有 \(PressNumber.exact(gap.records)) 条记录没有上传") }
        if gap.silentKiosks > 0 { parts.append("\(gap.silentKiosks) 台超过 15 分钟没有联系，可能还有没上传的记录") }
        return parts.isEmpty ? nil : parts.joined(separator: "；") + "。"
    }

    /// One line per day, and one for those whose day is not known.
    private static func days(_ figures: FairFigures, most: Int) -> [FiguresFairView.DayView] {
        var lines = figures.checkIns.map { ("\($0.day.month)月\($0.day.day)日", $0.people) }
        if figures.checkInsWithoutDay > 0 { lines.append(("日期待定", figures.checkInsWithoutDay)) }
        return lines.map { day, people in
            FiguresFairView.DayView(day: day, people: people, peopleText: PressNumber.exact(people), max: most)
        }
    }

    private static func view(of employer: EmployerFigures) -> FiguresFairView.EmployerView {
        let intents = employer.intents
        return FiguresFairView.EmployerView(
            name: employer.name, booth: employer.booth, postings: PressNumber.exact(employer.postings),
            headcount: PressNumber.exact(employer.headcount), withoutHeadcount: positive(employer.withoutHeadcount),
            people: PressNumber.exact(intents.people), pairs: PressNumber.exact(intents.pairs),
            preliminary: PressNumber.exact(intents.preliminaryPairs), signed: PressNumber.exact(intents.signedPairs))
    }

    private static func positive(_ count: Int) -> String? { count > 0 ? PressNumber.exact(count) : nil }

    private static func view(of kiosk: KioskState, now: Int64) -> FiguresFairView.KioskView {
        FiguresFairView.KioskView(
            label: kiosk.kioskLabel, contact: kiosk.lastContactAt.map { contact($0, now: now) } ?? "还没有联系过",
            isSilent: FiguresGap.isSilent(kiosk, now: now), backlog: kiosk.backlog.map(PressNumber.exact) ?? "不详",
            isBehind: (kiosk.backlog ?? 0) > 0, records: PressNumber.exact(kiosk.records),
            problems: kiosk.problems.isEmpty
                ? "无" : kiosk.problems.map(FiguresProblemWords.words).joined(separator: "、"))
    }

    /// The clock time, with its day unless that is today's.
    private static func contact(_ at: Int64, now: Int64) -> String {
        guard let time = BeijingTime(milliseconds: at) else { return "不详" }
        let isToday = BeijingTime(milliseconds: now)?.day == time.day
        return isToday ? time.clock : "\(time.day.month)月\(time.day.day)日 \(time.clock)"
    }
}
