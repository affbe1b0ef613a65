// Thirty seekers as they come to a fair, and what must and must not be among the first ten lines each of them sees.

import JobFair

/// One line of a list, as a condition sees it.
struct ListedVacancy {
    var vacancy: Vacancy
    var employer: String
}

struct SeekerProfile: Sendable {
    typealias Condition = @Sendable (ListedVacancy) -> Bool

    /// In one sentence, as a clerk would say it.
    var who: String
    var wishes: Wishes
    var age: AgeBand
    /// Each holds for at least one of the first ten.
    var must: [Condition]
    /// None holds for any of the first ten.
    var mustNot: [Condition]

    init(_ who: String, _ wishes: Wishes, age: AgeBand = .adult, must: [Condition], mustNot: [Condition]) {
        self.who = who
        self.wishes = wishes
        self.age = age
        self.must = must
        self.mustNot = mustNot
    }

    /// Whether anything at all may be shown.
    var seesNothing: Bool { age == .from14to15 }
}

// MARK: - Conditions

/// One of these titles, or any of this employer.
private func of(_ employer: String, _ titles: String...) -> SeekerProfile.Condition {
    { $0.employer == employer && (titles.isEmpty || titles.contains($0.vacancy.title)) }
}

private func isA(_ occupations: Occupation...) -> SeekerProfile.Condition {
    { line in line.vacancy.occupation.map(occupations.contains) ?? false }
}

private func isNoneOf(_ occupations: Occupation...) -> SeekerProfile.Condition {
    { line in line.vacancy.occupation.map { !occupations.contains($0) } ?? false }
}

private func title(_ part: String) -> SeekerProfile.Condition { { $0.vacancy.title.contains(part) } }

/// - Parameter prefix: the meaning digits of a region.
private func isIn(_ prefix: String) -> SeekerProfile.Condition { { $0.vacancy.region.hasPrefix(prefix) } }

/// Surely: of a coarser code nobody knows.
private func isOutside(_ prefix: String) -> SeekerProfile.Condition {
    { line in
        let known = line.vacancy.region.prefix { $0 != "0" }
        return !known.isEmpty && !line.vacancy.region.hasPrefix(prefix) && !prefix.hasPrefix(known)
    }
}

private func both(_ conditions: SeekerProfile.Condition...) -> SeekerProfile.Condition {
    { line in conditions.allSatisfy { $0(line) } }
}

private func paysBelow(_ yuan: Int) -> SeekerProfile.Condition {
    { ($0.vacancy.pay.fenPerMonth ?? .max) < yuan * 100 }
}
private func paysAtLeast(_ yuan: Int) -> SeekerProfile.Condition {
    { ($0.vacancy.pay.fenPerMonth ?? 0) >= yuan * 100 }
}

private let hasNights: SeekerProfile.Condition = { $0.vacancy.hasNightShifts == true }
private let hasBoardAndBed: SeekerProfile.Condition = {
    $0.vacancy.offersBoard == true && $0.vacancy.offersLodging == true
}
private let lacksBoardOrBed: SeekerProfile.Condition = {
    $0.vacancy.offersBoard == false || $0.vacancy.offersLodging == false
}
private let isByTheDay: SeekerProfile.Condition = { $0.vacancy.workForm == .byTheDay }
private let isFullTime: SeekerProfile.Condition = { $0.vacancy.workForm == .fullTime }
private let isNotForMinors: SeekerProfile.Condition = { $0.vacancy.isNotUnder18 }

/// 青禾县, where the fair is, its city and its province; another city; another province.
private let home = "990121"
private let city = "9901"
private let province = "99"
private let otherCity = "990200"

// MARK: - The thirty

extension SeekerProfile {
    static let all = atHome + away + withTypedWords + special

