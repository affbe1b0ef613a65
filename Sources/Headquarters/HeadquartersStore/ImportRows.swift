// Between the rows of vacancies and what an import works with: decoded and encoded without the connection.

import GRDB
import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an import needs of a fair, as it was read. 20,000 vacancies take some 30 ms to read and seconds to decode.
struct ImportRows: Sendable {
    struct EmployerRow: Sendable {
        var details: String
        var sheetBooth: String
        var sheetCreditCode: String
    }

    struct VacancyRow: Sendable {
        var details: String
        var review: ReviewRow

        init(_ row: Row) {
            details = row["details"]
            review = ReviewRow(row)
        }

        func stored() throws -> StoredVacancy {
            StoredVacancy(
                vacancy: try JSONColumn.value(Vacancy.self, details, column: "vacancy.details"),
                review: try review.review(), sheetBooth: review.sheetBooth, sheetHeadcount: review.sheetHeadcount)
        }
    }

    var version: Int64
    /// Bytes of the catalogue besides employers and vacancies.
    var otherBytes: Int
    var employers: [EmployerRow]
    var vacancies: [VacancyRow]

    func state() throws -> ImportState {
        ImportState(
            employers: try employers.map { row in
                StoredEmployer(
                    employer: try JSONColumn.value(Employer.self, row.details, column: "employer.details"),
                    sheetBooth: row.sheetBooth, sheetCreditCode: row.sheetCreditCode)
            },
            vacancies: try vacancies.map { try $0.stored() }, otherBytes: otherBytes, version: version)
    }
}

/// A row of `vacancyReview`.
struct ReviewRow: Sendable {
    var standing: String
    var posting: String
    var findings: String
    var decidedBy: String?
    var decidedAt: Int64?
    var reason: String?
    var sheetBooth: String
    var sheetHeadcount: Int?

    init(_ row: Row) {
        (standing, posting, findings) = (row["standing"], row["posting"], row["findings"])
        (decidedBy, decidedAt, reason) = (row["decidedBy"], row["decidedAt"], row["reason"])
        (sheetBooth, sheetHeadcount) = (row["sheetBooth"], row["sheetHeadcount"])
    }

    init(_ stored: StoredVacancy) throws {
        let review = stored.review
        standing = review.standing.rawValue
        posting = try Self.text(of: review.posting)
        findings = try JSONColumn.text(review.findings)
        (decidedBy, decidedAt, reason) = (review.decision?.by, review.decision?.at, review.decision?.reason)
        (sheetBooth, sheetHeadcount) = (stored.sheetBooth, stored.sheetHeadcount)
    }

    func review() throws -> VacancyReview {
        guard let standing = VacancyStanding(rawValue: standing) else { throw damaged("vacancyReview.standing") }
        var posting = Posting([:])
        for (name, text) in try JSONColumn.value(
            [String: String].self, self.posting, column: "vacancyReview.posting")
        {
            guard let field = Posting.Field(rawValue: name) else { throw damaged("vacancyReview.posting") }
            posting[field] = text
        }
        var decision: VacancyDecision?
        if let decidedBy { decision = VacancyDecision(by: decidedBy, at: decidedAt ?? 0, reason: reason ?? "") }
        return VacancyReview(
            posting: posting,
            findings: try JSONColumn.value([StoredFinding].self, findings, column: "vacancyReview.findings"),
            standing: standing, decision: decision)
    }

    /// The same text for the same words.
    private static func text(of posting: Posting) throws -> String {
        let filled = Posting.Field.allCases.filter { !posting[$0].isEmpty }
        return try JSONColumn.text(Dictionary(uniqueKeysWithValues: filled.map { ($0.rawValue, posting[$0]) }))
    }
}

/// The two rows of a vacancy, ready to be written.
struct WritableVacancy: Sendable {
    var vacancy: Vacancy
    var details: String
    var review: ReviewRow

    init(_ stored: StoredVacancy) throws {
        vacancy = stored.vacancy
        details = try JSONColumn.text(stored.vacancy)
        review = try ReviewRow(stored)
    }
}

/// A plan, ready to be written in one short transaction.
struct PlannedImport: Sendable {
    var outcome: ImportOutcome
    var changesCatalogue: Bool
    var addedEmployers: [StoredEmployer]
    var changedEmployers: [StoredEmployer]
    var addedVacancies: [WritableVacancy]
    var changedVacancies: [WritableVacancy]
    var regions: [Region]

    init(_ plan: ImportPlan, regions: [Region]) throws {
        outcome = plan.outcome
        changesCatalogue = plan.changesCatalogue
        addedEmployers = plan.addedEmployers
        changedEmployers = plan.changedEmployers
        addedVacancies = try plan.addedVacancies.map(WritableVacancy.init)
        changedVacancies = try plan.changedVacancies.map(WritableVacancy.init)
        self.regions = regions
    }
}
