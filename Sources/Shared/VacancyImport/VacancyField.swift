// What a column of a sheet may hold.

/// The fields of ours that a column can be mapped to. Raw values stand in mappings a clerk writes.
public enum VacancyField: String, Hashable, Sendable, CaseIterable, Codable {
    case title
    case employer
    case creditCode
    case headcount
    /// One of several columns that are added: 男, 女, 不限.
    case headcountPart
    case pay
    case payLowest
    case payHighest
    case booth
    case place
    case boardAndLodging
    case board
    case lodging
    case insurance
    /// 福利待遇: meals, beds and insurance are looked for in it.
    case benefits
    case hours
    case workForm
    case requirements
    case education
    case experience
    case age
    case sex
    case contact
    case phone
    /// 工种 beside 岗位名称: helps to tell the occupation.
    case occupation
    /// Known and not wanted: 序号, 企业规模.
    case ignored

    /// As a clerk says it.
    public var zh: String {
        switch self {
        case .title: "岗位名称"
        case .employer: "单位名称"
        case .creditCode: "统一社会信用代码"
        case .headcount, .headcountPart: "招聘人数"
        case .pay: "工资待遇"
        case .payLowest: "最低工资"
        case .payHighest: "最高工资"
        case .booth: "展位号"
        case .place: "工作地点"
        case .boardAndLodging: "食宿"
        case .board: "包吃"
        case .lodging: "包住"
        case .insurance: "五险一金"
        case .benefits: "福利"
        case .hours: "工作时间"
        case .workForm: "用工形式"
        case .requirements: "任职要求"
        case .education: "学历"
        case .experience: "工作经验"
        case .age: "年龄"
        case .sex: "性别"
        case .contact: "联系人"
        case .phone: "联系电话"
        case .occupation: "工种"
        case .ignored: "不导入"
        }
    }

    /// Several columns of it are read together; of the others the best one.
    var takesSeveral: Bool {
        switch self {
        case .headcountPart, .benefits, .requirements, .ignored: true
        default: false
        }
    }

    /// Longest text in code points; what is longer in a short field is refused, in a long one cut off. As the sample
    /// fair's file, and so that a card and a slip can show it.
    var lengthMax: Int {
        switch self {
        case .title, .pay: 60
        case .booth: 20
        case .requirements, .benefits: 500
        default: 100
        }
    }
}
