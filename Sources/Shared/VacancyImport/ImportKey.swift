// Which vacancy of an earlier import a row is: importing again updates and never doubles.

import JobFair

/// By what a vacancy is recognised: employer, title and place; pay tells those apart that share all three.
///
/// Pay is no part of the identity itself, so that a raise updates the vacancy and makes no second one. Headcount,
/// hours and the rest never are.
public struct ImportKey: Hashable, Sendable {
    /// Empty where unknown; an employer may get its code with a later sheet.
    public private(set) var creditCode: String
    /// Each in the form people cannot see a difference in: half width, upper case, without blanks.
    public let employer: String
    public let title: String
    public let place: String
    public let pay: String

    public init(employerName: String, creditCode: String, title: String, place: String, payText: String) {
        self.creditCode = creditCode
        employer = CellText.key(employerName)
        self.title = CellText.key(title)
        self.place = CellText.key(place)
        pay = CellText.key(payText)
    }

    /// The same key under another code, where the sheet's own is known to be wrong.
    public func corrected(to creditCode: String) -> ImportKey {
        var key = self
        key.creditCode = creditCode
        return key
    }

    /// The same employer: by code where both have one, else by name.
    public func isSameEmployer(as other: ImportKey) -> Bool {
        creditCode.isEmpty || other.creditCode.isEmpty ? employer == other.employer : creditCode == other.creditCode
    }
}

/// Rows of a sheet beside the vacancies that are there already.
public struct ImportPairing: Hashable, Sendable {
    /// Of each row: the place of its vacancy in `existing`; nil: a new one.
    public let existing: [Int?]
    /// Places in `existing` that no row is about. Whether they are withdrawn, a clerk says.
    public let untouched: [Int]

    private struct Group: Hashable {
        var employer: String
        var title: String
        var place: String
    }

    /// Within the same employer, title and place, equal pay goes first, then the rest in order: by ascending
    /// place in both lists. Every vacancy is taken at most once. Where fewer rows are left than vacancies, the rows are
    /// about those that are still open.
    ///
    /// - Parameter closed: places in `existing` of filled and withdrawn vacancies.
    public init(rows: [ImportKey], existing: [ImportKey], closed: Set<Int> = []) {
        let names = EmployerNames(rows + existing)
        func group(_ key: ImportKey) -> Group {
            Group(employer: names.canonical(key), title: key.title, place: key.place)
        }
        let vacancies = Dictionary(grouping: existing.indices) { group(existing[$0]) }
        var pairs = [Int?](repeating: nil, count: rows.count)
        var taken: Set<Int> = []
        func pair(_ members: [Int], with places: [Int]) {
            for (row, place) in zip(members, Self.first(members.count, of: places, closed: closed)) {
                pairs[row] = place
                taken.insert(place)
            }
        }
        for (group, members) in Dictionary(grouping: rows.indices, by: { group(rows[$0]) }) {
            guard let known = vacancies[group] else { continue }
            let samePay = Dictionary(grouping: known) { existing[$0].pay }
            for (pay, equals) in Dictionary(grouping: members, by: { rows[$0].pay }) {
                pair(equals, with: samePay[pay] ?? [])
            }
            pair(members.filter { pairs[$0] == nil }, with: known.filter { !taken.contains($0) })
        }
        self.existing = pairs
        untouched = existing.indices.filter { !taken.contains($0) }
    }

    private static func first(_ count: Int, of places: [Int], closed: Set<Int>) -> [Int] {
        guard count < places.count else { return places }
        let openFirst = places.filter { !closed.contains($0) } + places.filter { closed.contains($0) }
        return openFirst.prefix(count).sorted()
    }
}

/// One name for each employer, whether a key has its code or only its name.
public struct EmployerNames {
    private var codes: [String: String] = [:]

    /// Of rows and of what is there already, together. A name that two codes share belongs to neither.
    public init(_ keys: [ImportKey]) {
        for key in keys where !key.creditCode.isEmpty {
            if let known = codes[key.employer], known != key.creditCode {
                codes[key.employer] = ""
            } else {
                codes[key.employer] = key.creditCode
            }
        }
    }

    /// The same text for every key of one employer.
    public func canonical(_ key: ImportKey) -> String {
        if !key.creditCode.isEmpty { return "#" + key.creditCode }
        guard let code = codes[key.employer], !code.isEmpty else { return key.employer }
        return "#" + code
    }
}
