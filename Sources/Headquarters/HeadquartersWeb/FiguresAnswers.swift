// The figures as JSON: counts only, times in RFC 3339 UTC.

import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct FairAnswer: Encodable {
    var id: String
    var name: String
    var venue: String
    var organiser: String
    var kind: String
    var days: [CalendarDate]
    var keyNumber: Int

    init(_ fair: Fair) {
        id = fair.id.description
        name = fair.name
        venue = fair.venue
        organiser = fair.organiser
        kind = fair.kind.rawValue
        days = fair.days
        keyNumber = fair.keyNumber
    }
}

struct FairsAnswer: Encodable {
    var fairs: [FairAnswer]
}

struct FiguresAnswer: Encodable {
    struct Day: Encodable {
        var day: CalendarDate
        var people: Int
    }
    struct Intents: Encodable {
        var people: Int
        var pairs: Int
    }
    /// 初步 and 签约 add up to `Intents.pairs`; people may be in both.
    struct Levels: Encodable {
        var preliminaryPairs: Int
        var signedPairs: Int
        var signedPeople: Int
    }
    /// As in `IntentConversion`, in per cent with one decimal; left out where there is nothing to divide by.
    struct Conversion: Encodable {
        var intentPeoplePerEntryPercent: Double?
        var intentPeoplePerRegistrationPercent: Double?
        var signedPeoplePerIntentPeoplePercent: Double?
        var pairsPerPerson: Double?
    }
    struct EmployerAnswer: Encodable {
        var id: String
        var name: String
        var booth: String
        var vacancies: Vacancies
        var intents: Intents
        var levels: Levels
    }
    struct Bulletin: Encodable {
        var sentence: String
        var note: String
    }
    struct Vacancies: Encodable {
        var postings: Int
        var headcount: Int
        var withoutHeadcount: Int
    }
    struct NotUploaded: Encodable {
        var kiosks: Int
        var records: Int
        var silentKiosks: Int
    }
    struct Kiosk: Encodable {
        var label: String
        var lastContactAt: String?
        var backlog: Int?
        var records: Int
        var problems: [String]
        var softwareVersion: String
    }

    var fair: FairAnswer
    var countedAt: String?
    var entries: Int
    var registrations: Int
    var unlinkedRegistrations: Int
    var checkIns: [Day]
    var checkInsWithoutDay: Int
    var intents: Intents
    var levels: Levels
    var conversion: Conversion
    var vacancies: Vacancies
    var employers: Int
    var byEmployer: [EmployerAnswer]
    var bulletin: Bulletin
    var heldRecords: Int
    var forks: Int
    var recordsToCheck: Int
    var notUploaded: NotUploaded
    var kiosks: [Kiosk]

    init(_ figures: FairFigures) {
        fair = FairAnswer(figures.fair)
        countedAt = UTCText.text(milliseconds: figures.countedAt)
        entries = figures.entries
        registrations = figures.registrations
        unlinkedRegistrations = figures.unlinkedRegistrations
        checkIns = figures.checkIns.map { Day(day: $0.day, people: $0.people) }
        checkInsWithoutDay = figures.checkInsWithoutDay
        intents = Intents(people: figures.intentPeople, pairs: figures.intentPairs)
        vacancies = Vacancies(
            postings: figures.vacancyPostings, headcount: figures.vacancyHeadcount,
            withoutHeadcount: figures.vacanciesWithoutHeadcount)
        employers = figures.employers
        levels = Levels(
            preliminaryPairs: figures.intentPairs - figures.signedPairs, signedPairs: figures.signedPairs,
            signedPeople: figures.signedPeople)
        conversion = Conversion(IntentConversion(figures))
        byEmployer = figures.byEmployer.map(EmployerAnswer.init)
        bulletin = Bulletin(sentence: FiguresSentence.text(figures), note: FiguresSentence.note(figures))
        heldRecords = figures.heldRecords
        forks = figures.forks
        recordsToCheck = figures.recordsToCheck
        let gap = FiguresGap(figures)
        notUploaded = NotUploaded(kiosks: gap.kiosks, records: gap.records, silentKiosks: gap.silentKiosks)
        kiosks = figures.kiosks.map { kiosk in
            Kiosk(
                label: kiosk.kioskLabel, lastContactAt: kiosk.lastContactAt.flatMap(UTCText.text(milliseconds:)),
                backlog: kiosk.backlog, records: kiosk.records, problems: kiosk.problems,
                softwareVersion: kiosk.softwareVersion)
        }
    }
}

extension FiguresAnswer.Conversion {
    init(_ conversion: IntentConversion) {
        let tenths = { (number: Int?) in number.map { Double($0) / 10 } }
        self.init(
            intentPeoplePerEntryPercent: tenths(conversion.ofEntries),
            intentPeoplePerRegistrationPercent: tenths(conversion.ofRegistrations),
            signedPeoplePerIntentPeoplePercent: tenths(conversion.signed),
            pairsPerPerson: tenths(conversion.pairsPerPerson))
    }
}

extension FiguresAnswer.EmployerAnswer {
    init(_ figures: EmployerFigures) {
        let intents = figures.intents
        self.init(
            id: figures.employerID.description, name: figures.name, booth: figures.booth,
            vacancies: .init(
                postings: figures.postings, headcount: figures.headcount, withoutHeadcount: figures.withoutHeadcount),
            intents: .init(people: intents.people, pairs: intents.pairs),
            levels: .init(
                preliminaryPairs: intents.preliminaryPairs, signedPairs: intents.signedPairs,
                signedPeople: intents.signedPeople))
    }
}

/// What the figures cannot hold yet, because it is still on kiosks.
struct FiguresGap {
    /// Kiosks that said they still have records to send, and how many.
    let kiosks: Int
    let records: Int
    /// Never heard of, or not for a quarter of an hour.
    let silentKiosks: Int
    /// Kiosks that are one or both.
    let kiosksNotUploaded: Int

    init(_ figures: FairFigures) {
        kiosksNotUploaded = figures.kiosks.count {
            ($0.backlog ?? 0) > 0 || Self.isSilent($0, now: figures.countedAt)
        }
        kiosks = figures.kiosks.count { ($0.backlog ?? 0) > 0 }
        records = figures.kiosks.reduce(0) { $0 + ($1.backlog ?? 0) }
        silentKiosks = figures.kiosks.count { Self.isSilent($0, now: figures.countedAt) }
    }

    static func isSilent(_ kiosk: KioskState, now: Int64) -> Bool {
        kiosk.lastContactAt.map { now - $0 > KioskState.silentMilliseconds } ?? true
    }
}

struct ProblemAnswer: Encodable {
    var type: String
    var title: String
    var status: Int
    var code: String
    var zh: String
    var en: String
}

enum FiguresJSON {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
