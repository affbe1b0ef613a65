// A printer made of bytes: reads ESC/POS as the manual describes it and knows nothing of our encoder.

/// Interprets the commands a slip may use and refuses every other byte.
struct PrinterInterpreter {
    struct Refused: Error { var message: String }

    /// Rows of dots as they came out of the printer, true is black.
    var paper: [[Bool]] = []
    var bandRows: [Int] = []
    var initialisations = 0
    var fedLines = 0
    var cuts: [String] = []

    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        func byte(_ offset: Int) throws -> Int {
            guard rest.startIndex + offset < rest.endIndex else { throw Refused(message: "the bytes end in a command") }
            return Int(rest[rest.startIndex + offset])
        }
        while !rest.isEmpty {
            switch try (byte(0), byte(1)) {
            case (0x1B, 0x40):
                initialisations += 1
                rest = rest.dropFirst(2)
            case (0x1B, 0x64):
                fedLines += try byte(2)
                rest = rest.dropFirst(3)
            case (0x1D, 0x56):
                let kinds = [0: "full", 1: "partial"]
                guard let kind = kinds[try byte(2)] else { throw Refused(message: "GS V \(try byte(2))") }
                cuts.append(kind)
                rest = rest.dropFirst(3)
            case (0x1D, 0x76):
                guard try byte(2) == 0x30, try byte(3) == 0 else { throw Refused(message: "GS v of another kind") }
                let across = try byte(4) + 256 * byte(5)
                let rows = try byte(6) + 256 * byte(7)
                guard rest.count >= 8 + across * rows else { throw Refused(message: "the band is cut short") }
                bandRows.append(rows)
                for row in 0..<rows {
                    let start = rest.startIndex + 8 + row * across
                    paper.append(
                        rest[start..<start + across].flatMap { dots in (0..<8).map { dots >> UInt8(7 - $0) & 1 == 1 } })
                }
                rest = rest.dropFirst(8 + across * rows)
            default:
                throw Refused(message: "a byte no command begins with: \(try byte(0)) \(try byte(1))")
            }
        }
    }

    /// The paper as a portable grey map (P5), with the white paper edge a camera would see.
    func greyMap() -> [UInt8] {
        let edge = 16
        let width = (paper.first?.count ?? 0) + 2 * edge
        var bytes = Array("P5\n\(width) \(paper.count + 2 * edge)\n255\n".utf8)
        let blank = [UInt8](repeating: 255, count: width * edge)
        bytes += blank
        for row in paper {
            bytes +=
                [UInt8](repeating: 255, count: edge) + row.map { $0 ? 0 : 255 } + [UInt8](repeating: 255, count: edge)
        }
        return bytes + blank
    }
}
