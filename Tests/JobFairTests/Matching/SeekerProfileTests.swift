// Thirty seekers against the sample fair: what they must see, must not see, and the reasons they read.

import JobFair
import Testing

@Suite struct SeekerProfileTests {
    @Test func thereAreThirty() {
        #expect(SeekerProfile.all.count == 30)
        #expect(Set(SeekerProfile.all.map(\.who)).count == 30)
    }

    @Test(arguments: SeekerProfile.all.indices)
    func everyoneSeesWhatFitsAndNothingThatCannot(number: Int) throws {
        let profile = SeekerProfile.all[number]
        let matcher = VacancyMatcher(try SampleFair().index)
        for turn in 0..<40 {
            let matches = matcher.matches(for: profile.wishes, age: profile.age, turn: turn)
            let lines = matches.map { ListedVacancy(vacancy: $0.vacancy, employer: $0.employer.name) }
            let shown = Comment(
                rawValue: "\(profile.who), turn \(turn): \(lines.map { "\($0.employer) \($0.vacancy.title)" })")
            for (place, condition) in profile.must.enumerated() {
                #expect(lines.contains(where: condition), "must \(place); \(shown)")
            }
            for (place, condition) in profile.mustNot.enumerated() {
                #expect(!lines.contains(where: condition), "must not \(place); \(shown)")
            }
            #expect(profile.seesNothing ? lines.isEmpty : lines.count >= 5, shown)
            #expect(matches.allSatisfy { (1...3).contains($0.reasons.count) && $0.employer.isVerified }, shown)
            #expect(Dictionary(grouping: lines, by: \.employer).values.allSatisfy { $0.count <= 2 }, shown)
        }
    }

    /// For reading: what stands on the slip of each of the thirty.
    @Test func printTheReasonsOfAllThirty() throws {
        let matcher = VacancyMatcher(try SampleFair().index)
        for (number, profile) in SeekerProfile.all.enumerated() {
            print("\(number + 1). \(profile.who)")
            for match in matcher.matches(for: profile.wishes, age: profile.age, turn: number, count: 5) {
                print(
                    "   \(match.employer.booth) \(match.employer.name) \(match.vacancy.title) "
                        + "\(PayText.text(of: match.vacancy.pay)) [\(match.score)] — \(match.reasonText)")
            }
        }
    }
}
