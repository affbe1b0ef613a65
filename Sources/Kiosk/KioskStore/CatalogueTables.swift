// The tables of catalogue.sqlite, and a catalogue's way in and out of them.

import Foundation
import GRDB
import JobFair

/// A file of this version or none: it is never migrated, only made anew from what headquarters signed. So every version
/// has a table `fair` with `fairID`, `etag` and `signed`.
enum CatalogueTables {
    /// `JFkc` in ASCII.
    static let applicationID = 0x4A46_6B63
    static let version = 2

    static let statements = """
        CREATE TABLE fair (
            fairID BLOB NOT NULL PRIMARY KEY CHECK (length(fairID) = 16),
            name TEXT NOT NULL,
            venue TEXT NOT NULL,
            organiser TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('fair', 'rehearsal')),
            keyNumber INTEGER NOT NULL CHECK (keyNumber BETWEEN 0 AND 16777215),
            formAddress TEXT NOT NULL,
            servicePhone TEXT NOT NULL,
            region TEXT NOT NULL,
            formOpenDaysAfter INTEGER NOT NULL CHECK (formOpenDaysAfter >= 0),
            version INTEGER NOT NULL CHECK (version >= 0),
            etag TEXT NOT NULL,
            signed BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE fairDay (
            fairID BLOB NOT NULL REFERENCES fair (fairID),
            day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
            PRIMARY KEY (fairID, day)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE employer (
            fairID BLOB NOT NULL REFERENCES fair (fairID),
            position INTEGER NOT NULL,
            employerID BLOB NOT NULL CHECK (length(employerID) = 16),
            name TEXT NOT NULL,
            booth TEXT NOT NULL,
            isVerified INTEGER NOT NULL CHECK (isVerified IN (0, 1)),
            creditCode TEXT NOT NULL,
            PRIMARY KEY (fairID, position),
            UNIQUE (fairID, employerID)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE vacancy (
            fairID BLOB NOT NULL REFERENCES fair (fairID),
            position INTEGER NOT NULL,
            vacancyID BLOB NOT NULL CHECK (length(vacancyID) = 16),
            employerID BLOB NOT NULL CHECK (length(employerID) = 16),
            title TEXT NOT NULL,
            headcount INTEGER CHECK (headcount >= 1),
            lowestFen INTEGER NOT NULL CHECK (lowestFen >= 0),
            highestFen INTEGER NOT NULL CHECK (highestFen >= 0),
            payUnit TEXT CHECK (payUnit IN ('hour', 'day', 'month', 'year', 'piece')),
            payText TEXT NOT NULL,
            booth TEXT NOT NULL,
            place TEXT NOT NULL,
            boardAndLodging TEXT NOT NULL,
            insurance TEXT NOT NULL,
            hours TEXT NOT NULL,
            isWithdrawn INTEGER NOT NULL CHECK (isWithdrawn IN (0, 1)),
            isNotUnder18 INTEGER NOT NULL CHECK (isNotUnder18 IN (0, 1)),
            isFilled INTEGER NOT NULL CHECK (isFilled IN (0, 1)),
            occupation TEXT,
            requirements TEXT NOT NULL,
            region TEXT NOT NULL,
            workForm TEXT CHECK (workForm IN ('fullTime', 'shortTerm', 'byTheDay')),
            offersBoard INTEGER CHECK (offersBoard IN (0, 1)),
            offersLodging INTEGER CHECK (offersLodging IN (0, 1)),
            hasNightShifts INTEGER CHECK (hasNightShifts IN (0, 1)),
            PRIMARY KEY (fairID, position),
            UNIQUE (fairID, vacancyID),
            FOREIGN KEY (fairID, employerID) REFERENCES employer (fairID, employerID)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE notice (
            fairID BLOB NOT NULL PRIMARY KEY REFERENCES fair (fairID),
            version TEXT NOT NULL,
            title TEXT NOT NULL,
            shortText TEXT NOT NULL,
            fullText TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE keyGroup (
            fairID BLOB NOT NULL REFERENCES fair (fairID),
            position INTEGER NOT NULL,
            code TEXT NOT NULL,
            label TEXT NOT NULL,
            PRIMARY KEY (fairID, position),
            UNIQUE (fairID, code)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE region (
            fairID BLOB NOT NULL REFERENCES fair (fairID),
            position INTEGER NOT NULL,
            code TEXT NOT NULL CHECK (code GLOB '[0-9][0-9][0-9][0-9][0-9][0-9]'),
            name TEXT NOT NULL,
            PRIMARY KEY (fairID, position)
        ) STRICT, WITHOUT ROWID;
        """

