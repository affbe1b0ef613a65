// Synthetic seekers for rehearsals: as mixed as those of a fair, and none of them can be a person.

/// Forms in an endless, repeatable row: the same seed gives the same seekers.
///
/// Nobody is named by them:
/// - resident IDs begin with `00`, a region that was never issued (GB/T 2260 begins with 11);
/// - residence permits begin with `8199`, `8299` or `8399`, while issued ones have `810000`, `820000`, `830000`;
/// - foreign permanent residents have the country `999`, which ISO 3166 leaves unassigned, or `UTO`, which ICAO Doc 9303
///   keeps for specimens;
/// - passports begin with `UTO` likewise;
/// - phones begin with `154`, which lies between segments in use and is given to no carrier;
/// - names are drawn from short lists.
///
/// Every form passes `RegistrationRules` on the fair day it was made for.
public struct RehearsalSeekers: Sendable {
    private var random: SeededGenerator
    private let day: CalendarDate
    private let noticeVersion: String?
    private let keyGroups: [String]
    private var made: UInt64 = 0
    private var lastPhone: String?

    /// - Parameters:
    ///   - seed: another seed, another row; give each client its own.
    ///   - day: the open fair day, which ages are counted from.
    ///   - noticeVersion: that of the rehearsal's notice; every form confirms it.
    ///   - keyGroups: codes of the fair's list.
    public init(
        seed: UInt64, day: CalendarDate, noticeVersion: String?, keyGroups: [String] = KeyGroups.defaults.map(\.code)
    ) {
        random = SeededGenerator(seed: seed)
        self.day = day
        self.noticeVersion = noticeVersion
        self.keyGroups = keyGroups
    }

    /// For fair days from 9 February 2026 on; the notice is left open and no key groups are declared. Give day, notice
    /// and key groups where they are known.
    public init(seed: UInt64) {
        guard let day = CalendarDate(year: 2027, month: 2, day: 8) else { preconditionFailure("a day of the calendar") }
        self.init(seed: seed, day: day, noticeVersion: nil, keyGroups: [])
    }

    /// The next seeker. Of 100: about 76 with a resident ID (2 of them with 15 digits, 2 aged 15, 3 aged 16 or 17), 14
    /// without a document, 4 with a passport, 3 with a residence permit, 3 foreign permanent residents.
    public mutating func next() -> RegistrationForm {
        made += 1
        var form = RegistrationForm(noticeVersion: noticeVersion)
        form.name = makeName()
        switch percent() {
        case ..<2: form.documentNumber = fifteenDigits()
        case ..<76: form.documentNumber = spelled(eighteenDigits(region: "00" + digits(4), born: birthDate()))
        case ..<79:
            form.documentKind = DocumentKind.residencePermit.rawValue
            form.documentNumber = eighteenDigits(region: pick(["8199", "8299", "8399"]) + "00", born: birthDate())
        case ..<81: form.documentNumber = eighteenDigits(region: "900999", born: birthDate())
        case ..<82:
            form.documentNumber = "UTO" + digits(12)
            form.birthDate = birthDate().description
        case ..<86:
            form.documentKind = DocumentKind.passport.rawValue
            form.documentNumber = "UTO" + digits(6)
            if percent() < 80 { form.birthDate = birthDate().description }
            form.name = pick(Self.latinNames)
        default: if percent() < 50 { form.birthDate = birthDate().description }
        }
        addPhone(to: &form)
        addWishes(to: &form)
        return form
    }
}

// MARK: - Parts of a form

extension RehearsalSeekers {
    private mutating func makeName() -> String? {
        switch percent() {
        case ..<20: return nil
        case ..<24: return pick(Self.dottedNames)
        case ..<26: return pick(Self.rareNames)
        case ..<28: return pick(Self.compoundSurnames) + pick(Self.givenNames)
        default: return pick(Self.surnames) + pick(Self.givenNames)
        }
    }

    private mutating func addPhone(to form: inout RegistrationForm) {
        let share = percent()
        if form.documentNumber != nil, share < 6 {
            form.hasNoPhone = true
            if share < 3 { form.contactPhone = phone() }
        } else if let lastPhone, share < 14 {
            // Couples, families, foremen.
            form.phone = lastPhone
        } else {
            let own = phone()
            lastPhone = own
            form.phone = share < 20 ? "+86 \(own.prefix(3))-\(own.dropFirst(3).prefix(4))-\(own.suffix(4))" : own
        }
        if share >= 97 {
            form.proxyName = pick(Self.surnames) + pick(Self.givenNames)
            form.proxyRelation = pick(["父亲", "母亲", "同乡", "村干部"])
            form.proxyPhone = phone()
        }
    }

