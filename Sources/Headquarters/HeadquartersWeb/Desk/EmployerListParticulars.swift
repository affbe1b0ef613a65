// Name and telephone of a listed seeker, out of what was sealed: opened for one answer, kept nowhere.

import HeadquartersCore
import JobFair
import SwiftProtobuf
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an employer gets of a seeker who consented; nothing else of a registration leaves here.
struct SeekerParticulars: Hashable, Sendable {
    enum PhoneOwner: Hashable, Sendable {
        case seeker
        /// 联系人: the seeker has no phone.
        case contact
        /// 代办人, with the relation as it was said; empty: nobody said.
        case proxy(relation: String)
    }

    /// Nil: left open and never completed.
    var name: String?
    var phone: String?
    var phoneOwner: PhoneOwner
    /// The newest that were stated with the slip; nil: none were, or they do not open.
    var wishes: Wishes?
}

/// Opens with headquarters' key.
struct ParticularsOpener: Sendable {
    let opener: HPKEOpener

    /// Nil where the frame does not open, or is not this seeker's.
    func open(_ sealed: SealedParticulars, of seeker: RecordID) -> SeekerParticulars? {
        guard let decoded = try? RecordFrame.decode(sealed.frame), decoded.identity.recordID == Data(seeker.bytes),
            case .registration(let registration)? = try? opener.open(decoded.body).kind
        else { return nil }
        let name = registration.name.isEmpty ? completedName(sealed, of: seeker) : registration.name
        let phones: [(String, SeekerParticulars.PhoneOwner)] = [
            (registration.phone, .seeker), (registration.contactPhone, .contact),
            (registration.proxyPhone, .proxy(relation: registration.proxyRelation)),
        ]
        let found = phones.first { !$0.0.isEmpty }
        return SeekerParticulars(
            name: name, phone: found?.0, phoneOwner: found?.1 ?? .seeker, wishes: wishes(sealed, of: seeker))
    }

    private func wishes(_ sealed: SealedParticulars, of seeker: RecordID) -> Wishes? {
        let body: WireRecordBody? =
            switch sealed.wishes {
            case .frame(let frame): try? RecordFrame.decode(frame).body
            case .body(let bytes): try? WireRecordBody(serializedBytes: bytes)
            case nil: nil
            }
        guard let body, case .wishesChange(let wire)? = try? opener.open(body).kind,
            wire.seekerRecordID == Data(seeker.bytes)
        else { return nil }
        return Wishes(wire: wire.wishes)
    }

    /// The phone's form first: it completes a name only where none was there.
    private func completedName(_ sealed: SealedParticulars, of seeker: RecordID) -> String? {
        var bodies: [WireRecordBody] = []
        if let completion = sealed.completion, let body = try? WireRecordBody(serializedBytes: completion) {
            bodies.append(body)
        }
        bodies += sealed.completionFrames.compactMap { try? RecordFrame.decode($0).body }
        for body in bodies {
            guard case .completion(let wire)? = try? opener.open(body).kind,
                wire.seekerRecordID == Data(seeker.bytes), !wire.name.isEmpty
            else { continue }
            return wire.name
        }
        return nil
    }
}
