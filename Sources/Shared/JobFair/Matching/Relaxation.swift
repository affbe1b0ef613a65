// What a list gives up, and in which order, when too little fits a seeker's wishes.

/// One step. The raw value is the place in the order: what costs the seeker least comes first, and each step is taken
/// only while fewer than `VacancyMatcher.resultsWanted` vacancies are found.
///
/// Never given up: that the vacancy is open, the employer verified, and the law on age.
public enum Relaxation: Int, Hashable, Sendable, CaseIterable, Comparable {
    /// Up to a tenth below the lowest pay: ranges on paper are rounded, and pay is talked about at the booth.
    case slightlyLessPay = 1
    /// A tile next to the wished one: the same hands, often the same hall.
    case similarOccupation
    /// The same city as the wished county: still home for the weekend.
    case sameCity
    /// Full time instead of a season or the reverse: the booth can be asked.
    case otherWorkForm
    /// Only meals or only a bed, or neither: a room can be rented.
    case lessBoard
    /// Farther, but in the province: home for the holidays.
    case sameProvince
    /// Night shifts: many who say no cannot, because of a child or a parent.
    case nightShifts
    /// More than a tenth below the lowest pay.
    case lessPay
    /// Other work, while the place holds: who named a place mostly has somebody there.
    case otherOccupation
    /// Any place. For those who wish to go away from home this comes before other work: a welder goes where welders are
    /// sought.
    case anyPlace

    public static func < (left: Relaxation, right: Relaxation) -> Bool { left.rawValue < right.rawValue }
}
