// The sample fair of `kiosk-config/` as a table beside the tests; `SampleFairTableTests` holds the two together.

import JobFair
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct SampleFair {
    var employers: [Employer] = []
    var vacancies: [Vacancy] = []
    var regions: [Region] = []

    var index: VacancyIndex { VacancyIndex(vacancies: vacancies, employers: employers, regions: regions) }

    /// - Parameter copies: the whole fair that many times over, each time with employers of its own.
    init(copies: Int = 1) throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/sample-fair.tsv")
        let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        for copy in 0..<copies {
            for fields in lines { try add(fields, copy: copy) }
        }
    }

    private mutating func add(_ fields: [String], copy: Int) throws {
        switch fields[0] {
        case "region":
            if copy == 0 { regions.append(Region(code: fields[1], name: fields[2])) }
        case "employer":
            let name = copy == 0 ? fields[1] : "\(fields[1])\(copy)部"
            employers.append(
                Employer(
                    id: try Self.identifier(employers.count), name: name, booth: fields[2], isVerified: fields[3] == "1"
                ))
        default:
            let employer = try #require(employers.last)
            vacancies.append(try Self.vacancy(fields, number: vacancies.count, of: employer))
        }
    }

    private static func vacancy(_ fields: [String], number: Int, of employer: Employer) throws -> Vacancy {
        try #require(fields.count == 19)
        let said = fields.map { $0.isEmpty ? nil : $0 == "1" }
        return Vacancy(
            id: try identifier(number), employerID: employer.id, title: fields[1], headcount: 10,
            pay: Pay(
                lowestFen: try #require(Int(fields[3])), highestFen: try #require(Int(fields[4])),
                unit: Pay.Unit(rawValue: fields[5]), text: fields[6]),
            booth: employer.booth, place: fields[7], boardAndLodging: fields[16], insurance: "", hours: fields[17],
            isWithdrawn: fields[14] == "1", isNotUnder18: fields[13] == "1", isFilled: fields[15] == "1",
            occupation: Occupation(rawValue: fields[2]), requirements: fields[18], region: fields[8],
            workForm: WorkForm(rawValue: fields[9]), offersBoard: said[10], offersLodging: said[11],
            hasNightShifts: said[12])
    }

    private static func identifier<Scope>(_ number: Int) throws -> Identifier<Scope> {
        let low = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
        return try #require(Identifier<Scope>(bytes: [UInt8](repeating: 0, count: 12) + low))
    }
}
