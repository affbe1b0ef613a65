// The pages of the job-intent form: templates and files that were built into the program, filled from the catalogue.

import Crypto
import HeadquartersCore
import Hummingbird
import JobFair
import Mustache

/// Templates, style and script of form and desk. The files are part of the program: nothing to install or to lose.
struct PageFiles: Sendable {
    let templates: MustacheLibrary
    /// By path: bytes and type. Paths carry a hash of the bytes, so that a phone may keep them.
    let assets: [String: (bytes: [UInt8], type: String)]
    let formStylesheet: String
    let formScript: String
    let figuresStylesheet: String
    let figuresScript: String
    let deskStylesheet: String

    /// Throws only where a template does not parse, which a test excludes.
    init() throws {
        var templates: [String: MustacheTemplate] = [:]
        for (name, bytes) in [
            ("form-head", PackageResources.form_head_mustache), ("form-foot", PackageResources.form_foot_mustache),
            ("form-list", PackageResources.form_list_mustache), ("form-mine", PackageResources.form_mine_mustache),
            ("form-mine-list", PackageResources.form_mine_list_mustache),
            ("form-wishes", PackageResources.form_wishes_mustache),
            ("form-word", PackageResources.form_word_mustache), ("form-find", PackageResources.form_find_mustache),
            ("figures-list", PackageResources.figures_list_mustache),
            ("figures-fair", PackageResources.figures_fair_mustache),
            ("figures-head", PackageResources.figures_head_mustache),
            ("desk-head", PackageResources.desk_head_mustache), ("desk-foot", PackageResources.desk_foot_mustache),
            ("desk-word", PackageResources.desk_word_mustache), ("desk-login", PackageResources.desk_login_mustache),
            ("desk-home", PackageResources.desk_home_mustache), ("desk-audit", PackageResources.desk_audit_mustache),
            ("desk-password", PackageResources.desk_password_mustache),
            ("desk-employer-list", PackageResources.desk_employer_list_mustache),
            ("desk-import", PackageResources.desk_import_mustache),
            ("desk-import-preview", PackageResources.desk_import_preview_mustache),
            ("desk-vacancies", PackageResources.desk_vacancies_mustache),
            ("desk-employers", PackageResources.desk_employers_mustache),
            ("desk-list", PackageResources.desk_list_mustache), ("desk-turn", PackageResources.desk_turn_mustache),
            ("desk-place", PackageResources.desk_place_mustache),
            ("desk-person", PackageResources.desk_person_mustache),
            ("desk-kiosks", PackageResources.desk_kiosks_mustache),
        ] {
            templates[name] = try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self))
        }
        self.templates = MustacheLibrary(templates: templates)
        var assets: [String: (bytes: [UInt8], type: String)] = [:]
        func add(_ name: String, _ ending: String, _ bytes: [UInt8], _ type: String) -> String {
            let digest = SHA256.hash(data: bytes).prefix(6).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
            let path = "/assets/\(name)-\(digest).\(ending)"
            assets[path] = (bytes, type)
            return path
        }
        let css = "text/css; charset=utf-8"
        let javaScript = "text/javascript; charset=utf-8"
        formStylesheet = add("form", "css", PackageResources.form_css, css)
        formScript = add("form", "js", PackageResources.form_js, javaScript)
        figuresStylesheet = add("figures", "css", PackageResources.figures_css, css)
        figuresScript = add("figures", "js", PackageResources.figures_js, javaScript)
        deskStylesheet = add("desk", "css", PackageResources.desk_css, css)
        self.assets = assets
    }

    func render(_ name: String, _ view: Any) -> String {
        templates.render(view, withTemplate: name) ?? ""
    }
}

/// What was typed and is shown again with its problems; never digits.
struct FormTyped {
    var chosen: Set<VacancyID> = []
    var withheld: Set<VacancyID> = []
    var name = ""

    init() {}

    init(_ fields: IntentFields) {
        chosen = Set(fields.all("vacancy").compactMap { VacancyID($0) })
        withheld = Set(fields.all("withhold").compactMap { VacancyID($0) })
        name = fields.first("name") ?? ""
    }
}

struct FormPages: Sendable {
    let files: PageFiles

    func word(
        _ word: FormWord, fair: Fair? = nil, mineAction: String? = nil, back: String? = nil, backWords: String = "回到岗位单"
    ) -> String {
        files.render(
            "form-word",
            FormWordView(
                title: word.title, stylesheet: files.formStylesheet, script: mineAction == nil ? nil : files.formScript,
                fairName: fair?.name, heading: word.heading, sentences: word.sentences, mineAction: mineAction,
                back: back, backWords: backWords, servicePhone: fair?.servicePhone, organiser: fair?.organiser))
    }

