// Wishes on the phone: the page behind the slip, its post, and what its template is filled with.

import HeadquartersCore
import Hummingbird
import JobFair

extension FormDesk {
    /// Carries out a post of wishes: they take the place of those of before.
    func stateWishes(_ fields: IntentFields, with slip: FormSlip) async throws -> FormAnswer {
        guard slip.allowsIntents else { return .notAllowed }
        guard slip.isOpen else { return .closed }
        let submission: WishesSubmission
        switch WishesSubmission.read(fields) {
        case .failure(let problems): return .wishesProblems(problems.list)
        case .success(let value): submission = value
        }
        let (fair, now) = (slip.catalogue.fair.id, parts.now())
        let sealed = try parts.completionSealer.seal(
            submission.wishes, digits: submission.digits, for: slip.seeker, at: fair)
        let outcome = try await parts.store.saveWishes(
            WishesStatement(seeker: slip.seeker, fairID: fair, sealed: sealed, digits: submission.digits, at: now))
        switch outcome {
        case .saved, .claimed:
            return .visit(
                await visits.open(
                    seeker: slip.seeker, digits: submission.digits, notes: [:], post: nil,
                    wishes: submission.isTakenBack ? .takenBack : .stated, now: now))
        case .wrongDigits(let triesLeft): return .wrongDigits(triesLeft: triesLeft)
        case .tooManyTries: return .locked
        case .notAllowed: return .notAllowed
        case .clerkOnly: return .clerkOnly
        case .otherFair: return .unknownSlip
        }
    }
}

extension FormRoutes {
    func showWishes(_ context: FormRequestContext) async throws -> Response {
        guard let slip = try await slip(context) else { return unknownSlip }
        if !slip.allowsIntents { return PageSafety.page(pages.word(FormWords.notAllowed, fair: slip.catalogue.fair)) }
        if !slip.isOpen { return closed(slip, status: .ok) }
        return PageSafety.page(pages.wishes(slip, typed: FormWishesTyped(nil)))
    }

    func stateWishes(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        guard let slip = try await slip(context) else { return unknownSlip }
        guard let fields = try await fields(of: request) else { return notOurPage(slip) }
        let typed = FormWishesTyped(fields)
        switch try await desk.stateWishes(fields, with: slip) {
        case .wishesProblems(let problems):
            return PageSafety.page(
                pages.wishes(slip, problems: problems, typed: typed), status: .unprocessableContent)
        case .wrongDigits(let triesLeft):
            let words = FormWords.wrongDigits(triesLeft: triesLeft)
            return PageSafety.page(pages.wishes(slip, extra: words, typed: typed), status: .forbidden)
        case let other:
            return answer(other, slip, typed: FormTyped())
        }
    }
}

/// What was chosen and is shown again with its problems; never digits.
struct FormWishesTyped {
    var ticked: Set<String> = []
    var pay = ""
    var places = ""
    var skills = ""
    var night = ""

    init(_ fields: IntentFields?) {
        guard let fields else { return }
        for name in ["occupation", "form", "place", "skill", "board", "travel"] {
            ticked.formUnion(fields.all(name).map { "\(name) \($0)" })
        }
        pay = fields.first("pay") ?? ""
        places = fields.first("places") ?? ""
        skills = fields.first("skills") ?? ""
        night = fields.first("night") ?? ""
    }
}

struct FormWishesView {
    struct ChoiceView {
        var value: String
        var words: String
        var chosen: Bool
    }

    var title: String
    var stylesheet: String
    var script: String?
    var fairName: String
    var greeting: String?
    var problems: FormListView.Problems?
    var hasNotArrived: Bool
    var wishesMax: Int
    var action: String
    var back: String
    var occupations: [ChoiceView]
    var pays: [ChoiceView]
    var hasRegions: Bool
    var regions: [ChoiceView]
    var places: String
    var forms: [ChoiceView]
    var nights: [ChoiceView]
    var board: Bool
    var travel: Bool
    var skillTiles: [ChoiceView]
    var skills: String
    var digitsProblem: Bool
    var servicePhone: String
    var organiser: String
}

extension FormPages {
    /// Yuan a month.
    private static let pays = [3000, 4000, 5000, 6000, 7000, 8000, 10_000]
    /// As on the kiosk, so that both find the same vacancies.
    private static let skills = [
        ("叉车证", "叉车证"), ("电工证", "电工证"), ("焊工证", "焊工证"), ("C1驾照", "C1 驾照"), ("B2驾照", "B2 驾照"), ("厨师证", "厨师证"),
        ("保安证", "保安证"), ("月嫂证", "月嫂证"), ("护理证", "护理证"), ("缝纫", "会缝纫"), ("数控", "会开数控机床"), ("电脑", "会用电脑"),
    ]
    /// Places with the most vacancies; a screen of an old phone.
    private static let regionsMax = 9

