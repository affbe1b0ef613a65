// Days, identifiers and ticket numbers at their edges.

import JobFair
import Testing

@Suite struct CalendarDateTests {
    @Test(arguments: ["2024-02-29", "2000-02-29", "1800-01-01", "9999-12-31", "2026-04-30"])
    func daysThatExist(text: String) {
        #expect(CalendarDate(text)?.description == text)
    }

    @Test(arguments: [
        "2023-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "1799-12-31", "26-01-01",
        "2026-1-1", "2026/01/01", "2026-01-01 ", "+026-01-01", "２０２６-01-01", "",
    ])
    func daysThatDoNot(text: String) {
        #expect(CalendarDate(text) == nil)
    }

    @Test(arguments: ["AB0237", "ZZ9999", "AA0001"])
    func ticketNumbers(text: String) {
        #expect(TicketNumber(text)?.description == text)
    }

    @Test(arguments: ["AI0001", "OA0001", "QA0001", "VA0001", "AB0000", "AB123", "ab0001", "AB+001", "A00001", ""])
    func noTicketNumbers(text: String) {
        #expect(TicketNumber(text) == nil)
    }

    @Test func identifiers() throws {
        let id = RecordID(milliseconds: 0x0198_1234_5678, random: Array(repeating: 0xFF, count: 10))
        #expect(id.description == "01981234-5678-7fff-bfff-ffffffffffff")
        #expect(RecordID(id.description.uppercased()) == id)
        #expect(RecordID("01981234-5678-7fff-bfff-fffffffffff") == nil)
        #expect(RecordID("01981234_5678-7fff-bfff-ffffffffffff") == nil)
    }
}