    func find(alert: String? = nil, fair: String = "", ticket: String = "") -> String {
        files.render(
            "form-find",
            FormFindView(
                title: "招聘会用工意向", stylesheet: files.formStylesheet, script: files.formScript, alert: alert,
                fair: fair, ticket: ticket))
    }

    func list(_ slip: FormSlip, problems: [IntentProblem] = [], extra: String? = nil, typed: FormTyped = FormTyped())
        -> String
    {
        let catalogue = slip.catalogue
        let sentences = problems.map(FormWords.problem) + [extra].compactMap(\.self)
        return files.render(
            "form-list",
            FormListView(
                title: "选岗位 · \(catalogue.fair.name)", stylesheet: files.formStylesheet, script: files.formScript,
                fairName: catalogue.fair.name, venue: catalogue.fair.venue,
                days: FormText.days(catalogue.fair.days), greeting: slip.registration?.surname.map { "\($0)**" },
                problems: sentences.isEmpty ? nil : .init(sentences: sentences),
                hasNotArrived: slip.registration == nil, vacanciesMax: FormLimits.vacanciesMax, action: slip.path,
                mineAction: "\(slip.path)/mine", wishes: "\(slip.path)/wishes", postID: FormVisits.randomKey(),
                employers: employers(catalogue, typed: typed), asksName: slip.isNameOpen, name: typed.name,
                nameProblem: problems.contains(.nameMissing) || problems.contains(.nameInvalid),
                digitsProblem: extra != nil || problems.contains(.digitsMissing) || problems.contains(.digitsInvalid),
                noticeTitle: catalogue.notice.title, noticeShort: FormText.lines(catalogue.notice.shortText),
                noticeFull: FormText.lines(catalogue.notice.fullText), servicePhone: catalogue.fair.servicePhone,
                organiser: catalogue.fair.organiser))
    }

    private func employers(_ catalogue: Catalogue, typed: FormTyped) -> [FormListView.EmployerView] {
        var number = 0
        return catalogue.employers.enumerated().compactMap { index, employer in
            guard employer.isVerified else { return nil }
            let vacancies = catalogue.vacancies.filter { $0.employerID == employer.id && $0.isOpen }
            guard !vacancies.isEmpty else { return nil }
            return FormListView.EmployerView(
                number: index + 1, name: employer.name, booth: FormText.filled(employer.booth),
                vacancies: vacancies.map { vacancy in
                    number += 1
                    return FormListView.VacancyView(
                        number: number, id: vacancy.id.description, title: vacancy.title, employer: employer.name,
                        headcount: FormText.headcount(vacancy.headcount), pay: PayText.text(of: vacancy.pay),
                        board: FormText.filled(vacancy.boardAndLodging), insurance: FormText.filled(vacancy.insurance),
                        hours: FormText.filled(vacancy.hours), place: FormText.filled(vacancy.place),
                        ownBooth: vacancy.booth == employer.booth ? nil : FormText.filled(vacancy.booth),
                        adultsOnly: vacancy.isNotUnder18, chosen: typed.chosen.contains(vacancy.id),
                        withheld: typed.withheld.contains(vacancy.id),
                        words: [vacancy.title, employer.name, vacancy.place, employer.booth, vacancy.booth]
                            .joined(separator: " ").lowercased())
                })
        }
    }

    private static let takenDown = "已下架的岗位"

    /// What was stated with this slip, as the holder of the digits may see it.
    func intents(_ slip: FormSlip, visitKey: String, visit: FormVisit, stated: [StatedIntent]) -> String {
        let fair = slip.catalogue.fair
        var views = stated.map { view(of: $0, note: visit.notes[$0.vacancyID], slip) }
        let shown = Set(stated.map(\.vacancyID))
        for vacancy in slip.catalogue.vacancies {
            guard !shown.contains(vacancy.id), let note = visit.notes[vacancy.id] else { continue }
            views.append(view(ofRefused: vacancy, note: note, in: slip.catalogue))
        }
        // What was taken down while the person chose has no name here any more; the answer is owed all the same.
        let known = shown.union(slip.catalogue.vacancies.map(\.id))
        for (id, note) in visit.notes.filter({ !known.contains($0.key) }).sorted(by: {
            $0.key.bytes.lexicographicallyPrecedes($1.key.bytes)
        }) {
            views.append(
                FormIntentsView.IntentView(
                    id: id.description, state: "refused", stateWords: FormWords.note(note), title: Self.takenDown,
                    employer: "",
                    booth: nil, pay: nil, consentWords: "", isOpen: false, isPassedOn: false))
        }
        let standing = stated.filter { $0.state == .confirmed || $0.state == .claimed }
        let isClaimed = standing.contains { $0.state == .claimed }
        let heading =
            standing.isEmpty ? "现在没有报名的岗位" : isClaimed ? "收到了，核对后生效" : "报好了 \(standing.count) 个岗位"
        let lead =
            isClaimed
            ? "您在自助机上的登记还在路上。登记一到、后四位对得上，就自动生效。"
            : standing.isEmpty ? "" : "这是初步意向。想当面谈，请去展位。"
        return files.render(
            "form-mine-list",
            FormIntentsView(
                title: "我报的岗位 · \(fair.name)", stylesheet: files.formStylesheet, script: files.formScript,
                fairName: fair.name, isGood: !standing.isEmpty, heading: heading, lead: lead,
                note: visit.wishes.map(FormWords.wishes),
                action: "\(slip.path)/\(visitKey)", intents: views, next: next(standing, claimed: isClaimed),
                more: slip.isOpen ? slip.path : nil, wishes: slip.isOpen ? "\(slip.path)/wishes" : nil,
                servicePhone: fair.servicePhone, organiser: fair.organiser))
    }

