// The region's code from the words of a workplace.

public import JobFair

/// Finds the most exact region that a place names. Built once for a table of a few thousand names.
public struct RegionFinder: Sendable {
    private struct Name: Sendable {
        var codes: [String]
        /// 黄岩 for 黄岩区: counts only at the start or right after another region.
        var isShort: Bool
    }

    /// What people call provinces whose names end otherwise.
    private static let bareNames = [
        "内蒙古自治区": "内蒙古", "广西壮族自治区": "广西", "西藏自治区": "西藏", "宁夏回族自治区": "宁夏", "新疆维吾尔自治区": "新疆",
    ]

    private var names: [[Unicode.Scalar]: Name] = [:]
    private var longest = 0

    public init(_ regions: [Region]) {
        for region in regions where region.code.utf8.count == 6 {
            let full = CellText.plain(region.name)
            guard full.count >= 2, !["市辖区", "县"].contains(region.name) else { continue }
            insert(full, region.code, isShort: false)
            if let bare = Self.bareNames[region.name] { insert(CellText.plain(bare), region.code, isShort: false) }
            guard let last = full.last, "省市区县".unicodeScalars.contains(last), full.count >= 3 else { continue }
            // Provinces, cities, 县级市 and counties are called by their bare name; districts only in a row of names.
            insert(Array(full.dropLast()), region.code, isShort: last == "区")
        }
    }

    private mutating func insert(_ name: [Unicode.Scalar], _ code: String, isShort: Bool) {
        longest = max(longest, name.count)
        guard var known = names[name] else {
            names[name] = Name(codes: [code], isShort: isShort)
            return
        }
        if !known.codes.contains(code) { known.codes.append(code) }
        known.isShort = known.isShort && isShort
        names[name] = known
    }

    /// GB/T 2260 code; empty where no region is named, or a name that several regions share without the one above it.
    public func code(ofPlace place: String) -> String {
        let matches = matches(in: CellText.plain(place))
        guard !matches.isEmpty else { return "" }
        let said = Set(matches.filter { $0.count == 1 }.map { $0[0] })
        var best = ""
        for codes in matches {
            let named = codes.filter { code in codes.count == 1 || parents(code).contains(where: said.contains) }
            // 长沙 is the city before it is the county.
            let highest = named.map(level).min()
            let fitting = named.filter { level($0) == highest }
            guard fitting.count == 1, let code = fitting.first else { continue }
            if best.isEmpty || (level(code) > level(best) && parents(code).contains(best)) { best = code }
        }
        return best
    }

    /// Codes of each name found, from left to right, the longest at each place.
    private func matches(in place: [Unicode.Scalar]) -> [[String]] {
        var matches: [[String]] = []
        var index = 0
        var previousEnd = 0
        while index < place.count {
            var step = 1
            for length in stride(from: min(longest, place.count - index), through: 2, by: -1) {
                guard let name = names[Array(place[index..<(index + length)])], !name.isShort || index == previousEnd
                else { continue }
                matches.append(name.codes)
                step = length
                previousEnd = index + length
                break
            }
            index += step
        }
        return matches
    }

    private func level(_ code: String) -> Int { code.hasSuffix("0000") ? 1 : code.hasSuffix("00") ? 2 : 3 }

    private func parents(_ code: String) -> [String] {
        let (province, city) = (code.prefix(2) + "0000", code.prefix(4) + "00")
        return [String(province), String(city)].filter { $0 != code }
    }
}
