// A seeker's wishes, resolved once against a catalogue, and how well one vacancy fits them.

/// What is asked of every vacancy. Holds wishes and nothing about the person: no sex, no age, no ethnicity.
struct WishTest {
    struct OccupationWish {
        /// The tile; nil where the typed word belongs to none.
        var occupation: Occupation?
        /// What was typed, normal; empty where a tile was touched.
        var typed: [UInt8]
        /// What was typed, for sentences.
        var said: String

        /// Who does this work; where no tile is known, what was typed.
        var worker: String { occupation.map { OccupationWords[$0].worker } ?? said }
    }

    struct PlaceWish {
        var code: RegionCode?
        var word: [UInt8]
        /// For sentences; empty: no name is known.
        var name: String
    }

    enum Place { case inside(PlaceWish), unknown, outside(RegionCode.Distance) }

    enum OccupationFit: Int, Comparable {
        case none, mentioned, similar, sameTile, exact

        static func < (left: OccupationFit, right: OccupationFit) -> Bool { left.rawValue < right.rawValue }
    }

    /// How one vacancy fits.
    struct Fit {
        /// 0 to 100.
        var score = 0
        /// What must be given up for it, one bit per `Relaxation`.
        var relaxed: UInt16 = 0

        var relaxations: [Relaxation] { Relaxation.allCases.filter { relaxed & 1 << UInt16($0.rawValue) != 0 } }

        mutating func giveUp(_ relaxation: Relaxation) { relaxed |= 1 << UInt16(relaxation.rawValue) }
    }

    let index: VacancyIndex
    /// None of the wished places is the seeker's own city: who means to go away cares for the work first, and the last
    /// two steps of `Relaxation` change places.
    let isForAway: Bool
    let wishes: Wishes
    let occupations: [OccupationWish]
    let places: [PlaceWish]
    let home: RegionCode?
    let lowestFen: Int?
    let skills: [Skill]

    struct Skill {
        var name: String
        /// Any of these in title or requirements.
        var words: [[UInt8]]
        var occupation: Occupation?
    }

    init(_ wishes: Wishes, index: VacancyIndex) {
        self.index = index
        self.wishes = wishes
        occupations = wishes.occupations.filter { !Self.anything.contains(SearchText.normal($0)) }.map { wish in
            let isTile = Occupation(rawValue: wish) != nil
            let occupation = OccupationWords.occupation(ofWish: wish)
            return OccupationWish(
                occupation: occupation, typed: isTile ? [] : Array(SearchText.normal(wish).utf8),
                said: isTile ? "" : SearchText.shown(wish))
        }
        let home = wishes.home.isEmpty ? nil : index.region(named: wishes.home)
        self.home = home
        let places = wishes.places.compactMap { Self.place($0, home: home, index: index) }
        self.places = places
        isForAway =
            !places.isEmpty
            && !places.contains { place in
                guard let code = place.code, let home else { return false }
                return code.contains(home) == true || code.distance(to: home) <= .sameCity
            }
        lowestFen = wishes.lowestPayYuanMonth.flatMap { $0 > 0 ? $0 * 100 : nil }
        skills = wishes.skills.map(Self.skill)
    }

    private static let anything: Set<String> = [
        "随便", "都可以", "都行", "都可", "不限", "什么都行", "什么都可以", "不挑", "任意", "无所谓", "没有要求", "无要求", "哪里都行", "全国",
    ]
    private static let homeWords: [String: UInt8] = [
        "家门口": 3, "家附近": 3, "附近": 3, "离家近": 3, "本县": 3, "本区": 3, "本地": 3, "县内": 3, "本市": 2, "市内": 2, "本省": 1, "省内": 1,
    ]

    /// Nil: a word that leaves everything open.
    private static func place(_ wish: String, home: RegionCode?, index: VacancyIndex) -> PlaceWish? {
        let normal = SearchText.normal(wish)
        if normal.isEmpty || anything.contains(normal) { return nil }
        if let level = homeWords[normal] { return home.map { wished($0.cut(to: level), index) } }
        if let code = RegionCode(wish) { return wished(code, index) }
        return PlaceWish(code: index.region(named: wish), word: Array(normal.utf8), name: SearchText.shown(wish))
    }

