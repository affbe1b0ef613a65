// The words bureaus put above their columns.

/// Header texts -> fields.
enum HeaderNames {
    struct Match: Hashable {
        var field: VacancyField
        /// 0: known word for word; 1: by a word in it; 2: only if nothing better is there.
        var rank: Int
    }

    /// Longest header looked at, in code points: a sentence is no header.
    private static let codePointsMax = 30

    static func match(_ header: String) -> Match? {
        guard header.utf8.count <= codePointsMax * 8 else { return nil }
        let whole = CellText.key(header).filter { !["*", "★", ":", "☆", "#", "?"].contains($0) }
        guard !whole.isEmpty, CellText.length(whole) <= codePointsMax else { return nil }
        let outside = withoutBrackets(whole)
        if let field = exact[outside] ?? exact[whole] {
            return Match(field: field, rank: fallback.contains(outside) ? 2 : 0)
        }
        return contained(in: outside.isEmpty ? whole : outside).map { Match(field: $0.0, rank: $0.1) }
    }

    private static func withoutBrackets(_ text: String) -> String {
        var depth = 0
        return text.filter { character in
            if "([【{〔".contains(character) { depth += 1 }
            defer { if ")]】}〕".contains(character) { depth = max(0, depth - 1) } }
            return depth == 0
        }
    }

