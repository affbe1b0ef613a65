// What the desk's first page offers: one line for each page, added by whoever adds the page.

import HeadquartersCore
import JobFair

/// Shown as far as a login may open it. Order is the order on the page.
enum DeskLinks {
    struct General: Sendable {
        var words: String
        var roles: Set<LoginRole>
        var path: String
    }
    struct OfFair: Sendable {
        var words: String
        var path: @Sendable (FairID) -> String
    }
    struct OfEmployer: Sendable {
        var words: String
        var path: @Sendable (FairID, EmployerID) -> String
    }

    static let general: [General] = [
        General(words: "自助机", roles: [.clerk], path: "/desk/kiosks"),
        General(words: "删除个人信息", roles: [.clerk], path: "/desk/person"),
        General(words: "操作记录", roles: [.clerk], path: "/desk/audit"),
        General(words: "修改密码", roles: [.clerk, .employer], path: "/desk/password"),
    ]

    /// For clerks, beside each fair.
    static let ofFair: [OfFair] = [
        OfFair(words: "导入岗位") { "/desk/fairs/\($0)/import" },
        OfFair(words: "岗位") { "/desk/fairs/\($0)/vacancies" },
        OfFair(words: "用人单位") { "/desk/fairs/\($0)/employers" },
        OfFair(words: "数字") { "/fairs/\($0)" },
    ]

    /// For an employer's login, beside each of its employers.
    static let ofEmployer: [OfEmployer] = [
        OfEmployer(words: "求职者名单") { "/desk/fairs/\($0)/employers/\($1)/list" }
    ]
}
