// Enrolling a kiosk: the key list over a road nobody trusts, checked by the code; then the code, to that CA alone.

public import KioskCore
public import Logging
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Trades a one-time code for a signed statement. Every failure is a sentence for the technician.
public struct EnrolmentClient: Sendable {
    private let store: EnrolmentStore
    private let softwareVersion: String
    private let logger: Logger

    public init(store: EnrolmentStore, softwareVersion: String, logger: Logger) {
        self.store = store
        self.softwareVersion = softwareVersion
        self.logger = logger
    }

    /// Enrols, and writes everything to disk before it returns. A repeat after a lost answer works with the same code:
    /// the keys are made and synced before anybody hears of them.
    public func enrol(_ request: EnrolRequest) async throws(ControlError) -> Enrolment {
        if let present = store.enrolment {
            throw ControlError(
                code: "enrol.already", zh: "本机已经登记为“\(present.kioskLabel)”。",
                en: "This kiosk is enrolled already, as '\(present.kioskLabel)'.")
        }
        let address = try Self.address(request.address)
        let code: EnrolmentCode
        do {
            code = try EnrolmentCode(request.code)
        } catch {
            throw ControlError(
                code: "enrol.codeInvalid", zh: "登记码应为 20 个字母和数字，例如 ABCDE-FGHIJ-KLMNO-PQRST。",
                en: "A code has 20 letters and digits, like ABCDE-FGHIJ-KLMNO-PQRST.")
        }
        let keyList = try await fetchKeyList(address: address, code: code)
        let (device, agreement) = try keys()
        let signed = try await send(
            code, address: address, keyList: keyList, device: device, agreement: agreement)
        do {
            let enrolment = try VerifiedStatement.enrolment(
                signed, keyList: keyList, device: device, agreement: agreement, address: address)
            try store.save(enrolment)
            logger.info("kiosk enrolled", metadata: ["kiosk.label": "\(enrolment.kioskLabel)"])
            return enrolment
        } catch let error as EnrolmentStoreError {
            throw Self.storeFailed(error)
        } catch {
            throw Self.notHeadquarters
        }
    }

    /// `https://host` or `https://host:port`, without a path.
    static func address(_ text: String) throws(ControlError) -> String {
        let trimmed = text.split(whereSeparator: \.isWhitespace).joined()
        let bare = trimmed.hasSuffix("/") ? String(trimmed.dropLast()) : trimmed
        let host = bare.lowercased().hasPrefix("https://") ? String(bare.dropFirst(8)) : ""
        guard !host.isEmpty, host.utf8.count <= 256, !host.contains(where: { "/?#@\\".contains($0) }),
            let url = URL(string: "https://" + host), url.host() != nil
        else {
            throw ControlError(
                code: "enrol.addressInvalid", zh: "总部地址应为 https://主机:端口，例如 https://hq.example.cn:7443。",
                en: "The address of headquarters is https://host:port, like https://hq.example.cn:7443.")
        }
        return "https://" + host
    }

    private func keys() throws(ControlError) -> (SigningKey, AgreementKey) {
        do {
            return try store.loadOrMakeKeys()
        } catch {
            throw Self.storeFailed(error)
        }
    }

    private func fetchKeyList(address: String, code: EnrolmentCode) async throws(ControlError) -> TrustedKeyList {
        let body: Data
        do {
            body = try await withClient(address: address, trust: .nobodyYet, device: nil) { client in
                try await client.get(SyncPath.keys, signing: .none, bytesMax: SyncLimits.messageBytesMax).body
            }
        } catch {
            throw Self.controlError(error)
        }
        return try Self.keyList(body, code: code)
    }

