// The sample fair as the table that the matching tests read: both say the same.

import Foundation
import JobFair
import TestSupport
import Testing

@Suite struct SampleFairTableTests {
    /// `UPDATE_GOLDENS=1` writes the table anew after a change of the sample fair.
    @Test func theTableOfTheMatchingTestsIsTheSampleFair() throws {
        let catalogue = try HeadquartersFixture.sampleCatalogue()
        let vacancies = Dictionary(grouping: catalogue.vacancies, by: \.employerID)
        var lines = catalogue.regions.map { ["region", $0.code, $0.name] }
        for employer in catalogue.employers {
            lines.append(["employer", employer.name, employer.booth, flag(employer.isVerified)])
            lines += vacancies[employer.id, default: []].map(fields)
        }
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        try checkGolden(
            "sample-fair.tsv", lines.map { $0.joined(separator: "\t") + "\n" }.joined(),
            file: tests.appendingPathComponent("JobFairTests/Matching/SampleFair.swift").path)
    }

    private func fields(_ vacancy: Vacancy) -> [String] {
        [
            "vacancy", vacancy.title, vacancy.occupation?.rawValue ?? "", String(vacancy.pay.lowestFen),
            String(vacancy.pay.highestFen), vacancy.pay.unit?.rawValue ?? "", vacancy.pay.text, vacancy.place,
            vacancy.region, vacancy.workForm?.rawValue ?? "", flag(vacancy.offersBoard), flag(vacancy.offersLodging),
            flag(vacancy.hasNightShifts), flag(vacancy.isNotUnder18), flag(vacancy.isWithdrawn),
            flag(vacancy.isFilled), vacancy.boardAndLodging, vacancy.hours, vacancy.requirements,
        ]
    }

    /// Empty: not said.
    private func flag(_ value: Bool?) -> String { value.map { $0 ? "1" : "0" } ?? "" }
}
