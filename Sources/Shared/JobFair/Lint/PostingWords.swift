// The words the lint knows, group by group. A clerk's complaint about the lint is answered here.

/// What a word means to the lint. Findings come from some words alone and from others only in company: see `PostingLint`.
enum PostingTerm: Sendable {
    /// Looks like trouble and is none; longer than the troubling word inside it, so it wins.
    case harmless
    /// Enough by itself.
    case finding(PostingFinding.Kind)
    /// A sort of people: trouble where they are limited to, preferred or shut out.
    case people(People)
    /// Both sexes named together: 男女.
    case bothSexes
    /// 不限, 不论: welcome on both sides of it; 可 only behind.
    case disregards
    /// `limits`, `prefers`, `excludes`, `accepts` speak about people.
    case limits
    /// 要, 招, 找: limits only right before a sex.
    case seeks
    case prefers
    case excludes
    case accepts
    /// 无, 没有, 不能有: before an illness, a disability or a tattoo.
    case lacks
    case trait(Trait)
    /// Asking for it is the trouble even when only the word stands there: 押金.
    case fee
    /// A fee where somebody pays or a sum is named: 培训费.
    case possibleFee
    /// Often a benefit or the employer's own: a fee only where the seeker pays it: 车费.
    case otherFee
    case pays
    /// 收取, 支付: the employer's customers pay too.
    case collects
    /// 不交: with 不能 behind it, a demand after all.
    case refusesToPay
    case negates
    /// 公司承担, 报销, 免费: said behind a fee.
    case waives
    /// The employer's customers: their deposits are part of the work.
    case customers
    /// 负责, 办理, 核对: part of the work too.
    case duty
    case document
    case withholds
    case fraud
    case lure
    case childLabour

    enum People: Sendable {
        case male
        case female
        /// 民族 but 汉族: preferring them is lawful (就业促进法 28).
        case minority
        case han
        case believers
        case natives
        /// A province: its name alone says nothing unless it is shut out.
        case province
        case household
        case disabled
        /// Pregnant, nursing.
        case mothers
        /// Married, single, with children.
        case family
        /// Mothers as a sort of worker: 宝妈.
        case housewives
    }

    enum Trait: Sendable {
        case colourBlindness
        case infection
        case illness
        case tattoo
    }
}

enum PostingWords {
    static let tree: WordTree<PostingTerm> = {
        var tree = WordTree<PostingTerm>()
        for (term, words) in groups {
            for word in words.split(whereSeparator: \.isWhitespace) { insert(word, term, into: &tree) }
        }
        for role in roles.split(separator: " ") {
            for sex in ["男", "女", "男性", "女性"] { tree.insert(sex + role, .finding(.sex)) }
        }
        for word in harmless.split(whereSeparator: \.isWhitespace) { insert(word, .harmless, into: &tree) }
        return tree
    }()

    /// `(本地|本市)(户口|户籍)` stands for four words.
    private static func insert(_ pattern: Substring, _ term: PostingTerm, into tree: inout WordTree<PostingTerm>) {
        var words = [""]
        for part in pattern.split(whereSeparator: { $0 == "(" || $0 == ")" }) {
            let choices = part.split(separator: "|", omittingEmptySubsequences: false)
            words = words.flatMap { word in choices.map { word + $0 } }
        }
        for word in words { tree.insert(word, term) }
    }

    // MARK: - Nothing wrong

