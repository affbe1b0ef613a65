// Mapping between domain and wire, status lines, and the files of an enrolment.

import Foundation
import JobFair
import KioskCore
import NIOHTTP1
import SwiftProtobuf
import SyncProtocol
import TestSupport
import Testing

@testable import KioskSync

@Suite struct MappingTests {
    @Test("a sealed registration opens to what was typed")
    func registration() throws {
        let key = AgreementKey()
        let device = SigningKey()
        let sealer = RecordSealer(
            sealer: try HPKESealer(publicKey: key.publicKey), deviceID: device.deviceID, tokenKey: { _ in nil })
        let id = RecordID(milliseconds: 1, random: Array(repeating: 1, count: 10))
        let fair = FairID(milliseconds: 1, random: Array(repeating: 2, count: 10))
        let registration = Registration(
            document: Document(
                kind: .residentID, number: "99999919900101001X", typed: "999999900101001", isConverted: true,
                birthDate: CalendarDate("1990-01-01")),
            name: PersonName(normalised: "买买提·样例", typed: "买买提•样例"), phone: "13900000000", contactPhone: nil,
            birthDate: CalendarDate("1990-01-01"), ageBand: .adult, keyGroups: ["graduate"], keyGroupConsent: true,
            noticeVersion: "2026-1", proxyName: nil, proxyRelation: nil, proxyPhone: nil,
            wishes: Wishes(occupations: ["6-18"], lowestPayYuanMonth: 5000, places: ["330100"]), language: "zh")
        let sealed = try sealer.seal(
            .registration(registration, slipPurpose: 1, isRehearsal: true), recordID: id, fairID: fair)
        var body = WireRecordBody()
        body.identity = sealed.identity
        body.encapsulatedKey = sealed.encapsulatedKey
        body.ciphertext = sealed.ciphertext
        let opened = try HPKEOpener(key: key).open(body).registration
        #expect(opened.document.number == "99999919900101001X" && opened.document.converted)
        #expect(opened.document.typed == "999999900101001" && opened.document.kind == "residentID")
        #expect(opened.name == "买买提·样例" && opened.nameTyped == "买买提•样例")
        #expect(opened.phone == "13900000000" && opened.contactPhone.isEmpty)
        #expect(opened.birthDate == "1990-01-01" && opened.ageBand == "adult")
        #expect(opened.keyGroups == ["graduate"] && opened.keyGroupConsent && opened.noticeVersion == "2026-1")
        #expect(opened.wishes.lowestPayYuanMonth == 5000 && opened.wishes.places == ["330100"])
        #expect(opened.slipPurpose == 1 && opened.rehearsal && opened.language == "zh")
        let identity = try WireIdentity(serializedBytes: sealed.identity)
        #expect(identity.recordID == Data(id.bytes) && identity.fairID == Data(fair.bytes))
        #expect(identity.deviceID == device.deviceID && identity.keyID == key.keyID)
        for word in ["买买提", "13900000000", "99999919900101001X"] {
            #expect(sealed.ciphertext.range(of: Data(word.utf8)) == nil)
            #expect(sealed.identity.range(of: Data(word.utf8)) == nil)
        }
    }

    @Test("what is said about vacancies is sealed field by field")
    func statements() throws {
        let key = AgreementKey()
        let sealer = RecordSealer(
            sealer: try HPKESealer(publicKey: key.publicKey), deviceID: SigningKey().deviceID, tokenKey: { _ in nil })
        let id = RecordID(milliseconds: 1, random: Array(repeating: 1, count: 10))
        let vacancy = VacancyID(milliseconds: 1, random: Array(repeating: 3, count: 10))
        func opened(_ content: RecordContent) throws -> WirePayload {
            let fair = FairID(milliseconds: 1, random: Array(repeating: 2, count: 10))
            let sealed = try sealer.seal(content, recordID: id, fairID: fair)
            var body = WireRecordBody()
            body.identity = sealed.identity
            body.encapsulatedKey = sealed.encapsulatedKey
            body.ciphertext = sealed.ciphertext
            return try HPKEOpener(key: key).open(body)
        }
        let intent = try opened(
            .intent(
                StatedIntent(
                    seeker: id, vacancyID: vacancy, passOnConsent: true, isWithdrawn: false, digits: "567X"))
        ).intent
        #expect(intent.seekerRecordID == Data(id.bytes) && intent.vacancyID == Data(vacancy.bytes))
        #expect(intent.level == "preliminary" && intent.passOnConsent && !intent.withdrawn && intent.digits == "567X")
        let wishes = Wishes(
            occupations: ["sewing"], lowestPayYuanMonth: 6000, places: ["990200"], home: "990121",
            workForms: [.byTheDay], board: true, nightShifts: false, skills: ["平车"], travel: true)
        let change = try opened(.wishesChange(WishesChange(seeker: id, wishes: wishes, digits: "0001"))).wishesChange
        #expect(change.seekerRecordID == Data(id.bytes) && change.digits == "0001")
        #expect(change.wishes.home == "990121" && change.wishes.workForms == ["byTheDay"] && change.wishes.board)
        #expect(change.wishes.hasNightShifts && !change.wishes.nightShifts)
        #expect(change.wishes.skills == ["平车"] && change.wishes.travel)
        let unsaid = try opened(.wishesChange(WishesChange(seeker: id, wishes: Wishes(), digits: "0001"))).wishesChange
        #expect(!unsaid.wishes.hasNightShifts)
    }

