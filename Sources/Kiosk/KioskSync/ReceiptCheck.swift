// A receipt is believed once signature, device, lineage, ids and digests are this kiosk's own.

import JobFair
import KioskCore
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The records of one batch as they were sent.
struct SentRecords: Sendable {
    var deviceID: Data
    var lineageID: Data
    /// 16 bytes.
    var batchID: Data
    var digests: [RecordID: Data]
}

enum ReceiptCheck {
    /// The receipt and the longest that headquarters asked to wait for one of the records.
    ///
    /// Lines about records that were not sent, or with other digests, are left out: they change nothing. A receipt of
    /// another batch, however valid, is not this one's answer: it would look as if headquarters had passed these over.
    static func verify(
        _ answer: Data, of sent: SentRecords, keyList: TrustedKeyList
    ) throws(SyncProtocolError) -> (receipt: VerifiedReceipt, retryAfter: Duration) {
        var (receipt, retryAfter, batchID) = try verify(answer, deviceID: sent.deviceID, keyList: keyList)
        guard receipt.lineageID == sent.lineageID else {
            throw SyncProtocolError(.identityMismatch, "receipt for another device or lineage")
        }
        guard batchID == sent.batchID else { throw SyncProtocolError(.identityMismatch, "receipt for another batch") }
        receipt.lines = receipt.lines.filter { sent.digests[$0.recordID] == $0.digest }
        if !receipt.lines.contains(where: { $0.outcome == .retryLater }) { retryAfter = .zero }
        return (receipt, retryAfter)
    }

    /// A receipt for this device, by whichever road it came. The store compares ids, digests and lineage with its own.
    static func verify(
        _ answer: Data, deviceID: Data, keyList: TrustedKeyList
    ) throws(SyncProtocolError) -> (receipt: VerifiedReceipt, retryAfter: Duration, batchID: Data) {
        let signed = try WireCoding.message(
            WireSigned.self, from: answer, bytesMax: SyncLimits.receiptBytesMax, name: "receipt")
        let body = try keyList.verify(signed, domain: .receipt, purpose: .receipt)
        let wire = try WireCoding.message(
            WireReceipt.self, from: body, bytesMax: SyncLimits.receiptBytesMax, name: "receipt")
        guard wire.deviceID == deviceID, wire.lineageID.count == 16 else {
            throw SyncProtocolError(.identityMismatch, "receipt for another device or lineage")
        }
        guard let serial = Int64(exactly: wire.serial), serial > 0, wire.headquartersGeneration.count == 16,
            let durable = Int64(exactly: wire.durableThrough)
        else { throw SyncProtocolError(.malformed, "receipt") }
        guard wire.results.count <= SyncLimits.batchRecordsMax else {
            throw SyncProtocolError(.tooLarge, "receipt of \(wire.results.count) results")
        }
        var lines: [VerifiedReceipt.Line] = []
        var retryAfter = Duration.zero
        for result in wire.results {
            guard let id = RecordID(bytes: result.recordID) else { continue }
            let outcome = outcome(result.code)
            lines.append(
                VerifiedReceipt.Line(recordID: id, digest: result.digest, outcome: outcome, reason: result.reason))
            if outcome == .retryLater {
                let asked = max(1000, Int64(result.retryAfterMilliseconds))
                retryAfter = max(retryAfter, .milliseconds(asked))
            }
        }
        return (
            VerifiedReceipt(
                lineageID: wire.lineageID, serial: serial, headquartersGeneration: wire.headquartersGeneration,
                lines: lines, durableThrough: durable, digestAtDurable: wire.digestAtDurable, signed: answer),
            retryAfter, wire.batchID
        )
    }

    /// Codes this program does not know change nothing: the record stays pending.
    private static func outcome(_ code: WireResultCode) -> VerifiedReceipt.Outcome {
        switch code {
        case .accepted: .accepted
        case .duplicate: .duplicate
        case .duplicateErased: .duplicateErased
        case .held: .held
        case .refused: .refused
        case .retryLater, .unspecified, .UNRECOGNIZED: .retryLater
        }
    }
}
