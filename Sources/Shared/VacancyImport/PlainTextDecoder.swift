// Bytes of a text file -> UTF-8: strictly UTF-8 first, then GB18030, UTF-16 by its mark.

import Glibc

/// The text of a CSV file as UTF-8.
struct PlainTextDecoder {
    private(set) var utf8: [UInt8]
    /// As a clerk knows it.
    private(set) var encoding: String
    /// Bytes that are no character; each became U+FFFD.
    private(set) var broken = 0

    /// Of a hundred characters beyond ASCII that many may be broken before another encoding is tried.
    private static let brokenPercentMax = 5

    /// Throws where no encoding fits.
    init(_ bytes: [UInt8]) throws(SheetError) {
        if FileKind.isUTF16(bytes) {
            let text = Self.utf16(bytes)
            (utf8, encoding, broken) = (Array(text.utf8), "UTF-16", Self.replacements(Array(text.utf8)))
            return
        }
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let body = hasMark ? Array(bytes.dropFirst(3)) : bytes
        let repaired = Array(String(decoding: body, as: UTF8.self).utf8)
        broken = Self.replacements(repaired) - Self.replacements(body)
        let wide = body.count { $0 >= 0xC0 }
        // One letter cut in half does not make a UTF-8 file GB18030.
        if hasMark || broken * 100 <= wide * Self.brokenPercentMax {
            (utf8, encoding) = (repaired, hasMark ? "UTF-8 BOM" : "UTF-8")
            return
        }
        guard let converted = Self.gb18030(body) else { throw SheetError(.encodingUnknown) }
        (utf8, encoding, broken) = (converted.utf8, "GB18030", converted.broken)
        let pairs = body.count { $0 >= 0x80 } / 2
        if broken * 100 > pairs * Self.brokenPercentMax { throw SheetError(.encodingUnknown) }
    }

    private static func utf16(_ bytes: [UInt8]) -> String {
        let isLittle = bytes[0] == 0xFF
        let units = stride(from: 2, to: bytes.count, by: 2).map { index -> UInt16 in
            guard index + 1 < bytes.count else { return 0xFFFD }
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isLittle ? second << 8 | first : first << 8 | second
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// How often U+FFFD stands there.
    private static func replacements(_ bytes: [UInt8]) -> Int {
        var count = 0
        for index in bytes.indices.dropLast(2)
        where bytes[index] == 0xEF && bytes[index + 1] == 0xBF && bytes[index + 2] == 0xBD { count += 1 }
        return count
    }

    /// Every file in GBK or GB2312 is one in GB18030. Nil where iconv lacks its table.
    private static func gb18030(_ bytes: [UInt8]) -> (utf8: [UInt8], broken: Int)? {
        let converter = iconv_open("UTF-8", "GB18030")
        guard let converter, converter != UnsafeMutableRawPointer(bitPattern: -1) else { return nil }
        defer { iconv_close(converter) }
        var input = bytes.map { CChar(bitPattern: $0) }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 2)
        var broken = 0
        var chunk = [CChar](repeating: 0, count: 65_536)
        input.withUnsafeMutableBufferPointer { input in
            chunk.withUnsafeMutableBufferPointer { chunk in
                var from = input.baseAddress
                var left = input.count
                while left > 0 {
                    var to = chunk.baseAddress
                    var room = chunk.count
                    let result = iconv(converter, &from, &left, &to, &room)
                    let failure = errno
                    output += chunk.prefix(chunk.count - room).lazy.map { UInt8(bitPattern: $0) }
                    guard result == -1 else { continue }
                    if failure == E2BIG { continue }
                    // EILSEQ, or EINVAL where the file ends within a character.
                    output += [0xEF, 0xBF, 0xBD]
                    broken += 1
                    from = from?.advanced(by: 1)
                    left -= 1
                }
            }
        }
        return (output, broken)
    }
}
