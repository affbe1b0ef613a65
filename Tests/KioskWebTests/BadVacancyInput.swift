// What must not get in by the calls about vacancies, intents and wishes.

import Foundation
import JobFair
import KioskCore

extension BadInputTests {
    private static let key = "\"formKey\":\"\(Sample.formKey)\""
    private static let id = "\"recordId\":\"\(Sample.id(1))\""
    private static let slip = "\"scanned\":\"HTTP://X/I/\(String(repeating: "A", count: 48))\""
    private static let vacancy = "\"vacancyId\":\"\(FakeDesk.sewing.id)\""
    private static let intent = "{\(id),\(key),\(slip),\"digits\":\"5678\",\(vacancy),\"passOnConsent\":true}"
    private static let wishes = "{\(id),\(key),\(slip),\"digits\":\"5678\",\"wishes\":{\"occupations\":[\"sewing\"]}}"

    private static func intent(_ name: String, _ what: String, _ to: String) -> BadRow {
        precondition(intent.contains(what), "the intent has no \(what)")
        return BadRow("intent: \(name)", intent.replacingOccurrences(of: what, with: to)).at("/api/v1/intents")
    }

    private static func wishes(_ name: String, _ to: String) -> BadRow {
        let body = wishes.replacingOccurrences(of: "{\"occupations\":[\"sewing\"]}", with: to)
        return BadRow("wishes: \(name)", body).at("/api/v1/wishes")
    }

    private static func query(_ name: String, _ query: String) -> BadRow {
        BadRow("query: \(name)", "GET", "/api/v1/vacancies?\(query)")
    }

    static let intents: [BadRow] = [
        intent("no form key", key + ",", ""),
        intent("no slip", slip + ",", ""),
        intent("no digits", "\"digits\":\"5678\",", ""),
        intent("no vacancy", vacancy + ",", ""),
        intent("a vacancy that is no UUID", FakeDesk.sewing.id.description, "12"),
        intent("a vacancy of another fair", FakeDesk.sewing.id.description, Sample.id(77)),
        intent("a filled vacancy", FakeDesk.sewing.id.description, FakeDesk.filled.id.description),
        intent("wrong digits", "\"5678\"", "\"0000\""),
        intent("digits as a number", "\"5678\"", "5678"),
        intent("consent as a word", "\"passOnConsent\":true", "\"passOnConsent\":\"yes\""),
        intent("withdrawn as a number", "\"passOnConsent\":true", "\"withdrawn\":1"),
        intent("a level", "\"passOnConsent\":true", "\"level\":\"signed\""),
        intent("a soup tin", "HTTP://X/I/", "690123456789"),
        BadRow("intent: an empty object", "{}").at("/api/v1/intents"),
        BadRow("intent: a list", "[]").at("/api/v1/intents"),
        BadRow("intents are not listed", "GET", "/api/v1/intents"),
        BadRow("a slip's intents: no digits", "{\(slip)}").at("/api/v1/slip-intents"),
        BadRow("a slip's intents: no slip", "{\"digits\":\"5678\"}").at("/api/v1/slip-intents"),
        BadRow("a slip's intents: wrong digits", "{\(slip),\"digits\":\"0000\"}").at("/api/v1/slip-intents"),
        BadRow("a slip's intents: an id too many", "{\(id),\(slip),\"digits\":\"5678\"}").at("/api/v1/slip-intents"),
        BadRow("a slip's intents in the address", "GET", "/api/v1/slip-intents?digits=5678"),
        BadRow("intent: 17 KiB", "{\"scanned\":\"" + String(repeating: "a", count: 17 * 1024) + "\"}").at(
            "/api/v1/intents"),
    ]

    static let changedWishes: [BadRow] = [
        wishes("none", "null"),
        wishes("a list", "[]"),
        wishes("four occupations", "{\"occupations\":[\"a\",\"b\",\"c\",\"d\"]}"),
        wishes("an unknown form of work", "{\"workForms\":[\"nightly\"]}"),
        wishes("night shifts as a word", "{\"nightShifts\":\"no\"}"),
        wishes("a home of 31 characters", "{\"home\":\"\(String(repeating: "青", count: 31))\"}"),
        wishes("skills with a direction mark", "{\"skills\":[\"叉\u{202E}车\"]}"),
        wishes("pay above the rule", "{\"lowestPayYuanMonth\":200001}"),
        wishes("an unknown name", "{\"sex\":\"男\"}"),
        wishes("travel to somewhere", "{\"travel\":\"杭州\"}"),
    ]

    static let vacancies: [BadRow] = [
        query("an unknown name", "sex=1"),
        query("a name twice", "q=a&q=b"),
        query("an unknown tile", "occupation=astronaut"),
        query("an unknown form of work", "workForm=nightly"),
        query("pay as a word", "lowestPay=viel"),
        query("negative pay", "lowestPay=-1"),
        query("board as a number", "board=1"),
        query("a page of 51", "limit=51"),
        query("a page of none", "limit=0"),
        query("an offset out of reach", "offset=100001"),
        query("an unknown order", "order=near"),
        query("61 characters", "q=" + String(repeating: "%E5%B7%A5", count: 61)),
        query("a control character", "q=%00"),
        query("a broken percent sign", "q=%E"),
        query("not UTF-8", "q=%FF%FE"),
        query("no value", "q"),
        query("3 KiB", "q=" + String(repeating: "a", count: 3 * 1024)),
        BadRow("no such vacancy", "GET", "/api/v1/vacancies/\(Sample.id(9))"),
        BadRow("a filled vacancy", "GET", "/api/v1/vacancies/\(FakeDesk.filled.id)"),
        BadRow("a vacancy that is no UUID", "GET", "/api/v1/vacancies/12"),
        BadRow("vacancies are not posted", "{}").at("/api/v1/vacancies"),
        BadRow("match: four places", "{\"wishes\":{\"places\":[\"a\",\"b\",\"c\",\"d\"]}}").at("/api/v1/matches"),
        BadRow("match: twenty-one", "{\"limit\":21}").at("/api/v1/matches"),
        BadRow("match: with an age", "{\"age\":17}").at("/api/v1/matches"),
        BadRow("match: a soup tin", "{\"scanned\":\"6901234567892\"}").at("/api/v1/matches"),
        BadRow("slip of no vacancy", "{\(id)}").at("/api/v1/vacancy-slips"),
        BadRow("slip of a filled vacancy", "{\(id),\"vacancyId\":\"\(FakeDesk.filled.id)\"}").at(
            "/api/v1/vacancy-slips"),
        BadRow("slip of a vacancy without an id", "{\(vacancy)}").at("/api/v1/vacancy-slips"),
        BadRow("print state of no slip", "GET", "/api/v1/vacancy-slips/\(Sample.id(9))/print-state"),
    ]
}
