// swift-tools-version: 6.2
import PackageDescription

// The manifest is the only lock: every version is exact (docs/decisions/0001-packages.md says why each is here).
// The rooms and who may import whom: ARCHITECTURE.md; Tests/HouseTests checks it.

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "jobfair-kiosk",
    products: [
        .executable(name: "kioskd", targets: ["kioskd"]),
        .executable(name: "kioskctl", targets: ["kioskctl"]),
        .executable(name: "headquartersd", targets: ["headquartersd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // System libraries: a module map and a shim each, nothing else.
        .systemLibrary(
            name: "CSQLite", path: "Sources/SystemLibraries/CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(
            name: "CQREncode", path: "Sources/SystemLibraries/CQREncode", pkgConfig: "libqrencode",
            providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(
            name: "CPangoCairo", path: "Sources/SystemLibraries/CPangoCairo", pkgConfig: "pangocairo",
            providers: [.apt(["libpango1.0-dev"])]),
        .systemLibrary(
            name: "CLibZip", path: "Sources/SystemLibraries/CLibZip", pkgConfig: "libzip",
            providers: [.apt(["libzip-dev"])]),
        .systemLibrary(
            name: "CExpat", path: "Sources/SystemLibraries/CExpat", pkgConfig: "expat",
            providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(
            name: "CXLSXWriter", path: "Sources/SystemLibraries/CXLSXWriter", pkgConfig: "xlsxwriter",
            providers: [.apt(["libxlsxwriter-dev"])]),
        // adjtimex(2), prctl(2) and O_DIRECT, which Swift's Glibc module leaves out.
        .systemLibrary(name: "CLinux", path: "Sources/SystemLibraries/CLinux"),

        // Shared
        .target(name: "JobFair", path: "Sources/Shared/JobFair"),
        .target(
            name: "SyncProtocol", dependencies: [crypto, protobuf], path: "Sources/Shared/SyncProtocol",
            exclude: ["Wire/jobfair.proto"]),
        .target(
            name: "VacancyImport", dependencies: ["CExpat", "CLibZip", "JobFair"], path: "Sources/Shared/VacancyImport"),
        .target(name: "Observability", dependencies: ["CLinux", logging], path: "Sources/Shared/Observability"),
        .target(
            name: "DurableFiles", dependencies: ["CLinux", "SyncProtocol", crypto], path: "Sources/Shared/DurableFiles"),
        .target(name: "SettingsFile", dependencies: [yams], path: "Sources/Shared/SettingsFile"),

        // Kiosk
        .target(
            name: "KioskCore", dependencies: ["JobFair", "SyncProtocol", crypto], path: "Sources/Kiosk/KioskCore"),
        .target(
            name: "KioskStore",
            dependencies: [
                "CSQLite", "DurableFiles", "JobFair", "KioskCore", "SyncProtocol", grdb, lifecycle, logging,
            ],
            path: "Sources/Kiosk/KioskStore"),
        .target(
            name: "SlipPrinting", dependencies: ["CPangoCairo", "CQREncode", "JobFair"],
            path: "Sources/Kiosk/SlipPrinting"),
        .target(
            name: "KioskDevices", dependencies: ["CLinux", "DurableFiles", "KioskCore", lifecycle],
            path: "Sources/Kiosk/KioskDevices"),
        .target(
            name: "KioskSync",
            dependencies: [
                "DurableFiles", "JobFair", "KioskCore", "SyncProtocol", crypto, httpClient, lifecycle, logging, nioCore,
                nioHTTP1, nioSSL, protobuf,
            ],
            path: "Sources/Kiosk/KioskSync"),
        .target(
            name: "KioskWeb",
            dependencies: ["JobFair", "KioskCore", "SyncProtocol", hummingbird, httpTypes, logging, mustache, nioCore],
            path: "Sources/Kiosk/KioskWeb", resources: [.embedInCode("Pages")]),
        .target(
            name: "KioskControl",
            dependencies: [
                "DurableFiles", "JobFair", "KioskCore", "KioskDaemon", "KioskSync", "Observability", "SyncProtocol",
                argumentParser, httpClient, nioCore, nioHTTP1, nioPosix,
            ],
            path: "Sources/Kiosk/KioskControl"),
        .target(
            name: "KioskDaemon",
            dependencies: [
                "DurableFiles", "JobFair", "KioskCore", "KioskDevices", "KioskStore", "KioskSync", "KioskWeb",
                "Observability", "SettingsFile", "SlipPrinting", "SyncProtocol", hummingbird, lifecycle, logging,
                unixSignals,
            ],
            path: "Sources/Kiosk/KioskDaemon"),

        // Headquarters
        .target(
            name: "HeadquartersCore", dependencies: ["JobFair", "SyncProtocol", "VacancyImport", crypto],
            path: "Sources/Headquarters/HeadquartersCore"),
        .target(
            name: "HeadquartersStore",
            dependencies: [
                "CSQLite", "DurableFiles", "HeadquartersCore", "JobFair", "SyncProtocol", grdb, logging,
            ],
            path: "Sources/Headquarters/HeadquartersStore"),
        .target(
            name: "HeadquartersSheets", dependencies: ["CXLSXWriter"], path: "Sources/Headquarters/HeadquartersSheets"),
        .target(
            name: "HeadquartersWeb",
            dependencies: [
                "DurableFiles", "HeadquartersCore", "HeadquartersSheets", "HeadquartersStore", "JobFair",
                "Observability", "SettingsFile", "SyncProtocol", "VacancyImport", asn1, crypto, cryptoExtras, httpTypes,
                hummingbird, hummingbirdCore, hummingbirdTLS, lifecycle, logging, mustache, nioCore, nioSSL, protobuf,
                unixSignals, x509,
            ],
            path: "Sources/Headquarters/HeadquartersWeb", resources: [.embedInCode("Pages")]),
        .target(
            name: "HeadquartersControl", dependencies: ["HeadquartersWeb", "Observability", argumentParser],
            path: "Sources/Headquarters/HeadquartersControl"),

        // Programs
        .executableTarget(
            name: "kioskd", dependencies: ["KioskDaemon", "Observability", argumentParser],
            path: "Sources/Programs/kioskd"),
        .executableTarget(
            name: "kioskctl", dependencies: ["KioskControl", argumentParser],
            path: "Sources/Programs/kioskctl"),
        .executableTarget(
            name: "headquartersd", dependencies: ["HeadquartersControl", argumentParser],
            path: "Sources/Programs/headquartersd"),

        // Tests
        .target(name: "TestSupport", dependencies: [lifecycle, logging], path: "Tests/TestSupport"),
        .testTarget(
            name: "JobFairTests", dependencies: ["JobFair"], exclude: ["Matching/Goldens"]),
        .testTarget(
            name: "SyncProtocolTests", dependencies: ["SyncProtocol", "TestSupport", crypto, protobuf],
            exclude: ["Goldens"]),
        .testTarget(
            name: "VacancyImportTests", dependencies: ["CLibZip", "JobFair", "VacancyImport"],
            exclude: ["Fixtures"]),
        .testTarget(name: "SettingsFileTests", dependencies: ["SettingsFile"]),
        .testTarget(name: "ObservabilityTests", dependencies: ["Observability", "TestSupport", logging]),
        .testTarget(name: "KioskCoreTests", dependencies: ["JobFair", "KioskCore", "SyncProtocol", "TestSupport"]),
        .testTarget(
            name: "KioskStoreTests",
            dependencies: [
                "CSQLite", "JobFair", "KioskCore", "KioskStore", "SyncProtocol", "TestSupport", crypto, grdb, lifecycle,
                logging,
            ],
            exclude: ["Goldens"]),
        .testTarget(
            name: "SlipPrintingTests", dependencies: ["JobFair", "SlipPrinting", "TestSupport"], exclude: ["Goldens"]),
        .testTarget(
            name: "KioskDevicesTests", dependencies: ["KioskCore", "KioskDevices", "TestSupport", lifecycle]),
        .testTarget(
            name: "KioskSyncTests",
            dependencies: [
                "DurableFiles", "JobFair", "KioskCore", "KioskSync", "SyncProtocol", "TestSupport", crypto, httpTypes,
                hummingbird, logging, nioCore, nioHTTP1, protobuf,
            ]),
        .testTarget(
            name: "KioskWebTests",
            dependencies: [
                "JobFair", "KioskCore", "KioskWeb", "TestSupport", httpClient, hummingbird, logging, nioCore,
            ],
            exclude: ["Goldens"]),
        .testTarget(
            name: "KioskControlTests",
            dependencies: [
                "DurableFiles", "JobFair", "KioskControl", "KioskCore", "KioskDaemon", "KioskStore", "KioskSync",
                "SyncProtocol", "TestSupport", logging,
            ]),
        .testTarget(
            name: "KioskDaemonTests",
            dependencies: [
                "JobFair", "KioskCore", "KioskDaemon", "KioskDevices", "KioskSync", "TestSupport", logging,
            ]),
        .testTarget(name: "SimulationTests", dependencies: ["HeadquartersCore", "JobFair", "KioskCore"]),
        .testTarget(
            name: "HeadquartersCoreTests",
            dependencies: ["HeadquartersCore", "JobFair", "SyncProtocol", "TestSupport", "VacancyImport", crypto]),
        .testTarget(
            name: "HeadquartersStoreTests",
            dependencies: [
                "HeadquartersCore", "HeadquartersStore", "JobFair", "SyncProtocol", "TestSupport", "VacancyImport",
                crypto, grdb, logging,
            ]),
        .testTarget(
            name: "HeadquartersWebTests",
            dependencies: [
                "HeadquartersCore", "HeadquartersSheets", "HeadquartersStore", "HeadquartersWeb", "JobFair",
                "SettingsFile", "SyncProtocol", "TestSupport", "VacancyImport", crypto, grdb, httpClient, hummingbird,
                logging, nioCore, nioHTTP1, nioSSL, protobuf,
            ]),
        .testTarget(name: "HouseTests"),
        // A VFS that records and fails, and the tool of the fault list's rows on it: for tests, in no product.
        .target(name: "CFaultDisk", dependencies: ["CSQLite"], path: "Tests/Faults/CFaultDisk"),
        .executableTarget(
            name: "fault-disk",
            dependencies: ["CFaultDisk", "CSQLite", "JobFair", "KioskCore", "KioskStore", "SyncProtocol", logging],
            path: "Tests/Faults/FaultDisk"),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}
