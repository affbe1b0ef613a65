// Documents: what was typed, and what the kiosk makes of it.

import JobFair
import Testing

private let fairDay = CalendarDate("2027-02-08")

/// One row: what was typed, the chosen kind, and number, kind and birth date, or the problem.
private struct Row: CustomTestStringConvertible, Sendable {
    var typed: String
    var chosen: DocumentKind?
    var number: String?
    var kind: DocumentKind?
    var born: String?
    var problem: ProblemCode?

    static func good(
        _ typed: String, _ kind: DocumentKind, _ number: String, born: String? = nil, chosen: DocumentKind? = nil
    ) -> Row {
        Row(typed: typed, chosen: chosen, number: number, kind: kind, born: born)
    }

    static func bad(_ typed: String, _ problem: ProblemCode, chosen: DocumentKind? = nil) -> Row {
        Row(typed: typed, chosen: chosen, problem: problem)
    }

    var testDescription: String { "\(typed) \(chosen?.rawValue ?? "")" }
}

@Suite struct DocumentRulesTests {
    @Test(arguments: residentIDs + permitsAndPassports + refused)
    private func document(_ row: Row) throws {
        let day = try #require(fairDay)
        switch DocumentRules.check(number: row.typed, kind: row.chosen, on: day) {
        case .success(let document):
            #expect(row.problem == nil)
            #expect(document.number == row.number)
            #expect(document.kind == row.kind)
            #expect(document.birthDate?.description == row.born)
        case .failure(let problem):
            #expect(problem == row.problem)
        }
    }

