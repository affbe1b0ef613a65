// Wire to domain: a frame's bytes as far as they can be read, with every length and value checked.

import HeadquartersCore
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads frames. Bytes in, a typed value out; nothing is stored here.
struct RecordReader: Sendable {
    let opener: HPKEOpener
    let personLink: PersonLink

    /// - Parameter publicKey: of the device that the frame names; nil: no such device is enrolled here.
    func read(_ frame: Data, publicKey: (Data) async throws -> Data?) async throws -> ArrivedRecord {
        let digest = RecordFrame.digest(frame)
        let decoded: DecodedFrame
        do {
            decoded = try RecordFrame.decode(frame)
        } catch {
            let reason: IngestReason = error.code == .tooLarge ? .frameTooLarge : .frameMalformed
            return .refused(recordID: Data(), digest: digest, reason: reason)
        }
        let id = decoded.identity.recordID
        guard let key = try await publicKey(decoded.identity.deviceID) else {
            return .postponed(recordID: id, digest: digest, reason: .deviceUnknown)
        }
        guard decoded.isSigned(by: key) else {
            return .refused(recordID: id, digest: digest, reason: .signatureInvalid)
        }
        guard let envelope = Self.envelope(decoded, frame: frame) else {
            return .refused(recordID: id, digest: digest, reason: .frameMalformed)
        }
        guard decoded.identity.schemaVersion == RecordFrame.schemaVersion else {
            return .sealed(envelope, reason: .schemaUnknown)
        }
        do {
            guard let content = try content(opener.open(decoded.body)) else {
                return .sealed(envelope, reason: .payloadInvalid)
            }
            return .opened(envelope, content)
        } catch {
            return .sealed(envelope, reason: Self.reason(error))
        }
    }

    private static func reason(_ error: any Error) -> IngestReason {
        switch (error as? SyncProtocolError)?.code {
        case .keyUnknown: .keyUnknown
        case .suiteUnknown: .schemaUnknown
        case .sealInvalid: .sealBroken
        default: .payloadInvalid
        }
    }

    private static func envelope(_ decoded: DecodedFrame, frame: Data) -> RecordEnvelope? {
        let place = decoded.body.place
        guard let recordID = RecordID(bytes: decoded.identity.recordID),
            let fairID = FairID(bytes: decoded.identity.fairID), let sequence = Int64(exactly: place.sequence)
        else { return nil }
        return RecordEnvelope(
            recordID: recordID, deviceID: decoded.identity.deviceID, fairID: fairID, lineageID: place.lineageID,
            sequence: sequence, previousDigest: place.previousDigest, fairDay: CalendarDate(place.fairDay),
            isDayConfirmed: place.dayConfirmed, ticket: TicketNumber(place.ticket),
            clock: ClockSample(wire: decoded.body.clock), digest: decoded.digest, frame: frame)
    }

    // MARK: Payload

    /// Nil where a field is not what the contract says.
    private func content(_ payload: WirePayload) throws -> RecordContent? {
        switch payload.kind {
        case .registration(let wire): return registration(wire)
        case .entry(let wire): return .entry(people: Int(max(1, wire.people)), isRehearsal: wire.rehearsal)
        case .checkIn(let wire): return RecordID(bytes: wire.seekerRecordID).map { .checkIn(seeker: $0) }
        case .intent(let wire): return Self.intent(wire)
        case .completion(let wire): return completion(wire)
        case .clockAnchor(let wire):
            guard wire.bootID.count == 16, let boot = Int64(exactly: wire.bootMilliseconds) else { return nil }
            return .clockAnchor(
                bootID: wire.bootID, bootMilliseconds: boot, headquartersMilliseconds: wire.headquartersMilliseconds,
                roundTrip: Int64(wire.roundTripMilliseconds))
        case .withdrawal(let wire): return Self.aboutSlip("withdrawal", wire.seekerRecordID)
        case .dayChange(let wire): return Self.dayChange(wire)
        case .slipCopy(let wire): return Self.aboutSlip("slipCopy", wire.seekerRecordID)
        case .consentChange(let wire):
            guard let seeker = RecordID(bytes: wire.seekerRecordID), let employer = EmployerID(bytes: wire.employerID)
            else { return nil }
            return .consentChange(seeker: seeker, employer: employer, isGiven: wire.given)
        case .slipReplaced(let wire): return Self.aboutSlip("slipReplaced", wire.seekerRecordID)
        case .wishesChange(let wire):
            guard let seeker = RecordID(bytes: wire.seekerRecordID) else { return nil }
            return .wishesChange(seeker: seeker, digits: wire.digits)
        case nil: throw SyncProtocolError(.suiteUnknown, "a payload of a newer program")
        }
    }

    private func registration(_ wire: WireRegistration) -> RecordContent {
        let band = AgeBand(rawValue: wire.ageBand) ?? .unknown
        let number = wire.hasDocument ? wire.document.number : ""
        return .registration(
            OpenedRegistration(
                person: number.isEmpty ? nil : personLink.personKey(documentNumber: number),
                surname: Self.surname(wire.name), slipDigits: Self.digits(phone: wire.phone, document: number),
                ageBand: band, hasBirthDate: CalendarDate(wire.birthDate) != nil,
                allowsIntents: wire.slipPurpose == 1 && band.allowsIntents, isRehearsal: wire.rehearsal))
    }

    /// The last four of the phone, else of the document; nil where there is neither, or where they are not what the form
    /// takes: a document that ends in letters. The form then sends its holder to a clerk.
    private static func digits(phone: String, document: String) -> String? {
        let last = String(String.UnicodeScalarView((phone.isEmpty ? document : phone).unicodeScalars.suffix(4)))
        return IntentDigits.read(last) == last ? last : nil
    }

    private static func surname(_ name: String) -> String? {
        name.isEmpty ? nil : FormNames.surname(of: PersonName(normalised: name, typed: name))
    }

    private static func aboutSlip(_ kind: String, _ seeker: Data) -> RecordContent {
        RecordID(bytes: seeker).map { .aboutSlip(kind: kind, seeker: $0) } ?? .noted(kind: kind)
    }

    private static func dayChange(_ wire: WireDayChange) -> RecordContent {
        guard let change = FairDayChange(rawValue: wire.change) else { return .noted(kind: "dayChange") }
        return .dayChange(
            OpenedDayChange(
                change: change, day: CalendarDate(wire.fairDay), isByHeadquarters: wire.by == "headquarters"))
    }

    private static func intent(_ wire: WireIntent) -> RecordContent? {
        guard let seeker = RecordID(bytes: wire.seekerRecordID), let vacancy = VacancyID(bytes: wire.vacancyID),
            let level = IntentLevel(rawValue: wire.level)
        else { return nil }
        return .intent(
            OpenedIntent(
                seeker: seeker, vacancyID: vacancy, level: level, passOnConsent: wire.passOnConsent,
                isWithdrawn: wire.withdrawn, digits: wire.digits))
    }

    private func completion(_ wire: WireCompletion) -> RecordContent? {
        guard let seeker = RecordID(bytes: wire.seekerRecordID), let surname = Self.surname(wire.name) else {
            return nil
        }
        return .completion(seeker: seeker, surname: surname)
    }
}

extension ClockSample {
    init(wire: WireClockEvidence) {
        self.init(
            wallMilliseconds: wire.wallMilliseconds, bootID: wire.bootID,
            bootCounter: Int64(clamping: wire.bootCounter),
            bootMilliseconds: Int64(clamping: wire.bootMilliseconds),
            quality: Quality(rawValue: wire.quality.rawValue) ?? .none)
    }
}