    /// Field: headers that are known word for word, in the form of `CellText.key`.
    private static let table =
        """
        title: 岗位名称 岗位 招聘岗位 职位 职位名称 招聘职位 工种 用工岗位 需求岗位 招工岗位 招聘岗位名称 职务
          招聘工种 工种名称 岗位工种 岗位及工种 用工工种 缺工岗位 缺工工种 需求工种 空缺岗位 拟招岗位 拟招聘岗位
          提供岗位 招聘职业 岗位职务 职业工种
        employer: 单位名称 企业名称 用人单位 招聘单位 公司名称 单位 企业 公司 用人单位名称 招聘单位名称 用工单位
          用工企业 招聘企业 参会企业 参会单位 招工单位 用工单位名称 企业全称 单位全称 公司全称 企业单位名称
          招聘企业名称 用工企业名称 参会企业名称 店名 厂名 雇主 参会单位名称 用人企业 缺工企业
        creditCode: 统一社会信用代码 信用代码 社会信用代码 统一信用代码 企业信用代码 单位信用代码 统一代码
          组织机构代码 营业执照号 营业执照编号 营业执照注册号 单位代码 USCC
        headcount: 招聘人数 需求人数 人数 需求数 招工人数 用工人数 招聘数量 需求数量 岗位数 岗位数量 拟招人数
          招收人数 计划招聘人数 用工需求 缺工人数 缺工数 用工需求数 用工需求人数 拟招聘人数 招聘名额 名额 数量
          需求 需求人数合计 总人数 岗位需求数 招聘数 用工数
        pay: 薪资待遇 工资待遇 月薪 薪酬 薪资 工资 综合工资 薪酬待遇 待遇 月工资 薪水 月收入 综合月薪 综合薪资
          薪资范围 工资范围 薪资水平 工资水平 月薪待遇 岗位薪资 岗位工资 日薪 时薪 年薪 日工资 劳动报酬 报酬
          薪资福利 工资福利 月综合工资 月综合收入 参考工资 提供薪资 月均工资 月平均工资 税前月薪 工资标准 工价
          薪资标准 薪酬范围 薪酬水平 薪金 收入 月待遇 薪资区间 底薪
        payLowest: 最低工资 最低薪资 最低月薪 薪资下限 工资下限 月薪下限 薪资最低 工资最低 起薪 最低月工资
          最低薪酬
        payHighest: 最高工资 最高薪资 最高月薪 薪资上限 工资上限 月薪上限 薪资最高 工资最高 最高月工资 最高薪酬
        booth: 展位号 展位 摊位号 摊位 展台号 展台 席位号 展位编号 摊位编号 台号 席位 展区展位 桌号
        place: 工作地点 工作地 工作地址 工作地区 工作区域 上班地点 用工地点 地点 工作单位地址 上班地址 就业地点
          岗位所在地 工作所在地 工作城市 所在地区 所在地 区域 地区 单位地址 企业地址 公司地址 地址 单位所在地
          企业所在地 公司所在地 详细地址
        boardAndLodging: 食宿 食宿情况 食宿条件 是否包食宿 包吃住 是否包吃住 吃住 食宿安排 食宿待遇 提供食宿
          是否提供食宿 包食宿 吃住情况 是否包吃包住 包吃包住 吃住条件 生活待遇 食宿福利 是否提供吃住
        board: 包吃 是否包吃 是否提供工作餐 就餐 伙食 用餐 餐饮 吃饭 是否包餐 工作餐 用餐情况 膳食
        lodging: 包住 是否包住 住宿 是否提供住宿 住宿情况 宿舍 住宿条件 提供住宿 是否有宿舍
        insurance: 五险一金 社保 保险 社会保险 五险 保险情况 社保情况 参保情况 缴纳社保 是否缴纳社保 是否购买社保
          是否缴纳五险一金 社保福利 保险福利 社保缴纳 险种 保险待遇 社保待遇 缴纳保险 是否参保 社保公积金
          五险一金情况
        benefits: 福利待遇 福利 其他福利 员工福利 福利情况 其他待遇 公司福利 企业福利 福利保障 待遇福利 食宿及福利
          岗位福利 单位福利 TAGS
        hours: 工作时间 班次 上班时间 工时 工作时长 作息时间 工作班次 班制 上班班次 工时制度 工作制度 作息
          工作时间及班次 倒班情况 上班时长 休息休假 班时
        workForm: 用工形式 用工方式 工作性质 工作类型 用工性质 用工类型 岗位性质 就业形式 合同类型 招聘类型
          工作形式 职位性质 岗位类型 用工期限 工作方式
        requirements: 任职要求 岗位要求 备注 要求 招聘要求 应聘条件 招聘条件 其他要求 任职条件 任职资格 条件
          招工条件 招工要求 职位要求 岗位条件 技能要求 具体要求 其他条件 用工要求 资格条件 应聘要求 岗位职责
          工作内容 岗位描述 职位描述 职责 工作职责 岗位说明 任职要求及备注 其他 其它 其它要求 专业要求 专业
          技能证书 岗位职责及要求 岗位介绍 技能等级 职业技能 职业资格
        education: 学历 文化程度 学历要求 文化要求 最低学历 学历层次 文化水平 学历条件
        experience: 工作经验 经验 经验要求 工作年限 工作经历 从业经验 工作经验要求 从业年限
        age: 年龄 年龄要求 年龄段 年龄范围 年龄限制 年龄条件
        sex: 性别 性别要求 性别限制 男女
        contact: 联系人 联系人姓名 招聘负责人 负责人 招聘联系人 人事 经办人 人事联系人 对接人 企业联系人 HR
        phone: 联系电话 电话 手机 联系方式 手机号 手机号码 电话号码 联系手机 咨询电话 报名电话 招聘电话 联系人电话
          招聘热线 热线 联系号码 企业联系电话 单位电话 联系人手机
        occupation: 职业代码 工种代码 职业 职业类别 岗位类别 职位类别 工种类别 职业分类 岗位分类 职业名称
        ignored: 序号 编号 行号 NO NO. 企业性质 单位性质 企业规模 单位规模 行业 所属行业 企业类型 单位类型
          公司性质 公司规模 经济类型 企业简介 单位简介 公司简介 发布时间 有效期 截止时间 截止日期 面试时间
          面试地点 报名时间 到岗时间 填表时间 填报时间 邮箱 电子邮箱 网址 公司网址 法人 法定代表人 LOGO 图片
          二维码 岗位编号 职位编号 招聘时间 说明 注册资金 成立时间 单位编号 企业编号 岗位来源
        """
    private static let exact: [String: VacancyField] = {
        var exact: [String: VacancyField] = [:]
        var field: VacancyField?
        for word in table.split(whereSeparator: \.isWhitespace) {
            if word.hasSuffix(":") {
                field = VacancyField(rawValue: String(word.dropLast()))
            } else if exact[String(word)] == nil {
                exact[String(word)] = field
            }
        }
        return exact
    }()

