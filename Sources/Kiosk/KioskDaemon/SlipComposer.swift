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
    let vacancies: VacancyShelf
    let lists: MatchLists
    let openFair: @Sendable () async throws -> OpenFair?
    let sealer: @Sendable () -> (any ContentSealer)?
    let rasterizer: PangoTextRasterizer
    let profile: PrinterProfile
    let kioskLabel: @Sendable () -> String
    let state: PrinterState

    func compose(_ job: PrintJob) async throws -> PrintableSlip {
        switch job.content {
        case .registration(let record): try await compose(record, of: job)
        case .vacancy(let vacancy, let fair): try await compose(vacancy, at: fair, of: job)
        }
    }

    private func compose(_ record: CommittedRecord, of job: PrintJob) async throws -> PrintableSlip {
        guard let ticket = record.ticket, let desk = record.desk, let day = record.fairDay,
            let offers = await offers(of: record.fairID), let tokenKey = sealer()?.tokenKey(of: record.fairID)
        else { throw SlipComposerError(description: "catalogue or grant of the slip's fair is missing") }
        let catalogue = offers.catalogue
        let token = SlipToken.make(
            purpose: desk.slipPurpose, fairKeyNumber: catalogue.fair.keyNumber, recordID: Data(record.recordID.bytes),
            tokenKey: tokenKey)
        let slip = Slip(
            ticket: ticket, maskedName: desk.maskedName, fairName: catalogue.fair.name, day: day,
            codeAddress: token.address(form: catalogue.fair.formAddress),
            fairNumber: catalogue.fair.keyNumber, allowsIntents: desk.slipPurpose == 1,
            vacancies: await vacancies(for: record, desk, ticket: ticket, on: day, from: offers),
            servicePhone: catalogue.fair.servicePhone, kioskLabel: kioskLabel(), isCopy: job.isCopy)
        return try render(slip, name: "\(catalogue.fair.keyNumber)-\(ticket)" + (job.isCopy ? "-copy-\(job.id)" : ""))
    }

    private func compose(_ id: VacancyID, at fair: FairID, of job: PrintJob) async throws -> PrintableSlip {
        guard let offers = await offers(of: fair), let open = try? await openFair() else {
            throw SlipComposerError(description: "catalogue of the vacancy's fair is missing, or the fair is closed")
        }
        // Filled or withdrawn since it was asked for: nobody is sent there, and waiting would not bring it back.
        guard let card = offers.card(of: id) else { throw VacancyGone() }
        let (vacancy, catalogue) = (card.vacancy, offers.catalogue)
        let slip = VacancySlip(
            fairName: catalogue.fair.name, day: open.day, employer: card.employer.name, title: vacancy.title,
            booth: card.booth, pay: PayText.text(of: vacancy.pay), headcount: vacancy.headcount, place: vacancy.place,
            boardAndLodging: vacancy.boardAndLodging, insurance: vacancy.insurance, hours: vacancy.hours,
            requirements: vacancy.requirements, isNotUnder18: vacancy.isNotUnder18,
            servicePhone: catalogue.fair.servicePhone, kioskLabel: kioskLabel(), isCopy: job.isCopy)
        return try printable(
            SlipPicture(slip, profile: profile, rasterizer: rasterizer),
            name: "\(catalogue.fair.keyNumber)-vacancy-\(job.id)")
    }

    private struct VacancyGone: Error {}

    /// Nil also where the file cannot be read now: the job waits, it is not lost.
    private func offers(of fair: FairID) async -> VacancyOffers? {
        (try? await vacancies.offers(of: fair)) ?? nil
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
        try printable(SlipPicture(slip, profile: profile, rasterizer: rasterizer), name: name)
    }

    private func printable(_ picture: SlipPicture, name: String) throws -> PrintableSlip {
        if !picture.unknownScalars.isEmpty { state.countMissingGlyphs() }
        return PrintableSlip(name: name, png: Data(try picture.png()), printerBytes: Data(picture.printerBytes()))
    }

    /// None where the slip leads to no intents: the holder may be under 16, and nobody leads a child to work (禁止使用童工规定,
    /// article 7); that some of them are only of unknown age is not told apart. For the others whether they are 16 or 17
    /// stays sealed, so no slip names a vacancy that is not for them; the form does.
    private func vacancies(
        for record: CommittedRecord, _ desk: DeskEntry, ticket: TicketNumber, on day: CalendarDate,
        from offers: VacancyOffers
    ) async -> [SlipVacancy] {
        guard desk.slipPurpose == 1 else { return [] }
        let cards = await lists.slipList(
            of: record.recordID, wishes: desk.wishes, turn: ticket.number, count: Slip.vacanciesMax, from: offers,
            on: day)
        return cards.map {
            SlipVacancy(
                title: $0.vacancy.title, employer: $0.employer.name, booth: $0.booth,
                pay: PayText.text(of: $0.vacancy.pay))
        }
    }
}
