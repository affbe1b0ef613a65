// Domain to wire: what a record says, field by field.

import JobFair
import KioskCore
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

enum PayloadMapping {
    static func payload(of content: RecordContent) -> WirePayload {
        var payload = WirePayload()
        switch content {
        case .registration(let registration, let slipPurpose, let isRehearsal):
            payload.registration = map(registration, slipPurpose: slipPurpose, isRehearsal: isRehearsal)
        case .entry(let way, let isRehearsal):
            payload.entry.people = 1
            payload.entry.way = way
            payload.entry.rehearsal = isRehearsal
        case .checkIn(let seeker):
            payload.checkIn.seekerRecordID = Data(seeker.bytes)
            payload.checkIn.way = "scan"
        case .slipCopy(let seeker):
            payload.slipCopy.seekerRecordID = Data(seeker.bytes)
        case .dayChange(let change):
            payload.dayChange.change = change.change.rawValue
            payload.dayChange.fairDay = change.day.description
            payload.dayChange.by = change.author.rawValue
        case .clockAnchor(let anchor):
            payload.clockAnchor.bootID = anchor.bootID
            payload.clockAnchor.bootMilliseconds = UInt64(clamping: anchor.bootMilliseconds)
            payload.clockAnchor.headquartersMilliseconds = anchor.headquartersMilliseconds
            payload.clockAnchor.roundTripMilliseconds = UInt32(clamping: anchor.roundTripMilliseconds)
        }
        return payload
    }

    private static func map(
        _ registration: Registration, slipPurpose: Int, isRehearsal: Bool
    ) -> WireRegistration {
        var wire = WireRegistration()
        if let document = registration.document { wire.document = map(document) }
        wire.name = registration.name?.normalised ?? ""
        wire.nameTyped = registration.name?.typed ?? ""
        wire.phone = registration.phone ?? ""
        wire.contactPhone = registration.contactPhone ?? ""
        wire.birthDate = registration.birthDate?.description ?? ""
        wire.ageBand = registration.ageBand.rawValue
        wire.keyGroups = registration.keyGroups
        wire.keyGroupConsent = registration.keyGroupConsent
        wire.noticeVersion = registration.noticeVersion
        wire.proxyName = registration.proxyName ?? ""
        wire.proxyRelation = registration.proxyRelation ?? ""
        wire.proxyPhone = registration.proxyPhone ?? ""
        wire.wishes.occupations = registration.wishes.occupations
        wire.wishes.lowestPayYuanMonth = UInt32(clamping: registration.wishes.lowestPayYuanMonth ?? 0)
        wire.wishes.places = registration.wishes.places
        wire.slipPurpose = UInt32(clamping: slipPurpose)
        wire.rehearsal = isRehearsal
        wire.language = registration.language
        return wire
    }

    private static func map(_ document: Document) -> WireDocument {
        var wire = WireDocument()
        wire.kind = document.kind.rawValue
        wire.number = document.number
        wire.typed = document.typed
        wire.converted = document.isConverted
        return wire
    }

    /// For hello and for the frame.
    static func clock(_ reading: ClockReading) -> WireClockEvidence {
        var clock = WireClockEvidence()
        clock.wallMilliseconds = reading.wallMilliseconds
        clock.bootID = reading.bootID
        clock.bootCounter = UInt64(clamping: reading.bootCounter)
        clock.bootMilliseconds = UInt64(clamping: reading.bootMilliseconds)
        clock.quality = WireClockQuality(rawValue: reading.quality.rawValue) ?? .none
        return clock
    }
}
