// Reads the XML of one part of an XLSX as a stream of events through expat. Foundation's parser ends the program at a
// broken byte in an attribute and gives up after 10 MB.

import CExpat

/// What the parser of one kind of part overrides. Names come without their prefix (`x:row` is `row`).
class PartParser {
    /// Valid only within `opened`.
    struct Attributes {
        /// Name, value, name, value, nil.
        fileprivate let pairs: UnsafeMutablePointer<UnsafePointer<CChar>?>?

        /// Of the attribute written exactly so.
        subscript(name: String) -> String? { first { $0 == name } }

        func first(where isWanted: (String) -> Bool) -> String? {
            guard var pair = pairs else { return nil }
            while let name = pair[0], let value = pair[1] {
                if isWanted(String(cString: name)) { return String(cString: value) }
                pair += 2
            }
            return nil
        }
    }

    /// Bytes unpacked and parsed at a time.
    private static let chunkBytes: Int32 = 65_536

    private var parser: XML_Parser?
    private var failure: SheetError?

    func opened(_ name: String, _ attributes: Attributes) {}
    func closed(_ name: String) {}
    func found(text: String) {}

    /// Throws where the part is damaged, too large, or stopped the parsing itself.
    final func parse(_ part: ZipPart) throws(SheetError) {
        // UTF-8 whatever the part says of itself: nothing hides in another encoding.
        guard let parser = XML_ParserCreate("UTF-8") else { throw SheetError(.fileDamaged) }
        self.parser = parser
        defer {
            self.parser = nil
            XML_ParserFree(parser)
        }
        listen(to: parser)
        while true {
            guard let buffer = XML_GetBuffer(parser, Self.chunkBytes) else { throw SheetError(.fileDamaged) }
            let count = part.read(
                UnsafeMutableBufferPointer(
                    start: buffer.assumingMemoryBound(to: UInt8.self), count: Int(Self.chunkBytes)))
            if let failure = part.failure { throw failure }
            let status = XML_ParseBuffer(parser, Int32(count), count == 0 ? 1 : 0)
            if let failure { throw failure }
            if status != XML_STATUS_OK { throw SheetError(.fileDamaged) }
            if count == 0 { return }
        }
    }

    final func stop(_ error: SheetError) {
        guard failure == nil, let parser else { return }
        failure = error
        XML_StopParser(parser, 0)
    }

    // MARK: - Callbacks

    private func listen(to parser: XML_Parser) {
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser,
            { user, name, pairs in
                guard let part = PartParser.of(user) else { return }
                part.opened(PartParser.local(name), Attributes(pairs: pairs))
            },
            { user, name in PartParser.of(user)?.closed(PartParser.local(name)) })
        XML_SetCharacterDataHandler(parser) { user, characters, count in
            guard let part = PartParser.of(user), let characters else { return }
            let bytes = UnsafeRawBufferPointer(start: characters, count: Int(count))
            part.found(text: String(decoding: bytes, as: UTF8.self))
        }
        // Without a document type there are no entities that could grow.
        XML_SetStartDoctypeDeclHandler(parser) { user, _, _, _, _ in PartParser.of(user)?.stop(SheetError(.fileUnsafe))
        }
    }

    /// Nil once the parsing was stopped: expat may finish a few events more.
    private static func of(_ user: UnsafeMutableRawPointer?) -> PartParser? {
        guard let user else { return nil }
        let part = Unmanaged<PartParser>.fromOpaque(user).takeUnretainedValue()
        return part.failure == nil ? part : nil
    }

    private static func local(_ name: UnsafePointer<CChar>?) -> String {
        guard let name else { return "" }
        let whole = String(cString: name)
        guard let colon = whole.utf8.firstIndex(of: UInt8(ascii: ":")) else { return whole }
        return String(whole[whole.utf8.index(after: colon)...])
    }
}
