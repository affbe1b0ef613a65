// Every decision of ingest, as a table.

import Foundation
import HeadquartersCore
import JobFair
import Testing

@Suite struct IngestRuleTests {
    private static let first = Data(repeating: 1, count: 32)
    private static let second = Data(repeating: 2, count: 32)
    private static let third = Data(repeating: 3, count: 32)

    private static func envelope(digest: Data, sequence: Int64 = 2, previous: Data = third) throws -> RecordEnvelope {
        RecordEnvelope(
            recordID: RecordID(milliseconds: 1, random: Array(repeating: 7, count: 10)),
            deviceID: Data(count: 16), fairID: FairID(milliseconds: 2, random: Array(repeating: 8, count: 10)),
            lineageID: Data(count: 16), sequence: sequence, previousDigest: previous, fairDay: nil,
            isDayConfirmed: false, ticket: nil,
            clock: ClockSample(
                wallMilliseconds: 0, bootID: Data(), bootCounter: 0, bootMilliseconds: 0, quality: .none),
            digest: digest, frame: Data())
    }

    private static func opened(_ digest: Data) throws -> ArrivedRecord {
        .opened(try envelope(digest: digest), .entry(people: 1, isRehearsal: false))
    }

    private func check(
        _ arrived: ArrivedRecord, known: KnownRecord?, _ expected: IngestDecision,
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(IngestRule.decide(arrived, known: known) == expected, sourceLocation: location)
    }

    @Test func unseenIsAccepted() throws {
        check(try Self.opened(Self.first), known: nil, IngestDecision(.accepted, storing: .record))
    }

    @Test func sameIDAndDigestIsADuplicate() throws {
        check(
            try Self.opened(Self.first), known: KnownRecord(acceptedDigest: Self.first), IngestDecision(.duplicate))
        // Also where a conflicting copy is held beside it.
        check(
            try Self.opened(Self.first),
            known: KnownRecord(acceptedDigest: Self.first, heldDigests: [Self.second]), IngestDecision(.duplicate))
    }

    @Test func erasedStaysErased() throws {
        for digest in [Self.first, Self.second] {
            check(
                try Self.opened(digest), known: KnownRecord(acceptedDigest: Self.first, isErased: true),
                IngestDecision(.duplicateErased))
        }
    }

    @Test func sameIDOtherDigestHoldsBothAndAlarmsOnce() throws {
        check(
            try Self.opened(Self.second), known: KnownRecord(acceptedDigest: Self.first),
            IngestDecision(.held, reason: .recordConflict, storing: .held, isAlarm: true))
        check(
            try Self.opened(Self.second),
            known: KnownRecord(acceptedDigest: Self.first, heldDigests: [Self.second]),
            IngestDecision(.held, reason: .recordConflict))
    }

    @Test func notUnderstoodIsHeld() throws {
        for reason in [IngestReason.schemaUnknown, .keyUnknown, .sealBroken, .payloadInvalid, .fairUnknown] {
            let sealed = ArrivedRecord.sealed(try Self.envelope(digest: Self.first), reason: reason)
            check(sealed, known: nil, IngestDecision(.held, reason: reason, storing: .held))
            check(
                sealed, known: KnownRecord(acceptedDigest: nil, heldDigests: [Self.first]),
                IngestDecision(.held, reason: reason))
        }
    }

    @Test func heldAndNowUnderstoodIsAccepted() throws {
        check(
            try Self.opened(Self.first), known: KnownRecord(acceptedDigest: nil, heldDigests: [Self.first]),
            IngestDecision(.accepted, storing: .record))
        // Two different frames were held under the id: nobody can say which is the record.
        check(
            try Self.opened(Self.first),
            known: KnownRecord(acceptedDigest: nil, heldDigests: [Self.first, Self.second]),
            IngestDecision(.held, reason: .recordConflict))
    }

    @Test func bytesNobodyVouchesForAreRefusedAndUnknownDevicesPutOff() {
        for reason in [IngestReason.frameMalformed, .frameTooLarge, .signatureInvalid] {
            check(
                .refused(recordID: Data(), digest: Self.first, reason: reason), known: nil,
                IngestDecision(.refused, reason: reason))
        }
        check(
            .postponed(recordID: Data(), digest: Self.first, reason: .deviceUnknown), known: nil,
            IngestDecision(.retryLater, reason: .deviceUnknown))
    }

    @Test func forksShowInSequenceAndChain() throws {
        let record = try Self.envelope(digest: Self.first)
        #expect(!IngestRule.isFork(record, digestsAtSequence: [], digestsBefore: []))
        #expect(!IngestRule.isFork(record, digestsAtSequence: [Self.first], digestsBefore: [Self.third]))
        #expect(IngestRule.isFork(record, digestsAtSequence: [Self.second], digestsBefore: [Self.third]))
        #expect(IngestRule.isFork(record, digestsAtSequence: [], digestsBefore: [Self.second]))
        #expect(!IngestRule.isFork(record, digestsAtSequence: [], digestsBefore: [Self.second, Self.third]))
    }
}