    private mutating func addWishes(to form: inout RegistrationForm) {
        if percent() < 60 { form.wishes.occupations = [pick(Self.occupations)] }
        if percent() < 40 { form.wishes.lowestPayYuanMonth = 3500 + 500 * Int.random(in: 0...11, using: &random) }
        if percent() < 20, !keyGroups.isEmpty {
            form.keyGroups = [pick(keyGroups)]
            form.keyGroupConsent = true
        }
        if percent() < 2 { form.language = pick(["en", "ug", "bo", "ii"]) }
    }

    /// Two in a hundred are 15, three 16 or 17, the others 18 to 64.
    private mutating func birthDate() -> CalendarDate {
        let age: Int
        switch percent() {
        case ..<2: age = 15
        case ..<5: age = Int.random(in: 16...17, using: &random)
        default: age = Int.random(in: 18...64, using: &random)
        }
        // Born on or before this day of that year, a person has reached the age; a year later too.
        let month = Int.random(in: 1...12, using: &random)
        let dayOfMonth = Int.random(in: 1...28, using: &random)
        let isAhead = (month, dayOfMonth) > (day.month, day.day)
        let year = day.year - age - (isAhead ? 1 : 0)
        guard let date = CalendarDate(year: year, month: month, day: dayOfMonth) else {
            preconditionFailure("days 1 to 28 exist in every month")
        }
        return date
    }

    private mutating func eighteenDigits(region: String, born: CalendarDate) -> String {
        let date = born.description.filter { $0 != "-" }
        // Sequences count up, so that two seekers of one row rarely share a number; 000 is never issued.
        let sequence = String(1000 + made % 999 + 1).dropFirst()
        let seventeen = region + date + sequence
        guard let check = DocumentRules.checkDigit(of: seventeen) else {
            preconditionFailure("region, date and sequence are 17 digits")
        }
        return seventeen + String(check)
    }

    private mutating func fifteenDigits() -> String {
        let year = Int.random(in: 55...79, using: &random)
        let month = Int.random(in: 1...12, using: &random)
        let date = [year, month, Int.random(in: 1...28, using: &random)].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
        return "00" + digits(4) + date + String(1000 + Int.random(in: 1...899, using: &random)).dropFirst()
    }

    /// As people type it: some in groups, some with a small x, some in full width.
    private mutating func spelled(_ number: String) -> String {
        switch percent() {
        case ..<3: return "\(number.prefix(6)) \(number.dropFirst(6).prefix(8)) \(number.suffix(4))"
        case ..<8: return number.lowercased()
        case ..<9: return number.replacingX(with: "Ｘ")
        default: return number
        }
    }

    private mutating func phone() -> String { "154" + digits(8) }

    private mutating func digits(_ count: Int) -> String {
        (0..<count).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
    }

    private mutating func percent() -> Int { Int.random(in: 0..<100, using: &random) }

    private mutating func pick(_ list: [String]) -> String {
        list[Int.random(in: 0..<list.count, using: &random)]
    }
}

// MARK: - Lists

extension RehearsalSeekers {
    private static let surnames = [
        "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高", "罗",
    ]
    private static let givenNames = [
        "试一", "试二", "演练", "样本", "彩排", "测", "练", "试娃", "样娟", "练兵", "排演", "试梅", "样军", "练芳",
    ]
    private static let compoundSurnames = ["欧阳", "上官", "司马", "诸葛"]
    private static let dottedNames = [
        "样买提·试江", "试古丽•演木", "阿练‧样合", "练尼沙・试买", "样热依．试提", "试扎西 · 演珠",
    ]
    private static let rareNames = ["样㛃", "试𫖯", "练䶮", "演𬭎", "样𠅤"]
    private static let latinNames = ["Test Sample", "Mary-Ann Specimen", "J. R. Rehearsal", "José Ensayo"]
    private static let occupations = [
        "普工", "缝纫", "焊工", "电工", "质检", "仓管", "叉车", "司机", "保安", "保洁", "服务员", "厨师", "家政",
    ]
}

extension String {
    fileprivate func replacingX(with other: Character) -> String {
        String(map { $0 == "X" ? other : $0 })
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, the same everywhere; for rehearsals and tests, never for keys.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
