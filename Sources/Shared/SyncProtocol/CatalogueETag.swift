// Which edition of a fair's catalogue some bytes are: told by hello, compared with what comes.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// `"version-digest"` with its quotes, as in the header `ETag` (RFC 9110, 8.8.3): the version and the first 16 bytes of the
/// SHA-256 of the catalogue's body in hex. Both sides compute it from the signed bytes; only hello's answer says it signed.
public enum CatalogueETag {
    public static func make(version: Int, body: Data) -> String {
        "\"\(version)-\(Hexadecimal.encode(SHA256Digest.of(body).prefix(16)))\""
    }

    /// Nil where it is not one of these.
    public static func version(of etag: String) -> Int? {
        guard etag.first == "\"" else { return nil }
        return Int(etag.dropFirst().prefix { $0 != "-" })
    }
}
