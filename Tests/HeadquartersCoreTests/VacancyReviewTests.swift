// What becomes of a clerk's decision when the employer's words change, and what kiosks show of them.

import HeadquartersCore
import JobFair
import Testing

struct VacancyReviewTests {
    private static let decision = VacancyDecision(by: "clerk.one", at: 1, reason: "国家规定")

    private static func review(
        _ requirements: String, _ standing: VacancyStanding, pay: String = "5000元/月"
    ) -> VacancyReview {
        var review = VacancyReview(linted(requirements, pay: pay))
        review.standing = standing
        if standing == .released || standing == .rejected { review.decision = decision }
        return review
    }

    private static func linted(_ requirements: String, pay: String = "5000元/月") -> LintedPosting {
        LintedPosting(Posting([.title: "搬运工", .requirements: requirements, .pay: pay]))
    }

    @Test func wordsThatTheLawForbidsHold() {
        #expect(VacancyReview(Self.linted("限男性")).standing == .held)
        #expect(VacancyReview(Self.linted("能吃苦")).standing == .clear)
        #expect(VacancyReview(Self.linted("45岁以下")).standing == .clear)
        #expect(VacancyReview(Self.linted("45岁以下")).findings.map(\.kind) == [.ageCap])
    }

    @Test(arguments: [
        ("the same words", "限男性", "限男性", "5000元/月", VacancyStanding.released, VacancyStanding.released),
        ("the pay alone", "限男性", "限男性", "6000元/月", .released, .released),
        ("other forbidden words", "限男性", "限女性", "5000元/月", .released, .held),
        ("one word more beside them", "限男性", "限男性，已婚优先", "5000元/月", .released, .held),
        ("forbidden words removed", "限男性", "能吃苦", "5000元/月", .released, .clear),
        ("a held one mended", "限男性", "能吃苦", "5000元/月", .held, .clear),
        ("a clear one spoilt", "能吃苦", "限男性", "5000元/月", .clear, .held),
        ("a rejected one repeated", "限男性", "限男性", "5000元/月", .rejected, .rejected),
        ("a rejected one mended", "限男性", "能吃苦", "5000元/月", .rejected, .held),
        ("a rejected one with other pay", "限男性", "限男性", "6000元/月", .rejected, .held),
    ])
    func aDecisionHoldsForTheWordsItWasAbout(
        _ label: String, _ before: String, _ after: String, _ pay: String, _ standing: VacancyStanding,
        _ expected: VacancyStanding
    ) {
        let renewed = Self.review(before, standing).renewed(Self.linted(after, pay: pay))
        #expect(renewed.standing == expected, "\(label)")
        let isKept = standing == .rejected || expected == .released
        #expect((renewed.decision != nil) == isKept, "\(label)")
    }

    @Test func aRejectedOneWaitsForAClerkHoweverOftenItChanges() {
        var review = Self.review("限男性", .rejected)
        for words in ["能吃苦", "能吃苦耐劳", "限女性", "能吃苦"] {
            review = review.renewed(Self.linted(words))
            #expect(review.standing == .held, "\(words)")
            #expect(review.decision == Self.decision, "\(words)")
        }
    }

    @Test func phonesAreMaskedWhereKiosksShowThemAndNotStoredWithFindings() {
        let requirements = "有意者联系 13000000001，能吃苦"
        let linted = Self.linted(requirements)
        var vacancy = Self.vacancy
        vacancy.requirements = requirements
        let shown = linted.shown(vacancy)
        #expect(shown.requirements == "有意者联系 ***********，能吃苦")
        #expect(VacancyReview(linted).posting[.requirements] == requirements)
        #expect(!String(describing: linted.findings).contains("13000000001"))
        #expect(linted.findings.map { $0.words(in: linted.posting) } == ["13000000001"])
    }

    @Test(arguments: [("年满18周岁", true), ("16周岁以上", false), ("能吃苦", false), ("18-45岁", true)])
    func whoAsksForAdultsGetsNoMinors(_ requirements: String, _ isNotUnder18: Bool) {
        #expect(Self.linted(requirements).shown(Self.vacancy).isNotUnder18 == isNotUnder18)
        var vacancy = Self.vacancy
        vacancy.isNotUnder18 = true
        #expect(Self.linted(requirements).shown(vacancy).isNotUnder18)
    }

    private static var vacancy: Vacancy {
        Vacancy(
            id: VacancyID(milliseconds: 1, random: Array(repeating: 1, count: 10)),
            employerID: EmployerID(milliseconds: 1, random: Array(repeating: 2, count: 10)), title: "搬运工",
            headcount: nil, pay: Pay(lowestFen: 0, highestFen: 0, unit: nil, text: ""), booth: "", place: "",
            boardAndLodging: "", insurance: "", hours: "")
    }
}
