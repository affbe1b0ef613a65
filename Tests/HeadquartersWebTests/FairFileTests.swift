// The file of `fair create`: what the sample fair holds, every key, and the sentences for wrong ones.

import Foundation
import JobFair
import SettingsFile
import SyncProtocol
import Testing

@testable import HeadquartersWeb

struct FairFileTests {
    // MARK: The sample fair

    @Test func theSampleFairIsAsLargeAsACountysInSpring() throws {
        let sample = try HeadquartersFixture.sampleCatalogue()
        #expect(sample.employers.count >= 60 && sample.vacancies.count >= 300)
        let offering = Set(sample.vacancies.map(\.employerID))
        #expect(sample.employers.allSatisfy { offering.contains($0.id) })
        #expect(Set(sample.employers.map(\.name)).count == sample.employers.count)
        #expect(Set(sample.employers.map(\.booth)).count == sample.employers.count)
        #expect(sample.employers.filter { !$0.isVerified }.count == 3)
        #expect(Set(sample.vacancies.compactMap(\.occupation)) == Set(Occupation.allCases))
        #expect(Set(sample.vacancies.compactMap(\.pay.unit)) == Set(Pay.Unit.allCases))
        #expect(Set(sample.vacancies.compactMap(\.workForm)) == Set(WorkForm.allCases))
        #expect(sample.vacancies.contains { $0.headcount == nil })
        #expect(sample.vacancies.filter(\.isNotUnder18).count >= 12)
    }

    @Test func everyVacancyOfTheSampleSaysTheFourFacts() throws {
        for vacancy in try HeadquartersFixture.sampleCatalogue().vacancies {
            let facts = [vacancy.boardAndLodging, vacancy.insurance, vacancy.hours, vacancy.place, vacancy.pay.text]
            #expect(!facts.contains(""), "\(vacancy.title)")
        }
    }

    @Test func nobodyHasTheCodesAndPlacesOfTheSample() throws {
        let sample = try HeadquartersFixture.sampleCatalogue()
        #expect(sample.fair.region == "990121")
        #expect(sample.regions.count == Set(sample.regions.map(\.name)).count)
        let named = Set(sample.regions.map(\.code))
        for code in sample.vacancies.map(\.region) + [sample.fair.region] where !code.isEmpty {
            #expect(named.contains(code), "\(code) has no name")
        }
        // No province has these two digits.
        #expect(named.allSatisfy { $0.hasPrefix("99") || $0.hasPrefix("98") })
        for employer in sample.employers where !employer.creditCode.isEmpty {
            let region = employer.creditCode.dropFirst(2).prefix(6)
            #expect(named.contains(String(region)), "\(employer.name)")
        }
        #expect(sample.employers.filter(\.isVerified).allSatisfy { CreditCode.isValid($0.creditCode) })
    }

    @Test func theSampleIsAFractionOfWhatACatalogueMayWeigh() throws {
        let sample = try HeadquartersFixture.sampleCatalogue()
        #expect(EncodedCatalogue(sample).body.count < SyncLimits.catalogueBytesMax / 20)
    }

    // MARK: Keys

    @Test func everyKeyIsRead() throws {
        let catalogue = try Self.read(
            """
            regions: [{ code: "990000", name: 禾川省 }, { code: "990121", name: 青禾县 }]
            employers:
              - name: 甲厂
                creditCode: 91990121MA9001017G
                booth: A01
                verified: true
                vacancies:
                  - { title: 普工, occupation: generalWorker, headcount: 3, workForm: byTheDay, filled: true,
                      requirements: 能上夜班, region: "990121", board: true, lodging: false, nightShifts: true }
                  - { title: 未说 }
            """)
        #expect(catalogue.regions.map(\.name) == ["禾川省", "青禾县"])
        #expect(catalogue.employers.map(\.creditCode) == ["91990121MA9001017G"])
        let said = try #require(catalogue.vacancies.first)
        #expect(said.occupation == .generalWorker && said.workForm == .byTheDay && said.region == "990121")
        #expect(said.requirements == "能上夜班" && said.isFilled && !said.isOpen)
        #expect(said.offersBoard == true && said.offersLodging == false && said.hasNightShifts == true)
        let unsaid = try #require(catalogue.vacancies.last)
        #expect(unsaid.occupation == nil && unsaid.workForm == nil && unsaid.region.isEmpty)
        #expect(unsaid.requirements.isEmpty && !unsaid.isFilled && unsaid.isOpen && unsaid.headcount == nil)
        #expect(unsaid.offersBoard == nil && unsaid.offersLodging == nil && unsaid.hasNightShifts == nil)
    }