    private static func wished(_ code: RegionCode, _ index: VacancyIndex) -> PlaceWish {
        PlaceWish(code: code, word: [], name: index.name(of: code) ?? "")
    }

    /// 叉车证 is found as `叉车证`, as `叉车`, and by the tile it belongs to.
    private static func skill(_ name: String) -> Skill {
        let normal = SearchText.normal(name)
        var words = [normal]
        for ending in ["资格证", "驾驶证", "驾照", "证", "照", "技能", "经验"] where normal.hasSuffix(ending) {
            let stem = String(normal.dropLast(ending.count))
            if stem.unicodeScalars.count >= 2 { words.append(stem) }
        }
        return Skill(
            name: name, words: words.filter { !$0.isEmpty }.map { Array($0.utf8) },
            occupation: OccupationWords.classify(title: name))
    }
}

// MARK: - One vacancy

extension WishTest {
    /// Points of the parts: together 100.
    enum Points {
        static let exact = 40
        static let sameTile = 30
        static let similar = 25
        static let mentioned = 15
        static let wishedPlace = 20
        static let pay = 15
        static let conditions = 10
        static let skills = 10

        /// Same county, same city, same province, elsewhere.
        static let home = [25, 18, 10, 0]
        /// The same for those who named places: inside of them, the nearer to home still the better.
        static let homeInPlace = [5, 3, 1, 0]
        static let regionUnknown = 12
    }

    /// What a seeker did not ask for costs no vacancy a point; what a vacancy does not say costs it half of them.
    func fit(_ entry: VacancyIndex.Entry) -> Fit {
        var fit = Fit()
        addOccupation(entry, to: &fit)
        addRegion(entry, to: &fit)
        addPay(entry, to: &fit)
        addConditions(entry, to: &fit)
        fit.score += skills.isEmpty || usedSkill(entry) != nil ? Points.skills : Points.skills / 2
        return fit
    }

    /// 0: nothing is given up; else the place in the order of the last step that is needed.
    func level(of fit: Fit) -> Int {
        guard fit.relaxed != 0 else { return 0 }
        let (work, place) = (Relaxation.otherOccupation, Relaxation.anyPlace)
        let bits = isForAway ? fit.relaxed.exchangingBits(work.rawValue, place.rawValue) : fit.relaxed
        return UInt16.bitWidth - 1 - bits.leadingZeroBitCount
    }

    private func addOccupation(_ entry: VacancyIndex.Entry, to fit: inout Fit) {
        guard !occupations.isEmpty else { return fit.score += Points.exact }
        switch bestOccupation(entry).fit {
        case .exact: fit.score += Points.exact
        case .sameTile: fit.score += Points.sameTile
        case .similar:
            fit.score += Points.similar
            fit.giveUp(.similarOccupation)
        case .mentioned:
            fit.score += Points.mentioned
            fit.giveUp(.similarOccupation)
        case .none: fit.giveUp(.otherOccupation)
        }
    }

    /// The wish it fits best, the first of equals.
    func bestOccupation(_ entry: VacancyIndex.Entry) -> (fit: OccupationFit, wish: OccupationWish?) {
        var best: (fit: OccupationFit, wish: OccupationWish?) = (.none, nil)
        for wish in occupations {
            let fit = occupationFit(entry, wish)
            if best.wish == nil || fit > best.fit { best = (fit, wish) }
        }
        return best
    }

    private func occupationFit(_ entry: VacancyIndex.Entry, _ wish: OccupationWish) -> OccupationFit {
        if !wish.typed.isEmpty, index.contains(wish.typed, inTitleOf: entry) { return .exact }
        if let occupation = wish.occupation {
            let isSame =
                entry.occupation == occupation
                || occupation == .dayLabour && entry.workForm == .byTheDay
                || occupation == .other && entry.occupation == nil
            if isSame { return wish.typed.isEmpty ? .exact : .sameTile }
            if let other = entry.occupation, OccupationWords.areSiblings(occupation, other) { return .similar }
            if entry.mentioned & OccupationWords.bit(of: occupation) != 0 { return .mentioned }
        }
        return !wish.typed.isEmpty && index.contains(wish.typed, in: entry) ? .mentioned : .none
    }

