// The table: label, who does it, words, neighbours. A word stands under one tile only; a test holds the table to that.

extension OccupationWords {
    public static subscript(occupation: Occupation) -> OccupationWords {
        // Every case is in the table; a test goes through them.
        table[occupation] ?? OccupationWords(label: "其他", worker: "其他工作", words: [], siblings: [])
    }

    private static func make(_ label: String, _ worker: String, _ words: String, _ siblings: [Occupation] = [])
        -> OccupationWords
    {
        OccupationWords(
            label: label, worker: worker, words: words.split(separator: " ").map(String.init), siblings: siblings)
    }

    private static let table: [Occupation: OccupationWords] = [
        .generalWorker: make(
            "普工", "普工",
            """
            普工 操作工 操作员 作业员 一线工人 一线 工人 员工 生产工 生产员 流水线 流水线工 装配 装配工 组装 组装工 包装 包装工 \
            打包员 杂工 辅助工 插件工 贴标 手工活 产线工 进厂 打磨 打磨工 抛光工 切割工 加工工 手工 焊锡 刷胶
            """, [.sewing, .machineOperator, .inspector, .porter, .apprentice, .dayLabour]),
        .sewing: make(
            "缝纫", "缝纫工",
            """
            缝纫 缝纫工 平车 平车工 车位 车位工 包缝 锁边 拷边 双针 裁床 裁剪 裁剪工 整烫 大烫 针车 针车工 制衣 服装工 \
            服装车工 踩缝纫机 踩衣车 缝制 绣花工
            """, [.generalWorker]),
        .welder: make(
            "焊工", "焊工",
            "焊工 电焊 电焊工 气焊 氩弧焊 氩弧焊工 二保焊 二保焊工 气保焊 焊接 焊接工 点焊 焊割 铆焊 铆焊工",
            [.fitter, .steelFixer]),
        .electrician: make(
            "电工", "电工",
            "电工 维修电工 高压电工 低压电工 水电工 弱电工 弱电 强电 电气维修 电气安装 配电工 配电 值班电工 接线工 水电安装 架线工 水电维修 水电维修工 水电改造 变电站 光伏安装",
            [.fitter, .technical]),
        .fitter: make(
            "钳工机修", "机修工",
            """
            钳工 机修 机修工 维修工 设备维修 机械维修 修理工 维修员 汽修 汽修工 汽车维修 模具钳工 装配钳工 保全工 安装工 钣金工 \
            维修师傅 空调安装 抢修工 锅炉工 管道工
            """, [.welder, .electrician, .machineOperator, .technical]),
        .machineOperator: make(
            "数控CNC", "数控工",
            """
            数控 cnc 加工中心 数控车 数控车床 车床 车床工 车工 铣床 铣工 磨床 磨工 镗工 冲床 冲床工 冲压 冲压工 注塑 注塑工 折弯 折弯工 \
            激光切割 线切割 挡车工 机台 开机工 调机师傅
            """, [.generalWorker, .fitter, .technical]),
        .inspector: make(
            "质检", "质检员",
            "质检 质检员 检验 检验员 质量检验 品检 品检员 品质 品管 qc ipqc oqc iqc fqc pqc 化验员 化验 检测员 巡检 验货 验布 查衫 测试员 全检 全检员",
            [.generalWorker, .technical]),
        .warehouse: make(
            "仓管", "仓管员",
            "仓管 仓管员 仓库管理 仓库管理员 仓库 仓储 库管 库管员 保管员 理货 理货员 收发员 发货员 收货员 配货 配货员 拣货 拣货员 备料员",
            [.forklift, .porter, .clerical]),
        .forklift: make(
            "叉车", "叉车工",
            "叉车 叉车工 叉车司机 叉车员 叉车操作工 铲车 铲车司机 抱车 抱车司机 装载机 装载机司机 堆高车 行车工 天车工 起重工 吊车司机",
            [.warehouse, .porter, .driver]),
        .porter: make(
            "搬运分拣", "搬运分拣工",
            "搬运 搬运工 装卸 装卸工 分拣 分拣员 分拣工 卸货 装车 装车工 力工 上货 上货员 搬货 搬家 码垛 搬运员 扛包 扛包工 装柜",
            [.generalWorker, .warehouse, .forklift, .courier, .builder, .dayLabour]),
        .driver: make(
            "司机", "司机",
            "司机 驾驶员 货车司机 客车司机 公交司机 网约车 大货车 半挂 开车 开货车 代驾 送货司机 渣土车 农机手 商砼司机 班车 驾驶",
            [.forklift, .courier]),
        .courier: make(
            "快递外卖", "快递外卖员",
            "快递 快递员 外卖 外卖员 骑手 送餐 送餐员 配送 配送员 送货 送货员 派件 派件员 跑腿 收派员 邮递员 送水工",
            [.porter, .driver]),
        .guardian: make(
            "保安", "保安",
            "保安 保安员 门卫 门岗 安保 安检 安检员 秩序维护 秩序员 护卫 消防员 消控 监控员 巡逻 停车场收费员 停车管理 看门 护厂 夜巡 值守 防损 防损员 押运 押运员 消防队员 停车引导员 值班员",
            [.cleaner]),
        .cleaner: make(
            "保洁", "保洁员",
            """
            保洁 保洁员 清洁 清洁工 清洁员 环卫 环卫工 扫地 打扫 打扫卫生 客房保洁 客房服务员 客房 洗碗 洗碗工 洗碗阿姨 洗衣房 洗衣工 \
            保洁阿姨 洗车工 清洗 清洗工 消毒工
            """, [.guardian, .waiter, .housekeeper]),
        .waiter: make(
            "服务员", "服务员",
            "服务员 餐厅服务员 传菜 传菜员 端盘子 迎宾 餐饮 吧员 奶茶 奶茶店员 咖啡师 酒店前台 前厅 点菜员 跑堂 服务生 收餐员 店小二 茶艺 茶艺员 茶艺师",
            [.cleaner, .cook, .shopAssistant]),
        .cook: make(
            "厨师", "厨师",
            """
            厨师 厨工 帮厨 后厨 炒锅 炒菜 掌勺 厨师长 切配 配菜 打荷 面点 面点师 凉菜 烧烤师傅 砧板 蒸菜 白案 红案 做饭 煮饭 煮饭阿姨 \
            烘焙 糕点师 糕点师傅 面包师 面包师傅 拉面 拉面师傅 灶台 灶台师傅
            """, [.waiter, .housekeeper]),
        .housekeeper: make(
            "家政月嫂", "家政员",
            """
            家政 家政员 月嫂 保姆 住家保姆 育儿嫂 育婴师 育婴 育婴员 钟点工 住家阿姨 带孩子 带小孩 看孩子 做家务 家庭服务 母婴护理 催乳师 收纳 整理师
            """, [.cleaner, .cook, .caregiver]),
        .caregiver: make(
            "护工养老", "护工",
            "护工 护理员 养老 养老护理 养老护理员 陪护 陪护员 医院陪护 照护 看护 护老 照顾老人 伺候老人 看老人 陪诊 月子护理 敬老院 助老员 助浴员 陪伴员 康复助理 生活护理",
            [.housekeeper]),
        .builder: make(
            "建筑小工", "建筑小工",
            "建筑小工 小工 工地 建筑工 建筑普工 工地小工 土建 挖机 挖机手 挖掘机司机 塔吊司机 混凝土工 浇筑工 道路工 养路工 拆除工 防水工 架子工 脚手架工 摊铺工 管片工 搭建工 喷浆工",
            [.porter, .carpenter, .steelFixer, .dayLabour]),
        .carpenter: make(
            "木瓦油工", "木瓦油工",
            "木工 瓦工 油漆工 油工 泥瓦工 泥工 砌筑 砌筑工 砖工 抹灰 抹灰工 贴砖 贴砖工 喷漆 喷漆工 喷涂工 模板工 大工 装修工 装修 刮腻子 家具木工 涂装 乳胶漆 门窗安装 家具安装 开料工",
            [.builder, .steelFixer]),
        .steelFixer: make(
            "钢筋工", "钢筋工",
            "钢筋工 钢筋 绑扎 绑扎工 扎钢筋 绑钢筋 钢筋绑扎 钢筋翻样 钢结构工 钢结构 钢构工",
            [.welder, .builder, .carpenter]),
        .shopAssistant: make(
            "营业员收银", "营业员",
            "营业员 收银 收银员 导购 导购员 店员 促销 促销员 售货员 柜员 店助 卖货 柜台 便利店员 药店店员 超市员工 加油员 卖衣服 前台收银员 陈列员",
            [.waiter, .customerService]),
        .customerService: make(
            "客服", "客服",
            "客服 客服员 客服专员 话务员 话务 接线员 电话客服 在线客服 售后客服 网店客服 坐席 前台 前台接待 接待员 呼叫中心 站务员 导诊员 引导员 咨询员",
            [.shopAssistant, .clerical]),
        .clerical: make(
            "文员", "文员",
            "文员 内勤 行政 行政文员 统计员 统计 录入员 资料员 办公室文员 跟单 跟单员 助理 会计 出纳 财务 人事 前台文员 档案员 打字员 文秘 记账员 打单员 制单员 过磅员 调度员",
            [.warehouse, .customerService]),
        .apprentice: make(
            "学徒", "学徒", "学徒 学徒工 学徒岗 实习生 实习 见习 见习生 储备 储备干部 培训生 带薪学徒 学手艺 学技术",
            [.generalWorker, .technical]),
        .farmer: make(
            "农林", "农林工",
            """
            种植 种植工 种植员 养殖 养殖工 养殖员 饲养员 大棚 采摘 采摘工 采茶 采茶工 绿化 绿化工 绿化养护 养护工 绿化养护工 园艺工 园林工 园林 护林员 林场 果园 农工 农场 苗圃 种菜 \
            养猪 养鸡 挤奶工 植树 植树工 捕捞 分级工 炒茶 插秧
            """, [.dayLabour]),
        .technical: make(
            "技术员", "技术员",
            "技术员 技术工 技工 工艺员 工艺 工程师 技师 调试 调试员 绘图员 制图员 助理工程师 设备员 实验员 电气工程师 调机 预算员 测量员",
            [.electrician, .fitter, .machineOperator, .inspector, .apprentice, .supervisor]),
        .supervisor: make(
            "管理", "管理人员",
            "管理 管理员 主管 班长 组长 线长 拉长 经理 店长 厂长 车间主任 主任 队长 领班 总监 副店长 生产主管 项目经理 管理岗 施工员 安全员",
            [.technical]),
        .dayLabour: make(
            "日结零工", "日结零工",
            "日结 日结工 零工 临时工 短工 小时工 打零工 散工 兼职 日工 计时工 钟点零工 临工 零活",
            [.generalWorker, .porter, .builder, .farmer]),
        .other: make(
            "其他", "其他工作",
            "业务员 销售 销售员 销售代表 销售经理 客户经理 主播 直播 美容师 美发 理发师 教师 老师 护士 医生 药师 摄影 电商运营 运营 司仪 导游 保险"),
    ]
}
