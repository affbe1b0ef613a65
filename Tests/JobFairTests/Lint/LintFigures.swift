// Precision and recall of the lint on a labelled table.

import JobFair

struct LintFigures {
    struct Rate {
        var right = 0
        var wrong = 0
        var missed = 0

        /// 1 where nothing was found or nothing was there.
        var precision: Double { right + wrong == 0 ? 1 : Double(right) / Double(right + wrong) }
        var recall: Double { right + missed == 0 ? 1 : Double(right) / Double(right + missed) }

        static func += (rate: inout Rate, other: Rate) {
            rate.right += other.right
            rate.wrong += other.wrong
            rate.missed += other.missed
        }
    }

    struct LabelError: Error { var line: String }

    private(set) var postings = 0
    private(set) var harmless = 0
    private(set) var perKind: [PostingFinding.Kind: Rate] = [:]
    /// One line per posting that was judged otherwise than labelled.
    private(set) var differences: [String] = []

    /// A kind counts once per posting.
    init(table: String) throws {
        for line in table.split(separator: "\n") {
            let (labels, posting) = try Self.parse(String(line))
            postings += 1
            harmless += labels.isEmpty ? 1 : 0
            let found = Set(PostingLint.check(posting).map(\.kind))
            for kind in PostingFinding.Kind.allCases {
                perKind[kind, default: Rate()] += Rate(
                    right: labels.contains(kind) && found.contains(kind) ? 1 : 0,
                    wrong: !labels.contains(kind) && found.contains(kind) ? 1 : 0,
                    missed: labels.contains(kind) && !found.contains(kind) ? 1 : 0)
            }
            let wrong = found.subtracting(labels).map { "+\($0.rawValue)" }.sorted()
            let missed = labels.subtracting(found).map { "-\($0.rawValue)" }.sorted()
            if wrong.count + missed.count > 0 {
                differences.append("  \((wrong + missed).joined(separator: " ")): \(line)")
            }
        }
    }

    private static func parse(_ line: String) throws -> (Set<PostingFinding.Kind>, Posting) {
        let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
            $0.split(separator: " ").joined(separator: " ")
        }
        let fields: [Posting.Field] = [.title, .requirements, .boardAndLodging, .pay, .age, .sex]
        guard cells.count >= 3, cells.count <= fields.count + 1 else { throw LabelError(line: line) }
        let kinds = try cells[0].split(separator: " ").filter { $0 != "-" }.map { word in
            guard let kind = PostingFinding.Kind(rawValue: String(word)) else { throw LabelError(line: line) }
            return kind
        }
        return (Set(kinds), Posting(Dictionary(uniqueKeysWithValues: zip(fields, cells.dropFirst()))))
    }

    private func rate(_ severity: PostingFinding.Severity?) -> Rate {
        perKind.filter { severity == nil || $0.key.severity == severity }.values.reduce(into: Rate()) { $0 += $1 }
    }

    var held: Rate { rate(.hold) }
    var flagged: Rate { rate(.flag) }
    var all: Rate { rate(nil) }

    func report(title: String) -> String {
        var lines = ["\(title): \(postings), of them \(harmless) harmless"]
        for kind in PostingFinding.Kind.allCases {
            lines.append(line(kind.rawValue, perKind[kind] ?? Rate()))
        }
        lines += [line("held kinds", held), line("flagged kinds", flagged), line("all", all)]
        return (lines + differences).joined(separator: "\n")
    }

    private func line(_ name: String, _ rate: Rate) -> String {
        let percent = { (share: Double) in "\(Int((share * 100).rounded()))%" }
        return "  \(name): precision \(percent(rate.precision)), recall \(percent(rate.recall))"
            + " (right \(rate.right), wrong \(rate.wrong), missed \(rate.missed))"
    }
}
