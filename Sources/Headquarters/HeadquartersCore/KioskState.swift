// Kiosks as headquarters knows them: enrolment, contact, lineages.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A one-time code; only its hash is stored.
public struct NewEnrolmentCode: Hashable, Sendable {
    public var hash: Data
    public var kioskLabel: String
    public var fairIDs: [FairID]
    public var createdAt: Int64
    public var expiresAt: Int64

    public init(hash: Data, kioskLabel: String, fairIDs: [FairID], createdAt: Int64, expiresAt: Int64) {
        self.hash = hash
        self.kioskLabel = kioskLabel
        self.fairIDs = fairIDs
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// A device whose request proved both keys.
public struct NewDevice: Hashable, Sendable {
    public var deviceID: Data
    public var publicKey: Data
    public var agreementPublicKey: Data
    public var softwareVersion: String

    public init(deviceID: Data, publicKey: Data, agreementPublicKey: Data, softwareVersion: String) {
        self.deviceID = deviceID
        self.publicKey = publicKey
        self.agreementPublicKey = agreementPublicKey
        self.softwareVersion = softwareVersion
    }
}

public struct EnrolledDevice: Hashable, Sendable {
    public var deviceID: Data
    public var kioskLabel: String
    public var publicKey: Data
    public var agreementPublicKey: Data
    public var fairIDs: [FairID]
    public var enrolledAt: Int64
    /// Its records are held, and it gets no catalogues and grants.
    public var isRevoked: Bool

    public init(
        deviceID: Data, kioskLabel: String, publicKey: Data, agreementPublicKey: Data, fairIDs: [FairID],
        enrolledAt: Int64, isRevoked: Bool = false
    ) {
        self.isRevoked = isRevoked
        self.deviceID = deviceID
        self.kioskLabel = kioskLabel
        self.publicKey = publicKey
        self.agreementPublicKey = agreementPublicKey
        self.fairIDs = fairIDs
        self.enrolledAt = enrolledAt
    }
}

/// A fair that a kiosk may take part in. A real fair comes by itself to every kiosk from some days before its first day
/// until its last; rehearsals, and fairs further ahead, only to kiosks that were given them.
public struct FairOffer: Hashable, Sendable {
    public var fairID: FairID
    /// Ticket pairs this kiosk has there; 0: none were fetched yet.
    public var ticketPairs: Int

    /// Of one fair: 22 letters for the first place, 22 for the second.
    public static let pairsMax = 484
    /// What a kiosk gets at a time: 4 times 9999 numbers, more than twice the people of the largest fair known.
    public static let pairsPerKiosk = 4
    /// What a kiosk has at most: a grant carries no more.
    public static let pairsPerKioskMax = 16
    /// Pairs that go to kiosks nobody named: 100 kiosks. The other 84 stay for 21 kiosks that are given the fair by
    /// hand, and for kiosks that run out.
    public static let pairsUnnamedMax = 400
    /// A kiosk that took part is offered the fair's catalogue this long after the last day: it may print copies yet.
    public static let daysAfter = 30

    public init(fairID: FairID, ticketPairs: Int) {
        self.fairID = fairID
        self.ticketPairs = ticketPairs
    }
}

/// A kiosk for `kiosk list` and for the figures.
public struct KioskState: Hashable, Sendable {
    /// No contact for so long, in milliseconds: there may be records nobody has told us of. Kiosks say hello every minute.
    public static let silentMilliseconds: Int64 = 15 * 60_000

    public var deviceID: Data
    public var kioskLabel: String
    public var fairIDs: [FairID]
    /// Milliseconds since 1970 by headquarters' clock; nil: never.
    public var lastContactAt: Int64?
    /// Records the kiosk said it still has to send, less what has arrived since; nil: it never said.
    public var backlog: Int?
    /// Records of this kiosk held here.
    public var records: Int
    /// Names of the health problems it reported last.
    public var problems: [String]
    public var softwareVersion: String

    public init(
        deviceID: Data, kioskLabel: String, fairIDs: [FairID], lastContactAt: Int64?, backlog: Int?, records: Int,
        problems: [String], softwareVersion: String
    ) {
        self.deviceID = deviceID
        self.kioskLabel = kioskLabel
        self.fairIDs = fairIDs
        self.lastContactAt = lastContactAt
        self.backlog = backlog
        self.records = records
        self.problems = problems
        self.softwareVersion = softwareVersion
    }
}

/// What a kiosk said in hello.
public struct KioskContact: Hashable, Sendable {
    public var deviceID: Data
    public var lineageID: Data
    public var lastSequence: Int64
    public var pendingRecords: Int
    public var softwareVersion: String
    public var problems: [String]
    /// The kiosk's clock at hello, raw, against headquarters' clock: an anchor for the estimate of times.
    public var anchor: ClockSample
    public var at: Int64
    /// Of the record at `lastSequence`; empty: the kiosk has it no more.
    public var lastDigest: Data
    /// Nil: none is open there.
    public var openFair: FairID?
    /// Of directives that came and were stored there.
    public var directiveIDs: [Data]

    public init(
        deviceID: Data, lineageID: Data, lastSequence: Int64, pendingRecords: Int, softwareVersion: String,
        problems: [String], anchor: ClockSample, at: Int64, lastDigest: Data = Data(), openFair: FairID? = nil,
        directiveIDs: [Data] = []
    ) {
        self.lastDigest = lastDigest
        self.openFair = openFair
        self.directiveIDs = directiveIDs
        self.deviceID = deviceID
        self.lineageID = lineageID
        self.lastSequence = lastSequence
        self.pendingRecords = pendingRecords
        self.softwareVersion = softwareVersion
        self.problems = problems
        self.anchor = anchor
        self.at = at
    }
}

/// Where a lineage stands at headquarters.
public struct LineageState: Hashable, Sendable {
    /// 0: nothing contiguous yet.
    public var contiguousThrough: Int64
    /// Empty where `contiguousThrough` is 0.
    public var digestAtContiguous: Data
    /// Missing sequences between `contiguousThrough` and the highest one known, at most `gapsMax`.
    public var gaps: [ClosedRange<Int64>]
    public var highestSequence: Int64
    /// Contiguous in the last verified backup that kiosks may purge by; 0: in none.
    public var durableThrough: Int64
    /// Of the frame at `durableThrough` in that backup; empty: none. Two kiosks that share a lineage tell by it whose it is.
    public var digestAtDurable: Data

    /// Gaps reported at once; the rest shows when these are filled.
    public static let gapsMax = 64

    public init(
        contiguousThrough: Int64, digestAtContiguous: Data, gaps: [ClosedRange<Int64>], highestSequence: Int64,
        durableThrough: Int64 = 0, digestAtDurable: Data = Data()
    ) {
        self.contiguousThrough = contiguousThrough
        self.digestAtContiguous = digestAtContiguous
        self.gaps = gaps
        self.highestSequence = highestSequence
        self.durableThrough = durableThrough
        self.digestAtDurable = digestAtDurable
    }
}

/// Generation of the store and the newest receipt serial it has given.
public struct Generation: Hashable, Sendable {
    /// 16 random bytes.
    public var id: Data
    public var newestSerial: Int64

    public init(id: Data, newestSerial: Int64) {
        self.id = id
        self.newestSerial = newestSerial
    }
}