    private func addRegion(_ entry: VacancyIndex.Entry, to fit: inout Fit) {
        let distance = distanceFromHome(entry)
        guard !places.isEmpty else {
            if home == nil {
                fit.score += Points.home[0]
            } else {
                fit.score += distance.map { Points.home[$0.rawValue] } ?? Points.regionUnknown
            }
            return
        }
        switch place(entry) {
        case .inside:
            let near = home == nil ? Points.homeInPlace[0] : distance.map { Points.homeInPlace[$0.rawValue] } ?? 0
            fit.score += Points.wishedPlace + near
        case .unknown: fit.score += Points.regionUnknown
        case .outside(let distance):
            switch distance {
            case .sameCounty, .sameCity:
                fit.score += Points.home[1] / 2
                fit.giveUp(.sameCity)
            case .sameProvince:
                fit.score += Points.home[2] / 2
                fit.giveUp(.sameProvince)
            case .elsewhere: fit.giveUp(.anyPlace)
            }
        }
    }

    /// Nil: home or workplace is not known.
    func distanceFromHome(_ entry: VacancyIndex.Entry) -> RegionCode.Distance? {
        guard let home, let region = entry.region else { return nil }
        return home.distance(to: region)
    }

    /// Against the wished places; the best of them counts.
    func place(_ entry: VacancyIndex.Entry) -> Place {
        var isUnknown = false
        var nearest = RegionCode.Distance.elsewhere
        for wish in places {
            if let code = wish.code, let region = entry.region {
                switch code.contains(region) {
                case true?: return .inside(wish)
                case nil: isUnknown = true
                case false?: nearest = min(nearest, code.distance(to: region))
                }
            } else if !wish.word.isEmpty, index.contains(wish.word, inPlaceOf: entry) {
                return .inside(wish)
            } else if entry.region == nil, wish.code != nil || entry.rest - entry.place == 1 {
                isUnknown = true
            }
        }
        return isUnknown ? .unknown : .outside(nearest)
    }

    private func addPay(_ entry: VacancyIndex.Entry, to fit: inout Fit) {
        guard let lowestFen else { return fit.score += Points.pay }
        guard let highest = entry.highestFenPerMonth, let lowest = entry.lowestFenPerMonth else {
            return fit.score += Points.pay / 2
        }
        if lowest >= lowestFen {
            fit.score += Points.pay
        } else if highest >= lowestFen {
            fit.score += Points.pay * 4 / 5
        } else if highest * 10 >= lowestFen * 9 {
            fit.score += Points.pay / 3
            fit.giveUp(.slightlyLessPay)
        } else {
            fit.giveUp(.lessPay)
        }
    }

    /// Meals and bed, night shifts, form of work: each that was asked for has an equal part.
    private func addConditions(_ entry: VacancyIndex.Entry, to fit: inout Fit) {
        var (asked, halves) = (0, 0)
        func judge(_ holds: Bool?, else relaxation: Relaxation) {
            asked += 1
            switch holds {
            case true?: halves += 2
            case nil: halves += 1
            case false?: fit.giveUp(relaxation)
            }
        }
        if wishes.board { judge(Self.boardAndLodging(entry), else: .lessBoard) }
        if wishes.nightShifts == false { judge(entry.hasNightShifts.map { !$0 }, else: .nightShifts) }
        if !wishes.workForms.isEmpty {
            judge(entry.workForm.map { wishes.workForms.contains($0) }, else: .otherWorkForm)
        }
        fit.score += asked == 0 ? Points.conditions : Points.conditions * halves / (2 * asked)
    }

    /// Nil: not said of one of them, and the other is not denied.
    static func boardAndLodging(_ entry: VacancyIndex.Entry) -> Bool? {
        if entry.offersBoard == false || entry.offersLodging == false { return false }
        return entry.offersBoard == true && entry.offersLodging == true ? true : nil
    }

    func usedSkill(_ entry: VacancyIndex.Entry) -> Skill? {
        skills.first { skill in
            skill.occupation != nil && skill.occupation == entry.occupation
                || skill.words.contains { index.contains($0, in: entry) }
        }
    }
}

extension UInt16 {
    fileprivate func exchangingBits(_ one: Int, _ other: Int) -> UInt16 {
        let differ = (self >> UInt16(one) ^ self >> UInt16(other)) & 1
        return self ^ (differ << UInt16(one) | differ << UInt16(other))
    }
}
