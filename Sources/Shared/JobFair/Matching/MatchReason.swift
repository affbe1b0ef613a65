// Why a vacancy stands on a list, in words that a seeker would use.

/// Good reasons first, then what had to be given up, then what is to be asked at the booth.
public enum MatchReason: Hashable, Sendable {
    /// The wish as typed, or who works at the tile.
    case wishedOccupation(String)
    case inHomeCounty
    case inHomeCity
    /// Empty: the name of the wished place is not known.
    case inWishedPlace(String)
    case skill(String)
    /// Even the lowest pay is what was asked for. Yuan a month.
    case pay(yuan: Int)
    /// The highest is. Yuan a month.
    case highestPay(yuan: Int)
    /// Pay by the hour or day comes to it in a full month. Yuan a month.
    case payOfFullMonth(yuan: Int)
    case boardAndLodging
    case noNightShifts
    case workForm(WorkForm)
    /// Nothing was asked for, nothing stands out: every employer has its turn.
    case inTurn

    case lessPay
    case slightlyLessPay
    case similarOccupation(String)
    case otherOccupation
    /// Empty: the name of the place is not known.
    case sameCity(String)
    case sameProvince
    case otherPlace
    case otherWorkForm(WorkForm)
    /// What is not given: meals, a bed.
    case without(board: Bool, lodging: Bool)
    case nightShifts

    case askPay
    case askNightShifts
    case askBoard
    case askPlace

    public var text: String {
        switch self {
        case .wishedOccupation(let work): "是您要的\(work)"
        case .inHomeCounty: "离家近"
        case .inHomeCity: "和您家在同一个市"
        case .inWishedPlace(let name): name.isEmpty ? "在您想去的地方" : "在您想去的\(name)"
        case .skill(let skill): "用得上您的\(skill)"
        case .pay(let yuan): "工资够您说的\(yuan)元"
        case .highestPay(let yuan): "多的能拿到您说的\(yuan)元"
        case .payOfFullMonth(let yuan): "干满一个月够您说的\(yuan)元"
        case .boardAndLodging: "包吃包住"
        case .noNightShifts: "不上夜班"
        case .workForm(let form): Self.name(of: form)
        case .inTurn: "各家轮流推荐"
        case .lessPay: "工资比您要的少"
        case .slightlyLessPay: "工资比您要的少一点"
        case .similarOccupation(let work): "和\(work)相近的活"
        case .otherOccupation: "不是您要的工种"
        case .sameCity(let name): name.isEmpty ? "在同市别的县" : "在同市的\(name)"
        case .sameProvince: "在省内，比您要的地方远"
        case .otherPlace: "不在您要的地方"
        case .otherWorkForm(let form): "是\(Self.name(of: form))"
        case .without(board: true, lodging: true): "不包吃住"
        case .without(board: true, lodging: false): "不包吃"
        case .without: "不包住"
        case .nightShifts: "要上夜班"
        case .askPay: "工资面议，到展位问"
        case .askNightShifts: "上不上夜班，到展位问"
        case .askBoard: "包不包吃住，到展位问"
        case .askPlace: "上班地点到展位问"
        }
    }

    private static func name(of form: WorkForm) -> String {
        switch form {
        case .fullTime: "全职"
        case .shortTerm: "短期"
        case .byTheDay: "日结"
        }
    }
}

extension WishTest {
    /// At most this many on a line.
    static let reasonsMax = 3

    /// At most three. What was given up always has its place, the heaviest first; one place is kept for a question.
    func reasons(_ entry: VacancyIndex.Entry, relaxations: [Relaxation]) -> [MatchReason] {
        let given = relaxations.sorted(by: >).prefix(Self.reasonsMax).map { note($0, entry) }
        let free = Self.reasonsMax - given.count
        let questions = free >= 2 ? questions(entry).prefix(1) : []
        let good = merits(entry).prefix(free - questions.count)
        let all = good + given + questions
        return all.isEmpty ? [.inTurn] : Array(all)
    }

    private func merits(_ entry: VacancyIndex.Entry) -> [MatchReason] {
        var merits: [MatchReason] = []
        let (fit, wish) = bestOccupation(entry)
        if let wish, fit >= .sameTile { merits.append(.wishedOccupation(said(wish, fit))) }
        if let near = nearness(entry) { merits.append(near) }
        if let skill = usedSkill(entry) { merits.append(.skill(skill.name)) }
        if let pay = pay(entry) { merits.append(pay) }
        if let form = entry.workForm, wishes.workForms.contains(form), wish?.occupation != .dayLabour {
            merits.append(.workForm(form))
        }
        // What was asked for comes before what is good to know.
        let nights: [MatchReason] = entry.hasNightShifts == false ? [.noNightShifts] : []
        let board: [MatchReason] = Self.boardAndLodging(entry) == true ? [.boardAndLodging] : []
        merits += wishes.nightShifts == false && !wishes.board ? nights + board : board + nights
        return merits
    }

    /// Who typed 保姆 and gets 月嫂 gets `家政员`.
    private func said(_ wish: OccupationWish, _ fit: OccupationFit) -> String {
        fit == .sameTile || wish.said.isEmpty ? wish.worker : wish.said
    }

    private func nearness(_ entry: VacancyIndex.Entry) -> MatchReason? {
        let distance = distanceFromHome(entry)
        if distance == .sameCounty { return .inHomeCounty }
        if !places.isEmpty, case .inside(let wish) = place(entry) { return .inWishedPlace(wish.name) }
        return distance == .sameCity ? .inHomeCity : nil
    }

    private func pay(_ entry: VacancyIndex.Entry) -> MatchReason? {
        guard let lowestFen, let lowest = entry.lowestFenPerMonth, let highest = entry.highestFenPerMonth,
            highest >= lowestFen
        else { return nil }
        if !entry.isPaidByMonth { return .payOfFullMonth(yuan: lowestFen / 100) }
        return lowest >= lowestFen ? .pay(yuan: lowestFen / 100) : .highestPay(yuan: lowestFen / 100)
    }

    private func questions(_ entry: VacancyIndex.Entry) -> [MatchReason] {
        var questions: [MatchReason] = []
        if wishes.nightShifts == false, entry.hasNightShifts == nil { questions.append(.askNightShifts) }
        if wishes.board, Self.boardAndLodging(entry) == nil { questions.append(.askBoard) }
        if lowestFen != nil, entry.highestFenPerMonth == nil { questions.append(.askPay) }
        if !places.isEmpty, case .unknown = place(entry) { questions.append(.askPlace) }
        return questions
    }

    private func note(_ relaxation: Relaxation, _ entry: VacancyIndex.Entry) -> MatchReason {
        switch relaxation {
        case .slightlyLessPay: .slightlyLessPay
        case .lessPay: .lessPay
        case .similarOccupation: .similarOccupation(bestOccupation(entry).wish?.worker ?? "")
        case .otherOccupation: .otherOccupation
        case .sameCity: .sameCity(entry.region.flatMap(index.name(of:)) ?? "")
        case .sameProvince: .sameProvince
        case .anyPlace: .otherPlace
        case .otherWorkForm: .otherWorkForm(entry.workForm ?? .fullTime)
        case .lessBoard: .without(board: entry.offersBoard == false, lodging: entry.offersLodging == false)
        case .nightShifts: .nightShifts
        }
    }
}
