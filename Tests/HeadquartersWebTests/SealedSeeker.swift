// Seekers whose registrations were sealed, signed and read as those of a real kiosk.

import Foundation
import HeadquartersCore
import JobFair
import SyncProtocol
import Testing

@testable import HeadquartersWeb

/// Somebody at the fair of a `FormFixture`.
struct SealedSeeker {
    var number: UInt8
    var name: String
    var phone = ""
    var contactPhone = ""
    var proxy: (relation: String, phone: String)?
    var age = AgeBand.adult
    var document = ""

    var digits: String { String((phone.isEmpty ? document : phone).suffix(4)) }

    var payload: WirePayload {
        var payload = WirePayload()
        payload.registration.name = name
        payload.registration.nameTyped = name
        payload.registration.phone = phone
        payload.registration.contactPhone = contactPhone
        payload.registration.proxyRelation = proxy?.relation ?? ""
        payload.registration.proxyPhone = proxy?.phone ?? ""
        payload.registration.ageBand = age.rawValue
        payload.registration.birthDate = "1990-01-01"
        payload.registration.slipPurpose = 1
        if !document.isEmpty {
            payload.registration.document.kind = "residentID"
            payload.registration.document.number = document
        }
        return payload
    }
}

extension FormFixture {
    func arrive(_ seeker: SealedSeeker) async throws {
        try await arrive(seeker.payload, Self.recordID(seeker.number), number: seeker.number, isRegistration: true)
    }

    /// Seals, signs, reads and ingests a record of the kiosk.
    ///
    /// - Parameter number: of the record in the chain.
    func arrive(
        _ payload: WirePayload, _ id: RecordID, number: UInt8, isRegistration: Bool = false
    ) async throws {
        let sealer = try HPKESealer(publicKey: sealing.publicKey)
        let identity = RecordFrame.identity(
            recordID: Data(id.bytes), deviceID: signer.deviceID, fairID: Data(catalogue.fair.id.bytes),
            keyID: sealer.keyID,
            suite: sealer.suite)
        var place = WirePlace()
        place.lineageID = Data(repeating: 9, count: 16)
        place.sequence = UInt64(number)
        place.fairDay = Self.fairDay?.description ?? ""
        place.dayConfirmed = true
        place.ticket = isRegistration ? "AB\(String(10_000 + Int(number)).dropFirst())" : ""
        if number > 1 { place.previousDigest = Data(repeating: 1, count: 32) }
        var clock = WireClockEvidence()
        clock.wallMilliseconds = self.clock.now
        clock.bootID = Data(repeating: 4, count: 16)
        clock.bootMilliseconds = 1000
        clock.quality = .ntp
        let frame = RecordFrame.encode(
            identity: identity, sealed: try sealer.seal(payload, identity: identity), place: place, clock: clock,
            signer: signer)
        let reader = RecordReader(
            opener: HPKEOpener(key: sealing), personLink: PersonLink(tokenMaster: Data(repeating: 5, count: 32)))
        let record = try await reader.read(frame) { try await store.device($0)?.publicKey }
        let report = try await store.ingest(
            IngestBatch(
                deviceID: signer.deviceID, lineageID: Data(repeating: 9, count: 16),
                batchID: Data(repeating: number, count: 16),
                records: [record], receivedAt: self.clock.now))
        #expect(report.results.map(\.code) == [.accepted], "\(report.results)")
    }
}
