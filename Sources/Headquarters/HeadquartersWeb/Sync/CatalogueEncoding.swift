// Domain to wire: a fair's catalogue as it is signed. Nothing secret is in it.

import HeadquartersCore
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A catalogue as it travels.
struct SignedCatalogue: Sendable {
    let signed: WireSigned
    /// Quoted, as it stands in the header.
    let etag: String
}

/// The bytes of a catalogue and their ETag; the same bytes for the same catalogue.
struct EncodedCatalogue: Sendable {
    let body: Data
    /// Quoted, as it stands in the header.
    let etag: String

    init(_ catalogue: Catalogue) {
        let fair = catalogue.fair
        var wire = WireCatalogue()
        wire.fairID = Data(fair.id.bytes)
        wire.version = UInt64(catalogue.version)
        wire.name = fair.name
        wire.venue = fair.venue
        wire.organiser = fair.organiser
        wire.kind = fair.kind.rawValue
        wire.days = fair.days.map(\.description)
        wire.employers = catalogue.employers.map(Self.employer)
        wire.vacancies = catalogue.vacancies.map(Self.vacancy)
        wire.formAddress = fair.formAddress
        wire.fairKeyNumber = UInt32(fair.keyNumber)
        wire.notice.version = catalogue.notice.version
        wire.notice.title = catalogue.notice.title
        wire.notice.shortText = catalogue.notice.shortText
        wire.notice.fullText = catalogue.notice.fullText
        wire.keyGroups = catalogue.keyGroups.map { group in
            var wire = WireKeyGroup()
            wire.code = group.code
            wire.label = group.label
            return wire
        }
        wire.formOpenDaysAfter = UInt32(clamping: fair.formOpenDaysAfter)
        wire.servicePhone = fair.servicePhone
        wire.region = fair.region
        wire.regions = catalogue.regions.map { region in
            var wire = WireRegion()
            wire.code = region.code
            wire.name = region.name
            return wire
        }
        body = WireCoding.bytes(wire)
        etag = CatalogueETag.make(version: catalogue.version, body: body)
    }

    private static func employer(_ employer: Employer) -> WireEmployer {
        var wire = WireEmployer()
        wire.employerID = Data(employer.id.bytes)
        wire.name = employer.name
        wire.booth = employer.booth
        wire.verified = employer.isVerified
        wire.creditCode = employer.creditCode
        return wire
    }

    private static func vacancy(_ vacancy: Vacancy) -> WireVacancy {
        var wire = WireVacancy()
        wire.vacancyID = Data(vacancy.id.bytes)
        wire.employerID = Data(vacancy.employerID.bytes)
        wire.title = vacancy.title
        wire.headcount = UInt32(clamping: vacancy.headcount ?? 0)
        wire.pay.lowestFen = UInt32(clamping: vacancy.pay.lowestFen)
        wire.pay.highestFen = UInt32(clamping: vacancy.pay.highestFen)
        wire.pay.unit = vacancy.pay.unit?.rawValue ?? ""
        wire.pay.text = vacancy.pay.text
        wire.booth = vacancy.booth
        wire.place = vacancy.place
        wire.boardAndLodging = vacancy.boardAndLodging
        wire.insurance = vacancy.insurance
        wire.hours = vacancy.hours
        wire.withdrawn = vacancy.isWithdrawn
        wire.notUnder18 = vacancy.isNotUnder18
        wire.requirements = vacancy.requirements
        wire.occupation = vacancy.occupation?.rawValue ?? ""
        wire.region = vacancy.region
        wire.workForm = vacancy.workForm?.rawValue ?? ""
        wire.board = answer(vacancy.offersBoard)
        wire.lodging = answer(vacancy.offersLodging)
        wire.nightShifts = answer(vacancy.hasNightShifts)
        wire.filled = vacancy.isFilled
        return wire
    }

    /// 0 not said, 1 yes, 2 no.
    private static func answer(_ answer: Bool?) -> UInt32 { answer.map { $0 ? 1 : 2 } ?? 0 }
}
