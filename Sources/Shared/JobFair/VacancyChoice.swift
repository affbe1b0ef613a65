// The vacancies on a slip: every employer comes first in turn.

public enum VacancyChoice {
    public static let perEmployerMax = 2

    /// Vacancies for one slip, deterministic.
    ///
    /// The employers stand in a circle in catalogue order; `turn` says who is first, so of `n` employers each is first
    /// on every n-th slip, and on its next first place it shows its next vacancy. A second vacancy of an employer
    /// comes only after every other employer had one. Withdrawn vacancies and unverified employers are left out, and
    /// for seekers under 18 what is not for them.
    ///
    /// - Parameter turn: the ticket's number, or any other count of slips.
    public static func forSlip(
        vacancies: [Vacancy], employers: [Employer], turn: Int, count: Int = 5, isUnder18: Bool = false
    ) -> [Vacancy] {
        let offered = Dictionary(
            grouping: vacancies.filter { !$0.isWithdrawn && !(isUnder18 && $0.isNotUnder18) }, by: \.employerID)
        let circle = employers.filter(\.isVerified).compactMap { offered[$0.id] }
        guard !circle.isEmpty, count > 0 else { return [] }
        let turn = turn.magnitude
        let first = Int(turn % UInt(circle.count))
        let lap = turn / UInt(circle.count)
        let turned = circle[first...] + circle[..<first]
        var chosen: [Vacancy] = []
        for round in 0..<perEmployerMax {
            for vacancies in turned where round < vacancies.count && chosen.count < count {
                let start = Int(lap % UInt(vacancies.count))
                chosen.append(vacancies[(start + round) % vacancies.count])
            }
        }
        return chosen
    }
}
