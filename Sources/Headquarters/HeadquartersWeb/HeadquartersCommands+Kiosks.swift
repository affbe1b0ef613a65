// headquartersd kiosk and fair, as functions: what is to be looked at, and what a kiosk is told to do.

import HeadquartersCore
import HeadquartersStore
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension HeadquartersCommands {
    /// A line for each kiosk, and under it what is to be looked at with what to do, in both languages.
    public func listKiosks() async throws -> String {
        let now = Self.now()
        let reports = try await openStore().kioskReports(now: now)
        if reports.isEmpty { return "no kiosks yet" }
        return reports.map { report in
            let device = report.kiosk
            let contact = device.lastContactAt.map { "\(max(0, now - $0) / 1000) s ago" } ?? "never"
            let backlog = device.backlog.map(String.init) ?? "unknown"
            let problems = device.problems.map(Self.problem).joined(separator: ", ")
            let line =
                "\(Hexadecimal.encode(device.deviceID))  \(device.kioskLabel)  last contact \(contact)  "
                + "backlog \(backlog)  records \(device.records)"
                + (problems.isEmpty ? "" : "  problems \(problems)")
            return ([line] + (report.toDo + report.seen).flatMap { Self.lines(of: $0) }).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// Name and meaning: the name is what docs/operations.md lists.
    private static func problem(_ code: String) -> String {
        let words = FiguresProblemWords.words(of: code)
        return words == code ? code : "\(code) \(words)"
    }

    /// Times of Beijing, as on the page.
    private static func lines(of finding: KioskFinding) -> [String] {
        let words = KioskFindingWords(finding)
        // Some sentences begin with the very word.
        let name = words.en.hasPrefix("\(finding.kind.rawValue):") ? "" : "\(finding.kind.rawValue): "
        if let seen = finding.seen {
            let at = DeskVacanciesView.time(seen.at)
            return ["    seen (看过) by \(seen.by) at \(at): \(name)\(words.en)", "      \(words.zh)"]
        }
        let since = finding.since.map { ", since \(DeskVacanciesView.time($0))" } ?? ""
        return [
            "    \(name)\(words.en)\(since)", "      -> \(words.doEn)", "      \(words.zh)",
            "      -> \(words.doZh)",
        ]
    }

    /// - Parameter name: device id as `kiosk list` shows it, or a label that only one kiosk has.
    static func kiosk(_ name: String, in store: SQLiteHeadquartersStore) async throws -> KioskState {
        let found = try await store.devices().filter {
            Hexadecimal.encode($0.deviceID) == name.lowercased() || $0.kioskLabel == name
        }
        guard let device = found.first else {
            throw HeadquartersError(
                .kioskUnknown, "no kiosk \(name) is enrolled", hint: "headquartersd kiosk list shows ids and labels")
        }
        guard found.count == 1 else {
            let ids = found.map { Hexadecimal.encode($0.deviceID) }.joined(separator: ", ")
            throw HeadquartersError(
                .kioskUnknown, "\(found.count) kiosks are labelled \(name)", hint: "name one of \(ids)")
        }
        return device
    }

    // MARK: Revoking, lineages

    public func revokeKiosk(_ name: String, reason: String) async throws -> String {
        let store = try openStore()
        let kiosk = try await Self.kiosk(name, in: store)
        let isNew = try await store.revoke(
            kiosk.deviceID, directiveID: Randomness.bytes(16), line: try Self.line(.kioskRevoked, kiosk, reason))
        return isNew
            ? "\(kiosk.kioskLabel) is revoked: from its next contact on it registers nobody; what it sends is held"
            : "\(kiosk.kioskLabel) was revoked already"
    }

    public func reinstateKiosk(_ name: String, reason: String) async throws -> String {
        let store = try openStore()
        let kiosk = try await Self.kiosk(name, in: store)
        let isNew = try await store.reinstate(kiosk.deviceID, line: try Self.line(.kioskReinstated, kiosk, reason))
        return isNew
            ? "\(kiosk.kioskLabel) works again from its next contact on; records held since are taken in within a minute"
            : "\(kiosk.kioskLabel) was not revoked"
    }

    public func orderNewLineage(kiosk name: String, reason: String) async throws -> String {
        let store = try openStore()
        let kiosk = try await Self.kiosk(name, in: store)
        let left = try await store.orderNewLineage(
            of: kiosk.deviceID, lineageID: nil, directiveID: Randomness.bytes(16),
            line: try Self.line(.lineageOrdered, kiosk, reason))
        guard let left else {
            throw HeadquartersError(
                .kioskUnsuitable, "\(kiosk.kioskLabel) was told so already, or has never said hello",
                hint: "headquartersd kiosk list shows what it was told")
        }
        return "\(kiosk.kioskLabel) leaves lineage \(Hexadecimal.encode(left)) at its next contact"
    }

    private static func line(_ action: AuditAction, _ kiosk: KioskState, _ reason: String) throws -> AuditLine {
        let reason = reason.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !reason.isEmpty, reason.count <= LoginLimits.auditTextCharactersMax else {
            throw HeadquartersError(
                .kioskUnsuitable,
                "a reason has 1 to \(LoginLimits.auditTextCharactersMax) characters; it stands in the audit")
        }
        return AuditLine(
            at: now(), actor: .terminal, action: action, subject: kiosk.kioskLabel, reason: "\(reason) (\(author.name))"
        )
    }

    // MARK: Fair and day

    /// - Parameters:
    ///   - fairName: id or key number; nil: the only fair of the kiosk that has this day.
    ///   - dayText: `YYYY-MM-DD`; nil: the fair's only day, or today.
    public func orderDay(
        _ change: FairDayOrder, kiosk name: String, fair fairName: String?, day dayText: String?
    ) async throws -> String {
        let store = try openStore()
        let kiosk = try await Self.kiosk(name, in: store)
        let fairs = try await store.fairs()
        let at = Self.now()
        guard let today = BeijingTime(milliseconds: at)?.day else {
            throw HeadquartersError(.kioskUnsuitable, "the clock of this machine stands before 1970")
        }
        let offered = try await store.fairOffers(
            for: kiosk.deviceID, today: today, daysAhead: settings.daysAhead, limit: SyncLimits.fairsMax
        ).map(\.fairID)
        let own = fairs.filter { offered.contains($0.id) }
        let fair = try Self.fair(fairName, day: dayText, today: today, own: own, all: fairs)
        let day = try Self.day(dayText, of: fair, today: today, isClosing: change == .close)
        let order = DayOrder(
            directiveID: Randomness.bytes(16), deviceID: kiosk.deviceID, fairID: fair.id, change: change.change,
            day: day, madeAt: at)
        try await store.order(
            order,
            line: AuditLine(
                at: at, actor: .terminal, action: .dayOrdered,
                subject: "\(kiosk.kioskLabel) \(order.change.rawValue) \(day)", fairID: fair.id,
                reason: Self.author.name))
        return "\(kiosk.kioskLabel) at its next contact: \(order.change.rawValue) \(day) \(fair.name)"
    }

    private static func fair(
        _ name: String?, day: String?, today: CalendarDate, own: [Fair], all: [Fair]
    ) throws -> Fair {
        if let name {
            guard let fair = try choose([name], of: all).first, own.contains(where: { $0.id == fair.id }) else {
                throw HeadquartersError(
                    .kioskUnsuitable, "the kiosk does not have this fair", hint: "headquartersd kiosk grant gives it")
            }
            return fair
        }
        let wanted = day.flatMap { CalendarDate($0) } ?? today
        let fitting = own.filter { $0.days.contains(wanted) }
        guard fitting.count == 1, let fair = fitting.first else {
            throw HeadquartersError(
                .kioskUnsuitable, "\(fitting.count) fairs of this kiosk have the day \(wanted)",
                hint: "say which with --fair; headquartersd fair list shows them")
        }
        return fair
    }

    private static func day(
        _ text: String?, of fair: Fair, today: CalendarDate, isClosing: Bool
    ) throws -> CalendarDate {
        let days = fair.days.map(\.description).joined(separator: ", ")
        if let text {
            guard let day = CalendarDate(text), fair.days.contains(day) else {
                throw HeadquartersError(
                    .kioskUnsuitable, "\(text) is not a day of this fair", hint: "its days: \(days)")
            }
            return day
        }
        if fair.days.contains(today) { return today }
        if fair.days.count == 1 || isClosing, let day = fair.days.last { return day }
        throw HeadquartersError(.kioskUnsuitable, "say which day with --day", hint: "the days of this fair: \(days)")
    }
}

/// What `headquartersd fair` orders at a kiosk.
public enum FairDayOrder: Sendable {
    case open
    case day
    case close

    var change: FairDayChange {
        switch self {
        case .open: .fairOpened
        case .day: .dayOpened
        case .close: .fairClosed
        }
    }
}
