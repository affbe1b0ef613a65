// The plan of the house as a table: who stands where, and who may import what from outside.

enum Rooms {
    /// Pure rooms, adapters, composition, programs from left to right: a room imports only rooms of a lower rank.
    static let rank: [String: Int] = [
        "JobFair": 0, "SyncProtocol": 0,
        "VacancyImport": 1, "KioskCore": 1, "SlipPrinting": 1,
        "DurableFiles": 1, "Observability": 1, "SettingsFile": 1,
        "KioskStore": 2, "KioskDevices": 2, "KioskSync": 2, "KioskWeb": 2, "HeadquartersCore": 2,
        "HeadquartersSheets": 2,
        "HeadquartersStore": 3,
        "KioskDaemon": 4, "HeadquartersWeb": 4,
        // The commands: `config check` reads the settings as the daemon does.
        "KioskControl": 5, "HeadquartersControl": 5,
        "kioskd": 6, "kioskctl": 6, "headquartersd": 6,
    ]

    /// Never open a file or a socket; time and randomness come in as arguments. With what they may import besides rooms
    /// to their left: nothing that brings NIO.
    static let pure: [String: Set<String>] = [
        "JobFair": [],
        "SyncProtocol": ["Crypto", "CryptoExtras", "Foundation", "FoundationEssentials", "SwiftProtobuf"],
        // libzip, expat and glibc's iconv work on bytes in memory.
        "VacancyImport": ["CExpat", "CLibZip", "Glibc"],
        "KioskCore": ["Crypto", "Foundation", "FoundationEssentials", "Synchronization"],
        "HeadquartersCore": ["Crypto", "Foundation", "FoundationEssentials", "Synchronization"],
        // Behind `TextRasterizer`: the only code that touches fonts.
        "SlipPrinting": ["CPangoCairo", "CQREncode", "Foundation", "FoundationEssentials", "Synchronization"],
    ]

    struct Owner {
        var prefix: String
        var rooms: Set<String>
        /// The prefix is the whole name.
        var isExact = true

        func isModule(_ module: String) -> Bool { isExact ? module == prefix : module.hasPrefix(prefix) }
    }

    private static let programs: Set = ["kioskd", "kioskctl", "headquartersd"]

    /// Modules from outside that belong to a few rooms.
    static let owners = [
        Owner(prefix: "Hummingbird", rooms: ["KioskWeb", "HeadquartersWeb", "KioskDaemon"], isExact: false),
        Owner(prefix: "Mustache", rooms: ["KioskWeb", "HeadquartersWeb"]),
        Owner(prefix: "GRDB", rooms: stores),
        Owner(prefix: "CSQLite", rooms: stores),
        Owner(prefix: "ArgumentParser", rooms: programs.union(["KioskControl", "HeadquartersControl"])),
        Owner(prefix: "AsyncHTTPClient", rooms: ["KioskSync", "KioskControl"]),
        Owner(prefix: "SwiftProtobuf", rooms: wireRooms),
        Owner(prefix: "CLinux", rooms: ["DurableFiles", "KioskDevices", "Observability"]),
        Owner(prefix: "CPangoCairo", rooms: ["SlipPrinting"]),
        Owner(prefix: "CQREncode", rooms: ["SlipPrinting"]),
        Owner(prefix: "CXLSXWriter", rooms: ["HeadquartersSheets"]),
        Owner(prefix: "CLibZip", rooms: ["VacancyImport"]),
        Owner(prefix: "CExpat", rooms: ["VacancyImport"]),
        Owner(prefix: "Yams", rooms: ["SettingsFile"]),
    ]

    static let stores: Set = ["KioskStore", "HeadquartersStore"]
    /// Rooms of the command line.
    static let talking: Set = ["KioskControl", "HeadquartersControl"]
    /// Where wire types are at home, and where they are mapped.
    static let wireRooms: Set = ["SyncProtocol", "KioskSync", "HeadquartersWeb"]
    /// The store signs place and clock within its transaction.
    static let wireExceptions: [String: Set<String>] = [
        "KioskStore": ["WirePlace", "WireClockEvidence", "WireClockQuality"]
    ]

    static func wing(of room: String) -> String? {
        if room.hasPrefix("Kiosk") || room == "SlipPrinting" { return "Kiosk" }
        return room.hasPrefix("Headquarters") ? "Headquarters" : nil
    }
}
