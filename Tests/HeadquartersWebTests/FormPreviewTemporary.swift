// Temporary.
import Foundation
import HeadquartersCore
import JobFair
import Testing

@testable import HeadquartersWeb

struct PreviewFair: Decodable { var employers: [Employer]; var vacancies: [Vacancy]; var notice: PrivacyNotice; var name: String; var venue: String; var organiser: String }

@Suite struct FormPreviewTemporary {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PREVIEW"] != nil)) func preview() async throws {
        let fair = try JSONDecoder().decode(PreviewFair.self, from: Data(contentsOf: URL(fileURLWithPath: "/tmp/f2/sample.json")))
        try await FormFixture.run { fixture in
            var catalogue = fixture.catalogue
            catalogue.fair.id = FairID(milliseconds: 5, random: Array(repeating: 9, count: 10))
            catalogue.fair.days = ["2026-02-01", "2026-02-02"].compactMap { CalendarDate($0) }
            catalogue.fair.name = fair.name
            catalogue.fair.venue = fair.venue
            catalogue.fair.organiser = fair.organiser
            catalogue.employers = fair.employers
            catalogue.vacancies = fair.vacancies
            catalogue.notice = fair.notice
            catalogue = try await fixture.store.createFair(catalogue, at: FormFixture.opening)
            try await fixture.store.addEnrolmentCode(NewEnrolmentCode(hash: Data(repeating: 2, count: 32), kioskLabel: "二号机", fairIDs: [catalogue.fair.id], createdAt: 1, expiresAt: .max))
            let device = Data(repeating: 0xB2, count: 16)
            _ = try await fixture.store.enrol(NewDevice(deviceID: device, publicKey: Data(repeating: 55, count: 32), agreementPublicKey: Data(repeating: 66, count: 32), softwareVersion: "t"), codeHash: Data(repeating: 2, count: 32), at: 1)
            let here = FormFixture(folder: fixture.folder, store: fixture.store, catalogue: catalogue, master: fixture.master, clock: fixture.clock, formPort: fixture.formPort, deskPort: fixture.deskPort, client: fixture.client)
            try await here.arrive(1, surname: "欧阳", person: 1)
            try await here.arrive(2, surname: nil, person: 2)
            for number in 20..<150 { try await here.arrive(UInt8(number), surname: "张", person: UInt8(number)) }
            for number in 150..<250 { try await here.ingest(FormFixture.recordID(UInt8(number)), .entry(people: 1, isRehearsal: false), number: UInt8(number)) }
            for number in 3..<19 { try await here.ingest(FormFixture.recordID(UInt8(number)), .checkIn(seeker: FormFixture.recordID(UInt8(number + 20))), number: UInt8(number)) }
            for number in 20..<60 { _ = try await here.state([fair.vacancies[number % 30], fair.vacancies[(number * 7) % 30]], slip: UInt8(number)) }
            try await here.store.noteContact(KioskContact(deviceID: device, lineageID: Data(repeating: 9, count: 16), lastSequence: 300, pendingRecords: 37, softwareVersion: "0.1", problems: ["printer.paperLow"], anchor: ClockSample(wallMilliseconds: 1, bootID: Data(repeating: 4, count: 16), bootCounter: 1, bootMilliseconds: 1, quality: .ntp), at: here.clock.now))
            let text = "FORM=http://127.0.0.1:\(here.formPort)\nDESK=http://127.0.0.1:\(here.deskPort)\nT1=\(here.token(1))\nT2=\(here.token(2))\nT9=\(here.token(19))\nP2=\(here.token(1, purpose: 2))\nFAIR=\(catalogue.fair.id)\nKEY=\(catalogue.fair.keyNumber)\nWRONG=\(SlipFormWrong)\n"
            try text.write(toFile: "/tmp/f2/ports", atomically: true, encoding: .utf8)
            while FileManager.default.fileExists(atPath: "/tmp/f2/ports") { try await Task.sleep(for: .milliseconds(300)) }
        }
    }
}
private let SlipFormWrong = "X"
