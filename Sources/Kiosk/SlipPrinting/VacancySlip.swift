// The slip of one vacancy: for whoever walks to its booth with the paper in hand.

public import JobFair

/// One vacancy on paper. Names nobody and leads to no form.
public struct VacancySlip: Hashable, Sendable {
    /// On every paper with a booth: booths are re-assigned on the morning.
    static let boothSentence = "以现场展位为准"
    /// What the paper cannot promise, the booth and free places.
    public static let sentence = "\(boothSentence)。去之前可以先打听是不是还招人。"

    public var fairName: String
    public var day: CalendarDate
    public var employer: String
    public var title: String
    /// As it is written over the booth, e.g. `A12`; empty: a dash, and the sentence sends them to the service desk.
    public var booth: String
    /// As the employer wrote it.
    public var pay: String
    /// Nil: not said (若干).
    public var headcount: Int?
    public var place: String
    public var boardAndLodging: String
    public var insurance: String
    public var hours: String
    public var requirements: String
    /// Not for 16 and 17.
    public var isNotUnder18: Bool
    /// Empty: the line is left out.
    public var servicePhone: String
    public var kioskLabel: String
    /// Printed again after a print of which nobody knows whether it came out: marked 副本.
    public var isCopy: Bool

    public init(
        fairName: String, day: CalendarDate, employer: String, title: String, booth: String, pay: String,
        headcount: Int?, place: String, boardAndLodging: String, insurance: String, hours: String,
        requirements: String, isNotUnder18: Bool, servicePhone: String, kioskLabel: String, isCopy: Bool
    ) {
        self.fairName = fairName
        self.day = day
        self.employer = employer
        self.title = title
        self.booth = booth
        self.pay = pay
        self.headcount = headcount
        self.place = place
        self.boardAndLodging = boardAndLodging
        self.insurance = insurance
        self.hours = hours
        self.requirements = requirements
        self.isNotUnder18 = isNotUnder18
        self.servicePhone = servicePhone
        self.kioskLabel = kioskLabel
        self.isCopy = isCopy
    }

    /// The four facts and what else decides; what is not said is to be asked at the booth.
    var facts: [(label: String, text: String)] {
        func said(_ text: String) -> String { PlainText.isBlank(text) ? "到展位问" : text }
        let people = headcount.map { "\($0)人" } ?? "若干"
        let demands = (isNotUnder18 ? ["要年满18周岁"] : []) + (PlainText.isBlank(requirements) ? [] : [requirements])
        return [
            ("工资", said(pay)), ("吃住", said(boardAndLodging)), ("保险", said(insurance)), ("上班时间", said(hours)),
            ("地点", said(place)), ("招", people),
        ] + (demands.isEmpty ? [] : [("要求", demands.joined(separator: "；"))])
    }
}