    func wishes(
        _ slip: FormSlip, problems: [WishesProblem] = [], extra: String? = nil, typed: FormWishesTyped
    ) -> String {
        let fair = slip.catalogue.fair
        func choice(_ name: String, _ value: String, _ words: String) -> FormWishesView.ChoiceView {
            .init(value: value, words: words, chosen: typed.ticked.contains("\(name) \(value)"))
        }
        let sentences = problems.map(FormWords.problem) + [extra].compactMap(\.self)
        let regions = Self.regions(of: slip.catalogue)
        return files.render(
            "form-wishes",
            FormWishesView(
                title: "想找什么工作 · \(fair.name)", stylesheet: files.formStylesheet, script: files.formScript,
                fairName: fair.name, greeting: slip.registration?.surname.map { "\($0)**" },
                problems: sentences.isEmpty ? nil : .init(sentences: sentences),
                hasNotArrived: slip.registration == nil, wishesMax: RegistrationRules.wishesMax,
                action: "\(slip.path)/wishes", back: slip.path,
                occupations: Occupation.allCases.map {
                    choice("occupation", $0.rawValue, OccupationWords[$0].label)
                },
                pays: [.init(value: "", words: "不说", chosen: typed.pay.isEmpty)]
                    + Self.pays.map {
                        .init(value: String($0), words: "至少 \($0) 元", chosen: typed.pay == String($0))
                    },
                hasRegions: !regions.isEmpty, regions: regions.map { choice("place", $0.code, $0.name) },
                places: typed.places,
                forms: WorkForm.allCases.map { choice("form", $0.rawValue, FormWords.workForm($0)) },
                nights: [("", "不说"), ("yes", "能上夜班"), ("no", "不上夜班")].map {
                    .init(value: $0.0, words: $0.1, chosen: typed.night == $0.0)
                },
                board: typed.ticked.contains("board 1"), travel: typed.ticked.contains("travel 1"),
                skillTiles: Self.skills.map { choice("skill", $0.0, $0.1) }, skills: typed.skills,
                digitsProblem: extra != nil || problems.contains(.digitsMissing) || problems.contains(.digitsInvalid),
                servicePhone: fair.servicePhone, organiser: fair.organiser))
    }

    private static func regions(of catalogue: Catalogue) -> [Region] {
        let open = catalogue.vacancies.filter { $0.isOpen && !$0.region.isEmpty }
        let counts = Dictionary(grouping: open, by: \.region).mapValues(\.count)
        return catalogue.regions.filter { counts[$0.code] != nil }
            .sorted { (counts[$1.code] ?? 0, $0.code) < (counts[$0.code] ?? 0, $1.code) }
            .prefix(regionsMax).map(\.self)
    }
}

extension FormWords {
    static func workForm(_ form: WorkForm) -> String {
        switch form {
        case .fullTime: "长期做（全职）"
        case .shortTerm: "做几个星期、几个月"
        case .byTheDay: "日结、零工"
        }
    }

    static func problem(_ problem: WishesProblem) -> String {
        switch problem {
        case .nothingChosen: "还没有选：至少选一样。"
        case .tooManyOccupations: "想做的活最多选 \(RegistrationRules.wishesMax) 样，请去掉几样。"
        case .payInvalid: "工资请填数字，例如 5000。"
        case .tooManyPlaces: "想去的地方最多 \(RegistrationRules.wishesMax) 个，请去掉几个。"
        case .placeInvalid: "地名太长，或者有认不出的符号。写个县名、区名就行。"
        case .tooManySkills: "证书手艺最多 \(RegistrationRules.wishesMax) 样，请去掉几样。"
        case .skillInvalid: "手艺写得太长，或者有认不出的符号。几个字就行。"
        case .numberInText: "这里不要写电话和证件号码。"
        case .digitsMissing: Self.problem(IntentProblem.digitsMissing)
        case .digitsInvalid: Self.problem(IntentProblem.digitsInvalid)
        case .unreadable: Self.problem(IntentProblem.unreadable)
        }
    }

    static func wishes(_ note: WishesNote) -> String {
        switch note {
        case .stated: "想找什么工作，记下了。您同意给电话的单位，能看到您想做的活、工资和手艺。"
        case .takenBack: "想找什么工作，已经删掉了。"
        }
    }
}
