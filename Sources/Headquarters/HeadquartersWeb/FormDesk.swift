// What the job-intent form does with a slip: finds it, judges a post, states and withdraws intents.

import HeadquartersCore
import JobFair
import SyncProtocol

/// A slip whose token is authentic, with everything the page may know about it before any digits.
struct FormSlip: Sendable {
    var token: SlipToken
    var seeker: RecordID
    var catalogue: Catalogue
    /// Nil: the record has not arrived yet.
    var registration: SlipRegistration?
    /// Some days after the fair no more intents are taken.
    var isOpen: Bool

    /// Purpose 1, which the code itself shows. Whatever else speaks against an intent is said only to the right digits,
    /// except that there are none (`clerkOnly`).
    var allowsIntents: Bool { token.purpose == 1 }
    var isNameOpen: Bool { registration?.isNameOpen ?? false }
    var path: String { "/I/\(token.text)" }
}

/// Where a post leads.
enum FormAnswer: Hashable, Sendable {
    /// To the view of this visit.
    case visit(String)
    case problems([IntentProblem])
    case wishesProblems([WishesProblem])
    /// The four digits are not those of the slip.
    case wrongDigits(triesLeft: Int)
    /// Five different ones were tried.
    case locked
    /// Under 16 or age not known; which of the two is not told.
    case notAllowed
    /// Neither phone nor document.
    case clerkOnly
    case closed
    /// Hand-typed: nobody here, or not with these digits; which of the two is not told.
    case notFound
    case tooManyTries
    case unknownSlip
}

struct FormDesk: Sendable {
    let parts: FormParts
    let visits = FormVisits()
    /// Fairs whose slips are opened now. 32 catalogues of 2,000 vacancies of some 800 bytes take 50 MB.
    private let catalogues = EditionCache<Catalogue>(fairsMax: 32)

    /// The slip of a token as it stands in the address; nil for every token that is not ours.
    func slip(_ text: String) async throws -> FormSlip? {
        guard let token = try? SlipToken(text), token.purpose == 1 || token.purpose == 2,
            let seeker = RecordID(bytes: token.recordID),
            // Nothing but one row is read for a token that is not ours: anybody can send those, as many as they like.
            let edition = try await parts.store.fair(keyNumber: token.fairKeyNumber),
            token.isAuthentic(tokenKey: parts.tokenKey(edition.fairID)),
            let catalogue = try await catalogues.value(
                of: edition, make: { [parts] in try await parts.store.catalogue(of: edition.fairID) })
        else { return nil }
        let registration = try await parts.store.registration(seeker)
        if let registration, registration.fairID != catalogue.fair.id { return nil }
        let isOpen =
            BeijingTime(milliseconds: parts.now()).map {
                IntentPeriod.isOpen(
                    fairDays: catalogue.fair.days, openDaysAfter: catalogue.fair.formOpenDaysAfter, today: $0.day)
            } ?? false
        return FormSlip(
            token: token, seeker: seeker, catalogue: catalogue, registration: registration, isOpen: isOpen)
    }

    /// Carries out a post of the list: the name first where it was left open, then one intent per chosen vacancy.
    func state(_ fields: IntentFields, with slip: FormSlip) async throws -> FormAnswer {
        guard slip.allowsIntents else { return .notAllowed }
        guard slip.isOpen else { return .closed }
        let submission: IntentSubmission
        switch IntentSubmission.read(fields, isNameOpen: slip.isNameOpen, readName: FormNames.read) {
        case .failure(let problems): return .problems(problems.list)
        case .success(let value): submission = value
        }
        let post = FormPost(submission, nameTyped: fields.first("name"), seeker: slip.seeker)
        if let post, let key = await visits.visitKey(of: post, now: parts.now()) { return .visit(key) }
        if let name = submission.name, let refusal = try await complete(name, submission, slip) { return refusal }
        var notes: [VacancyID: FormNote] = [:]
        for vacancy in submission.vacancies {
            let outcome = try await parts.store.saveIntent(
                IntentStatement(
                    seeker: slip.seeker, fairID: slip.catalogue.fair.id, vacancyID: vacancy,
                    passOnConsent: !submission.withheld.contains(vacancy), digits: submission.digits, at: parts.now()))
            switch outcome {
            case .confirmed, .claimed, .withdrawn: continue
            case .tooManyVacancies: notes[vacancy] = .tooManyVacancies
            case .vacancyUnavailable: notes[vacancy] = .vacancyUnavailable
            case .vacancyNotUnder18: notes[vacancy] = .vacancyNotUnder18
            case .wrongDigits(let triesLeft): return .wrongDigits(triesLeft: triesLeft)
            case .tooManyTries: return .locked
            case .nameOpen: return .problems([.nameMissing])
            case .notAllowed: return .notAllowed
            case .clerkOnly: return .clerkOnly
            case .otherFair: return .unknownSlip
            }
        }
        return .visit(
            await visits.open(
                seeker: slip.seeker, digits: submission.digits, notes: notes, post: post,
                now: parts.now()))
    }

