// Opening, changing and closing the fair on this kiosk: each is a record.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What the technician, headquarters and the trusted clock may do with fair and day (`protocol.md`, Day).
public struct FairControl: Sendable {
    private let store: any RecordStore
    private let fairs: CurrentFair
    private let sealer: @Sendable () -> (any ContentSealer)?
    private let clock: any ClockSource
    private let makeRecordID: @Sendable () -> RecordID
    private let committed: @Sendable () -> Void
    /// Told after the fair was closed.
    private let closed: @Sendable () async -> Void

    /// How often a technician's change is decided: once more after the clock has changed the day in between.
    private static let triesMax = 2

    public init(
        store: any RecordStore, fairs: CurrentFair, sealer: @escaping @Sendable () -> (any ContentSealer)?,
        clock: any ClockSource, makeRecordID: @escaping @Sendable () -> RecordID,
        committed: @escaping @Sendable () -> Void, closed: @escaping @Sendable () async -> Void = {}
    ) {
        self.store = store
        self.fairs = fairs
        self.sealer = sealer
        self.clock = clock
        self.makeRecordID = makeRecordID
        self.committed = committed
        self.closed = closed
    }

    public func open(_ request: FairRequest) async throws(ControlError) {
        let sealer = try enrolledSealer()
        let fair = try await chooseFair(request.fair)
        guard sealer.tokenKey(of: fair.id) != nil else {
            throw ControlError(
                code: "grant.missing", zh: "本机没有“\(fair.name)”的授权。请联网后再试。",
                en: "This kiosk has no grant for '\(fair.name)'. Connect to headquarters and try again.")
        }
        let day = try FairDay.choose(asked: request.day, of: fair, clock: clock.read())
        _ = try await record(
            DayChange(change: .fairOpened, day: day, author: .technician), fairID: fair.id,
            opens: OpenFair(fairID: fair.id, day: day, isDayConfirmed: true))
    }

    public func changeDay(_ request: FairRequest) async throws(ControlError) {
        try await change { open, fair throws(ControlError) in
            guard let fair else {
                throw ControlError(
                    code: "catalogue.missing", zh: "没有这场招聘会的资料。请让本机连上总部一次。",
                    en: "The fair's catalogue is missing. Connect to headquarters once.")
            }
            let asked = request.day ?? FairDay.trustedToday(clock.read())?.description ?? open.day.description
            let day = try FairDay.choose(asked: asked, of: fair, clock: clock.read())
            let change = DayChange(
                change: day == open.day ? .dayConfirmed : .dayOpened, day: day, author: .technician)
            return (change, OpenFair(fairID: fair.id, day: day, isDayConfirmed: true))
        }
    }

    public func close() async throws(ControlError) {
        try await change { open, _ in (DayChange(change: .fairClosed, day: open.day, author: .technician), nil) }
    }

    /// Once at the start of the daemon.
    public func dayAfterStart(isNewBoot: Bool) async throws {
        guard let open = try await store.openFair() else { return }
        // A lost catalogue is fetched anew later; that the day is not confirmed has to be said now.
        let days = try await fairs.catalogue(of: open.fairID)?.fair.days ?? []
        guard
            let (next, change) = FairDay.afterStart(open: open, days: days, isNewBoot: isNewBoot, clock: clock.read())
        else { return }
        try await recordByClock(change, open: open, next: next)
    }

    /// While time passes.
    public func dayByClock() async throws {
        let reading = clock.read()
        guard let today = FairDay.trustedToday(reading) else { return }
        guard let open = try await store.openFair() else { return try await openByClock(today) }
        guard let fair = try await fairs.catalogue(of: open.fairID)?.fair else { return }
        if let (next, change) = FairDay.byClock(open: open, days: fair.days, today: today) {
            try await recordByClock(change, open: open, next: next)
        } else if FairDay.isOver(fair, today: today, quality: reading.quality) {
            try await recordByClock(.fairClosed, open: open, next: nil)
        }
    }

