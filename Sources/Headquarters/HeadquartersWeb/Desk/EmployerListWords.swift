// Sentences of the employers' lists, in Chinese.

import HeadquartersCore
import JobFair

enum EmployerListWords {
    static let watermark = "仅限招聘使用，不得转给他人，用完请删除"
    static let terms =
        "口径：只列同意把姓名和电话交给本单位、核对过后四位、没有撤回的求职者，一人报一个岗位算一人次。初步意向和签约都不等于录用。时间是北京时间，“约”表示自助机时钟不准。“想做”是求职者自己最近填的。"

    static func made(by session: DeskSession, at now: Int64) -> String {
        let time = BeijingTime(milliseconds: now).map { "\($0.day) \($0.clock)（北京时间）" } ?? ""
        return "制表人：\(session.name)（\(DeskWords.role(session.role))）　制表时间：\(time)"
    }

    static func level(_ line: EmployerListLine) -> String {
        switch line.standing {
        case .open: line.signing == nil ? "初步" : "签约"
        case .withdrawn: "签约后已撤回意向"
        case .consentWithdrawn: "签约后已撤回同意"
        }
    }

    static func remark(_ line: EmployerListLine, _ seen: SeekerParticulars) -> String {
        var parts: [String] = []
        if line.isMinor { parts.append("未成年工（16、17岁）") }
        switch seen.phoneOwner {
        case _ where seen.phone == nil: parts.append("没有留电话")
        case .seeker: break
        case .contact: parts.append("电话是联系人的，本人没有手机")
        case .proxy(let relation): parts.append("电话是代办人的\(relation.isEmpty ? "" : "（\(relation)）")")
        }
        if seen.name == nil { parts.append("没有留姓名") }
        if let wishes = seen.wishes { parts += self.wishes(wishes) }
        return parts.joined(separator: "；")
    }

    /// What an employer can use of them: `想做缝纫、焊工`, `每月至少 5000 元`, `会叉车证`. Where somebody would live or travel is
    /// none of its business.
    static func wishes(_ wishes: Wishes) -> [String] {
        var parts: [String] = []
        if !wishes.occupations.isEmpty {
            let names = wishes.occupations.map { text in
                Occupation(rawValue: text).map { OccupationWords[$0].label } ?? text
            }
            parts.append("想做" + names.joined(separator: "、"))
        }
        if let pay = wishes.lowestPayYuanMonth { parts.append("每月至少 \(pay) 元") }
        if !wishes.skills.isEmpty { parts.append("会" + wishes.skills.joined(separator: "、")) }
        return parts
    }

    /// Bounds this close are a clock that is right.
    private static let closeMilliseconds: Int64 = 5 * 60_000
    /// Within these a time of day still tells something.
    private static let wideMilliseconds: Int64 = 2 * 3_600_000

    /// `2026-02-01 10:05`, `2026-02-01 约10:05`, `2026-02-01 时间不详`, `时间不详`.
    static func time(_ occurred: OccurredAt) -> String {
        guard let time = BeijingTime(milliseconds: occurred.estimate),
            let first = BeijingTime(milliseconds: occurred.lower), let last = BeijingTime(milliseconds: occurred.upper)
        else { return "时间不详" }
        let width = occurred.upper - occurred.lower
        if width <= closeMilliseconds { return "\(time.day) \(time.clock)" }
        if width <= wideMilliseconds { return "\(time.day) 约\(time.clock)" }
        return first.day == last.day ? "\(time.day) 时间不详" : "时间不详"
    }

    // MARK: Reasons

    /// What stands in the audit where nobody is asked.
    static let ownList = "用人单位查看本单位名单"
    static let maskedExport = "导出隐去姓名和电话的名单"
    static let reasonMissing =
        "请写明理由，至少 \(EmployerListLimits.reasonCharactersMin) 个字。理由会记入操作记录，请不要写求职者的姓名和电话。"
    static let oneAtATime = "上一份名单还在准备，请等它打开。"
    static let notListed = "这条意向现在不在名单上：求职者可能刚刚撤回。请回到名单重新打开。"
}