    /// In the order of their foreign keys.
    static let names = ["fair", "fairDay", "employer", "vacancy", "notice", "keyGroup", "region"]

    static func insert(_ new: SignedCatalogue, in database: Database) throws {
        let catalogue = new.catalogue
        let fair = catalogue.fair
        let id = Data(fair.id.bytes)
        func insert(_ table: String, _ arguments: StatementArguments) throws {
            let marks = Array(repeating: "?", count: columns(of: table))
            try database.cachedStatement(
                sql: "INSERT INTO \(table) VALUES (\(marks.joined(separator: ", ")))"
            ).execute(arguments: arguments)
        }
        try insert(
            "fair",
            [
                id, fair.name, fair.venue, fair.organiser, fair.kind.rawValue, fair.keyNumber, fair.formAddress,
                fair.servicePhone, fair.region, fair.formOpenDaysAfter, catalogue.version, new.etag, new.signed,
            ])
        for day in fair.days { try insert("fairDay", [id, day.description]) }
        for (position, employer) in catalogue.employers.enumerated() {
            try insert(
                "employer",
                [
                    id, position, Data(employer.id.bytes), employer.name, employer.booth, employer.isVerified,
                    employer.creditCode,
                ])
        }
        for (position, vacancy) in catalogue.vacancies.enumerated() {
            try insert(
                "vacancy",
                [
                    id, position, Data(vacancy.id.bytes), Data(vacancy.employerID.bytes), vacancy.title,
                    vacancy.headcount, vacancy.pay.lowestFen, vacancy.pay.highestFen, vacancy.pay.unit?.rawValue,
                    vacancy.pay.text, vacancy.booth, vacancy.place, vacancy.boardAndLodging, vacancy.insurance,
                    vacancy.hours, vacancy.isWithdrawn, vacancy.isNotUnder18, vacancy.isFilled,
                    vacancy.occupation?.rawValue, vacancy.requirements, vacancy.region, vacancy.workForm?.rawValue,
                    vacancy.offersBoard, vacancy.offersLodging, vacancy.hasNightShifts,
                ])
        }
        let notice = catalogue.notice
        try insert("notice", [id, notice.version, notice.title, notice.shortText, notice.fullText])
        for (position, group) in catalogue.keyGroups.enumerated() {
            try insert("keyGroup", [id, position, group.code, group.label])
        }
        for (position, region) in catalogue.regions.enumerated() {
            try insert("region", [id, position, region.code, region.name])
        }
    }

    private static func columns(of table: String) -> Int {
        switch table {
        case "fair": 13
        case "fairDay": 2
        case "employer": 7
        case "vacancy": 25
        case "notice": 5
        default: 4
        }
    }
}

// MARK: - Reading

extension CatalogueTables {
    /// Without the signed bytes, which may be megabytes.
    private static let fairColumns = """
        SELECT fairID, name, venue, organiser, kind, keyNumber, formAddress, servicePhone, region, formOpenDaysAfter,
            version
        FROM fair
        """

    static func catalogue(of fairID: FairID, in database: Database) throws -> Catalogue? {
        let id = Data(fairID.bytes)
        let row = try Row.fetchOne(database, sql: "\(fairColumns) WHERE fairID = ?", arguments: [id])
        guard let row else { return nil }
        let notice = try Row.fetchOne(database, sql: "SELECT * FROM notice WHERE fairID = ?", arguments: [id])
        guard let notice else { throw RecordRows.unreadable }
        return Catalogue(
            fair: try fair(row, in: database), version: row[10],
            employers: try rows("employer", of: id, in: database).map(employer),
            vacancies: try rows("vacancy", of: id, in: database).map(vacancy),
            notice: PrivacyNotice(version: notice[1], title: notice[2], shortText: notice[3], fullText: notice[4]),
            keyGroups: try rows("keyGroup", of: id, in: database).map { KeyGroup(code: $0[2], label: $0[3]) },
            regions: try rows("region", of: id, in: database).map { Region(code: $0[2], name: $0[3]) })
    }