    /// Read before all others where they begin alike. A word added here silences the words inside it.
    private static let harmless = """
        (男|女)(装|鞋|包|靴|裤|裙|袜|帽|款|式|童|科|婴|宝|宾|浴|厕|更衣|友|方|儿|神|子健身|子会所|子监狱|子学校)
        (男|女)(士|性|生|)(用品|服装|服饰|护肤|化妆|皮鞋|皮具|客户|顾客|用户|会员|宿舍|校服|内衣|手表|香水|浴室) (男|女)性健康
        (男|女)(职工|员工|工)(宿舍|浴室|更衣|关爱|委员|委|福利|保护|生日|休息|卫生|权益|之家|食堂|活动|节|部)
        女职工 子女 儿女 妇女 产妇 孕产妇 处女座 美女图 才女 少女装 孙女 母女 父女 男朋友 女朋友 女主人 男主人
        育儿嫂 月嫂 育婴嫂 婚嫂 已婚育儿嫂 已婚育婴师
        孕婴 孕妇装 孕妇产品 孕期护理 孕检中心 单身(公寓|宿舍|补贴|间|楼) 未婚妻 已婚客户 (已婚|未婚)(客户|顾客|家庭|会员)
        已婚、未婚客户 婚育(礼金|津贴|假|补贴|不限) 婚(姻|否|育)不限 (已婚|已婚已育)(未婚|未婚未育)(均可|不限|都可)
        民族(服装|服饰|餐|特色|风情|文化|歌舞|乐器|工艺|团结|宗教|宗教事务|学校|大学|中学|不限|事务)
        (蒙古族|藏族|苗族|侗族|回族|彝族|维吾尔族|傣族|壮族)(歌舞|服|食堂|职工|餐|菜|舞|乐|刺绣|银饰|村|乡|自治)
        宗教(用品|文化|场所|事务|信仰不限|信仰自由) 信仰(不限|自由) 尊重宗教信仰
        (户口|户籍)(本|簿|证明|制度|民警|迁移|办理|业务|登记|管理|科|警|所在地)(|原件|复印件)
        (解决|办理|协助办理|代办)(|本地|本市|当地|北京|上海|城市)(户口|户籍) 人才落户 落户
        本地(企业|公司|工厂|上市|路况|市场|知名|生活|菜|情况|社区|客户|业务) 本地人才网
        不(查|检|做|体检|看)(乙肝|两对半|乙肝两对半|乙肝五项|大小三阳) 乙肝(疫苗|不限|可|携带者可|不影响|病房|门诊|患者)
        两对半不(查|限) 免检乙肝 小三阳可
        传染病(医院|科|房|防治|防控|区|门诊|报告|管理|法) 心脏病(医院|患者|科) 高血压(患者|随访|管理)
        (残疾人|残障人士|残障人|残疾人士)(优先|可|均可|可应聘|也可|专岗|岗位|联合会|福利|康复|服务|证|机构) 残联 助残
        身高体重仪 测量身高 形象设计 (身高|体重|身材)(不限|无要求|不要求|没要求|测量) 纹身(店|师|不限|可|均可|没关系|无所谓|也可)
        小纹身可 洗纹身
        押(运|车|镖|钞|送|韵|货) 押金(条|单|管理|台账|收据|结算|退还登记|预授权) (租车|客房|租房|客人|顾客|客户|房客|瓶|桶)押金
        押金瓶 (投标|履约|农民工工资|工程|质量|物业|期货|信用)保证金 保证金(台账|管理|业务|核算) 保证(安全|质量|休息|工资|满勤|底薪)
        水电费 伙食费 停车费 话费 物业费 高温费 加班费 差旅费 过节费 慰问费 经费 费用报销 (零|0)(押金|收费|中介费) (学费|培训费|体检费)补贴
        (校内|大学|学校)学费 学费缴纳 催缴学费
        提供(|本人|个人)(银行卡|工资卡|银行卡工资卡)(复印件|号|账号|信息|相关信息) 身份证(复印件|号|号码|信息|登记|核验|办理) 证件(照|办理|审核) 户口本复印件
        反诈 反传销 防骗 刷单骗局 传销骗局 诈骗案
        有限 年限 期限 权限 上限 下限 极限 无限 限时 限期 限量 限速 限高 限额 时限 限制 界限 不限于 限公司 限购 限电
        重要 主要 必要 要点 要素 招商 招待 招牌 招标 招呼 招生 寻找 无人机 无菌 无尘 无线 无损 无缝 无责 无极
        无经验 无忧 无偿 无障碍 无论如何 非标 非遗 非机动 非常 非织造 非全日制 非洲 免税 免疫 零件 零售 零工 零食 零部件 零钞 零配件
        未来 未成年人保护 不锈钢 不定期 不断 不同 不良 不怕 不加班 不动产 童装 童鞋 童车 童工鞋 儿童工 劳动合同 大小姐
        妇(科|产科|幼|联|保) 老板娘 招聘会 小伙伴
        """

    // MARK: - Words by meaning

