// The letters that were ever on this kiosk's slips, kept outside the database and its backups.

import DurableFiles
import Foundation
import JobFair

/// `lineage.pairs`: one line per pair, `fair id, lineage, pair`. A restored database forgets which letters it has used;
/// this file does not, so a new lineage never gives a number twice. Confined to the queue of the database.
struct TicketPairFile {
    struct Line: Hashable {
        var fairID: FairID
        /// 16 bytes in hex.
        var lineage: String
        var pair: String

        init(fairID: FairID, lineageID: Data, pair: String) {
            self.fairID = fairID
            self.lineage = Self.name(lineageID)
            self.pair = pair
        }

        init?(_ text: some StringProtocol) {
            let parts = text.split(separator: " ")
            guard parts.count == 3, let fairID = FairID(parts[0]), parts[1].count == 32,
                TicketNumber(pair: String(parts[2]), number: 1) != nil
            else { return nil }
            self.fairID = fairID
            self.lineage = String(parts[1])
            self.pair = String(parts[2])
        }

        func isOf(_ lineageID: Data) -> Bool { lineage == Self.name(lineageID) }

        private static func name(_ lineageID: Data) -> String {
            lineageID.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }

        var text: String { "\(fairID) \(lineage) \(pair)" }
    }

    /// In the place of a lineage: letters that this card has not used and must not.
    static let nobody = Data(count: 16)

    let path: String
    /// There was no such file.
    let wasMissing: Bool
    /// Lines nobody can read; they are kept as they are.
    private(set) var unreadable: [String] = []
    private(set) var lines: [Line] = []

    init(path: String) throws(DurableFileError) {
        self.path = path
        guard let bytes = try DurableFile.read(path) else {
            wasMissing = true
            return
        }
        wasMissing = false
        for text in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            if let line = Line(text) { lines.append(line) } else { unreadable.append(String(text)) }
        }
    }

    func isUsed(_ pair: String, of fair: FairID) -> Bool {
        lines.contains { $0.fairID == fair && $0.pair == pair }
    }

    func contains(_ line: Line) -> Bool { lines.contains(line) }

    /// Durable when it returns; what is there already is not written again.
    mutating func add(_ new: [Line]) throws(DurableFileError) {
        let missing = new.filter { !lines.contains($0) }
        guard !missing.isEmpty || wasMissing && lines.isEmpty else { return }
        let all = lines + missing
        let text = (unreadable + all.map(\.text)).map { $0 + "\n" }.joined()
        try DurableFile.replace(path, with: Data(text.utf8))
        lines = all
    }
}
