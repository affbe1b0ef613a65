// The sentences of the job-intent form: kind, short, and always with what to do next.

import HeadquartersCore
import JobFair

/// A page of a few sentences: why it does not go on here, and what to do.
struct FormWord: Sendable {
    var title: String
    var heading: String
    var sentences: [String]
}

enum FormWords {
    static let unknownSlip = FormWord(
        title: "没有这张小票", heading: "没有找到这张小票",
        sentences: [
            "二维码可能没扫全，或者印花了。请再扫一次。",
            "还是打不开，请拿小票到现场服务台，工作人员帮您填。",
        ])

    static let notAllowed = FormWord(
        title: "请到服务台", heading: "这张小票请到服务台办理",
        sentences: [
            "这张小票可以进场、签到、咨询，不能在手机上报名岗位。",
            "想了解工作或者技能培训，请拿小票和证件到服务台，工作人员会当面帮您。",
        ])

    static let locked = FormWord(
        title: "请到服务台", heading: "后四位填错的次数太多",
        sentences: [
            "为了保护您的信息，这张小票不能再在手机上填了。已经报的岗位不受影响。",
            "请拿小票和证件到服务台，工作人员帮您接着办。",
        ])

    static let clerkOnly = FormWord(
        title: "请到服务台", heading: "请到服务台报名",
        sentences: [
            "您登记时没有留手机号和证件，手机上没法确认是您本人。",
            "请拿小票到服务台，或者直接去展位，工作人员帮您登记意向。",
        ])

    static let closed = FormWord(
        title: "报名已经结束", heading: "这场招聘会的报名已经结束",
        sentences: ["还想找工作，请联系服务台，看看下一场招聘会和正在招人的岗位。", "已经报的岗位，在这里还可以查看和撤回。"])

    static let notOurPage = FormWord(
        title: "请重新打开", heading: "这一页请重新打开",
        sentences: ["请重新扫小票上的二维码，再填一次。", "没有保存任何内容，也不算填错。"])

    static let tooLarge = FormWord(
        title: "请重新打开", heading: "内容太长，没有收到", sentences: ["请重新扫小票上的二维码，再填一次。"])

    static let busy = FormWord(
        title: "稍等一下", heading: "现在人多，请稍等",
        sentences: ["刚才的内容可能已经收到。请过一分钟再点一次，同一个岗位不会重复报。", "一直不行，请拿小票到服务台。"])

    static func problem(_ problem: IntentProblem) -> String {
        switch problem {
        case .noVacancyChosen: "还没有选岗位：在想去的岗位下面勾“我要报名”。"
        case .tooManyVacancies: "一张小票最多报 \(FormLimits.vacanciesMax) 个岗位，请去掉几个。"
        case .digitsMissing: "请填手机号最后 4 位。"
        case .digitsInvalid: "后四位要正好 4 个：四个数字，或者三个数字加 X。"
        case .nameMissing: "请填您的姓名。"
        case .nameInvalid: "姓名里有认不出的符号。请和证件上写得一样；打不出来的字，请到服务台。"
        case .unreadable: "这一页没有收全，请重新扫码再填一次。"
        }
    }

    static func wrongDigits(triesLeft: Int) -> String {
        triesLeft > 0
            ? "后四位对不上。请填登记时用的手机号；没留手机号的，填证件号码最后 4 位。还可以换 \(triesLeft) 次。"
            : "后四位对不上。请拿小票和证件到服务台，工作人员帮您办。"
    }

    static let findIncomplete = "三样都要填：招聘会编号（数字）、您的号码（像 AB0237）、后四位。"
    static let findNothing = "没有找到，或者后四位对不上。刚在自助机上登记的，可能还没传过来：请扫小票上的二维码，或者到服务台。"
    static let findTooMany = "试的次数太多了，请过一小时再试，或者拿小票到服务台。"

    static func state(_ state: IntentState) -> String {
        switch state {
        case .confirmed: "✓ 已登记（初步意向）"
        case .claimed: "已收到，核对后生效"
        case .withdrawn: "已撤回"
        case .void: "没有生效，请到服务台"
        }
    }

    static func note(_ note: FormNote) -> String {
        switch note {
        case .tooManyVacancies: "没有报上：一张小票最多报 \(FormLimits.vacanciesMax) 个"
        case .vacancyUnavailable: "没有报上：这个岗位已经不招了"
        case .vacancyNotUnder18: "没有报上：按规定须满 18 周岁，请看看别的岗位"
        case .withdrawn: "已撤回"
        case .consentWithdrawn: "已登记，电话不再给它"
        }
    }
}