    /// Headquarters' word. However often it comes it is one record, for the record's id comes of the directive's: what
    /// people here changed since then stands.
    ///
    /// - Parameter deviceID: 16 bytes; the same directive is another record on another kiosk.
    public func follow(_ directive: DayDirective, deviceID: Data) async throws(ControlError) {
        let hash = Array(KeyedHash.plain("dayDirective", Array(deviceID), Array(directive.id)))
        let recordID = RecordID(milliseconds: 0, random: Array(hash.prefix(10)))
        for _ in 0..<Self.triesMax {
            if try await isFollowed(recordID) { return }
            let (open, next) = try await state(after: directive)
            let fairID = next?.fairID ?? open?.fairID
            guard let fairID else { break }
            var change = directive.change
            if let open, let next, open.fairID == next.fairID {
                change = next.day == open.day ? .dayConfirmed : .dayOpened
            }
            let isDone = try await record(
                DayChange(change: change, day: directive.day, author: .headquarters), recordID: recordID,
                fairID: fairID, opens: next, expects: .some(open))
            if isDone { return }
        }
        throw Self.changedMeanwhile
    }

    // MARK: Parts

    private func isFollowed(_ recordID: RecordID) async throws(ControlError) -> Bool {
        do {
            return try await store.known(recordID, fingerprint: Self.fingerprint(recordID)) != nil
        } catch {
            throw Self.storeFailed
        }
    }

    /// What is open, and what is once the directive was followed; nil: nothing.
    private func state(
        after directive: DayDirective
    ) async throws(ControlError) -> (open: OpenFair?, next: OpenFair?) {
        let found: OpenFair?
        do { found = try await store.openFair() } catch { throw Self.storeFailed }
        guard let open = found else {
            guard directive.change == .fairOpened else { throw Self.directiveFitsNot }
            return (nil, try await opened(by: directive))
        }
        if let named = directive.fairID, named != open.fairID {
            // Opening another fair closes this one, as when a technician does it. All else is about a fair that is not open.
            guard directive.change == .fairOpened else { throw Self.directiveFitsNot }
            return (open, try await opened(by: directive))
        }
        guard let days = try? await fairs.catalogue(of: open.fairID)?.fair.days else { throw Self.notYet }
        // Where headquarters names a day only, it speaks of the open fair if that has it.
        guard days.contains(directive.day) else { throw Self.directiveFitsNot }
        if directive.change == .fairClosed { return (open, nil) }
        return (open, OpenFair(fairID: open.fairID, day: directive.day, isDayConfirmed: true))
    }

    private func opened(by directive: DayDirective) async throws(ControlError) -> OpenFair {
        let fair = try await fairToOpen(on: directive.day, named: directive.fairID)
        return OpenFair(fairID: fair.id, day: directive.day, isDayConfirmed: true)
    }

    /// The fair that is named, else the one real fair, of that day which this kiosk has a grant of.
    private func fairToOpen(on day: CalendarDate, named: FairID? = nil) async throws(ControlError) -> Fair {
        guard let known = try? await fairs.fairs() else { throw Self.storeFailed }
        let sealer = try enrolledSealer()
        let fitting = known.filter { fair in
            (named.map { $0 == fair.id } ?? (fair.kind == .fair)) && fair.days.contains(day)
                && sealer.tokenKey(of: fair.id) != nil
        }
        guard let fair = fitting.first else { throw Self.notYet }
        guard fitting.count == 1 else { throw Self.directiveFitsNot }
        return fair
    }

    /// A kiosk that was told nothing opens the only real fair of today. One that was open here last is closed by
    /// somebody's wish.
    private func openByClock(_ today: CalendarDate) async throws {
        guard sealer() != nil, let fair = try? await fairToOpen(on: today), try await store.lastFair() != fair.id
        else { return }
        _ = try await record(
            DayChange(change: .fairOpened, day: today, author: .clock), fairID: fair.id,
            opens: OpenFair(fairID: fair.id, day: today, isDayConfirmed: true), expects: .some(nil))
    }

    /// A day change by the technician, decided on what is open. The clock may change the day in between: decided anew,
    /// once. Another fair in between is another question, and the technician's to answer.
    private func change(
        _ decide: (OpenFair, Fair?) throws(ControlError) -> (DayChange, opens: OpenFair?)
    ) async throws(ControlError) {
        var asked: FairID?
        for _ in 0..<Self.triesMax {
            let (open, fair) = try await openFair()
            guard asked == nil || asked == open.fairID else { break }
            asked = open.fairID
            let (change, opens) = try decide(open, fair)
            if try await record(change, fairID: open.fairID, opens: opens, expects: open) { return }
        }
        throw Self.changedMeanwhile
    }

