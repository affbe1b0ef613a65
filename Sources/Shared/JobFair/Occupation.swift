// The kiosk's thirty occupations: picture tiles, each with the words people use for it.

/// One tile. The raw value travels and is stored; the order is the order on the screen.
public enum Occupation: String, Codable, Sendable, CaseIterable {
    /// 普工, 操作工.
    case generalWorker
    /// 缝纫.
    case sewing
    /// 焊工.
    case welder
    /// 电工.
    case electrician
    /// 钳工, 机修.
    case fitter
    /// 数控, CNC.
    case machineOperator
    /// 质检.
    case inspector
    /// 仓管.
    case warehouse
    /// 叉车.
    case forklift
    /// 搬运, 分拣.
    case porter
    /// 司机.
    case driver
    /// 快递, 外卖.
    case courier
    /// 保安.
    case guardian
    /// 保洁.
    case cleaner
    /// 服务员.
    case waiter
    /// 厨师.
    case cook
    /// 家政, 月嫂.
    case housekeeper
    /// 护工, 养老.
    case caregiver
    /// 建筑小工.
    case builder
    /// 木工, 瓦工, 油漆工.
    case carpenter
    /// 钢筋工.
    case steelFixer
    /// 营业员, 收银.
    case shopAssistant
    /// 客服.
    case customerService
    /// 文员.
    case clerical
    /// 学徒.
    case apprentice
    /// 农林.
    case farmer
    /// 技术员.
    case technical
    /// 管理.
    case supervisor
    /// 日结零工.
    case dayLabour
    /// 其他.
    case other
}
