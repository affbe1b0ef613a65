// Sentences of the desk, in Chinese.

import HTTPTypes
import HeadquartersCore

/// A page that says one thing.
struct DeskWord {
    var heading: String
    var text: String
    var status: HTTPResponse.Status
}

enum DeskWords {
    static func role(_ role: LoginRole) -> String {
        switch role {
        case .clerk: "工作人员"
        case .employer: "用人单位"
        }
    }

    static func refusal(_ refusal: DeskRefusal) -> DeskWord {
        switch refusal {
        case .forbidden:
            DeskWord(heading: "这一页您不能打开", text: "您登录的帐号没有这个权限。需要的话，请找管理这台服务器的同事。", status: .forbidden)
        case .notOurPage:
            DeskWord(heading: "没有执行", text: "这个请求不是从本页发出的，或者页面已经过时。请回到首页，重新打开再做一次。", status: .forbidden)
        case .notFound: DeskWord(heading: "没有这一页", text: "地址不对，或者内容已经不在了。", status: .notFound)
        case .tooLarge: DeskWord(heading: "内容太大", text: "提交的内容超过了上限，什么也没有执行。", status: .contentTooLarge)
        case .unsuitable(let text): DeskWord(heading: "没有执行", text: text, status: .unprocessableContent)
        }
    }

    static let busy = DeskWord(
        heading: "暂时不能用", text: "数据库现在读写不了。请过一分钟再试；还不行，请告诉管理这台服务器的同事。", status: .serviceUnavailable)

    // MARK: Login

    static let ended = "您还没有登录，或者登录已经结束（半小时没有操作，或满八小时）。刚才的操作没有执行。"
    static let incomplete = "请填写帐号和密码。"
    static let refused = "帐号或密码不对。"
    static let passwordsBusy = "现在登录的人太多，请过几秒再试。"
    static let notOurPage = "这个请求不是从登录页发出的。请在这里重新登录。"

    static func wait(milliseconds: Int64) -> String {
        let seconds = max(1, (milliseconds + 999) / 1000)
        let time = seconds < 60 ? "\(seconds) 秒" : "\((seconds + 59) / 60) 分钟"
        return "试错太多次了，请过 \(time)再试。忘了密码，请找管理这台服务器的同事重新设置。"
    }

    static func problem(_ problem: PasswordProblem) -> String {
        switch problem {
        case .tooShort: "新密码太短：至少 \(LoginLimits.passwordCharactersMin) 个字。可以是一句容易记的话。"
        case .tooLong: "新密码太长：最多 \(LoginLimits.passwordBytesMax) 字节。"
        case .tooObvious: "新密码太容易猜到，请换一个。"
        }
    }

    static let passwordsDiffer = "两次输入的新密码不一样。"
    static let passwordSet = "密码已修改，这个帐号在别处的登录都已结束。"
    static let oldPasswordWrong = "现在的密码不对。"

    // MARK: Audit

    static func action(_ action: AuditAction) -> String {
        switch action {
        case .loggedIn: "登录"
        case .loginFailed: "登录失败"
        case .loggedOut: "退出登录"
        case .loginAdded: "新建帐号"
        case .loginDisabled: "停用帐号"
        case .passwordSet: "设置密码"
        case .loginEmployersSet: "改帐号的用人单位"
        case .vacanciesImported: "导入岗位"
        case .vacancyReleased: "放行岗位"
        case .vacancyRejected: "不予发布"
        case .vacancyFilled: "标为招满"
        case .vacancyOpened: "重新开放"
        case .vacancyWithdrawn: "撤回岗位"
        case .boothChanged: "改展位"
        case .headcountChanged: "改招聘人数"
        case .employerVerified: "核验单位"
        case .employerUnverified: "取消核验"
        case .listSeen: "查看求职者名单"
        case .listExported: "导出求职者名单"
        case .intentSigned: "标记签约"
        case .intentUnsigned: "取消签约标记"
        case .personErased: "删除个人信息"
        case .kioskRevoked: "停用自助机"
        case .kioskReinstated: "恢复自助机"
        case .lineageOrdered: "要求自助机另起一本账"
        case .dayOrdered: "远程改招聘会和日期"
        case .alarmSeen: "看过自助机的警报"
        case .stickImported: "导入U盘"
        case .backupMade: "备份数据库"
        case .databaseRestored: "恢复数据库"
        case .recordsWiped: "到期清除个人信息"
        }
    }

    /// Stands where a failed login names no login.
    static let stranger = "不存在的帐号"

    static func actor(_ actor: AuditActor) -> String {
        switch actor {
        case .login(let name, let role): "\(name)（\(Self.role(role))）"
        case .terminal: "服务器终端"
        case .unknown: "未登录"
        }
    }
}