    @Test("what a vacancy does not say is not known, and what is said is")
    func vacancies() throws {
        var wire = SyncServiceTests.catalogue(FairID(milliseconds: 5, random: Array(repeating: 5, count: 10)))
        let unsaid = try #require(try CatalogueMapping.catalogue(wire).vacancies.first)
        #expect(unsaid.offersBoard == nil && unsaid.hasNightShifts == nil && unsaid.workForm == nil)
        #expect(unsaid.occupation == nil && unsaid.region.isEmpty && !unsaid.isFilled)
        wire.vacancies[0].board = 1
        wire.vacancies[0].lodging = 2
        wire.vacancies[0].nightShifts = 2
        wire.vacancies[0].workForm = "shortTerm"
        wire.vacancies[0].occupation = "sewing"
        wire.vacancies[0].region = "990121"
        wire.vacancies[0].requirements = "熟手"
        wire.vacancies[0].filled = true
        wire.region = "990121"
        var region = WireRegion()
        (region.code, region.name) = ("990121", "青禾县")
        wire.regions = [region]
        let said = try CatalogueMapping.catalogue(wire)
        let vacancy = try #require(said.vacancies.first)
        #expect(vacancy.offersBoard == true && vacancy.offersLodging == false && vacancy.hasNightShifts == false)
        #expect(vacancy.workForm == .shortTerm && vacancy.occupation == .sewing && vacancy.region == "990121")
        #expect(vacancy.requirements == "熟手" && vacancy.isFilled && !vacancy.isOpen)
        #expect(said.fair.region == "990121" && said.regions == [Region(code: "990121", name: "青禾县")])
        // A newer headquarters may know more tiles and forms.
        wire.vacancies[0].occupation = "astronaut"
        wire.vacancies[0].workForm = "remote"
        wire.vacancies[0].board = 3
        let newer = try #require(try CatalogueMapping.catalogue(wire).vacancies.first)
        #expect(newer.occupation == nil && newer.workForm == nil && newer.offersBoard == nil)
    }

    @Test("a catalogue with a field that is not right is refused whole")
    func catalogue() throws {
        let fair = FairID(milliseconds: 5, random: Array(repeating: 5, count: 10))
        let good = SyncServiceTests.catalogue(fair)
        let mapped = try CatalogueMapping.catalogue(good)
        #expect(mapped.fair.id == fair && mapped.fair.keyNumber == 12 && mapped.fair.days.count == 2)
        #expect(mapped.vacancies.first?.headcount == 30)
        let changes: [(inout WireCatalogue) -> Void] = [
            { $0.fairID = Data(count: 15) }, { $0.kind = "party" }, { $0.days = [] }, { $0.days = ["2026-02-30"] },
            { $0.days = ["2026-03-01", "2026-02-28"] }, { $0.days = ["2026-03-01", "2026-03-01"] },
            { $0.fairKeyNumber = 0 }, { $0.fairKeyNumber = 16_777_216 }, { $0.formAddress = "" },
            { $0.formAddress = "HTTPS://招聘.CN" }, { $0.version = .max }, { $0.vacancies[0].vacancyID = Data() },
            { $0.employers[0].employerID = Data() },
            { $0.regions = [WireRegion()] },
        ]
        for (index, change) in changes.enumerated() {
            var wire = good
            change(&wire)
            #expect(throws: SyncProtocolError.self, "change \(index)") { try CatalogueMapping.catalogue(wire) }
        }
    }