    /// Taken only where no better column is: 工种 beside 岗位名称, the employer's address beside the workplace.
    private static let fallback: Set<String> = [
        "工种", "工种名称", "单位地址", "企业地址", "公司地址", "地址", "单位所在地", "企业所在地", "公司所在地", "详细地址", "底薪", "其他",
        "其它", "职务", "区域", "地区", "负责人", "经办人", "岗位数", "数量", "需求", "收入", "单位", "企业", "公司",
    ]

    /// A word in the header, first match first. Headers with a word of `strangers` mean something else.
    private static let words: [(word: String, field: VacancyField)] = [
        ("信用代码", .creditCode), ("展位", .booth), ("摊位", .booth), ("展台", .booth), ("电话", .phone), ("手机", .phone),
        ("联系方式", .phone), ("联系人", .contact), ("最低工资", .payLowest), ("最高工资", .payHighest), ("最低薪", .payLowest),
        ("最高薪", .payHighest), ("人数", .headcount), ("需求数", .headcount), ("食宿", .boardAndLodging),
        ("吃住", .boardAndLodging), ("五险", .insurance), ("社保", .insurance), ("保险", .insurance), ("薪", .pay),
        ("工资", .pay), ("报酬", .pay), ("福利", .benefits), ("待遇", .pay), ("工作地", .place), ("上班地", .place),
        ("地点", .place), ("地址", .place), ("学历", .education), ("文化程度", .education), ("年龄", .age), ("性别", .sex),
        ("经验", .experience), ("年限", .experience), ("班次", .hours), ("班制", .hours), ("工时", .hours), ("工作时间", .hours),
        ("上班时间", .hours), ("作息", .hours), ("工作时长", .hours), ("用工形式", .workForm), ("用工性质", .workForm),
        ("工作性质", .workForm), ("包吃", .board), ("工作餐", .board), ("住宿", .lodging), ("包住", .lodging),
        ("要求", .requirements), ("条件", .requirements), ("职责", .requirements), ("工作内容", .requirements),
        ("备注", .requirements), ("岗位描述", .requirements), ("类别", .occupation), ("代码", .ignored), ("编号", .ignored),
        ("企业名称", .employer), ("单位名称", .employer), ("公司名称", .employer), ("用人单位", .employer), ("招聘单位", .employer),
        ("用工单位", .employer), ("岗位名称", .title), ("职位名称", .title), ("招聘岗位", .title), ("岗位", .title),
        ("职位", .title), ("工种", .title),
    ]
    private static let strangers = ["时间", "日期", "性质", "规模", "类型", "简介", "数量", "来源", "介绍", "面试", "网址", "邮箱"]

    private static func contained(in header: String) -> (VacancyField, Int)? {
        guard CellText.length(header) <= 16, let found = words.first(where: { header.contains($0.word) }) else {
            return nil
        }
        if [.title, .employer, .place].contains(found.field), strangers.contains(where: header.contains) {
            return (.ignored, 1)
        }
        return (found.field, 1)
    }

    /// Words below a merged header; each is read together with what stands above it.
    static let subheaders: Set<String> = [
        "最低", "最高", "下限", "上限", "男", "女", "不限", "男女不限", "合计", "小计", "人数", "总数", "起", "止",
    ]

    /// `薪资待遇` over `最低` is the lowest pay, `招聘人数` over `男` a part of the headcount.
    static func match(_ upper: String, over lower: String) -> Match? {
        let below = CellText.key(lower)
        guard let above = match(upper) else { return match(lower) }
        switch (above.field, below) {
        case (.pay, "最低"), (.pay, "下限"), (.pay, "起"): return Match(field: .payLowest, rank: 0)
        case (.pay, "最高"), (.pay, "上限"), (.pay, "止"): return Match(field: .payHighest, rank: 0)
        case (.headcount, "男"), (.headcount, "女"), (.headcount, "不限"), (.headcount, "男女不限"):
            return Match(field: .headcountPart, rank: 0)
        case (.headcount, "合计"), (.headcount, "小计"), (.headcount, "总数"), (.headcount, "人数"):
            return Match(field: .headcount, rank: 0)
        default: return match(lower) ?? above
        }
    }
}
