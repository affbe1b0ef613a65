// What a page of the desk posts: fields, and at most one file.

import HTTPTypes
import HeadquartersCore
import Hummingbird
import NIOCore

/// Fields of a post, and a file where the page has an input for one.
struct DeskForm: Sendable {
    /// Bytes of a post without a file: a few fields and a reason.
    static let bodyBytesMax = 65_536

    struct Upload: Sendable {
        /// As the browser named it; to be shown, never to be used as a path.
        var fileName: String
        var bytes: [UInt8]
    }

    let fields: IntentFields
    let upload: Upload?

    /// Throws `notOurPage` for what no page of the desk sends, `NIOTooManyBytesError` for too much.
    static func read(_ request: Request, bytesMax: Int) async throws -> DeskForm {
        let type = request.headers[.contentType] ?? ""
        let body = try await request.body.collect(upTo: bytesMax, within: RequestBody.uploadDuration)
        if type.lowercased().hasPrefix("application/x-www-form-urlencoded") {
            guard let fields = IntentFields(body.readableBytesView) else { throw DeskRefusal.notOurPage }
            return DeskForm(fields: fields, upload: nil)
        }
        guard let boundary = Multipart.boundary(of: type), let parts = Multipart.parts(of: body, boundary: boundary)
        else { throw DeskRefusal.notOurPage }
        return try DeskForm(parts)
    }

    private init(fields: IntentFields, upload: Upload?) {
        self.fields = fields
        self.upload = upload
    }

    private init(_ parts: [Multipart.Part]) throws {
        let files = parts.filter { $0.fileName != nil }
        let pairs = try parts.filter { $0.fileName == nil }.map { part in
            guard let value = String(validating: part.bytes, as: UTF8.self) else { throw DeskRefusal.notOurPage }
            return (name: part.name, value: value)
        }
        guard files.count <= 1, let fields = IntentFields(pairs: pairs) else { throw DeskRefusal.notOurPage }
        self.fields = fields
        upload = files.first.map { Upload(fileName: $0.fileName ?? "", bytes: $0.bytes) }
    }
}

/// `multipart/form-data` (RFC 7578) as browsers send it; anything else is nil.
enum Multipart {
    struct Part {
        var name: String
        var fileName: String?
        var bytes: [UInt8]
    }

    /// Fields and files of one post.
    static let partsMax = 64
    private static let lineEnd = Array("\r\n".utf8)

    static func boundary(of contentType: String) -> String? {
        guard contentType.lowercased().hasPrefix("multipart/form-data"),
            let start = contentType.lowercased().firstRange(of: "boundary=")
        else { return nil }
        let value = contentType[start.upperBound...].prefix { $0 != ";" }.filter { $0 != "\"" && $0 != " " }
        return (1...70).contains(value.utf8.count) ? value : nil
    }

    static func parts(of body: ByteBuffer, boundary: String) -> [Part]? {
        let opening = Array("--\(boundary)".utf8)
        let delimiter = lineEnd + opening
        let bytes = Array(body.readableBytesView)
        guard bytes.starts(with: opening) else { return nil }
        var parts: [Part] = []
        var position = opening.count
        while true {
            let rest = bytes[position...]
            if rest.starts(with: "--".utf8) { return parts }
            guard rest.starts(with: lineEnd), parts.count < partsMax,
                let end = find(delimiter, in: bytes, from: position),
                let part = part(bytes[(position + lineEnd.count)..<max(end, position + lineEnd.count)])
            else { return nil }
            parts.append(part)
            position = end + delimiter.count
        }
    }

    /// Header lines, an empty line, content.
    private static func part(_ bytes: ArraySlice<UInt8>) -> Part? {
        let all = Array(bytes)
        guard let end = find(lineEnd + lineEnd, in: all, from: 0),
            let header = String(validating: all[..<end], as: UTF8.self)
        else { return nil }
        let line = header.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-disposition: form-data") }
        guard let line, let name = parameter("name", of: line) else { return nil }
        return Part(name: name, fileName: parameter("filename", of: line), bytes: Array(all[(end + 4)...]))
    }

    /// Browsers write quotes within a value as %22 (WHATWG HTML, "multipart form data").
    private static func parameter(_ name: String, of line: Substring) -> String? {
        guard let start = line.firstRange(of: "; \(name)=\"") else { return nil }
        let rest = line[start.upperBound...]
        return rest.firstIndex(of: "\"").map { String(rest[..<$0]).replacing("%22", with: "\"") }
    }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
        return bytes.withUnsafeBufferPointer { buffer in
            var index = start
            while index <= buffer.count - pattern.count {
                if buffer[index] == first, buffer[index..<(index + pattern.count)].elementsEqual(pattern) {
                    return index
                }
                index += 1
            }
            return nil
        }
    }
}
