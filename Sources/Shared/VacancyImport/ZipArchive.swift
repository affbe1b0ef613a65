// A ZIP file in memory, read through libzip part by part and never unpacked as a whole.

import CLibZip

/// The parts of an Office file. Not for more than one thread.
final class ZipArchive {
    private let archive: OpaquePointer
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ bytes: [UInt8]) throws(SheetError) {
        buffer = .allocate(byteCount: bytes.count, alignment: 1)
        buffer.copyBytes(from: bytes)
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        guard let source = zip_source_buffer_create(buffer.baseAddress, UInt64(buffer.count), 0, &error) else {
            buffer.deallocate()
            throw SheetError(.fileDamaged)
        }
        // Owns the source from here on.
        guard let archive = zip_open_from_source(source, Int32(ZIP_RDONLY), &error) else {
            zip_source_free(source)
            buffer.deallocate()
            throw SheetError(.fileDamaged)
        }
        self.archive = archive
        if zip_get_num_entries(archive, 0) > SheetLimits.partsMax { throw SheetError(.fileUnsafe) }
    }

    deinit {
        zip_discard(archive)
        buffer.deallocate()
    }

    func contains(_ name: String) -> Bool { index(of: name) != nil }

    private func index(of name: String) -> UInt64? {
        let index = zip_name_locate(archive, name, UInt32(ZIP_FL_NOCASE))
        return index < 0 ? nil : UInt64(index)
    }

    /// Nil where there is no such part.
    func part(_ name: String, bytesMax: Int) throws(SheetError) -> ZipPart? {
        guard let index = index(of: name) else { return nil }
        var state = zip_stat_t()
        zip_stat_init(&state)
        guard zip_stat_index(archive, index, 0, &state) == 0 else { throw SheetError(.fileDamaged) }
        if state.valid & UInt64(ZIP_STAT_ENCRYPTION_METHOD) != 0, state.encryption_method != ZIP_EM_NONE {
            throw SheetError(.filePassword)
        }
        guard let file = zip_fopen_index(archive, index, 0) else { throw SheetError(.fileDamaged) }
        return ZipPart(file: file, bytesMax: bytesMax, of: self)
    }

    /// A small part as a whole; nil where there is none or it is longer.
    func bytes(_ name: String, bytesMax: Int) throws(SheetError) -> [UInt8]? {
        guard let part = try part(name, bytesMax: bytesMax) else { return nil }
        return [UInt8](unsafeUninitializedCapacity: bytesMax) { room, count in
            count = max(0, part.read(room))
        }
    }
}

/// One part, unpacked as it is read. Says so when it grows beyond its limit, whatever size its header claims.
final class ZipPart {
    private let file: OpaquePointer
    private let bytesMax: Int
    /// The archive must outlive its open parts.
    private let archive: ZipArchive
    private var bytesRead = 0
    private(set) var failure: SheetError?

    fileprivate init(file: OpaquePointer, bytesMax: Int, of archive: ZipArchive) {
        self.file = file
        self.bytesMax = bytesMax
        self.archive = archive
    }

    deinit { zip_fclose(file) }

    /// 0 at the end, -1 after a failure.
    func read(_ room: UnsafeMutableBufferPointer<UInt8>) -> Int {
        guard failure == nil else { return -1 }
        let count = Int(zip_fread(file, room.baseAddress, UInt64(room.count)))
        if count < 0 { failure = SheetError(.fileDamaged) }
        bytesRead += max(0, count)
        if bytesRead > bytesMax { failure = SheetError(.fileUnsafe) }
        return failure == nil ? count : -1
    }
}
