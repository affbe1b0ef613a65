// Statements of somebody with a slip: intents, consents, other wishes. Each is sealed before it reaches the disk.

public import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension RegistrationDesk {
    public func stateIntent(
        _ intent: IntentChoice, by holder: SlipHolder, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> StatementState {
        let (token, seeker) = try Self.slip(holder.scanned)
        let digits = try Self.digits(holder.digits)
        let flags: [UInt8] = [intent.passOnConsent ? 1 : 0, intent.isWithdrawn ? 1 : 0]
        let fingerprint = KeyedHash(key: formKey.bytes)(
            "intent", seeker.bytes, intent.vacancyID.bytes, Array(digits.utf8), flags)
        var isReserved = false
        let record: CommittedRecord
        do {
            record = try await committedOnce(recordID, fingerprint: fingerprint) { () async throws(DeskError) in
                let (open, sealer) = try await openFairAndSealer()
                let offers = try await offers(of: open.fairID)
                try Self.authenticate(token, at: offers.catalogue.fair, sealer: sealer)
                // First of all: what was stated under which string must not be found out by trying.
                _ = try await takeDigits(digits, of: seeker, at: open.fairID)
                try await check(intent, of: seeker, digits: digits, in: offers)
                isReserved = try await reserve(intent, of: seeker, digits: digits, at: open.fairID)
                return try seal(
                    .intent(
                        StatedIntent(
                            seeker: seeker, vacancyID: intent.vacancyID, passOnConsent: intent.passOnConsent,
                            isWithdrawn: intent.isWithdrawn, digits: digits)),
                    recordID: recordID, fairID: open.fairID, sealer: sealer, fingerprint: fingerprint)
            }
        } catch {
            if isReserved {
                // A commit of unknown outcome may be on the disk.
                let isStated = if case .checking = error { true } else { false }
                await parts.slipTries.settle(intent.vacancyID, with: seeker, digits: digits, isStated: isStated)
            }
            throw error
        }
        if isReserved {
            // A repeat counts no more than the first: it may have been taken back since.
            await parts.slipTries.settle(
                intent.vacancyID, with: seeker, digits: digits, isStated: !record.isRepeat)
        } else if intent.isWithdrawn, !record.isRepeat {
            await parts.slipTries.takeBack(intent.vacancyID, with: seeker, digits: digits)
        }
        // The record is on the disk: a read that fails now makes no failure of it.
        guard let judged = try? await verdict(on: digits, of: seeker), judged.verdict == .right else {
            return .toBeChecked
        }
        return judged.known?.desk?.maskedName.isEmpty == true ? .nameOpen : .recorded
    }

    public func changeWishes(
        _ wishes: Wishes, by holder: SlipHolder, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> StatementState {
        let (token, seeker) = try Self.slip(holder.scanned)
        let digits = try Self.digits(holder.digits)
        let fingerprint = KeyedHash(key: formKey.bytes)(
            "wishes", seeker.bytes, Array(digits.utf8), CanonicalForm.bytes(of: wishes))
        _ = try await committedOnce(recordID, fingerprint: fingerprint) { () async throws(DeskError) in
            let checked = try Self.checked(wishes)
            let (open, sealer) = try await openFairAndSealer()
            let fair = try await offers(of: open.fairID).catalogue.fair
            try Self.authenticate(token, at: fair, sealer: sealer)
            let verdict = try await takeDigits(digits, of: seeker, at: open.fairID)
            var draft = try seal(
                .wishesChange(WishesChange(seeker: seeker, wishes: checked, digits: digits)), recordID: recordID,
                fairID: open.fairID, sealer: sealer, fingerprint: fingerprint)
            // Whoever could not prove that the slip is theirs does not change what its holder is shown.
            if verdict == .right { draft.wishes = DeskWishes(registration: seeker, wishes: checked) }
            return draft
        }
        await parts.lists.forget(seeker)
        let judged = try? await verdict(on: digits, of: seeker)
        return judged?.verdict == .right ? .recorded : .toBeChecked
    }

    public func slipIntents(by holder: SlipHolder) async throws(DeskError) -> SlipIntents {
        let (token, seeker) = try Self.slip(holder.scanned)
        let digits = try Self.digits(holder.digits)
        let (open, sealer) = try await openFairAndSealer()
        let offers = try await offers(of: open.fairID)
        try Self.authenticate(token, at: offers.catalogue.fair, sealer: sealer)
        let verdict = try await takeDigits(digits, of: seeker, at: open.fairID)
        let stated = await parts.slipTries.stated(with: seeker, digits: digits, at: open.fairID)
        return SlipIntents(
            areDigitsChecked: verdict == .right,
            intents: stated.map { id in
                let (card, standing) = offers.whatBecame(of: id)
                return SlipIntent(vacancyID: id, standing: standing, card: card)
            })
    }
}

// MARK: - Steps

extension RegistrationDesk {
    private static func digits(_ typed: String) throws(DeskError) -> String {
        if let digits = SlipDigits.read(typed) { return digits }
        throw .request([
            FieldProblem(
                code: "digits.invalid", field: "digits", zh: "请输入四位：手机号后四位；没有留手机的，证件号后四位。",
                en: "Enter four digits: the last four of the phone, or of the document where no phone was given.")
        ])
    }

    /// Whoever takes something back is not held up by what has become of the vacancy: the intent always, the consent alone
    /// where this kiosk remembers the intent. Nobody newly wants a vacancy that is closed.
    private func check(
        _ intent: IntentChoice, of seeker: RecordID, digits: String, in offers: VacancyOffers
    ) async throws(DeskError) {
        if intent.isWithdrawn || offers.card(of: intent.vacancyID) != nil { return }
        guard offers.lists(intent.vacancyID) else { throw .vacancyNotFound }
        let stated = await parts.slipTries.stated(with: seeker, digits: digits, at: offers.catalogue.fair.id)
        if intent.passOnConsent || !stated.contains(intent.vacancyID) { throw .vacancyUnavailable }
    }

    /// False for what takes back: it is not counted.
    private func reserve(
        _ intent: IntentChoice, of seeker: RecordID, digits: String, at fair: FairID
    ) async throws(DeskError) -> Bool {
        if intent.isWithdrawn { return false }
        guard await parts.slipTries.reserve(intent.vacancyID, with: seeker, digits: digits, at: fair) else {
            throw .tooManyVacancies
        }
        return true
    }

    private func verdict(
        on digits: String, of seeker: RecordID
    ) async throws(DeskError) -> (verdict: SlipDigits.Verdict, known: CommittedRecord?) {
        let known = try await registration(seeker)
        let verdict = SlipDigits.verdict(
            digits, of: seeker, stored: known?.desk?.digitsHash, with: parts.runtimeHash)
        return (verdict, known)
    }

    /// Counts the string and checks it where that can be done here. Never returns `wrong` or `none`.
    private func takeDigits(
        _ digits: String, of seeker: RecordID, at fair: FairID
    ) async throws(DeskError) -> SlipDigits.Verdict {
        let verdict = try await verdict(on: digits, of: seeker).verdict
        if verdict == .none { throw .clerkOnly }
        guard let left = await parts.slipTries.take(digits, of: seeker, at: fair) else { throw .digitsExhausted }
        if verdict == .wrong { throw .digitsWrong(triesLeft: left) }
        return verdict
    }
}
