// Wishes between wire and domain.

import JobFair
import SyncProtocol

extension WireWishes {
    init(_ wishes: Wishes) {
        self.init()
        occupations = wishes.occupations
        lowestPayYuanMonth = UInt32(clamping: wishes.lowestPayYuanMonth ?? 0)
        places = wishes.places
        home = wishes.home
        workForms = wishes.workForms.map(\.rawValue)
        board = wishes.board
        if let night = wishes.nightShifts { nightShifts = night }
        skills = wishes.skills
        travel = wishes.travel
    }
}

extension Wishes {
    /// Of a record that was opened; nil where the rules of wishes refuse them: whoever signed them was no program of ours.
    init?(wire: WireWishes) {
        let read = Wishes(
            occupations: wire.occupations,
            lowestPayYuanMonth: wire.lowestPayYuanMonth == 0 ? nil : Int(wire.lowestPayYuanMonth), places: wire.places,
            home: wire.home, workForms: wire.workForms.compactMap { WorkForm(rawValue: $0) }, board: wire.board,
            nightShifts: wire.hasNightShifts ? wire.nightShifts : nil, skills: wire.skills, travel: wire.travel)
        guard case .success(let wishes) = RegistrationRules.check(read) else { return nil }
        self = wishes
    }
}