    /// Insertion order matters only where a word stands twice: the later group wins.
    private static let groups: [(PostingTerm, String)] = [
        // Sex. Roles behind 男 and 女 (男保安, 女工) are built from `roles`.
        (.people(.male), "男 男性 男士 男生 男孩 男孩子 男的 男同志 男人 男子 男丁 小伙子 小伙 帅哥 靓仔 大叔 壮汉 爷们"),
        (.people(.female), "女 女性 女士 女生 女孩 女孩子 女的 女同志 女人 女子 阿姨 大姐 大妈 大嫂 大婶 小妹 妹子 小姑娘 姑娘 美女 靓女 女汉子"),
        (.people(.housewives), "宝妈 宝妈妈 全职妈妈 家庭主妇"),
        (.bothSexes, "男女 男、女 男/女 男或女 男性女性 男性、女性 男性/女性 男生女生 男士女士 男士、女士 男工女工 男女工 男女生 男女老少"),
        // Trades named after a woman, and quotas.
        (
            .finding(.sex),
            """
            (洗碗|保洁|做饭|煮饭|烧饭|厨房|打杂|清洁|打扫|钟点|家政|带娃|食堂|宿管|住家|护理)(阿姨|大姐|大妈|大嫂)
            (男女|男、女)(各|比例|分别)
            """
        ),
        // Marriage and children.
        (
            .people(.family),
            "已婚 未婚 已育 未育 已婚已育 未婚未育 已婚未育 单身 离异 婚否 有孩子 无孩 没孩子 有家室"
        ),
        (.people(.mothers), "孕妇 孕期 怀孕 有孕 身孕 怀孕者 哺乳期 经期 备孕 产假期 妊娠"),
        (
            .finding(.marriageOrChildren),
            """
            (无|没有|近期无|无近期)(生育|怀孕|结婚|二胎|三胎|要孩子)(计划|打算|意愿|要求) 不(打算|准备|计划)(要孩子|生孩子|生育|怀孕|结婚)
            (生育|怀孕|二胎)计划 (做|查|须做|提供)(孕检|妊娠|验孕) 孕检 妊娠(检测|试验|检查|测试) 不得怀孕 不能怀孕 禁止怀孕 不生育 未怀孕 不要孩子
            """
        ),
        // Ethnicity. 汉族 is trouble as a preference too.
        (.people(.han), "汉族 汉人 汉族人"),
        (
            .people(.minority),
            """
            少数民族 少民 少数名族 民族同胞 回民 回族 藏民 藏族 维族 维吾尔族 维吾尔 彝族 苗族 壮族 满族 蒙古族 蒙族 侗族 瑶族 白族 傣族 傈僳族 佤族
            土家族 哈尼族 哈萨克族 哈族 黎族 畲族 高山族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族
            仡佬族 锡伯族 阿昌族 普米族 朝鲜族 塔吉克族 怒族 乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族 裕固族 京族 塔塔尔族 独龙族 鄂伦春族
            赫哲族 门巴族 珞巴族 基诺族 布依族
            """
        ),
        (.finding(.ethnicity), "民族:汉 民族要求 民族汉 非少数民族"),
        // Religion.
        (.people(.believers), "宗教 宗教信仰 信仰 信教 信教者 信徒 教徒 信众 基督徒 基督教徒 佛教徒 天主教徒 穆斯林 基督教 佛教 伊斯兰教 天主教"),
        (.finding(.religion), "(无|没有|不得有|不能有)(宗教信仰|宗教|信仰) 不信教 不信仰"),
        // Origin: household registration, natives, provinces.
        (.people(.household), "户口 户籍 户籍者 户口者 常住户口 户籍人员 户口人员 户籍人口"),
        (
            .finding(.origin),
            """
            (限|须|需|仅限|只限|要|要求|具有|具备|持有|持|必须|有)(本地|本市|本区|本县|本镇|本省|城镇|非农|非农业|农村|农业|外地|城市)(|常住)(户口|户籍)
            (本地|本市|本区|本县|本镇|本省|当地)(|常住)(户口|户籍)
            (城镇|非农|非农业|农村|农业|外地|外省|外省市|外市|城市)(户口|户籍)(优先|为主|不要|勿扰|不招|免谈|不收|除外|不考虑)
            """
        ),
        (
            .people(.natives),
            """
            本地人 本地人员 当地人 外地人 外地人员 外省人 外来人员 外来人口 外来务工 外来工 本市人 本省人 本县人 本村人 本镇人 本地居民 异地人员 北方人 南方人 东北人 本地籍 外地籍 沪籍 京籍 津籍 渝籍 粤籍 闽籍 浙籍 苏籍 皖籍 赣籍 湘籍 鄂籍 豫籍 鲁籍 川籍
            (河南|河北|山东|山西|陕西|甘肃|青海|四川|贵州|云南|广西|广东|海南|湖南|湖北|安徽|江西|江苏|浙江|福建|辽宁|吉林|黑龙江|内蒙古|内蒙|宁夏|新疆|西藏|重庆|上海|北京|天津|台湾|凉山|东北)(人|籍|人员|籍人员|老乡|户籍|户口|籍贯)
            """
        ),
        (
            .people(.province),
            """
            河南 河北 山东 山西 陕西 甘肃 青海 四川 贵州 云南 广西 广东 海南 湖南 湖北 安徽 江西 江苏 浙江 福建 辽宁 吉林 黑龙江 内蒙古 宁夏 新疆
            西藏 重庆 上海 北京 天津 凉山 两湖 东北三省 喀什 和田
            """
        ),
        // Health. Hepatitis B must not even be tested (就业服务与就业管理规定 19).
        (
            .finding(.health),
            """
            乙肝 乙肝两对半 两对半 乙肝五项 大三阳 小三阳 大小三阳 乙肝表面抗原 表面抗原 澳抗 肝炎 病毒携带 艾滋 艾滋病 HIV HBV
            (四肢|肢体|身体|五官)(健全|无缺陷|无残缺) 身体无缺陷 无身体缺陷 无生理缺陷
            """
        ),
        (.people(.disabled), "残疾 残疾人 残疾者 残障 残障人士 残障人 聋哑 聋哑人 聋人 哑巴 盲人 瘸子 跛脚 肢残 智障"),
        (.trait(.colourBlindness), "色盲 色弱 红绿色盲 辨色力"),
        (.trait(.infection), "传染病 传染性疾病 传染疾病 传染性疾 传染病史 肺结核 结核病 皮肤病"),
        (.trait(.illness), "高血压 心脏病 癫痫 精神病 精神病史 糖尿病 慢性病 重大疾病 重大病史 严重疾病 疾病史 病史 既往病史 遗传病 抑郁症 狐臭 家族病史"),
        // Looks.
        (.trait(.tattoo), "纹身 文身 烟疤 刺青 染发 染黄发 奇装异服"),
        (
            .finding(.appearance),
            """
            身高 体重 五官端正 五官清秀 五官精致 (形象|气质|外形|外貌|相貌|长相|容貌|样貌|颜值|身材|外在形象)(好|佳|良好|较好|端庄|端正|大方|甜美|靓丽|出众|高|匀称|苗条|标准|漂亮|俊朗|姣好|优秀|优雅)
            形象(、|)气质(好|佳|良好|较好|端庄|优雅|优秀|俱佳) 形象岗 形象保安 年轻漂亮 年轻貌美 颜值在线 高颜值 不戴眼镜 戴眼镜勿 肤白貌美 长得好看 形象气质
            """
        ),
        // How people are limited to, preferred, shut out, accepted.
        (
            .limits,
            "限 仅限 只限 限招 仅招 只招 只要 只收 仅收 只招收 仅招收 只考虑 必须是 必须为 须为 需为 只用 限定 仅需 须有 需有 须是 要求是 要求为"
        ),
        (.seeks, "要 招 找 招收 招聘 急招 诚招 诚聘 急聘 聘 要求 需 需要 须 求 性别 性别要求 适合"),
        (.prefers, "优先 优先考虑 优先录用 优先录取 为主 为佳 最佳 最好 优选 者优先 佳 优 更佳 择优 为宜 首选"),
        (
            .excludes,
            """
            勿扰 勿来 勿试 勿投 勿入 勿进 勿 请勿 免谈 不要 不招 不收 不录 不录用 不予录用 不考虑 不接受 不能 不得 不适合 不可以 除外 谢绝 拒绝
            拒收 绕行 绕道 请绕 禁止 禁入 莫来 别来 不行 不聘 不予 暂不 暂不招 暂不考虑 不合适 不欢迎 靠边 概不 一律不
            """
        ),
        (
            .accepts,
            """
            均可 皆可 都可 都行 都要 亦可 也可 也行 可 没要求 无要求 不做要求 不作要求 都可以 均不限 欢迎 也欢迎 无限制 没有限制 通用 不受限
            """
        ),
        (.disregards, "不限 不分 不论 无论 不拘 不要求 不限制 不看"),
        (.lacks, "无 没有 没 不得有 不能有 不可有 非 未患 未患有 不患 没患 不带 身上无 无明显 无任何 不准 不可 不允许 不许"),
        // Money asked of the seeker.
        (
            .fee,
            """
            押金 保证金 抵押金 风险金 诚意金 报名费 建档费 中介费 介绍费 入职费 岗位费 面试费 上岗费 工牌费 订金 定金 入会费 加盟费 车费订金 厂服押金 住宿押金
            (押|压|扣押)(一个月|半个月|1个月|两个月|2个月|15天|20天|10天|7天|一周|首月|第一个月|)(工资|薪水) 押薪 压薪 (押|压)一月
            """
        ),
        (
            .possibleFee,
            """
            培训费 服装费 工装费 工服费 工衣费 厂服费 制服费 体检费 学费 材料费 资料费 办证费 办证费用 代办费 会员费 考证费 学习费
            """
        ),
        (.otherFee, "手续费 管理费 服务费 车费 车票钱 签证费 床位费"),
        // Said of the seeker only, and of either side.
        (.pays, "交 先交 缴 缴纳 交纳 交齐 预交 预付 先付 自理 自费 自付 自行承担 从工资里扣 从工资扣"),
        (.collects, "收取 收 支付 付 扣除 扣 转账"),
        (.refusesToPay, "不交 不缴 不付 不缴纳 未交"),
        (
            .negates,
            """
            不收取 不收任何 不用交 不需交 不用缴 不用 无需 无须 不需 不需要 不必 免收 免交 免缴 免 杜绝 严禁 谨防 警惕 绝不 决不 从不 打击 防范 远离 反对 不扣
            不扣押 不押 不压 抵制 不涉及 不做 不搞 不含 不存在 绝无 不招用 不使用 不强制 绝非 不是 不交任何 不会 讲解 宣传 曝光 识别
            """
        ),
        (
            .waives,
            """
            (公司|企业|单位|厂里|厂方|由公司|由企业|政府|全部|费用公司)(承担|报销|出|付|支付|负责|补贴|垫付|免) 全免 报销 包报销 全包 免费 骗局 陷阱 实报实销 可报销 全额报销 补贴
            """
        ),
        (.customers, "客人 客户 顾客 业主 租客 租户 车主 家长 会员 投标 租车 旅客 患者 学员家长 商户 供应商 住户 借款人 学生家长"),
        (.duty, "负责 办理 催缴 催收 核对 登记 台账 结算 审核 对账 熟悉 管理 收退 统计 归档 保障"),
        // Papers kept back.
        (.document, "身份证 身份证原件 证件 毕业证 毕业证原件 证件原件 驾驶证 户口本 户口簿 资格证原件 护照 学历证 结婚证"),
        (.withholds, "扣押 扣留 收走 暂扣 抵押 上交 统一保管 公司保管 代保管 代为保管 保管 质押 押 押在 留存 暂存 扣下 收缴 没收"),
        (.childLabour, "童工 小孩可 娃也收 娃可"),
        // Fraud: what the police warn seekers of.
        (
            .fraud,
            """
            刷单 刷信誉 刷信用 刷销量 刷好评 刷流水 刷钻 补单 冲销量 冲单 垫付任务 裸贷 培训贷 套路贷 校园贷 跑分 洗钱 杀猪盘
            (学费|培训费|费用)(可|)(贷款|分期|贷款分期) (贷款|分期)(学费|培训|入学|交学费) 先学习后付款 先就业后付款 招转培 学费可贷
            (出租|借用|借用你的|出借|收购|租用|提供本人|提供个人|出售)(银行卡|电话卡|手机卡|对公账户|微信号|支付宝) 代收款 代收代付 收银行卡 租银行卡 银行卡走账
            (缅甸|缅北|柬埔寨|西港|迪拜|老挝|金三角|妙瓦底|菲律宾)(高薪|客服|打字员|打字|聊天|推广|游戏推广|文员|销售|网投) 境外高薪 出国高薪 偷渡 包偷渡
            拉人头 发展下线 传销 网赌 博彩推广 代孕 卖卵 捐卵 卵子 试管代妈
            """
        ),
        // Easy money.
        (
            .lure,
            """
            日赚 日入 日入过千 日进斗金 月入过万 轻松月入 月入10万 月入十万 躺赚 躺着赚 躺着赚钱 动动手指 在家可做 在家就能 在家赚钱 足不出户 手机兼职
            轻松赚钱 轻松日赚 高薪轻松 稳赚 包赚 保赚 零投入 无门槛高薪 佣金日结 秒到账 红包结算 微信转账 微信红包 转账后 加微信领 扫码领 投资少回报
            """
        ),
    ]

    /// Work behind 男 or 女: 男保安, 女收银员.
    private static let roles = """
        工 普工 普 员 员工 收费员 保安 司机 文员 服务员 服务生 收银 收银员 营业员 导购 客服 前台 店员 店长 技师 技工 焊工 电工 厨师 学徒 学徒工 操作工 作业员 \
        包装工 缝纫工 保洁 保洁员 护工 护理员 助理 秘书 销售 业务员 主播 模特 教练 质检 质检员 检验员 库管 仓管 仓管员 搬运工 装卸工 杂工 小工 熟手 临时工 \
        暑假工 寒假工 小时工 迎宾 会计 出纳 内勤 跟单 主管 工人 车工 打包员 分拣员 理货员 按摩师 足疗师 化妆师 发型师 传菜员 洗碗工 厨工 面点师 师傅 青年 \
        帮厨 切配 骑手 快递员 讲解员 演员 礼宾 门迎 前厅
        """
}
