// What a status line and headers mean. A captive portal answers 200 to everything: only our content type goes further.

import KioskCore
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

enum AnswerReading {
    static func answer(
        status: UInt, headers: HTTPHeaders, body: Data
    ) throws(SyncFailure) -> HeadquartersAnswer {
        switch status {
        case 200, 201:
            guard contentType(headers) == "application/protobuf" else { throw .notHeadquarters }
            return HeadquartersAnswer(isNotModified: false, body: body)
        case 304:
            return HeadquartersAnswer(isNotModified: true, body: Data())
        case 408: throw .timedOut
        case 413: throw .tooLarge
        case 429, 503: throw .busy(retryAfter: retryAfter(headers))
        case 400..<500:
            guard let code = problemCode(headers, body) else { throw .notHeadquarters }
            throw code == "session.unknown" && status == 401 ? .sessionUnknown : .refused(code: code)
        // Gateways and portals: 511 is Network Authentication Required (RFC 6585).
        case 502, 504, 511: throw .notHeadquarters
        case 500..<600: throw .serverFailed
        default: throw .notHeadquarters
        }
    }

    private static func contentType(_ headers: HTTPHeaders) -> String? {
        headers.first(name: "content-type")?.split(separator: ";").first
            .map { $0.filter { !$0.isWhitespace }.lowercased() }
    }

    /// The `code` of an RFC 9457 problem, if it is one of ours: a short dotted word.
    private static func problemCode(_ headers: HTTPHeaders, _ body: Data) -> String? {
        struct Problem: Decodable { var code: String }
        guard contentType(headers) == "application/problem+json", body.count <= 16_384,
            let problem = try? JSONDecoder().decode(Problem.self, from: body), !problem.code.isEmpty,
            problem.code.utf8.count <= 64,
            problem.code.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") })
        else { return nil }
        return problem.code
    }

    /// Seconds, or a date that is read against this very answer's `Date`: the kiosk's own clock may be wrong.
    static func retryAfter(_ headers: HTTPHeaders) -> Duration? {
        guard let text = headers.first(name: "retry-after") else { return nil }
        let most: Int64 = 86_400
        if let seconds = Int64(text.filter { !$0.isWhitespace }) {
            return seconds > 0 ? .seconds(min(seconds, most)) : nil
        }
        guard let until = HTTPDate.seconds(text), let now = headers.first(name: "date").flatMap(HTTPDate.seconds),
            until > now
        else { return nil }
        return .seconds(min(until - now, most))
    }
}

/// IMF-fixdate (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970; nil for the older forms.
    static func seconds(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int64(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(where: { $0 == parts[2] }), let year = Int64(parts[3]),
            (1970...9999).contains(year)
        else { return nil }
        let time = parts[4].split(separator: ":").compactMap { Int64($0) }
        guard time.count == 3, time.allSatisfy({ (0...60).contains($0) }) else { return nil }
        return days(year: year, month: Int64(month + 1), day: day) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }

    /// Days since 1970 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