    private func next(_ standing: [StatedIntent], claimed: Bool) -> [String] {
        var next: [String] = []
        if standing.contains(where: \.passOnConsent) { next.append("等单位打电话给您，也可以现在就去展位当面谈。") }
        if standing.contains(where: { !$0.passOnConsent }) { next.append("没给电话的岗位，请自己去展位谈。") }
        if claimed { next.append("过一会儿再扫小票上的码，看是不是生效了。登记时没填姓名的，那时补上。") }
        next.append("改主意了，再扫小票上的码，填后四位就能撤回。")
        next.append("让您先交押金、服装费、培训费的，别交，马上告诉服务台。")
        return next
    }

    private func view(of intent: StatedIntent, note: FormNote?, _ slip: FormSlip) -> FormIntentsView.IntentView {
        let catalogue = slip.catalogue
        let vacancy = catalogue.vacancies.first { $0.id == intent.vacancyID }
        let isOpen = intent.state == .confirmed || intent.state == .claimed
        let consent =
            isOpen ? intent.passOnConsent ? "姓名和电话给这一家" : "姓名和电话不给这一家" : ""
        return FormIntentsView.IntentView(
            id: intent.vacancyID.description, state: intent.state.rawValue,
            stateWords: words(of: intent.state, vacancy, slip),
            title: vacancy?.title ?? Self.takenDown,
            employer: vacancy.flatMap { employer(of: $0, in: catalogue) } ?? "",
            booth: vacancy.flatMap { FormText.filled($0.booth) }, pay: vacancy.map { PayText.text(of: $0.pay) },
            consentWords: note == .consentWithdrawn ? "已撤回同意：电话不再给它" : consent, isOpen: isOpen,
            isPassedOn: isOpen && intent.passOnConsent)
    }

    /// A claim that its record made void says why, where the person can do something about it.
    private func words(of state: IntentState, _ vacancy: Vacancy?, _ slip: FormSlip) -> String {
        state == .void && vacancy?.isNotUnder18 == true && slip.registration?.ageBand == .from16to17
            ? FormWords.note(.vacancyNotUnder18) : FormWords.state(state)
    }

    private func view(ofRefused vacancy: Vacancy, note: FormNote, in catalogue: Catalogue) -> FormIntentsView.IntentView
    {
        FormIntentsView.IntentView(
            id: vacancy.id.description, state: "refused", stateWords: FormWords.note(note), title: vacancy.title,
            employer: employer(of: vacancy, in: catalogue) ?? "", booth: FormText.filled(vacancy.booth), pay: nil,
            consentWords: "", isOpen: false, isPassedOn: false)
    }

    private func employer(of vacancy: Vacancy, in catalogue: Catalogue) -> String? {
        catalogue.employers.first { $0.id == vacancy.employerID }?.name
    }
}

/// Small texts that several pages share.
enum FormText {
    static func filled(_ text: String) -> String? {
        text.allSatisfy(\.isWhitespace) ? nil : text
    }

    static func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map(String.init)
    }

    static func headcount(_ count: Int?) -> String {
        count.map { "招 \($0) 人" } ?? "招若干人"
    }

    /// `12月21日`, `12月21日、22日`, `12月31日—1月3日`.
    static func days(_ days: [CalendarDate]) -> String {
        guard let first = days.min(), let last = days.max() else { return "" }
        let start = "\(first.month)月\(first.day)日"
        if first == last { return start }
        let end = first.month == last.month ? "\(last.day)日" : "\(last.month)月\(last.day)日"
        return days.count == 2 ? "\(start)、\(end)" : "\(start)—\(end)"
    }
}