    /// Those who stay: the fair's own county or city.
    private static let atHome = [
        SeekerProfile(
            "五十岁的缝纫女工，中午要有饭，晚上六点要到家",
            Wishes(occupations: ["sewing"], places: [home], home: home, nightShifts: false),
            must: [
                of("云溪纺织服装有限公司", "缝纫工（平车、包缝）", "裁床工"), of("青禾锦绣制衣厂", "平车工", "四线工", "锁眼钉扣工", "家门口帮扶车间缝纫工"),
            ],
            mustNot: [hasNights, isOutside(home), isNoneOf(.sewing, .generalWorker)]),
        SeekerProfile(
            "要接孙子放学的保洁员，只在本县",
            Wishes(occupations: ["cleaner"], places: [home], home: home, nightShifts: false),
            must: [of("安泰物业服务有限公司", "小区保洁员"), of("青禾县顺安驾驶培训学校", "场地保洁、看门"), of("老灶台餐饮有限公司", "洗碗工")],
            mustNot: [hasNights, isOutside(home), isNoneOf(.cleaner), title("公益性岗位")]),
        SeekerProfile(
            "六十岁的保安，住在县城",
            Wishes(occupations: ["guardian"], home: home),
            must: [of("惠民超市青禾店", "防损员"), of("悦邻家政服务有限公司", "小区保安"), of("卫青保安服务有限公司")],
            mustNot: [isNoneOf(.guardian)]),
        SeekerProfile(
            "白班护工，家里有老人",
            Wishes(occupations: ["caregiver"], places: [home], home: home, nightShifts: false),
            must: [of("巧手家政服务部", "老人陪伴员")],
            mustNot: [hasNights, isNoneOf(.caregiver, .housekeeper), title("公益性岗位")]),
        SeekerProfile(
            "农闲做短工的种田人",
            Wishes(occupations: ["farmer"], home: home, workForms: [.shortTerm, .byTheDay]),
            must: [of("满园果蔬种植专业合作社"), of("云溪茶叶专业合作社", "采茶工", "炒茶师傅", "茶叶拣剔工"), of("青禾县青山国有林场", "植树工", "油锯手")],
            mustNot: [isFullTime, isNoneOf(.farmer)]),
        SeekerProfile(
            "只要离家近，做什么都行",
            Wishes(places: [home], home: home), must: [isIn(home)], mustNot: [isOutside(home)]),
        SeekerProfile(
            "超市收银，不上夜班，在本县",
            Wishes(occupations: ["shopAssistant"], places: [home], home: home, nightShifts: false),
            must: [of("老灶台餐饮有限公司", "收银员"), of("惠民超市青禾店"), of("飞燕速递青禾营业部", "驿站店员")],
            mustNot: [hasNights, isOutside(home), isNoneOf(.shopAssistant)]),
        SeekerProfile(
            "会用电脑表格的文员，想在本市",
            Wishes(occupations: ["clerical"], places: ["本市"], home: home, skills: ["电脑表格"]),
            must: [of("顺达物流有限公司青禾分公司", "仓库记账员"), of("青禾田野农机有限公司", "采购文员"), of("沧江铸信铸造有限公司", "过磅统计员")],
            mustNot: [isOutside(city), isNoneOf(.clerical), title("公益性岗位")]),
        SeekerProfile(
            "质检员，不能上夜班",
            Wishes(occupations: ["inspector"], home: home, nightShifts: false),
            must: [of("青禾启明电子有限公司", "质量检验员"), of("青禾县明光照明电器厂", "老化测试员")],
            mustNot: [hasNights, isNoneOf(.inspector)]),
        SeekerProfile(
            "会仓库也会叉车，工资五千以上",
            Wishes(occupations: ["warehouse", "forklift"], lowestPayYuanMonth: 5000, home: home, skills: ["叉车证"]),
            must: [of("顺达物流有限公司青禾分公司", "叉车司机"), of("青禾启明电子有限公司", "仓库理货员")],
            mustNot: [paysBelow(5000), isNoneOf(.warehouse, .forklift)]),
    ]

    /// Those who would go far for the pay.
    private static let away = [
        SeekerProfile(
            "夫妻俩一起进厂，要包吃住，每月五千以上",
            Wishes(occupations: ["generalWorker"], lowestPayYuanMonth: 5000, home: home, board: true, travel: true),
            must: [of("青禾启明电子有限公司", "电子装配工", "SMT 贴片操作工"), of("青禾锦绣制衣厂", "充绒工")],
            mustNot: [lacksBoardOrBed, paysBelow(5000), of("沧江精密机械有限公司"), of("禾香食品加工有限公司", "包装工")]),
        SeekerProfile(
            "叉车司机，有证，六千以上",
            Wishes(occupations: ["forklift"], lowestPayYuanMonth: 6000, home: home, skills: ["叉车证"]),
            must: [of("顺达物流有限公司青禾分公司", "叉车司机"), of("沧江鲜达冷链食品有限公司", "冷库叉车工")],
            mustNot: [paysBelow(6000), isNoneOf(.forklift)]),
        SeekerProfile(
            "焊工，想去东岭省，九千以上（那里没有焊工岗位）",
            Wishes(occupations: ["welder"], lowestPayYuanMonth: 9000, places: ["980000"], home: home),
            must: [of("临澜重工船舶有限公司", "船舶焊工")], mustNot: [isA(.cleaner, .waiter, .sewing, .cook, .clerical)]),
        SeekerProfile(
            "不挑活，每月八千以上",
            Wishes(lowestPayYuanMonth: 8000, home: home), must: [paysAtLeast(8000)], mustNot: [paysBelow(8000)]),
        SeekerProfile(
            "电工，上夜班也行",
            Wishes(occupations: ["electrician"], home: home, nightShifts: true, skills: ["低压电工证"]),
            must: [of("青禾宾馆有限公司", "水电工"), of("青禾百货大楼有限公司", "商场电工"), of("安泰物业服务有限公司", "水电维修工")],
            mustNot: [isNoneOf(.electrician)]),
        SeekerProfile(
            "炒菜师傅，七千以上",
            Wishes(occupations: ["cook"], lowestPayYuanMonth: 7000, home: home),
            must: [of("青禾宾馆有限公司", "炒锅厨师"), of("老灶台餐饮有限公司", "灶台师傅")], mustNot: [paysBelow(7000), isNoneOf(.cook)]),
        SeekerProfile(
            "刚满十八的姑娘，想做服务员，要住处",
            Wishes(occupations: ["waiter"], home: home, board: true),
            must: [of("青禾宾馆有限公司", "餐厅服务员"), of("老灶台餐饮有限公司", "服务员"), of("沧江云庭酒店管理有限公司", "传菜员")],
            mustNot: [lacksBoardOrBed, isNoneOf(.waiter)]),
        SeekerProfile(
            "钢筋工，跟专车走，要住处",
            Wishes(occupations: ["steelFixer"], home: home, board: true, travel: true),
            must: [of("沧江路桥建设有限公司", "桥梁钢筋工")],
            mustNot: [lacksBoardOrBed, isNoneOf(.steelFixer, .builder, .carpenter, .welder)]),
        SeekerProfile(
            "数控操作，六千以上，两班倒可以",
            Wishes(occupations: ["machineOperator"], lowestPayYuanMonth: 6000, home: home, nightShifts: true),
            must: [of("沧江精密机械有限公司", "数控车床操作工"), of("海屏智联手机部件有限公司", "CNC 操作工"), of("柳陂县林海家具有限公司", "封边排钻工")],
            mustNot: [paysBelow(5400), isA(.waiter, .cleaner, .guardian, .cook)]),
        SeekerProfile(
            "货车司机，B2照，在本县或者去明湖市，七千以上",
            Wishes(
                occupations: ["driver"], lowestPayYuanMonth: 7000, places: [home, otherCity], home: home, skills: ["B2"]
            ),
            must: [of("柳河水产养殖专业合作社", "活鱼运输司机"), of("顺达物流有限公司青禾分公司", "货车司机（B2）")],
            mustNot: [isOutside(province), isNoneOf(.driver), paysBelow(7000)]),
    ]