    /// The key list in an answer from a road that nobody trusts: of the headquarters that the code names, and with a
    /// certificate that the code can be sent by.
    static func keyList(_ body: Data, code: EnrolmentCode) throws(ControlError) -> TrustedKeyList {
        let list: TrustedKeyList
        do {
            let signed = try WireCoding.message(
                WireSigned.self, from: body, bytesMax: SyncLimits.messageBytesMax, name: "key list")
            list = try TrustedKeyList(verifying: signed, code: code)
        } catch  where error.code == .rootMismatch {
            throw ControlError(
                code: "enrol.otherHeadquarters",
                zh: "登记码不属于这个总部：码打错了，地址不对，或者有人冒充总部。没有发送登记码。",
                en: "The code is not of this headquarters: mistyped, wrong address, or somebody poses as it. "
                    + "The code was not sent.")
        } catch {
            throw Self.notHeadquarters
        }
        guard HTTPHeadquartersClient.canTrust(list.list.syncCaDer) else {
            throw ControlError(
                code: "enrol.certificateInvalid",
                zh: "总部给出的证书无法使用，没有发送登记码。请联系总部技术人员检查总部的密钥。",
                en: "The certificate that headquarters names cannot be used; the code was not sent. "
                    + "Have the keys at headquarters looked at.")
        }
        return list
    }

    private func send(
        _ code: EnrolmentCode, address: String, keyList: TrustedKeyList, device: SigningKey, agreement: AgreementKey
    ) async throws(ControlError) -> WireSigned {
        var wire = WireEnrolRequest()
        wire.code = code.characters
        wire.devicePublicKey = device.publicKey
        wire.agreementPublicKey = agreement.publicKey
        wire.proof = EnrolmentProof.make(code: code, agreementPublicKey: agreement.publicKey, device: device)
        wire.softwareVersion = softwareVersion
        let message = WireCoding.bytes(wire)
        let body: Data
        do {
            body = try await withClient(
                address: address, trust: .authority(keyList.list.syncCaDer), device: device
            ) { client in
                try await client.post(
                    SyncPath.enrolments, body: message, signing: .none, bytesMax: SyncLimits.messageBytesMax
                ).body
            }
        } catch {
            throw Self.controlError(error)
        }
        do {
            return try WireCoding.message(
                WireSigned.self, from: body, bytesMax: SyncLimits.messageBytesMax, name: "statement")
        } catch {
            throw Self.notHeadquarters
        }
    }

    private func withClient(
        address: String, trust: HTTPHeadquartersClient.Trust, device: SigningKey?,
        _ work: (HTTPHeadquartersClient) async throws -> Data
    ) async throws(SyncFailure) -> Data {
        guard let client = try? HTTPHeadquartersClient(address: address, trust: trust, device: device) else {
            throw .untrusted
        }
        do {
            let body = try await work(client)
            await client.shutdown()
            return body
        } catch {
            await client.shutdown()
            throw error as? SyncFailure ?? .unreachable
        }
    }
}

// MARK: - Sentences

extension EnrolmentClient {
    private static var notHeadquarters: ControlError {
        ControlError(
            code: "enrol.notHeadquarters", zh: "这个地址上应答的不是总部的同步端口（可能是上网认证页面）。请检查地址和网络。",
            en: "What answers at this address is not headquarters' sync port (a captive portal, perhaps). "
                + "Check address and network.")
    }

    private static func storeFailed(_ error: EnrolmentStoreError) -> ControlError {
        ControlError(
            code: "enrol.storeFailed", zh: "无法写入本机状态目录：\(error.detail)",
            en: "The state folder cannot be written: \(error.detail)")
    }

    private static func controlError(_ failure: SyncFailure) -> ControlError {
        switch failure {
        case .refused(let code):
            ControlError(
                code: "enrol.refused", zh: "总部拒绝了登记码：可能打错、已用过或已过期。请在总部重新生成（\(code)）。",
                en: "Headquarters refused the code: mistyped, used or ended. Make a new one there (\(code)).")
        case .busy:
            ControlError(
                code: "enrol.busy", zh: "总部正忙，或登记码试错次数过多，请稍后再试。",
                en: "Headquarters is busy, or there were too many wrong codes. Try again later.")
        case .unreachable, .timedOut, .untrusted:
            ControlError(
                code: "enrol.unreachable", zh: "连不上总部（\(failure.shortDescription)）。请检查地址、网线和总部程序。",
                en:
                    "Headquarters cannot be reached (\(failure.shortDescription)). Check address, cable and headquartersd."
            )
        default: notHeadquarters
        }
    }
}

/// Paths of the sync API.
enum SyncPath {
    static let keys = "/sync/v1/keys"
    static let enrolments = "/sync/v1/enrolments"
    static let hello = "/sync/v1/hello"
    static let batches = "/sync/v1/batches"
}
