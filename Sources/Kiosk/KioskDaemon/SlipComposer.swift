// From a print job to the slip that goes to the printer: five vacancies, the code, the picture.

import JobFair
import KioskCore
import SlipPrinting
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Why a slip could not be made. Names no person.
struct SlipComposerError: Error, CustomStringConvertible {
    let description: String
}

struct SlipComposer: Sendable {
    let fairs: CurrentFair
    let sealer: @Sendable () -> (any ContentSealer)?
    let rasterizer: PangoTextRasterizer
    let profile: PrinterProfile
    let kioskLabel: @Sendable () -> String
    let state: PrinterState

    func compose(_ job: PrintJob) async throws -> PrintableSlip {
        let record = job.registration
        guard let ticket = record.ticket, let desk = record.desk, let day = record.fairDay,
            let catalogue = await catalogue(of: record.fairID), let tokenKey = sealer()?.tokenKey(of: record.fairID)
        else { throw SlipComposerError(description: "catalogue or grant of the slip's fair is missing") }
        let token = SlipToken.make(
            purpose: desk.slipPurpose, fairKeyNumber: catalogue.fair.keyNumber, recordID: Data(record.recordID.bytes),
            tokenKey: tokenKey)
        let slip = Slip(
            ticket: ticket, maskedName: desk.maskedName, fairName: catalogue.fair.name, day: day,
            codeAddress: token.address(form: catalogue.fair.formAddress),
            fairNumber: catalogue.fair.keyNumber, allowsIntents: desk.slipPurpose == 1,
            vacancies: vacancies(of: catalogue, ticket: ticket),
            servicePhone: catalogue.fair.servicePhone, kioskLabel: kioskLabel(), isCopy: job.isCopy)
        return try render(slip, name: "\(catalogue.fair.keyNumber)-\(ticket)" + (job.isCopy ? "-copy-\(job.id)" : ""))
    }

    /// Nil also where the file cannot be read now: the job waits, it is not lost.
    private func catalogue(of fair: FairID) async -> Catalogue? {
        (try? await fairs.catalogue(of: fair)) ?? nil
    }

    /// A slip that shows whether printer, paper and fonts are right; it registers nobody.
    func composeTest() throws -> PrintableSlip {
        guard let ticket = TicketNumber(pair: "AA", number: 1), let day = CalendarDate(year: 2026, month: 1, day: 1)
        else { throw SlipComposerError(description: "no test ticket") }
        let vacancies = (1...5).map {
            SlipVacancy(title: "测试岗位 \($0)", employer: "测试单位", booth: "A0\($0)", pay: "5000-7000元/月")
        }
        let slip = Slip(
            ticket: ticket, maskedName: "测*", fairName: "打印测试 Print test", day: day,
            codeAddress: "HTTPS://EXAMPLE.INVALID/I/" + String(repeating: "A", count: 48), allowsIntents: true,
            vacancies: vacancies, sentence: "这是测试小票，不是登记。This is a test; nobody was registered.",
            servicePhone: "", kioskLabel: kioskLabel(), isCopy: false)
        return try render(slip, name: "test")
    }

    private func render(_ slip: Slip, name: String) throws -> PrintableSlip {
        let picture = try SlipPicture(slip, profile: profile, rasterizer: rasterizer)
        if !picture.unknownScalars.isEmpty { state.countMissingGlyphs() }
        return PrintableSlip(name: name, png: Data(try picture.png()), printerBytes: Data(picture.printerBytes()))
    }

    private func vacancies(of catalogue: Catalogue, ticket: TicketNumber) -> [SlipVacancy] {
        let employers = Dictionary(
            catalogue.employers.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        // Whether the person is 16 or 17 stays sealed, so no slip names a vacancy that is not for them; the form does.
        return VacancyChoice.forSlip(
            vacancies: catalogue.vacancies, employers: catalogue.employers, turn: ticket.number,
            count: Slip.vacanciesMax, isUnder18: true
        ).map {
            SlipVacancy(
                title: $0.title, employer: employers[$0.employerID] ?? "", booth: $0.booth,
                pay: PayText.text(of: $0.pay))
        }
    }
}
