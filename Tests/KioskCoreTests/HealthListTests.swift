// Every fact leads to its named problem, the worst first.

import Foundation
import JobFair
import KioskCore
import Testing

@Suite struct HealthListTests {
    private static func healthy() throws -> HealthFacts {
        var facts = HealthFacts()
        facts.isEnrolled = true
        facts.open = OpenFair(
            fairID: FairID(milliseconds: 0, random: Array(repeating: 0, count: 10)),
            day: try #require(CalendarDate("2026-02-03")), isDayConfirmed: true)
        facts.hasCatalogue = true
        facts.hasGrant = true
        facts.ticketsLeft = 9999
        facts.clockQuality = .headquarters
        return facts
    }

    @Test func aHealthyKioskHasNoProblem() throws {
        #expect(try Self.healthy().problems.isEmpty)
    }

    @Test func everyFactHasItsProblem() throws {
        func codes(_ change: (inout HealthFacts) -> Void) throws -> [HealthProblem.Code] {
            var facts = try Self.healthy()
            change(&facts)
            return facts.problems.map(\.code)
        }
        #expect(try codes { $0.isEnrolled = false } == [.notEnrolled])
        #expect(try codes { $0.open = nil } == [.fairNotOpen])
        #expect(try codes { $0.open?.isDayConfirmed = false } == [.dayNotConfirmed])
        #expect(try codes { $0.hasCatalogue = false } == [.catalogueMissing])
        #expect(try codes { $0.hasGrant = false } == [.grantMissing])
        #expect(try codes { $0.ticketsLeft = 499 } == [.ticketsRunningOut])
        #expect(try codes { $0.ticketsLeft = 0 } == [.ticketsExhausted])
        #expect(try codes { $0.clockQuality = .none } == [.clockNotTrusted])
        #expect(try codes { $0.printerFailure = "unreachable" } == [.printerFailing])
        #expect(try codes { $0.unknownPrintsCount = 1 } == [.printOutcomeUnknown])
        #expect(try codes { $0.slipsWithMissingGlyphsCount = 1 } == [.glyphMissing])
        #expect(try codes { $0.syncFailure = "unreachable" } == [.headquartersUnreachable])
        #expect(
            try codes {
                $0.syncFailure = "refused"
                $0.isRefusedByHeadquarters = true
            } == [.headquartersRefuses])
        #expect(try codes { $0.quarantinedCount = 1 } == [.recordQuarantined])
        #expect(try codes { $0.missingCount = 1 } == [.recordsMissing])
        #expect(try codes { $0.isRevoked = true } == [.kioskRevoked])
        #expect(try codes { $0.freeBytes = 1 } == [.diskAlmostFull])
        #expect(
            try codes {
                $0.freeBytes = 1
                $0.isDiskFull = true
            } == [.diskFull])
        #expect(try codes { $0.setAside = ["records.damaged-1.sqlite"] } == [.recordsSetAside])
        #expect(try codes { $0.isDayFailing = true } == [.storeFailed])
        #expect(try codes { $0.isRuntimeFolderThere = false } == [.runtimeFolderLost])
        #expect(try codes { $0.stick = .missing } == [.stickMissing])
        #expect(try codes { $0.stick = .full } == [.stickFull])
        #expect(try codes { $0.stick = .failed("write: I/O error") } == [.stickFailed])
        #expect(try codes { $0.stick = .catchingUp } == [])
    }

    @Test func theWorstComesFirst() throws {
        var facts = try Self.healthy()
        facts.clockQuality = .none
        facts.printerFailure = "unreachable"
        facts.hasGrant = false
        #expect(facts.problems.map(\.severity) == [.critical, .warning, .notice])
    }

    @Test(arguments: HealthProblem.Code.allCases) func everyProblemSaysWhatToDo(code: HealthProblem.Code) {
        #expect(code.zh.hasSuffix("。") && code.en.hasSuffix("."))
    }
}
