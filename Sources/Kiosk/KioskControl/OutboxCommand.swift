// `kioskctl outbox`: what waits, what headquarters refused, and sending that once more.

import ArgumentParser
import JobFair
import KioskCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: "The records that are on their way to headquarters. 待发的记录。",
        subcommands: [List.self, Retry.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what waits, why and since when, and what headquarters refused. Nothing personal.")
        @OptionGroup var socket: SocketOption
        @Flag(help: "Machine-readable.") var json = false

        func run() async throws {
            let listing = try await socket.client.looking { try await $0.outbox() }
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                print(String(decoding: try encoder.encode(listing), as: UTF8.self))
            } else {
                print(OutboxText.make(listing), terminator: "")
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends once more what headquarters refused.",
            discussion: "Only after headquarters has said that it takes these records now; else they are refused again."
        )
        @OptionGroup var socket: SocketOption

        func run() async throws {
            let records = try await socket.client.retryOutbox().records
            print("\(records) 条记录将重新发送。 \(records) records are sent again.")
        }
    }
}

/// `kioskctl outbox` for people.
enum OutboxText {
    static func make(_ listing: OutboxListing) -> String {
        var lines: [String] = []
        if let sync = listing.sync {
            let road = SyncText.make(
                phase: sync.phase, sinceContact: sync.secondsSinceContact, toNextTry: sync.secondsToNextTry,
                lastError: sync.lastError)
            lines.append("总部 headquarters: \(road)")
            if sync.hasSlowLane { lines.append("    有记录单独重试，每几分钟一次。 Some records are tried apart, every few minutes.") }
            if sync.missing > 0 {
                lines.append(
                    "    总部缺少、本机也没有的记录 Records that headquarters lacks and this kiosk no longer has: \(sync.missing)")
            }
        } else {
            lines.append("总部 headquarters: 未登记 not enrolled")
        }
        for lineage in listing.lineages {
            lines.append(
                "编号段 lineage \(lineage.id.prefix(8))\(lineage.isCurrent ? " (现用 current)" : ""): \(lineage.records) 条记录 records"
            )
            lines.append(
                "    待发 waiting \(lineage.pending)  已收 receipted \(lineage.receipted)  已清 purged \(lineage.purged)"
                    + "  拒收 quarantined \(lineage.quarantined)  总部备份至 backed up through \(lineage.durableThrough)")
            for waiting in lineage.waiting {
                lines.append(
                    "    待发 waiting: \(waiting.records), 从 from #\(waiting.firstSequence), \(moment(waiting.since))"
                        + ", \(waiting.reason.map { "总部说 headquarters says \($0)" } ?? "还没有发成 not delivered yet")")
            }
            for refused in lineage.refused {
                lines.append(
                    "    拒收 quarantined: #\(refused.sequence) \(refused.recordID), \(moment(refused.since))"
                        + ", \(refused.reason ?? "-")")
            }
            if lineage.refused.count < lineage.quarantined {
                lines.append("    ... 共 in all \(lineage.quarantined)")
            }
        }
        if listing.directives > 0 { lines.append("删除指令 erasure directives kept: \(listing.directives)") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The wall clock with its quality, and how long ago where the boot clock can tell.
    private static func moment(_ moment: OutboxListing.Moment?) -> String {
        guard let moment else { return "时间不明 time not known" }
        let ago = moment.secondsAgo.map { " (\($0) s 前 ago)" } ?? ""
        return "\(wall(moment.wallMilliseconds)) [\(moment.quality)]\(ago)"
    }

    private static func wall(_ milliseconds: Int64) -> String {
        guard let day = FairDay.beijingDay(wallMilliseconds: milliseconds) else { return "-" }
        let minute = ((milliseconds + 8 * 3_600_000) / 60_000 % 1440 + 1440) % 1440
        let (hours, minutes) = (String(minute / 60), String(minute % 60))
        return "\(day) \(hours.leftPadded(2)):\(minutes.leftPadded(2))"
    }
}
