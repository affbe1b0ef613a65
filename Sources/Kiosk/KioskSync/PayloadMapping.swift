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
        case .intent(let intent):
            payload.intent.seekerRecordID = Data(intent.seeker.bytes)
            payload.intent.vacancyID = Data(intent.vacancyID.bytes)
            payload.intent.level = "preliminary"
            payload.intent.passOnConsent = intent.passOnConsent
            payload.intent.withdrawn = intent.isWithdrawn
            payload.intent.digits = intent.digits
        case .wishesChange(let change):
            payload.wishesChange.seekerRecordID = Data(change.seeker.bytes)
            payload.wishesChange.wishes = map(change.wishes)
            payload.wishesChange.digits = change.digits
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
        wire.wishes = map(registration.wishes)
        wire.slipPurpose = UInt32(clamping: slipPurpose)
        wire.rehearsal = isRehearsal
        wire.language = registration.language
        return wire
    }

    private static func map(_ wishes: Wishes) -> WireWishes {
        var wire = WireWishes()
        wire.occupations = wishes.occupations
        wire.lowestPayYuanMonth = UInt32(clamping: wishes.lowestPayYuanMonth ?? 0)
        wire.places = wishes.places
        wire.home = wishes.home
        wire.workForms = wishes.workForms.map(\.rawValue)
        wire.board = wishes.board
        if let nightShifts = wishes.nightShifts { wire.nightShifts = nightShifts }
        wire.skills = wishes.skills
        wire.travel = wishes.travel
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