    private static let residentIDs: [Row] = [
        // Both examples of the standard.
        .good("11010519491231002X", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("440524188001010014", .residentID, "440524188001010014", born: "1880-01-01"),
        .good("11010519491231002x", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("11010519491231002Ｘ", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("11010519491231002ｘ", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("11010519491231002\u{2169}", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("11010519491231002\u{2179}", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("１１０１０５１９４９１２３１００２Ｘ", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good(" 110105 19491231 002X ", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("110105-19491231-002X", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("110105－19491231–002X", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("110105\u{3000}19491231\u{3000}002X", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("\u{202A}11010519491231002X\u{202C}", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("\u{FEFF}11010519491231002X\t\n", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("11O1O51949123100ZX".replacing("Z", with: "2"), .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("11o1o519491231oo2X", .residentID, "11010519491231002X", born: "1949-12-31"),
        // Regions that were never issued, abolished, or moved to another province.
        .good("000001199001010014", .residentID, "000001199001010014", born: "1990-01-01"),
        .good("00000119900101009x", .residentID, "00000119900101009X", born: "1990-01-01"),
        .good("510229197303151232", .residentID, "510229197303151232", born: "1973-03-15"),
        .good("370481200102030041", .residentID, "370481200102030041", born: "2001-02-03"),
        .good("840000198506061234", .residentID, "840000198506061234", born: "1985-06-06"),
        .good("999999198002290035", .residentID, "999999198002290035", born: "1980-02-29", chosen: .residentID),
        // On the fair day itself a birth date is possible; RegistrationRules judges the age.
        .good("00000120270208001X", .residentID, "00000120270208001X", born: "2027-02-08"),
        // Fifteen digits.
        .good("110105491231002", .residentID, "11010519491231002X", born: "1949-12-31"),
        .good("000001700101001", .residentID, "000001197001010015", born: "1970-01-01"),
        .good("OOOOO17OO1O1OO1", .permanentResident, "OOO001700101001"),
        .good("0OOOO17OO1O1OO1", .residentID, "000001197001010015", born: "1970-01-01"),
        .good("000001 700101 001", .residentID, "000001197001010015", born: "1970-01-01"),
        .good("000001991231996", .residentID, "000001189912319961", born: "1899-12-31"),
        .good("000001991231999", .residentID, "000001189912319996", born: "1899-12-31"),
    ]

    private static let permitsAndPassports: [Row] = [
        .good("810000198506061239", .residencePermit, "810000198506061239", born: "1985-06-06"),
        .good("820000198506061230", .residencePermit, "820000198506061230", born: "1985-06-06"),
        .good("830000198506061232", .residencePermit, "830000198506061232", born: "1985-06-06"),
        .good("８３００００１９８５０６０６１２３２", .residencePermit, "830000198506061232", born: "1985-06-06"),
        .good(
            "810000198506061239", .residencePermit, "810000198506061239", born: "1985-06-06", chosen: .residencePermit),
        .good("900999198506061231", .permanentResident, "900999198506061231", born: "1985-06-06"),
        .good(
            "900999198506061231", .permanentResident, "900999198506061231", born: "1985-06-06",
            chosen: .permanentResident),
        .good("UTO110075032301", .permanentResident, "UTO110075032301"),
        .good("uto 1100 750323 01", .permanentResident, "UTO110075032301"),
        .good("UTOO1OO750323O1", .permanentResident, "UTO010075032301"),
        .good("UTO110075032301", .passport, "UTO110075032301", chosen: .passport),
        .good("E12345678", .passport, "E12345678"),
        .good("e1234 5678", .passport, "E12345678"),
        .good("Ｅ１２３４５６７８", .passport, "E12345678"),
        .good("EO1234567", .passport, "EO1234567"),
        .good("12345", .passport, "12345"),
        .good("12345678", .passport, "12345678"),
        .good("0123456789", .passport, "0123456789"),
        .good("H12345678", .passport, "H12345678"),
        .good("1E1234567", .passport, "1E1234567"),
        .good("A2345678901234567", .passport, "A2345678901234567"),
        .good("12345678901234567", .passport, "12345678901234567", chosen: .passport),
    ]

    private static let refused: [Row] = [
        .bad("110105194912310021", .documentCheckDigit),
        .bad("000001199001010015", .documentCheckDigit),
        .bad("010001199001010014", .documentCheckDigit),
        .bad("810000198506061238", .documentCheckDigit),
        .bad("900999198506061232", .documentCheckDigit),
        .bad("000001199002310019", .documentBirthDate),
        .bad("000001199013010011", .documentBirthDate),
        .bad("000001190002290010", .documentBirthDate),
        .bad("000001179901010011", .documentBirthDate),
        .bad("000001000229996", .documentBirthDate),
        .bad("000001701301001", .documentBirthDate),
        .bad("000001202702090015", .documentBornInFuture),
        .bad("5.10229E+17", .documentFloatingPoint),
        .bad("5.10229e+17", .documentFloatingPoint),
        .bad("５．１０２２９Ｅ＋１７", .documentFloatingPoint),
        .bad("5.10229E17", .documentFloatingPoint),
        .bad("5E+17", .documentFloatingPoint),
        .bad("5.1E+", .documentCharacters),
        .bad("11010519491231002", .documentLength),
        .bad("1101051949123100211", .documentLength),
        .bad("1101051949123", .documentLength),
        .bad("15400000001", .documentLength),
        .bad("A123456789012345678901", .documentLength),
        .bad("E123", .documentLength),
        .bad("", .documentLength),
        .bad("----", .documentLength),
        .bad("1101051949123100AX", .documentCharacters),
        .bad("X10105194912310021", .documentCharacters),
        .bad("E1234*678", .documentCharacters),
        .bad("E1234567é", .documentCharacters),
        .bad("证件12345678", .documentCharacters),
        .bad("'11010519491231002X", .documentCharacters),
        .bad("１1010519491231002٣", .documentCharacters),
        .bad("E1234\u{0}5678", .documentCharacters),
        .bad(String(repeating: "1", count: 65), .documentTooLong),
        .bad("E12345678", .documentLength, chosen: .residentID),
        .bad("UTO110075032301", .documentCharacters, chosen: .residentID),
        .bad("000001199001010014", .documentKindMismatch, chosen: .residencePermit),
        .bad("840000198506061234", .documentKindMismatch, chosen: .residencePermit),
        .bad("E12345678", .documentLength, chosen: .residencePermit),
        .bad("000001199001010014", .documentKindMismatch, chosen: .permanentResident),
        .bad("000001700101001", .documentKindMismatch, chosen: .permanentResident),
        .bad("E1234", .documentLength, chosen: .permanentResident),
        .bad("000001199001010014", .documentLength, chosen: .passport),
        .bad("E123", .documentLength, chosen: .passport),
    ]

    @Test func fifteenDigitsKeepWhatWasTyped() throws {
        let day = try #require(fairDay)
        let document = try DocumentRules.check(number: "110105 491231 002", kind: nil, on: day).get()
        #expect(document.isConverted)
        #expect(document.typed == "110105491231002")
        let modern = try DocumentRules.check(number: document.number, kind: nil, on: day).get()
        #expect(!modern.isConverted)
        #expect(modern.number == document.number)
    }

    /// ISO 7064 MOD 11-2 finds every single mistyped digit and every swap of neighbours.
    @Test func everyMistypedDigitIsFound() throws {
        let day = try #require(fairDay)
        let number = Array("000001199001010014")
        for place in number.indices {
            for digit in "0123456789" where digit != number[place] {
                var typed = number
                typed[place] = digit
                // A 9 in front or 81 to 83 names another kind; the check digit is the same one.
                let result = DocumentRules.check(number: String(typed), kind: nil, on: day)
                #expect(throws: ProblemCode.self) { try result.get() }
            }
            guard place > 0, number[place] != number[place - 1] else { continue }
            var swapped = number
            swapped.swapAt(place, place - 1)
            let result = DocumentRules.check(number: String(swapped), kind: nil, on: day)
            #expect(throws: ProblemCode.self) { try result.get() }
        }
    }

    @Test func theNumberNamesItsKindHoweverItWasChosen() {
        #expect(DocumentRules.inferredKind(of: "810000198506061239") == .residencePermit)
        #expect(DocumentRules.inferredKind(of: "900999198506061231") == .permanentResident)
        #expect(DocumentRules.inferredKind(of: "000001199001010014") == .residentID)
        #expect(DocumentRules.inferredKind(of: "E12345678") == .passport)
        #expect(DocumentRules.inferredKind(of: "") == nil)
    }
}