    @Test("a catalogue from the disk is believed like one from a road, and not once its key has left the list")
    func signedCatalogue() throws {
        let keys = FakeKeys()
        let list = try TrustedKeyList(verifying: keys.keyList(), rootHash: SHA256Digest.of(keys.root.publicKey))
        let fair = FairID(milliseconds: 5, random: Array(repeating: 5, count: 10))
        let body = WireCoding.bytes(SyncServiceTests.catalogue(fair))
        let signed = SignedMessage.sign(body, domain: .catalogue, key: keys.catalogue)
        let bytes = WireCoding.bytes(signed)
        #expect(try CatalogueMapping.catalogue(signed: bytes, keyList: list).fair.id == fair)

        func code(_ bytes: Data, _ list: TrustedKeyList?) -> SyncProtocolError.Code? {
            do {
                _ = try CatalogueMapping.catalogue(signed: bytes, keyList: list)
                return nil
            } catch {
                return error.code
            }
        }
        // The list of a headquarters that has taken another key, and that of nobody.
        var later = keys
        later.catalogue = SigningKey()
        let laterList = try TrustedKeyList(
            verifying: later.keyList(version: 2), rootHash: SHA256Digest.of(keys.root.publicKey))
        #expect(code(bytes, laterList) == .keyUnknown && code(bytes, nil) == .keyUnknown)
        // The receipt key is in the list, for something else.
        let receipt = SignedMessage.sign(body, domain: .catalogue, key: keys.receipt)
        #expect(code(WireCoding.bytes(receipt), list) == .keyUnknown)
        var changed = signed
        changed.body[changed.body.count / 2] ^= 1
        #expect(code(WireCoding.bytes(changed), list) == .signatureInvalid)
        #expect(code(bytes.prefix(bytes.count / 2), list) == .malformed)
    }

    @Test("Retry-After in seconds, and as a date read against the answer's own Date")
    func retryAfter() {
        func wait(_ value: String, date: String? = nil) -> Duration? {
            var headers = HTTPHeaders([("retry-after", value)])
            if let date { headers.add(name: "date", value: date) }
            return AnswerReading.retryAfter(headers)
        }
        #expect(wait("120") == .seconds(120))
        #expect(wait("-5") == nil)
        #expect(wait("0") == nil)
        #expect(wait("9000000000") == .seconds(86_400))
        #expect(wait("soon") == nil)
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(HTTPDate.seconds(date) == 784_111_777)
        #expect(wait("Sun, 06 Nov 1994 08:51:37 GMT", date: date) == .seconds(120))
        #expect(wait("Sun, 06 Nov 1994 08:40:00 GMT", date: date) == nil)
        #expect(wait("Sun, 06 Nov 1994 08:51:37 GMT") == nil)
    }

    @Test(
        "addresses of headquarters",
        arguments: [
            ("https://hq.example.cn:7443", "https://hq.example.cn:7443"),
            (
                "https://127.0.0.1:7443/",
                "https://127.0.0.1:7443"
            ), (" HTTPS://hq.example.cn ", "https://hq.example.cn"),
            ("http://hq.example.cn", nil), ("hq.example.cn:7443", nil), ("https://", nil), ("https://a/b", nil),
            ("https://user@host", nil), ("", nil),
        ] as [(String, String?)])
    func addresses(typed: String, read: String?) {
        #expect((try? EnrolmentClient.address(typed)) == read)
    }

    @Test("no code is sent to a headquarters whose certificate cannot be trusted")
    func certificateOfTheKeyList() throws {
        let keys = FakeKeys()
        let code = EnrolmentCode(random: Data(count: 5), rootPublicKey: keys.root.publicKey)
        let list = WireCoding.bytes(keys.keyList())
        #expect(try EnrolmentClient.keyList(list, code: code).list.syncCaDer == FakeKeys.certificate)
        for certificate in [Data(), Data([0x30, 0]), FakeKeys.certificate.dropLast()] {
            let list = WireCoding.bytes(keys.keyList(certificate: certificate))
            let error = #expect(throws: ControlError.self) { try EnrolmentClient.keyList(list, code: code) }
            #expect(error?.code == "enrol.certificateInvalid")
        }
    }

    @Test("keys are made once, with mode 0600, and a damaged enrolment is not overlooked")
    func enrolmentFiles() throws {
        let kiosk = try Kiosk()
        let again = try kiosk.store.loadOrMakeKeys()
        #expect(again.0.publicKey == kiosk.device.publicKey && again.1.publicKey == kiosk.agreement.publicKey)
        #expect(kiosk.store.enrolment == nil && kiosk.store.sealer == nil)
        try kiosk.enrol(at: "https://127.0.0.1:1")
        #expect(kiosk.store.sealer != nil)
        for name in ["keys/device.key", "keys/agreement.key", "enrolment/statement.pb", "enrolment/key-list.pb"] {
            let path = kiosk.folder.file(name)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let whole = bytes
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(throws: EnrolmentStoreError.self, "\(name)") {
                try EnrolmentStore(stateFolder: kiosk.folder.path)
            }
            try whole.write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
        #expect(try EnrolmentStore(stateFolder: kiosk.folder.path).enrolment?.address == "https://127.0.0.1:1")
    }
}