    /// A day change by the clock. A person's word in between stands; nothing is written then.
    private func recordByClock(
        _ change: DayChange.Change, open: OpenFair, next: OpenFair?
    ) async throws(ControlError) {
        _ = try await record(
            DayChange(change: change, day: next?.day ?? open.day, author: .clock), fairID: open.fairID, opens: next,
            expects: open)
    }

    private func enrolledSealer() throws(ControlError) -> any ContentSealer {
        if let sealer = sealer() { return sealer }
        throw ControlError(
            code: "kiosk.notEnrolled", zh: "本机还没有登记到总部。请先运行 kioskctl enrol。",
            en: "This kiosk is not enrolled. Run kioskctl enrol first.")
    }

    /// The open fair, and what its catalogue says, if there is one: closing needs none.
    private func openFair() async throws(ControlError) -> (OpenFair, Fair?) {
        do {
            if let open = try await store.openFair() {
                return (open, try await fairs.catalogue(of: open.fairID)?.fair)
            }
        } catch {
            throw Self.storeFailed
        }
        throw ControlError(
            code: "fair.notOpen", zh: "没有开启招聘会。请运行 kioskctl fair open。",
            en: "No fair is open. Run kioskctl fair open.")
    }

    private func chooseFair(_ asked: String?) async throws(ControlError) -> Fair {
        guard let known = try? await fairs.fairs() else { throw Self.storeFailed }
        let matching = known.filter { fair in
            asked.map { $0 == fair.id.description || $0 == String(fair.keyNumber) } ?? true
        }
        if matching.count == 1, let fair = matching.first { return fair }
        let list = known.map { "\($0.keyNumber) \($0.name)" }.joined(separator: "; ")
        throw ControlError(
            code: matching.isEmpty ? "fair.unknown" : "fair.ambiguous",
            zh: "请用 --fair 指明招聘会编号。本机知道的：\(list.isEmpty ? "没有" : list)",
            en: "Say which fair with --fair NUMBER. Known here: \(list.isEmpty ? "none" : list)")
    }

    /// False: not recorded, for something else is open than `expects`.
    private func record(
        _ change: DayChange, recordID: RecordID? = nil, fairID: FairID, opens: OpenFair?, expects: OpenFair?? = nil
    ) async throws(ControlError) -> Bool {
        let sealer = try enrolledSealer()
        let recordID = recordID ?? makeRecordID()
        do {
            let sealed = try sealer.seal(.dayChange(change), recordID: recordID, fairID: fairID)
            let draft = RecordDraft(
                recordID: recordID, kind: .dayChange, identity: sealed.identity,
                encapsulatedKey: sealed.encapsulatedKey, ciphertext: sealed.ciphertext,
                fingerprint: Self.fingerprint(recordID), opens: .some(opens),
                expects: expects)
            _ = try await store.commit(draft, clock: clock.read())
            committed()
            if opens == nil { await closed() }
            return true
        } catch RecordStoreError.fairChanged {
            return false
        } catch {
            throw Self.storeFailed
        }
    }

    static let fitsNot = "directive.fitsNot"
    static let waits = "directive.notYet"

    private static func fingerprint(_ recordID: RecordID) -> Data {
        KeyedHash.plain("dayChange", recordID.bytes)
    }

    private static let changedMeanwhile = ControlError(
        code: "fair.changed", zh: "招聘会或日期刚刚被更改，没有再改动。请运行 kioskctl status 查看后再试。",
        en: "Fair or day was changed a moment ago; nothing more was changed. See kioskctl status, then try again.")

    /// The directive is repeated until it can be followed.
    private static let notYet = ControlError(
        code: waits, zh: "还没有这场招聘会的资料或授权，总部的指令稍后再执行。",
        en: "Catalogue or grant of that fair is missing; headquarters' directive is followed later.")

    private static let directiveFitsNot = ControlError(
        code: fitsNot, zh: "总部的指令不符合本机的状态，没有执行。",
        en: "Headquarters' directive does not fit what is open on this kiosk; it was not followed.")

    private static let storeFailed = ControlError(
        code: "store.failed", zh: "数据存储出错。请看 journalctl -u kioskd。",
        en: "The store failed. See journalctl -u kioskd.")
}

extension ControlError {
    /// A directive that does not fit this kiosk: asking again changes nothing.
    public var isForGood: Bool { code == FairControl.fitsNot }

    /// A directive about a fair whose catalogue or grant is not here.
    public var waitsForFair: Bool { code == FairControl.waits }
}
