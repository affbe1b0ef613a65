// Wishes as a fair's seekers have them, in an endless repeatable row, and a judge of lists that knows no matcher.

import JobFair

struct SyntheticSeekers {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// Of 100: about 75 touch one tile or two, 15 type a word, 10 say nothing of work; 40 name a lowest pay, 40 a place
    /// (mostly their own county), 85 where they live.
    mutating func next() -> (wishes: Wishes, age: AgeBand) {
        var wishes = Wishes()
        switch percent() {
        case ..<60: wishes.occupations = [pick(Occupation.allCases).rawValue]
        case ..<75: wishes.occupations = [pick(Occupation.allCases).rawValue, pick(Occupation.allCases).rawValue]
        case ..<90: wishes.occupations = [pick(Self.typed)]
        default: break
        }
        if percent() < 85 { wishes.home = pick(Self.counties) }
        if percent() < 40 { wishes.lowestPayYuanMonth = 3000 + 500 * Int.random(in: 0...10, using: &random) }
        if percent() < 40 {
            wishes.places = [
                percent() < 70 && !wishes.home.isEmpty ? wishes.home : pick(["990100", "990200", "980000", "明湖", "省内"])
            ]
        }
        if percent() < 30 { wishes.board = true }
        if percent() < 35 { wishes.nightShifts = percent() < 20 }
        if percent() < 15 { wishes.workForms = [pick(WorkForm.allCases)] }
        if percent() < 15 { wishes.skills = [pick(["叉车证", "电工证", "C1", "电脑表格", "焊工证"])] }
        return (wishes, pick([.adult, .adult, .adult, .adult, .adult, .adult, .adult, .adult, .from16to17, .unknown]))
    }

    private mutating func percent() -> Int { Int.random(in: 0..<100, using: &random) }
    private mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: 0..<list.count, using: &random)]
    }

    private static let typed = ["保姆", "瓦工", "CNC", "车工", "打扫卫生", "开货车", "看门", "带孩子", "进厂", "送外卖", "随便", "采茶", "会计"]
    private static let counties = ["990121", "990121", "990121", "990122", "990123", "990102", "990202", "990302"]
}

/// What a list may be blamed for, worked out from the wishes and the vacancy alone.
struct ListJudge {
    var wishes: Wishes
    var regions: [Region]

    /// The criteria a vacancy surely breaks; what it does not say it does not break.
    func broken(by vacancy: Vacancy) -> Set<Relaxation> {
        var broken: Set<Relaxation> = []
        if !isWishedWork(vacancy) { broken.insert(isNearWork(vacancy) ? .similarOccupation : .otherOccupation) }
        if let distance = distanceOutside(vacancy) {
            broken.insert(distance == 2 ? .sameCity : distance == 1 ? .sameProvince : .anyPlace)
        }
        if let yuan = wishes.lowestPayYuanMonth, let fen = vacancy.pay.fenPerMonth, fen < yuan * 100 {
            broken.insert(fen >= yuan * 90 ? .slightlyLessPay : .lessPay)
        }
        if wishes.board, vacancy.offersBoard == false || vacancy.offersLodging == false { broken.insert(.lessBoard) }
        if wishes.nightShifts == false, vacancy.hasNightShifts == true { broken.insert(.nightShifts) }
        if !wishes.workForms.isEmpty, let form = vacancy.workForm, !wishes.workForms.contains(form) {
            broken.insert(.otherWorkForm)
        }
        return broken
    }

    /// A seeker would go and ask: the wished or a neighbouring work, in the wished place or its city, at least nine
    /// tenths of the pay, and nothing broken of shifts, board and form.
    func isAcceptable(_ vacancy: Vacancy) -> Bool {
        broken(by: vacancy).isSubset(of: [.similarOccupation, .sameCity, .slightlyLessPay])
    }

    private var work: [String] { wishes.occupations.filter { $0 != "随便" } }

    private func isWishedWork(_ vacancy: Vacancy) -> Bool {
        work.isEmpty
            || work.contains { wish in
                let tile = Occupation(rawValue: wish) ?? OccupationWords.classify(title: wish)
                return vacancy.title.contains(wish) || tile != nil && tile == vacancy.occupation
                    || tile == .dayLabour && vacancy.workForm == .byTheDay
            }
    }

    private func isNearWork(_ vacancy: Vacancy) -> Bool {
        work.contains { wish in
            guard let tile = Occupation(rawValue: wish) ?? OccupationWords.classify(title: wish) else { return false }
            let words = OccupationWords[tile]
            return vacancy.occupation.map(words.siblings.contains) ?? false
                || words.words.contains { vacancy.title.lowercased().contains($0) }
                || (vacancy.title + vacancy.requirements).contains(wish)
        }
    }

    /// Nil: inside, or nobody knows; else how many levels (2 city, 1 province, 0 nothing) are shared with a wished place.
    private func distanceOutside(_ vacancy: Vacancy) -> Int? {
        guard !wishes.places.isEmpty, !vacancy.region.isEmpty else { return nil }
        let known = Self.meaning(vacancy.region)
        var shared = 0
        for place in wishes.places {
            let wanted = Self.meaning(code(of: place))
            if wanted.isEmpty || known.hasPrefix(wanted) || wanted.hasPrefix(known) { return nil }
            if known.prefix(2) == wanted.prefix(2) { shared = max(shared, known.prefix(4) == wanted.prefix(4) ? 2 : 1) }
        }
        return shared
    }

    private func code(of place: String) -> String {
        if place == "省内" { return wishes.home.isEmpty ? "" : wishes.home.prefix(2) + "0000" }
        return regions.first { $0.name.hasPrefix(place) }?.code ?? place
    }

    private static func meaning(_ code: String) -> String {
        var code = code
        while code.hasSuffix("00") { code.removeLast(2) }
        return code
    }
}