    /// The bureau makes the fair first, and imports its spreadsheet then.
    @Test(arguments: ["", "employers: []"])
    func aFairMayBeginWithoutEmployers(_ rest: String) throws {
        let catalogue = try Self.read(rest)
        #expect(catalogue.employers.isEmpty && catalogue.vacancies.isEmpty && catalogue.fair.name == "招聘会")
    }

    /// A vacancy's key with a wrong value, and what is said about it.
    @Test(arguments: [
        ("occupation: astronaut", "occupation: takes one of generalWorker, sewing"),
        ("occupation:", "occupation: takes one of"),
        ("workForm: sometimes", "workForm: takes one of fullTime, shortTerm, byTheDay"),
        ("region: \"9901\"", "region: takes six digits"),
        ("region: 青禾县", "region: takes six digits"),
        ("region: ９９０１２１", "region: takes six digits"),
        ("board: 包吃", "board: takes true or false"),
        ("lodging:", "lodging: takes true or false, found nothing"),
        ("nightShifts: 2", "nightShifts: takes true or false"),
        ("filled: soon", "filled: takes true or false"),
        ("requirements: [有证]", "requirements: takes a text"),
        ("requirements: " + String(repeating: "会", count: 201), "requirements: is longer than 200 characters"),
    ])
    func aWrongValueIsNamed(line: String, expected: String) throws {
        let message = try #require(try Self.problems("employers: [{ name: 甲厂, vacancies: [{ title: 普工, \(line) }] }]"))
        #expect(message.contains("employers[0].vacancies[0].\(expected)"), "\(message)")
        #expect(message.hasPrefix("fair.yaml:"), "\(message)")
    }

    @Test(arguments: [
        "91990121MA9001017H", "91990121MA9001017", "91990121ma9001017g", "9.19901E+17", "91990121MA9001017GG",
    ])
    func aWrongCreditCodeIsNamed(code: String) throws {
        let message = try #require(try Self.problems("employers: [{ name: 甲厂, creditCode: \"\(code)\" }]"))
        #expect(message.contains("employers[0].creditCode: is "), "\(message)")
    }

    @Test(arguments: [
        ("[{ name: 青禾县 }]", "regions[0].code: is missing"),
        ("[{ code: \"990121\" }]", "regions[0].name: is missing"),
        ("[{ code: \"99012\", name: 青禾县 }]", "regions[0].code: takes six digits"),
        ("[{ code: \"990121\", name: 甲 }, { code: \"990121\", name: 乙 }]", "regions: names a code twice"),
        ("[{ code: \"990121\", name: 甲, zip: 1 }]", "regions[0].zip: is not a known key"),
    ])
    func aWrongRegionIsNamed(regions: String, expected: String) throws {
        let message = try #require(try Self.problems("regions: \(regions)\nemployers: [{ name: 甲厂 }]"))
        #expect(message.contains(expected), "\(message)")
    }

    @Test func theFairsRegionHasSixDigits() throws {
        let message = try #require(try Self.problems("region: 青禾\nemployers: [{ name: 甲厂 }]"))
        #expect(message.contains("region: takes six digits"), "\(message)")
    }

    // MARK: Parts

    private static func read(_ rest: String) throws -> Catalogue {
        try HeadquartersFixture.sampleCatalogue(
            yaml: """
                name: 招聘会
                venue: 广场
                organiser: 中心
                days: [today]
                notice: { version: "1", title: 告知, shortText: 短, fullText: 全 }
                \(rest)
                """)
    }

    private static func problems(_ rest: String) throws -> String? {
        do {
            _ = try read(rest)
            return nil
        } catch let error as SettingsError {
            return error.description
        }
    }
}
