// Codes of GB/T 2260: which place lies in which, how near two are, and what is no code.

import JobFair
import Testing

@Suite struct RegionCodeTests {
    private func code(_ text: String) throws -> RegionCode { try #require(RegionCode(text)) }

    @Test(
        arguments: [
            ("331003", "331003", .sameCounty), ("331003", "331004", .sameCity), ("331003", "331000", .sameCity),
            ("331000", "331000", .sameCity), ("331003", "330100", .sameProvince), ("331003", "330000", .sameProvince),
            ("331003", "430100", .elsewhere), ("330000", "430000", .elsewhere),
            // 仙桃 and 潜江 are administered by the province: their common four digits are no city.
            ("429004", "429005", .sameProvince), ("429004", "429004", .sameCounty),
        ] as [(String, String, RegionCode.Distance)])
    func distances(one: String, other: String, distance: RegionCode.Distance) throws {
        #expect(try code(one).distance(to: code(other)) == distance)
        #expect(try code(other).distance(to: code(one)) == distance)
    }

    @Test(
        arguments: [
            ("330000", "331003", true), ("331000", "331003", true), ("331003", "331003", true),
            ("331003", "331004", false),
            ("331003", "331000", nil), ("331003", "330000", nil), ("331000", "330000", nil),
            ("331000", "430000", false),
        ] as [(String, String, Bool?)])
    func containing(outer: String, inner: String, isInside: Bool?) throws {
        #expect(try code(outer).contains(code(inner)) == isInside)
    }

    @Test func codesOfTownsAreCutAndOtherTextIsNone() throws {
        #expect(try code("331003102") == code("331003"))
        #expect(try code("331003102001") == code("331003"))
        for text in ["", "33", "33100", "3310031", "000000", "012345", "33100a", "台州市", "３３１００３"] {
            #expect(RegionCode(text) == nil, "\(text)")
        }
    }
}
