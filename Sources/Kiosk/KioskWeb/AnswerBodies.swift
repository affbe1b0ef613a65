// The bodies the API answers with; names and order of the fields are part of docs/openapi.yaml.

import JobFair
import KioskCore

struct StatusAnswer: Encodable {
    struct FairAnswer: Encodable {
        var id: FairID
        var name: String
        var kind: FairKind
        var days: [CalendarDate]
    }
    struct ProblemAnswer: Encodable {
        var code: HealthProblem.Code
        var severity: HealthProblem.Severity
        var zh: String
        var en: String
    }
    var kioskLabel: String
    var fair: FairAnswer?
    var day: CalendarDate?
    var dayConfirmed: Bool
    var notice: PrivacyNotice?
    var keyGroups: [KeyGroup]
    var problems: [ProblemAnswer]
    var demonstration: Bool
    var version: String

    init(_ context: DeskContext, version: String) {
        kioskLabel = context.kioskLabel
        fair = context.fair.map { FairAnswer(id: $0.id, name: $0.name, kind: $0.kind, days: $0.days) }
        day = context.day
        dayConfirmed = context.isDayConfirmed
        notice = context.notice
        keyGroups = context.keyGroups
        problems = context.problems.map {
            ProblemAnswer(code: $0.code, severity: $0.severity, zh: $0.zh, en: $0.en)
        }
        demonstration = context.isDemonstration
        self.version = version
    }

    private enum CodingKeys: String, CodingKey {
        case kioskLabel, fair, day, dayConfirmed, notice, keyGroups, problems, demonstration, version
    }

    /// Fields without a value are written as null: the page need not tell absent from empty.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kioskLabel, forKey: .kioskLabel)
        try container.encode(fair, forKey: .fair)
        try container.encode(day, forKey: .day)
        try container.encode(dayConfirmed, forKey: .dayConfirmed)
        try container.encode(notice, forKey: .notice)
        try container.encode(keyGroups, forKey: .keyGroups)
        try container.encode(problems, forKey: .problems)
        try container.encode(demonstration, forKey: .demonstration)
        try container.encode(version, forKey: .version)
    }
}

struct RegistrationAnswerBody: Encodable {
    struct FairDayAnswer: Encodable {
        var name: String
        var day: CalendarDate
    }
    var recordId: RecordID
    var ticket: String
    var maskedName: String
    var fair: FairDayAnswer
    var intentsAllowed: Bool
    var code: ScreenCode

    init(_ answer: RegistrationAnswer) {
        recordId = answer.recordID
        ticket = answer.ticket.description
        maskedName = answer.maskedName
        fair = FairDayAnswer(name: answer.fairName, day: answer.fairDay)
        intentsAllowed = answer.allowsIntents
        code = answer.code
    }
}

struct EntryAnswerBody: Encodable {
    var recordId: RecordID
    var fairOpen: Bool
}

struct CheckInAnswerBody: Encodable {
    var ticket: String?
    var maskedName: String?
    var fairOpen: Bool
    var intentsAllowed: Bool

    init(_ answer: CheckInAnswer) {
        ticket = answer.ticket?.description
        maskedName = answer.maskedName
        fairOpen = answer.isFairOpen
        intentsAllowed = answer.allowsIntents
    }

    private enum CodingKeys: String, CodingKey { case ticket, maskedName, fairOpen, intentsAllowed }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(ticket, forKey: .ticket)
        try container.encode(maskedName, forKey: .maskedName)
        try container.encode(fairOpen, forKey: .fairOpen)
        try container.encode(intentsAllowed, forKey: .intentsAllowed)
    }
}

struct EmptyAnswer: Encodable {}

struct PrintStateAnswer: Encodable {
    var state: PrintState
}
