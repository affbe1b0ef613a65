// A post of the wishes' page, field by field.

import HeadquartersCore
import JobFair
import Testing

@Suite struct WishesSubmissionTests {
    private static func read(_ body: String) -> Result<WishesSubmission, WishesProblems>? {
        let escaped = body.utf8.map { byte in
            byte < 0x80 ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
        }.joined()
        return IntentFields(escaped.utf8).map(WishesSubmission.read)
    }

    private static func problems(_ body: String) -> [WishesProblem] {
        guard case .failure(let problems)? = read(body) else { return [] }
        return problems.list
    }

    @Test func everythingThatThePageAsks() throws {
        let body =
            "occupation=welder&occupation=sewing&pay=５000&place=990121&places=黄岩区、城东&form=byTheDay&form=fullTime"
            + "&board=1&travel=1&night=no&skill=叉车证&skills=会修车，会做面&digits=5678"
        let submission = try #require(try Self.read(body)?.get())
        #expect(
            submission.wishes
                == Wishes(
                    occupations: ["sewing", "welder"], lowestPayYuanMonth: 5000, places: ["990121", "黄岩区", "城东"],
                    workForms: [.fullTime, .byTheDay], board: true, nightShifts: false,
                    skills: ["叉车证", "会修车", "会做面"], travel: true))
        #expect(submission.digits == "5678" && !submission.isTakenBack)
    }

    @Test func oneAnswerIsEnough() throws {
        #expect(try Self.read("night=yes&pay=&skills=&digits=567x")?.get().wishes == Wishes(nightShifts: true))
        #expect(try Self.read("clear=1&occupation=welder&digits=5678")?.get().wishes == Wishes())
        #expect(try Self.read("clear=1&digits=5678")?.get().isTakenBack == true)
    }

    @Test(arguments: [
        ("digits=5678", [WishesProblem.nothingChosen]),
        ("board=1", [.digitsMissing]), ("board=1&digits=12", [.digitsInvalid]), ("", [.nothingChosen, .digitsMissing]),
        ("occupation=welder&occupation=sewing&occupation=cook&occupation=driver&digits=5678", [.tooManyOccupations]),
        ("pay=很多&digits=5678", [.payInvalid]), ("pay=200001&digits=5678", [.payInvalid]),
        ("pay=99999999999999999999&digits=5678", [.payInvalid]), ("pay=-5000&pay=1&digits=5678", []),
        ("places=甲 乙 丙 丁&digits=5678", [.tooManyPlaces]),
        ("skills=一,二，三、四&digits=5678", [.tooManySkills]),
        ("skills=会开车13000000001&digits=5678", [.numberInText]), ("places=1 3 0&digits=5678", []),
        ("skills=１３０ 0000 0001&digits=5678", [.numberInText]),
        ("occupation=boss&digits=5678", [.unreadable]), ("form=x&digits=5678", [.unreadable]),
        ("night=maybe&digits=5678", [.unreadable]),
    ])
    func whatIsWrong(body: String, problems: [WishesProblem]) {
        #expect(Self.problems(body) == problems)
    }

    @Test func textsAreBounded() {
        #expect(Self.problems("skills=\(String(repeating: "字", count: 31))&digits=5678") == [.skillInvalid])
        #expect(Self.problems("places=\(String(repeating: "字", count: 31))&digits=5678") == [.placeInvalid])
    }
}
