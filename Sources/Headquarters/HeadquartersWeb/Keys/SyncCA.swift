// The sync CA: the kiosk's only TLS trust root, and the server certificate made under it at every start.

internal import Crypto
internal import NIOSSL
internal import SwiftASN1
internal import X509

#if canImport(Glibc)
internal import Glibc
#endif
#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An own certificate authority with a P-256 key. Its certificates hold from 1970-01-01 to 9999-12-31: a kiosk's
/// clock decides nothing (RFC 5280, 4.1.2.5: 99991231235959Z says "no end"). P-256 because BoringSSL does not offer
/// Ed25519 in the signatures of a handshake unless told so.
public struct SyncCA: Sendable {
    /// What kiosks pin.
    public let certificateDER: Data
    private let key: P256.Signing.PrivateKey
    private let certificate: Certificate

    /// 1970-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
    private static let firstInstant = Date(timeIntervalSince1970: 0)
    private static let lastInstant = Date(timeIntervalSince1970: 253_402_300_799)

    init(privateKey: Data, certificateDER: Data) throws {
        key = try P256.Signing.PrivateKey(rawRepresentation: privateKey)
        certificate = try Certificate(derEncoded: [UInt8](certificateDER))
        self.certificateDER = certificateDER
        guard certificate.publicKey == Certificate.PrivateKey(key).publicKey else {
            throw HeadquartersError(.fileUnsuitable, "sync-ca.pem does not belong to sync-ca.key")
        }
    }

    static func generate() throws -> (privateKey: Data, certificateDER: Data) {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("JobFair sync CA") }
        let issuer = Certificate.PrivateKey(key)
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: issuer.publicKey,
            notValidBefore: firstInstant, notValidAfter: lastInstant, issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true))
                SubjectKeyIdentifier(hash: issuer.publicKey)
            }, issuerPrivateKey: issuer)
        return (key.rawRepresentation, try der(certificate))
    }

    func certificatePEM() throws -> String { try certificate.serializeAsPEM().pemString }

    static func certificateDER(pem: String) throws -> Data {
        do {
            return try der(Certificate(pemEncoded: pem))
        } catch {
            throw HeadquartersError(.fileUnsuitable, "sync-ca.pem is not a certificate")
        }
    }

    /// TLS of the sync listener: a fresh key and certificate for these host names and addresses; the key is never
    /// on disk.
    func serverConfiguration(hosts: [String]) throws -> TLSConfiguration {
        let leaf = P256.Signing.PrivateKey()
        let publicKey = Certificate.PrivateKey(leaf).publicKey
        let leafCertificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
            notValidBefore: Self.firstInstant, notValidAfter: Self.lastInstant, issuer: certificate.subject,
            subject: try DistinguishedName { CommonName("JobFair headquarters sync") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(try hosts.map(Self.alternativeName))
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier)
            }, issuerPrivateKey: Certificate.PrivateKey(key))
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: [UInt8](Self.der(leafCertificate)), format: .der))
            ],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: [UInt8](leaf.derRepresentation), format: .der)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    private static func der(_ certificate: Certificate) throws -> Data {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return Data(serializer.serializedBytes)
    }

    private static func alternativeName(_ host: String) throws -> GeneralName {
        // Of the sizes of in_addr and in6_addr, whose initialisers belong to whichever module brought netinet/in.h first.
        var four: UInt32 = 0
        if inet_pton(AF_INET, host, &four) == 1 {
            return .ipAddress(ASN1OctetString(contentBytes: withUnsafeBytes(of: four) { ArraySlice($0) }))
        }
        var six: (UInt64, UInt64) = (0, 0)
        if inet_pton(AF_INET6, host, &six) == 1 {
            return .ipAddress(ASN1OctetString(contentBytes: withUnsafeBytes(of: six) { ArraySlice($0) }))
        }
        return .dnsName(host)
    }
}