    /// Nil: go on.
    private func complete(_ name: PersonName, _ submission: IntentSubmission, _ slip: FormSlip) async throws
        -> FormAnswer?
    {
        let fair = slip.catalogue.fair.id
        let completion = NameCompletion(
            seeker: slip.seeker, fairID: fair, surname: FormNames.surname(of: name),
            sealed: try parts.completionSealer.seal(name, for: slip.seeker, at: fair), digits: submission.digits,
            at: parts.now())
        switch try await parts.store.completeName(completion) {
        case .completed, .alreadyKnown, .notArrived: return nil
        case .wrongDigits(let triesLeft): return .wrongDigits(triesLeft: triesLeft)
        case .tooManyTries: return .locked
        case .clerkOnly: return .clerkOnly
        case .otherFair: return .unknownSlip
        }
    }

    /// Opens a visit to see and withdraw what was stated; also after the form has closed.
    func openVisit(_ fields: IntentFields, with slip: FormSlip) async throws -> FormAnswer {
        guard slip.allowsIntents else { return .notAllowed }
        guard let text = fields.first("digits") else { return .problems([.digitsMissing]) }
        guard let digits = IntentDigits.read(text) else { return .problems([.digitsInvalid]) }
        switch try await parts.store.checkDigits(digits, of: slip.seeker, at: parts.now()) {
        case .wrong(let triesLeft): return .wrongDigits(triesLeft: triesLeft)
        case .tooManyTries: return .locked
        case .clerkOnly: return .clerkOnly
        case .right, .undecided:
            return .visit(
                await visits.open(seeker: slip.seeker, digits: digits, notes: [:], post: nil, now: parts.now()))
        }
    }

    /// Withdraws an intent, or only the consent to pass on name and phone, within a visit.
    func withdraw(_ fields: IntentFields, visitKey key: String, with slip: FormSlip) async throws -> FormAnswer {
        guard let visit = await visits.visit(key, of: slip.seeker, now: parts.now()) else {
            return .problems([.digitsMissing])
        }
        let isWhole = fields.first("withdraw") != nil
        guard let vacancy = fields.first(isWhole ? "withdraw" : "withhold").flatMap({ VacancyID($0) }) else {
            return .problems([.unreadable])
        }
        let stated = try await parts.store.intents(of: slip.seeker, digits: visit.digits)
        guard stated.contains(where: { $0.vacancyID == vacancy && ($0.state == .confirmed || $0.state == .claimed) })
        else { return .visit(key) }
        let outcome = try await parts.store.saveIntent(
            IntentStatement(
                seeker: slip.seeker, fairID: slip.catalogue.fair.id, vacancyID: vacancy, passOnConsent: false,
                isWithdrawn: isWhole, digits: visit.digits, at: parts.now()))
        switch outcome {
        case .confirmed, .claimed: await visits.note(.consentWithdrawn, for: vacancy, in: key)
        case .withdrawn: await visits.note(.withdrawn, for: vacancy, in: key)
        case .wrongDigits(let triesLeft): return .wrongDigits(triesLeft: triesLeft)
        case .tooManyTries: return .locked
        case .notAllowed: return .notAllowed
        case .clerkOnly: return .clerkOnly
        case .otherFair: return .unknownSlip
        case .tooManyVacancies, .vacancyUnavailable, .vacancyNotUnder18, .nameOpen: break
        }
        return .visit(key)
    }

    /// A number typed by hand. Right digits lead to the form of the slip; returns its path.
    ///
    /// - Parameter client: address of the phone; nil where it is not known, tries are then counted by number only.
    func find(_ fields: IntentFields, client: String?) async throws -> Result<String, FormFindProblem> {
        guard
            let number = IntentHandNumber(fair: fields.first("fair") ?? "", ticket: fields.first("ticket") ?? ""),
            let digits = fields.first("digits").flatMap(IntentDigits.read)
        else { return .failure(.incomplete) }
        guard let client else { return try await find(number, digits: digits) }
        // Taken before anything is awaited and given back afterwards: posts at the same moment share the limit.
        let now = parts.now()
        guard await visits.takeTry(client: client, now: now) else { return .failure(.tooManyTries) }
        let found = try await find(number, digits: digits)
        if case .success = found { await visits.giveBackTry(client: client, takenAt: now) }
        return found
    }

    private func find(_ number: IntentHandNumber, digits: String) async throws -> Result<String, FormFindProblem> {
        guard let fair = try await parts.store.fair(keyNumber: number.fairKeyNumber) else { return .failure(.notFound) }
        let found = try await parts.store.findByHand(
            ticket: number.ticket, digits: digits, at: fair.fairID, now: parts.now())
        switch found {
        case .notFound: return .failure(.notFound)
        case .tooManyTries: return .failure(.tooManyTries)
        case .found(let seeker, let allowsIntents):
            let token = SlipToken.make(
                purpose: allowsIntents ? 1 : 2, fairKeyNumber: fair.keyNumber, recordID: .init(seeker.bytes),
                tokenKey: parts.tokenKey(fair.fairID))
            return .success("/I/\(token.text)")
        }
    }
}

enum FormFindProblem: Error, Hashable, Sendable {
    case incomplete
    /// Nobody here, or other digits, or too many with that slip; which is not told.
    case notFound
    case tooManyTries
}
