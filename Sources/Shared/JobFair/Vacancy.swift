// Who offers work at a fair, and what.

public struct Employer: Hashable, Sendable, Codable {
    public var id: EmployerID
    public var name: String
    public var booth: String
    /// A clerk has checked code and licence. Kiosks, slips and the form show nobody else.
    public var isVerified: Bool
    /// 统一社会信用代码 (GB 32100-2015), 18 characters; empty where nobody gave it.
    public var creditCode: String

    public init(id: EmployerID, name: String, booth: String, isVerified: Bool, creditCode: String = "") {
        self.id = id
        self.name = name
        self.booth = booth
        self.isVerified = isVerified
        self.creditCode = creditCode
    }
}

/// What a vacancy pays: bounds in fen per unit, or only the text the employer wrote (面议).
public struct Pay: Hashable, Sendable, Codable {
    public enum Unit: String, Codable, Sendable, CaseIterable { case hour, day, month, year, piece }
    /// 0: not stated.
    public var lowestFen: Int
    public var highestFen: Int
    public var unit: Unit?
    /// As the employer wrote it, e.g. `5000-7000元/月`; shown wherever it is not empty.
    public var text: String

    public init(lowestFen: Int, highestFen: Int, unit: Unit?, text: String) {
        self.lowestFen = lowestFen
        self.highestFen = highestFen
        self.unit = unit
        self.text = text
    }

    /// Working days and hours of a month by law (劳社部发〔2008〕3号): 21.75 days of 8 hours.
    public static let hoursPerMonth = 174

    /// The upper bound, else the lower, as fen a month: for filters and sorting only, never shown. Nil where nothing is
    /// stated, and for piecework.
    public var fenPerMonth: Int? { monthly(highestFen > 0 ? highestFen : lowestFen) }
    /// As `fenPerMonth`, of the lower bound, else the upper.
    public var lowestFenPerMonth: Int? { monthly(lowestFen > 0 ? lowestFen : highestFen) }

    private func monthly(_ fen: Int) -> Int? {
        guard fen > 0, let unit else { return nil }
        switch unit {
        case .hour: return fen * Self.hoursPerMonth
        case .day: return fen * Self.hoursPerMonth / 8
        case .month: return fen
        case .year: return fen / 12
        case .piece: return nil
        }
    }
}

/// 用工形式.
public enum WorkForm: String, Codable, Sendable, CaseIterable {
    /// 全职.
    case fullTime
    /// 短期: weeks or months, a season.
    case shortTerm
    /// 日结, 零工.
    case byTheDay
}

public struct Vacancy: Hashable, Sendable, Codable {
    public var id: VacancyID
    public var employerID: EmployerID
    public var title: String
    /// How many are sought; nil where the employer did not say (若干).
    public var headcount: Int?
    public var pay: Pay
    public var booth: String
    public var place: String
    public var boardAndLodging: String
    public var insurance: String
    public var hours: String
    public var isWithdrawn: Bool
    /// 16 and 17 are not to be sent there (未成年工).
    public var isNotUnder18: Bool
    /// All places are taken; said by the employer at the fair.
    public var isFilled: Bool
    /// Which of the kiosk's tiles it belongs to; nil: none of them could be told from the title.
    public var occupation: Occupation?
    /// What the employer asks for, in its words, after a clerk or the lint has passed them; empty where nothing.
    public var requirements: String
    /// GB/T 2260 code of the workplace: 2, 4 or 6 digits significant (`330000`, `331000`, `331003`); empty: not known.
    public var region: String
    /// Nil: not said.
    public var workForm: WorkForm?
    /// Meals (包吃) and a bed (包住) are free; nil: not said. `boardAndLodging` has the employer's words.
    public var offersBoard: Bool?
    public var offersLodging: Bool?
    /// Night shifts (夜班, 两班倒, 三班倒) belong to it; nil: not said. `hours` has the employer's words.
    public var hasNightShifts: Bool?

    public init(
        id: VacancyID, employerID: EmployerID, title: String, headcount: Int?, pay: Pay, booth: String, place: String,
        boardAndLodging: String, insurance: String, hours: String, isWithdrawn: Bool = false,
        isNotUnder18: Bool = false, isFilled: Bool = false, occupation: Occupation? = nil, requirements: String = "",
        region: String = "", workForm: WorkForm? = nil, offersBoard: Bool? = nil, offersLodging: Bool? = nil,
        hasNightShifts: Bool? = nil
    ) {
        self.id = id
        self.employerID = employerID
        self.title = title
        self.headcount = headcount
        self.pay = pay
        self.booth = booth
        self.place = place
        self.boardAndLodging = boardAndLodging
        self.insurance = insurance
        self.hours = hours
        self.isWithdrawn = isWithdrawn
        self.isNotUnder18 = isNotUnder18
        self.isFilled = isFilled
        self.occupation = occupation
        self.requirements = requirements
        self.region = region
        self.workForm = workForm
        self.offersBoard = offersBoard
        self.offersLodging = offersLodging
        self.hasNightShifts = hasNightShifts
    }

    /// Neither withdrawn nor filled.
    public var isOpen: Bool { !isWithdrawn && !isFilled }
}

/// A place of GB/T 2260: province `330000`, city `331000` or county `331003`.
public struct Region: Hashable, Sendable, Codable {
    /// Six digits.
    public var code: String
    /// As people say it, e.g. `黄岩区`.
    public var name: String

    public init(code: String, name: String) {
        self.code = code
        self.name = name
    }
}
