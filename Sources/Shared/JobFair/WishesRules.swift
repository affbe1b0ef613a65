// The rules of wishes: at registration, and when somebody changes them afterwards.

extension RegistrationRules {
    /// All problems at once, their fields named as `wishes.home`; or the wishes, trimmed.
    public static func check(_ wishes: Wishes) -> Result<Wishes, RegistrationProblems> {
        var check = WishesCheck()
        let checked = check.wishes(wishes)
        return check.problems.isEmpty ? .success(checked) : .failure(RegistrationProblems(check.problems))
    }
}

private struct WishesCheck {
    var problems: [FieldProblem] = []

    mutating func wishes(_ wishes: Wishes) -> Wishes {
        let occupations = list(wishes.occupations, in: "occupations")
        if let pay = wishes.lowestPayYuanMonth, !(0...RegistrationRules.payYuanMonthMax).contains(pay) {
            problems.append(ProblemCode.wishesPay.problem(in: "wishes.lowestPayYuanMonth"))
        }
        let places = list(wishes.places, in: "places")
        let home = PlainText.isBlank(wishes.home) ? [] : list([wishes.home], in: "home")
        let skills = list(wishes.skills, in: "skills")
        return Wishes(
            occupations: occupations,
            lowestPayYuanMonth: wishes.lowestPayYuanMonth == 0 ? nil : wishes.lowestPayYuanMonth, places: places,
            home: home.first ?? "", workForms: WorkForm.allCases.filter(wishes.workForms.contains),
            board: wishes.board, nightShifts: wishes.nightShifts, skills: skills, travel: wishes.travel)
    }

    private mutating func list(_ texts: [String], in field: String) -> [String] {
        guard texts.count <= RegistrationRules.wishesMax else {
            problems.append(ProblemCode.wishesTooMany.problem(in: "wishes.\(field)"))
            return []
        }
        let kept = texts.compactMap { PlainText.short($0, codePointsMax: RegistrationRules.wishCodePointsMax) }
        if kept.count < texts.count { problems.append(ProblemCode.wishesText.problem(in: "wishes.\(field)")) }
        return kept
    }
}

extension PlainText {
    /// Trimmed; nil when it is blank, too long, or holds control or invisible characters.
    static func short(_ text: String, codePointsMax: Int) -> String? {
        let scalars = text.unicodeScalars.drop(while: isSpace).reversed().drop(while: isSpace)
        guard !scalars.isEmpty, scalars.count <= codePointsMax,
            scalars.allSatisfy({ $0.properties.generalCategory != .control && !isInvisible($0) })
        else { return nil }
        return string(scalars.reversed())
    }
}
