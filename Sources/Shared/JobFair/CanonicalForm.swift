// One byte string per request, and one request per byte string: what the fingerprint is made of.

/// Every field in a fixed order, each with its length in front, so that no two forms share an encoding. The bytes are
/// those that were typed: a repeat is the same request only if it is the same to the byte.
public enum CanonicalForm {
    /// First byte; grows when a field is added. A form without the added fields keeps the version, and so the bytes, that
    /// it had before: a request under way while the program is updated is answered as the same one.
    public static let version: UInt8 = 2

    public static func bytes(of form: RegistrationForm) -> [UInt8] {
        var writer = Writer(version: form.wishes.isWithinVersion1 ? 1 : version)
        writer.text(form.documentKind)
        writer.text(form.documentNumber)
        writer.text(form.name)
        writer.text(form.phone)
        writer.flag(form.hasNoPhone)
        writer.text(form.contactPhone)
        writer.text(form.birthDate)
        writer.texts(form.keyGroups)
        writer.flag(form.keyGroupConsent)
        writer.text(form.noticeVersion)
        writer.text(form.proxyName)
        writer.text(form.proxyRelation)
        writer.text(form.proxyPhone)
        writer.basics(form.wishes)
        writer.text(form.language)
        if !form.wishes.isWithinVersion1 { writer.additions(form.wishes) }
        return writer.bytes
    }

    public static func bytes(of wishes: Wishes) -> [UInt8] {
        var writer = Writer(version: version)
        writer.basics(wishes)
        writer.additions(wishes)
        return writer.bytes
    }

    private struct Writer {
        var bytes: [UInt8]

        init(version: UInt8) { bytes = [version] }

        mutating func basics(_ wishes: Wishes) {
            texts(wishes.occupations)
            text(wishes.lowestPayYuanMonth.map(String.init))
            texts(wishes.places)
        }

        /// What version 2 has brought.
        mutating func additions(_ wishes: Wishes) {
            text(wishes.home)
            texts(wishes.workForms.map(\.rawValue))
            flag(wishes.board)
            text(wishes.nightShifts.map { $0 ? "1" : "0" })
            texts(wishes.skills)
            flag(wishes.travel)
        }

        mutating func count(_ number: Int) {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: number).bigEndian) { bytes.append(contentsOf: $0) }
        }

        /// Absent is 0; present is 1, the length in bytes (4, big endian), UTF-8.
        mutating func text(_ text: String?) {
            flag(text != nil)
            guard let text else { return }
            count(text.utf8.count)
            bytes.append(contentsOf: text.utf8)
        }

        mutating func texts(_ texts: [String]) {
            count(texts.count)
            for text in texts { self.text(text) }
        }

        mutating func flag(_ flag: Bool) {
            bytes.append(flag ? 1 : 0)
        }
    }
}

extension Wishes {
    fileprivate var isWithinVersion1: Bool {
        self == Wishes(occupations: occupations, lowestPayYuanMonth: lowestPayYuanMonth, places: places)
    }
}