    /// Those for whom no tile fits, or who rather type.
    private static let withTypedWords = [
        SeekerProfile(
            "打字写“保姆”",
            Wishes(occupations: ["保姆"], home: home),
            must: [of("悦邻家政服务有限公司", "住家保姆、育婴员（可培训）"), of("沧江好帮手母婴家政有限公司")], mustNot: [isNoneOf(.housekeeper)]),
        SeekerProfile(
            "打字写“瓦工”，要日结或短期",
            Wishes(occupations: ["瓦工"], home: home, workForms: [.shortTerm, .byTheDay]),
            must: [of("青禾县美家装饰有限公司", "瓦工（贴砖）")],
            mustNot: [isFullTime, isNoneOf(.carpenter, .builder, .steelFixer)]),
        SeekerProfile(
            "打字写“ＣＮＣ ”，全角带空格",
            Wishes(occupations: ["ＣＮＣ "], home: home),
            must: [of("海屏智联手机部件有限公司", "CNC 操作工"), of("沧江精密机械有限公司", "数控车床操作工")],
            mustNot: [isA(.waiter, .cleaner, .guardian, .cook)]),
        SeekerProfile(
            "打字写“随便”", Wishes(occupations: ["随便"], home: home), must: [isIn(home)], mustNot: [isOutside(city)]),
        SeekerProfile(
            "月嫂，九千以上，地方写“沧江”",
            Wishes(occupations: ["月嫂"], lowestPayYuanMonth: 9000, places: ["沧江"]),
            must: [of("沧江好帮手母婴家政有限公司", "金牌月嫂"), of("巧手家政服务部", "月嫂（可培训）")],
            mustNot: [isOutside(city), isNoneOf(.housekeeper, .caregiver, .cleaner, .cook)]),
    ]

    private static let special = [
        SeekerProfile("什么也没填", Wishes(), must: [], mustNot: [title("公益性岗位")]),
        SeekerProfile(
            "干一天拿一天钱的人",
            Wishes(occupations: ["dayLabour"], home: home, workForms: [.byTheDay]),
            must: [both(isByTheDay, isIn(home))], mustNot: [isFullTime, isOutside(city)]),
        SeekerProfile(
            "十七岁，想学门手艺",
            Wishes(occupations: ["apprentice"], home: home), age: .from16to17,
            must: [of("青禾启明电子有限公司", "设备维修学徒"), of("云溪纺织服装有限公司", "缝纫学徒")],
            mustNot: [isNotForMinors, isNoneOf(.apprentice)]),
        SeekerProfile(
            "没有出生日期的人，想进厂",
            Wishes(occupations: ["generalWorker"], home: home), age: .unknown,
            must: [of("青禾锦绣制衣厂", "充绒工"), of("青禾县豆香坊食品有限公司", "豆干包装工")], mustNot: [isNotForMinors]),
        SeekerProfile(
            "十五岁，想打暑假工",
            Wishes(occupations: ["generalWorker"], home: home), age: .from14to15, must: [], mustNot: [{ _ in true }]),
    ]
}
