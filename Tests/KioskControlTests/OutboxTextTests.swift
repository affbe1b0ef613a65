// What a technician reads of the outbox, line by line.

import KioskCore
import Testing

@testable import KioskControl

@Suite struct OutboxTextTests {
    private static func moment(_ wall: Int64, _ quality: String, ago: Int64?) -> OutboxListing.Moment {
        OutboxListing.Moment(
            wallMilliseconds: wall, quality: quality, bootCounter: 3, bootMilliseconds: 5, secondsAgo: ago)
    }

    @Test func everythingThatWaitsHasItsLine() {
        var listing = OutboxListing(
            lineages: [
                OutboxListing.Lineage(
                    id: "00112233445566778899aabbccddeeff", isCurrent: false, records: 900, pending: 0, receipted: 0,
                    purged: 899, quarantined: 1, durableThrough: 900, waiting: [],
                    refused: [
                        OutboxListing.Quarantined(
                            recordID: "019c0000-0000-7000-8000-000000000001", sequence: 17,
                            reason: "signature.invalid", since: Self.moment(-1, "none", ago: nil))
                    ]),
                OutboxListing.Lineage(
                    id: "ffeeddccbbaa99887766554433221100", isCurrent: true, records: 40, pending: 5, receipted: 35,
                    purged: 0, quarantined: 0, durableThrough: 0,
                    waiting: [
                        OutboxListing.Waiting(
                            reason: nil, records: 4, firstSequence: 37,
                            since: Self.moment(1_770_091_200_000, "ntp", ago: 90)),
                        OutboxListing.Waiting(reason: "device.unknown", records: 1, firstSequence: 36, since: nil),
                    ], refused: []),
            ], directives: 2)
        #expect(OutboxText.make(listing).hasPrefix("总部 headquarters: 未登记 not enrolled\n"))
        listing.sync = OutboxListing.Sync(
            phase: "backingOff", secondsSinceContact: 61, secondsToNextTry: 7, lastError: "timedOut", hasSlowLane: true,
            missing: 3)
        #expect(
            OutboxText.make(listing) == """
                总部 headquarters: 没有成功，等待重试 failed, waits to try again, 61 s 前联系过 ago, 7 s 后再联系 until the next try  [timedOut]
                    有记录单独重试，每几分钟一次。 Some records are tried apart, every few minutes.
                    总部缺少、本机也没有的记录 Records that headquarters lacks and this kiosk no longer has: 3
                编号段 lineage 00112233: 900 条记录 records
                    待发 waiting 0  已收 receipted 0  已清 purged 899  拒收 quarantined 1  总部备份至 backed up through 900
                    拒收 quarantined: #17 019c0000-0000-7000-8000-000000000001, 1970-01-01 07:59 [none], signature.invalid
                编号段 lineage ffeeddcc (现用 current): 40 条记录 records
                    待发 waiting 5  已收 receipted 35  已清 purged 0  拒收 quarantined 0  总部备份至 backed up through 0
                    待发 waiting: 4, 从 from #37, 2026-02-03 12:00 [ntp] (90 s 前 ago), 还没有发成 not delivered yet
                    待发 waiting: 1, 从 from #36, 时间不明 time not known, 总部说 headquarters says device.unknown
                删除指令 erasure directives kept: 2

                """)
    }
}
