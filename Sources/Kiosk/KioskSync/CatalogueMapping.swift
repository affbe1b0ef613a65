// Wire to domain: a fair's catalogue, with every field that the kiosk relies on checked.

public import JobFair
public import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public enum CatalogueMapping {
    /// Fair days in a catalogue.
    public static let daysMax = 60
    public static let vacanciesMax = 20_000
    public static let employersMax = 5000
    /// Provinces, cities and counties of the whole country are about 3,200.
    public static let regionsMax = 5000

    /// A catalogue as headquarters signed it, whether it comes over a road or from this kiosk's disk.
    ///
    /// - Parameters:
    ///   - bytes: a serialised `WireSigned`.
    ///   - keyList: nil before the kiosk was enrolled; nothing is believed then.
    /// - Throws: `keyUnknown` where the list does not name the key, `signatureInvalid`, `tooLarge`, or `malformed`.
    public static func catalogue(signed bytes: Data, keyList: TrustedKeyList?) throws(SyncProtocolError) -> Catalogue {
        let message = try WireCoding.message(
            WireSigned.self, from: bytes, bytesMax: SyncLimits.catalogueBytesMax, name: "catalogue")
        guard let keyList, keyList.publicKey(.catalogue, keyID: message.keyID) != nil else {
            throw SyncProtocolError(.keyUnknown, "the key that signed the catalogue is not in this kiosk's key list")
        }
        let body = try keyList.verify(message, domain: .catalogue, purpose: .catalogue)
        return try catalogue(
            try WireCoding.message(
                WireCatalogue.self, from: body, bytesMax: SyncLimits.catalogueBytesMax, name: "catalogue"))
    }

    /// The body of a catalogue whose signature was verified. Throws `malformed` and names the field.
    public static func catalogue(_ wire: WireCatalogue) throws(SyncProtocolError) -> Catalogue {
        let employers = try wire.employers.map(max: employersMax, "employers", employer)
        let vacancies = try wire.vacancies.map(max: vacanciesMax, "vacancies", vacancy)
        return Catalogue(
            fair: try fair(wire), version: try integer(wire.version, "version"), employers: employers,
            vacancies: vacancies,
            notice: PrivacyNotice(
                version: wire.notice.version, title: wire.notice.title, shortText: wire.notice.shortText,
                fullText: wire.notice.fullText),
            keyGroups: wire.keyGroups.map { KeyGroup(code: $0.code, label: $0.label) },
            regions: try wire.regions.map(max: regionsMax, "regions", region))
    }

    private static func fair(_ wire: WireCatalogue) throws(SyncProtocolError) -> Fair {
        guard let id = FairID(bytes: wire.fairID) else { throw malformed("fair_id") }
        guard let kind = FairKind(rawValue: wire.kind) else { throw malformed("kind") }
        let days = try wire.days.map(max: daysMax, "days") { text throws(SyncProtocolError) in
            guard let day = CalendarDate(text) else { throw malformed("days") }
            return day
        }
        guard !days.isEmpty, Set(days).count == days.count, days == days.sorted() else { throw malformed("days") }
        guard (1...SlipToken.fairKeyNumberMax).contains(Int(wire.fairKeyNumber)) else {
            throw malformed("fair_key_number")
        }
        guard !wire.formAddress.isEmpty, wire.formAddress.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw malformed("form_address")
        }
        return Fair(
            id: id, name: wire.name, venue: wire.venue, organiser: wire.organiser, kind: kind, days: days,
            keyNumber: Int(wire.fairKeyNumber), formAddress: wire.formAddress, servicePhone: wire.servicePhone,
            region: wire.region, formOpenDaysAfter: Int(wire.formOpenDaysAfter))
    }

    private static func employer(_ wire: WireEmployer) throws(SyncProtocolError) -> Employer {
        guard let id = EmployerID(bytes: wire.employerID) else { throw malformed("employer_id") }
        return Employer(
            id: id, name: wire.name, booth: wire.booth, isVerified: wire.verified, creditCode: wire.creditCode)
    }

    private static func vacancy(_ wire: WireVacancy) throws(SyncProtocolError) -> Vacancy {
        guard let id = VacancyID(bytes: wire.vacancyID) else { throw malformed("vacancy_id") }
        guard let employer = EmployerID(bytes: wire.employerID) else { throw malformed("vacancy employer_id") }
        return Vacancy(
            id: id, employerID: employer, title: wire.title,
            headcount: wire.headcount == 0 ? nil : Int(wire.headcount),
            pay: Pay(
                lowestFen: Int(wire.pay.lowestFen), highestFen: Int(wire.pay.highestFen),
                unit: Pay.Unit(rawValue: wire.pay.unit), text: wire.pay.text),
            booth: wire.booth, place: wire.place, boardAndLodging: wire.boardAndLodging, insurance: wire.insurance,
            hours: wire.hours, isWithdrawn: wire.withdrawn, isNotUnder18: wire.notUnder18, isFilled: wire.filled,
            // What a newer headquarters may say beyond these lists is "not said" here.
            occupation: Occupation(rawValue: wire.occupation), requirements: wire.requirements, region: wire.region,
            workForm: WorkForm(rawValue: wire.workForm), offersBoard: answer(wire.board),
            offersLodging: answer(wire.lodging), hasNightShifts: answer(wire.nightShifts))
    }

    private static func region(_ wire: WireRegion) throws(SyncProtocolError) -> Region {
        guard wire.code.utf8.count == 6, RegionCode(wire.code) != nil else { throw malformed("region code") }
        return Region(code: wire.code, name: wire.name)
    }

    private static func answer(_ number: UInt32) -> Bool? {
        switch number {
        case 1: true
        case 2: false
        default: nil
        }
    }

    private static func integer(_ number: UInt64, _ name: String) throws(SyncProtocolError) -> Int {
        guard let value = Int(exactly: number) else { throw malformed(name) }
        return value
    }

    private static func malformed(_ field: String) -> SyncProtocolError {
        SyncProtocolError(.malformed, "catalogue: \(field)")
    }
}

extension Array {
    fileprivate func map<Value>(
        max: Int, _ name: String, _ transform: (Element) throws(SyncProtocolError) -> Value
    ) throws(SyncProtocolError) -> [Value] {
        guard count <= max else { throw SyncProtocolError(.tooLarge, "catalogue: \(count) \(name)") }
        var values: [Value] = []
        values.reserveCapacity(count)
        for element in self { values.append(try transform(element)) }
        return values
    }
}