    static func fairs(in database: Database) throws -> [Fair] {
        try Row.fetchAll(database, sql: fairColumns).map { try fair($0, in: database) }
            .sorted { ($0.days.first?.description ?? "", $0.name) < ($1.days.first?.description ?? "", $1.name) }
    }

    static func etags(in database: Database) throws -> [FairID: String] {
        var etags: [FairID: String] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT fairID, etag FROM fair") {
            guard let id = FairID(bytes: row[0] as Data) else { throw RecordRows.unreadable }
            etags[id] = row[1]
        }
        return etags
    }

    /// Of a file of any version; what comes before a damaged place is visited.
    static func eachFair(in database: Database, _ visit: (FairID) -> Void) throws {
        let ids = try Data.fetchCursor(database, sql: "SELECT fairID FROM fair")
        while let bytes = try ids.next() {
            guard let id = FairID(bytes: bytes) else { throw RecordRows.unreadable }
            visit(id)
        }
    }

    /// Of a file of any version; nil also where the row is not as this program knows it.
    static func signed(of fairID: FairID, in database: Database) throws -> (etag: String, signed: Data)? {
        let row = try Row.fetchOne(
            database, sql: "SELECT etag, signed FROM fair WHERE fairID = ?", arguments: [Data(fairID.bytes)])
        guard let row, let etag = String.fromDatabaseValue(row[0]), let signed = Data.fromDatabaseValue(row[1]) else {
            return nil
        }
        return (etag, signed)
    }

    private static func rows(_ table: String, of fairID: Data, in database: Database) throws -> [Row] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM \(table) WHERE fairID = ? ORDER BY position", arguments: [fairID])
    }

    private static func fair(_ row: Row, in database: Database) throws -> Fair {
        guard let id = FairID(bytes: row[0] as Data), let kind = FairKind(rawValue: row[4]) else {
            throw RecordRows.unreadable
        }
        let days = try String.fetchAll(
            database, sql: "SELECT day FROM fairDay WHERE fairID = ? ORDER BY day", arguments: [row[0] as Data])
        return Fair(
            id: id, name: row[1], venue: row[2], organiser: row[3], kind: kind,
            days: days.compactMap { CalendarDate($0) }, keyNumber: row[5], formAddress: row[6], servicePhone: row[7],
            region: row[8], formOpenDaysAfter: row[9])
    }

    private static func employer(_ row: Row) throws -> Employer {
        guard let id = EmployerID(bytes: row[2] as Data) else { throw RecordRows.unreadable }
        return Employer(id: id, name: row[3], booth: row[4], isVerified: row[5], creditCode: row[6])
    }

    private static func vacancy(_ row: Row) throws -> Vacancy {
        guard let id = VacancyID(bytes: row[2] as Data), let employerID = EmployerID(bytes: row[3] as Data) else {
            throw RecordRows.unreadable
        }
        let pay = Pay(
            lowestFen: row[6], highestFen: row[7], unit: (row[8] as String?).flatMap(Pay.Unit.init), text: row[9])
        return Vacancy(
            id: id, employerID: employerID, title: row[4], headcount: row[5], pay: pay, booth: row[10], place: row[11],
            boardAndLodging: row[12], insurance: row[13], hours: row[14], isWithdrawn: row[15], isNotUnder18: row[16],
            isFilled: row[17], occupation: (row[18] as String?).flatMap(Occupation.init), requirements: row[19],
            region: row[20], workForm: (row[21] as String?).flatMap(WorkForm.init), offersBoard: row[22],
            offersLodging: row[23], hasNightShifts: row[24])
    }
}
