// What a slip says, before anybody thinks of paper.

public import JobFair

/// A vacancy as the slip shows it.
public struct SlipVacancy: Hashable, Sendable {
    public var title: String
    public var employer: String
    /// As it is written over the booth, e.g. `A12`.
    public var booth: String
    /// As the employer wrote it, e.g. `5000-7000元/月`; empty: the line is left out.
    public var pay: String

    public init(title: String, employer: String, booth: String, pay: String) {
        self.title = title
        self.employer = employer
        self.booth = booth
        self.pay = pay
    }
}

/// The printed paper with ticket number and QR code. No document number, no phone of the seeker, no full name.
public struct Slip: Hashable, Sendable {
    public static let vacanciesMax = 5

    public var ticket: TicketNumber
    /// Surname only, e.g. `李*`; empty: left open.
    public var maskedName: String
    public var fairName: String
    public var day: CalendarDate
    /// The whole address in the QR code, upper case.
    public var codeAddress: String
    /// The fair's number, typed by hand with the ticket number where nobody can scan; 0: the line is left out.
    public var fairNumber: Int
    /// False under 16 or where the age is not known: the code then serves for check-in only.
    public var allowsIntents: Bool
    /// Up to five, the best first.
    public var vacancies: [SlipVacancy]
    /// What to do next; `standardSentence` unless the fair says otherwise.
    public var sentence: String
    /// Empty: the line is left out.
    public var servicePhone: String
    public var kioskLabel: String
    /// Printed again: marked 副本.
    public var isCopy: Bool

    public init(
        ticket: TicketNumber, maskedName: String, fairName: String, day: CalendarDate, codeAddress: String,
        fairNumber: Int = 0,
        allowsIntents: Bool, vacancies: [SlipVacancy], sentence: String? = nil, servicePhone: String,
        kioskLabel: String, isCopy: Bool
    ) {
        self.ticket = ticket
        self.maskedName = maskedName
        self.fairName = fairName
        self.day = day
        self.codeAddress = codeAddress
        self.fairNumber = fairNumber
        self.allowsIntents = allowsIntents
        self.vacancies = vacancies
        self.sentence = sentence ?? Self.standardSentence(allowsIntents: allowsIntents)
        self.servicePhone = servicePhone
        self.kioskLabel = kioskLabel
        self.isCopy = isCopy
    }

    /// The way to the form without a camera; empty where the slip leads to no intents or the number is not known.
    var handSentence: String {
        guard allowsIntents, fairNumber > 0,
            let host = codeAddress.split(separator: "/").dropFirst().first?.lowercased()
        else { return "" }
        return "不能扫码：手机打开 \(host)，输入招聘会编号 \(fairNumber) 和您的号码。"
    }

    /// What to do next. Without intents one sentence serves both reasons: which of the two it is stays sealed.
    public static func standardSentence(allowsIntents: Bool) -> String {
        allowsIntents
            ? "扫码看全部岗位，填用工意向；也可拿小票直接去展位面谈。"
            : "欢迎您来！每个展位都可以去看看、问问。用工意向要年满16周岁、登记了出生日期才能填写，请找工作人员帮忙。"
    }
}
