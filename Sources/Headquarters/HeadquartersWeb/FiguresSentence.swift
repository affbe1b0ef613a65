// Numbers as bulletins and newspapers print them: 余 rounds down, 近 up, 万 from ten thousand, nothing under five.

import HeadquartersCore
import JobFair

enum PressNumber {
    /// Smaller counts of people are left out of sentences: they may point at somebody.
    static let countMin = 5

    /// Exact below 100. Above, two leading digits (from 10,000 on 万 with at most two decimals), and a word for what is left:
    /// 余 rounds down (1,356 is `1300余`), 近 rounds up where at most a tenth of the step is missing (7,992 is `近8000`).
    ///
    /// - Parameter isAtLeast: the number is known to be larger by something nobody counted: 余 in any case.
    static func text(_ number: Int, isAtLeast: Bool = false) -> String {
        guard number >= 100 else { return "\(number)\(isAtLeast ? "余" : "")" }
        let step = number >= 1000 ? 100 : 10
        let rest = number % step
        if !isAtLeast, rest > 0, (step - rest) * 10 <= step { return "近\(round(number - rest + step))" }
        return round(number - rest) + (rest > 0 || isAtLeast ? "余" : "")
    }

    /// A number without words: `8000`, `1.82万`.
    private static func round(_ number: Int) -> String {
        guard number >= 10_000 else { return String(number) }
        let hundreds = number / 100
        let decimals = hundreds % 100
        let fraction =
            decimals == 0
            ? "" : decimals % 10 == 0 ? ".\(decimals / 10)" : ".\(decimals < 10 ? "0" : "")\(decimals)"
        return "\(hundreds / 100)\(fraction)万"
    }

    /// Tenths of a per cent as `7.2%`; `—` where there is none.
    static func percent(_ permille: Int?) -> String {
        permille.map { "\($0 / 10).\($0 % 10)%" } ?? "—"
    }

    /// With thousands separators, for tables.
    static func exact(_ number: Int) -> String {
        var digits = Array(String(abs(number)))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(",", at: index)
            index -= 3
        }
        return (number < 0 ? "-" : "") + String(digits)
    }
}

enum FiguresSentence {
    /// One sentence for a bulletin; clauses whose count of people is under five are left out. 人 are people, 人次 are
    /// entries or pairs.
    static func text(_ figures: FairFigures) -> String {
        let fair = figures.fair
        let now = BeijingTime(milliseconds: figures.countedAt)
        let past = fair.days.filter { day in now.map { day <= $0.day } ?? true }
        let posts = PressNumber.text(
            figures.vacancyHeadcount, isAtLeast: figures.vacanciesWithoutHeadcount > 0)
        // Two kinds of work are a list already; one is not 等.
        let work = figures.occupations.map { OccupationWords[$0].label }
        let kinds = work.count > 1 ? "\(work.joined(separator: "、"))等" : ""
        var clauses = [
            "\(FormText.days(past.isEmpty ? fair.days : past))，\(fair.organiser)举办“\(fair.name)”",
            "组织\(PressNumber.text(figures.employers))家用人单位提供\(kinds)\(posts)个岗位",
        ]
        if figures.entries >= PressNumber.countMin {
            clauses.append("活动共吸引\(PressNumber.text(figures.entries))人次进场")
        }
        if figures.registrations >= PressNumber.countMin {
            clauses.append("\(PressNumber.text(figures.registrations))人办理求职登记")
        }
        if figures.intentPeople >= PressNumber.countMin {
            let level = figures.signedPairs == 0 ? "初步就业意向" : "就业意向"
            clauses.append(
                "\(PressNumber.text(figures.intentPeople))人达成\(level)\(PressNumber.text(figures.intentPairs))人次")
            if figures.signedPeople >= PressNumber.countMin {
                clauses.append("其中\(PressNumber.text(figures.signedPeople))人签约")
            }
        }
        return clauses.joined(separator: "，") + "。"
    }

    /// What belongs under the sentence: to which minute it counts, and how many kiosks (站点) may still hold records.
    static func note(_ figures: FairFigures) -> String {
        let kiosks = FiguresGap(figures).kiosksNotUploaded
        let time = BeijingTime(milliseconds: figures.countedAt)
        let cutOff = time.map { "截至\($0.day.month)月\($0.day.day)日\($0.clock)，北京时间" } ?? ""
        return cutOff + (kiosks > 0 ? "；未上传站点：\(kiosks)" : "") + "。"
    }
}
