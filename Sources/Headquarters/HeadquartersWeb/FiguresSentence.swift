// Numbers as bulletins and newspapers print them: 余 rounds down, 万 from ten thousand, nothing under five.

import HeadquartersCore
import JobFair

enum PressNumber {
    /// Smaller counts of people are left out of sentences: they may point at somebody.
    static let countMin = 5

    /// Exact below 100; else two leading digits and 余 where something is left (1,356 is `1300余`); from 10,000 on in
    /// 万 with at most two decimals (18,250 is `1.82万余`). Always rounded down.
    static func text(_ number: Int) -> String {
        guard number >= 100 else { return String(number) }
        if number >= 10_000 {
            let hundreds = number / 100
            let decimals = hundreds % 100
            let fraction =
                decimals == 0
                ? "" : decimals % 10 == 0 ? ".\(decimals / 10)" : ".\(decimals < 10 ? "0" : "")\(decimals)"
            return "\(hundreds / 100)\(fraction)万\(number % 100 == 0 ? "" : "余")"
        }
        let step = number >= 1000 ? 100 : 10
        return "\(number / step * step)\(number % step == 0 ? "" : "余")"
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
        let headcount = figures.vacancyHeadcount
        let posts = PressNumber.text(headcount)
        let more = figures.vacanciesWithoutHeadcount > 0 && !posts.hasSuffix("余") ? "余" : ""
        var clauses = [
            "\(FormText.days(past.isEmpty ? fair.days : past))，\(fair.organiser)举办“\(fair.name)”",
            "组织\(PressNumber.text(figures.employers))家用人单位提供\(posts)\(more)个岗位",
        ]
        if figures.entries >= PressNumber.countMin {
            clauses.append("活动共吸引\(PressNumber.text(figures.entries))人次进场")
        }
        if figures.registrations >= PressNumber.countMin {
            clauses.append("\(PressNumber.text(figures.registrations))人办理求职登记")
        }
        if figures.intentPeople >= PressNumber.countMin {
            clauses.append(
                "\(PressNumber.text(figures.intentPeople))人达成初步就业意向\(PressNumber.text(figures.intentPairs))人次")
        }
        return clauses.joined(separator: "，") + "。"
    }
}
