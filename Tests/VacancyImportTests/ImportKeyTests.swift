// Importing again: what updates, what is new, what is no longer in the sheet.

import Testing
import VacancyImport

@Suite struct ImportKeyTests {
    static func key(_ employer: String, _ title: String, place: String = "城东", pay: String = "5000", code: String = "")
        -> ImportKey
    {
        ImportKey(employerName: employer, creditCode: code, title: title, place: place, payText: pay)
    }

    @Test func sameSheetAgainIsAllUpdates() {
        let keys = [
            Self.key("甲厂", "普工"), Self.key("甲厂", "普工", pay: "6000"), Self.key("甲厂", "普工", place: "城西"),
            Self.key("乙厂", "普工"),
        ]
        let pairing = ImportPairing(rows: keys, existing: keys)
        #expect(pairing.existing == [0, 1, 2, 3])
        #expect(pairing.untouched.isEmpty)
        #expect(ImportPairing(rows: keys.reversed(), existing: keys).existing == [3, 2, 1, 0])
    }

    @Test func raiseOfPayUpdates() {
        let pairing = ImportPairing(
            rows: [Self.key("甲厂", "普工", pay: "5500")], existing: [Self.key("甲厂", "普工", pay: "5000")])
        #expect(pairing.existing == [0])
    }

    @Test func sameTitlesKeepTheirOwnPay() {
        let existing = [Self.key("甲厂", "普工", pay: "5000"), Self.key("甲厂", "普工", pay: "6000")]
        let rows = [
            Self.key("甲厂", "普工", pay: "6000"), Self.key("甲厂", "普工", pay: "5500"), Self.key("甲厂", "普工", pay: "9000"),
        ]
        let pairing = ImportPairing(rows: rows, existing: existing)
        #expect(pairing.existing == [1, 0, nil])
        #expect(pairing.untouched.isEmpty)
    }

    @Test func employerThatGetsItsCodeStaysTheSame() {
        let existing = [Self.key("甲厂", "普工")]
        let rows = [Self.key("甲 厂", "普工", code: "91990121MA9006010Y")]
        #expect(ImportPairing(rows: rows, existing: existing).existing == [0])
        #expect(ImportPairing(rows: existing, existing: rows).existing == [0])
        #expect(rows[0].isSameEmployer(as: existing[0]))
    }

    @Test func renamedEmployerWithItsCodeStaysTheSame() {
        let existing = [Self.key("甲厂", "普工", code: "91990121MA9006010Y")]
        let rows = [Self.key("甲有限公司", "普工", code: "91990121MA9006010Y")]
        #expect(ImportPairing(rows: rows, existing: existing).existing == [0])
    }

    @Test func namesakesWithCodesAreApart() {
        let existing = [
            Self.key("甲厂", "普工", code: "91990121MA9006010Y"), Self.key("甲厂", "普工", code: "91990121MA9006029U"),
        ]
        let pairing = ImportPairing(
            rows: [Self.key("甲厂", "普工", code: "91990121MA9006029U"), Self.key("甲厂", "普工")], existing: existing)
        #expect(pairing.existing == [1, nil])
        #expect(pairing.untouched == [0])
        #expect(!existing[0].isSameEmployer(as: existing[1]))
    }

    @Test func fewerRowsThanVacanciesAreAboutTheOpenOnes() {
        let existing = ["5000", "5500", "6000"].map { Self.key("甲厂", "普工", pay: $0) }
        func pairs(_ pays: [String], closed: Set<Int>) -> [Int?] {
            ImportPairing(rows: pays.map { Self.key("甲厂", "普工", pay: $0) }, existing: existing, closed: closed)
                .existing
        }
        #expect(pairs(["7000"], closed: [0]) == [1])
        #expect(pairs(["7000", "8000"], closed: [0, 1]) == [0, 2])
        // With a row for each there is nothing to choose: the sheet's order stays.
        #expect(pairs(["7000", "8000", "9000"], closed: [0]) == [0, 1, 2])
        // Equal pay is the same vacancy, open or not, where it is the only one.
        #expect(pairs(["5000"], closed: [0]) == [0])
        let equals = [Self.key("甲厂", "普工"), Self.key("甲厂", "普工")]
        #expect(ImportPairing(rows: [Self.key("甲厂", "普工")], existing: equals, closed: [0]).existing == [1])
    }

    /// Each row looked through all vacancies of its group: hours of work where this takes a second.
    @Test(.timeLimit(.minutes(1))) func aHundredThousandEqualRowsArePaired() {
        let keys = [ImportKey](repeating: Self.key("甲厂", "普工"), count: 100_000)
        #expect(ImportPairing(rows: keys, existing: keys).existing == Array(keys.indices))
    }

    @Test func rowsThatAreGoneAreNamed() {
        let existing = [Self.key("甲厂", "普工"), Self.key("甲厂", "焊工")]
        let pairing = ImportPairing(rows: [Self.key("甲厂", "焊工"), Self.key("甲厂", "电工")], existing: existing)
        #expect(pairing.existing == [1, nil])
        #expect(pairing.untouched == [0])
    }
}
