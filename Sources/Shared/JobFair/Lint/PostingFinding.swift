// What the lint found in a posting: kind, words, law, and a sentence for the clerk.

/// One place in a posting that a clerk should look at. The quote may hold a phone number: never log it.
public struct PostingFinding: Hashable, Sendable {
    /// Stable: pages and stored decisions use the raw values.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case sex
        /// Marriage, children, pregnancy, nursing.
        case marriageOrChildren
        case ethnicity
        case religion
        /// Household registration, home province, 本地人.
        case origin
        /// Disability; hepatitis B and other carriers.
        case health
        /// Illnesses and colour sight: lawful for some work, so the clerk asks what the work is.
        case healthQuestion
        /// Looks, height, weight, tattoos.
        case appearance
        case ageCap
        /// 16 and 17 are named as welcome: allowed, under the protection of minors.
        case lowerAgeUnder18
        /// Children.
        case under16
        /// Deposits, fees, wages held back.
        case moneyAsked
        /// Identity cards or certificates kept by the employer.
        case documentsWithheld
        /// Fake orders, training loans, lent bank cards, riches abroad.
        case fraud
        /// Promises of easy money.
        case lure
        /// A telephone number, WeChat or QQ name in free text.
        case phoneInText
    }

    public enum Severity: String, Codable, Sendable, CaseIterable {
        /// Nobody sees the vacancy until a clerk has decided.
        case hold
        /// The vacancy may be shown; a clerk should look.
        case flag
    }

    public var kind: Kind
    public var field: Posting.Field
    /// Characters of the field's text, counted from 0, for marking the words.
    public var range: Range<Int>
    /// The marked words.
    public var quote: String

    public var severity: Severity { kind.severity }
}

extension PostingFinding.Kind {
    public var severity: PostingFinding.Severity {
        switch self {
        case .sex, .marriageOrChildren, .ethnicity, .religion, .origin, .health, .under16, .moneyAsked,
            .documentsWithheld, .fraud:
            .hold
        case .healthQuestion, .appearance, .ageCap, .lowerAgeUnder18, .lure, .phoneInText: .flag
        }
    }

    /// Law and article, as a clerk quotes them to the employer; empty where it is a matter of good sense.
    public var law: String {
        switch self {
        case .sex: "就业促进法第二十六、二十七条；妇女权益保障法第四十三条；人力资源市场暂行条例第二十四条"
        case .marriageOrChildren: "妇女权益保障法第四十三条；就业促进法第二十七条"
        case .ethnicity: "就业促进法第二十六、二十八条；劳动法第十二条；人力资源市场暂行条例第二十四条"
        case .religion: "就业促进法第二十六条；劳动法第十二条；人力资源市场暂行条例第二十四条"
        case .origin: "就业促进法第二十六、三十一条；人力资源市场暂行条例第十一条"
        case .health: "就业促进法第二十九、三十条"
        case .healthQuestion: "就业促进法第三十条"
        case .appearance, .ageCap: "就业促进法第二十六条"
        case .lowerAgeUnder18: "劳动法第五十八、六十四、六十五条"
        case .under16: "劳动法第十五条；禁止使用童工规定第二、四条"
        case .moneyAsked, .documentsWithheld: "劳动合同法第九条；就业服务与就业管理规定第十四条；就业促进法第四十一条"
        case .fraud, .lure: "人力资源市场暂行条例第二十四、二十七条"
        case .phoneInText: ""
        }
    }

    public var zh: String {
        switch self {
        case .sex: "岗位限定或偏向一种性别。请删掉，或说明国家规定的理由。"
        case .marriageOrChildren: "岗位对婚姻、生育或怀孕提了条件。请删掉。"
        case .ethnicity: "岗位对民族提了条件。请删掉。"
        case .religion: "岗位对宗教信仰提了条件。请删掉。"
        case .origin: "岗位限定或偏向户籍、籍贯。请删掉。"
        case .health: "岗位排除残疾人或病原携带者。请删掉，或说明法律禁止从事的依据。"
        case .healthQuestion: "岗位对疾病或辨色力提了条件。请问清工作是否真的需要。"
        case .appearance: "岗位对长相、身高、体重或纹身提了条件。请问清是否需要。"
        case .ageCap: "岗位写了年龄上限。请劝用人单位放宽或删掉。"
        case .lowerAgeUnder18: "岗位招十六、十七岁的人。请确认不是有毒有害、井下或重体力的工作。"
        case .under16: "岗位招未满十六周岁的人，法律禁止。不能发布。"
        case .moneyAsked: "岗位向求职者要钱或押工资，法律禁止。请删掉并提醒用人单位。"
        case .documentsWithheld: "岗位要扣留证件，法律禁止。请删掉并提醒用人单位。"
        case .fraud: "内容像诈骗（刷单、培训贷、借卡、境外高薪等）。请核实，不要发布。"
        case .lure: "许诺来得太容易的高收入。请核实。"
        case .phoneInText: "文字里有电话、微信或QQ号。请移到联系方式一栏，或遮住。"
        }
    }

    public var en: String {
        switch self {
        case .sex: "It limits or prefers one sex. Remove it, or name the state rule that allows it."
        case .marriageOrChildren: "It sets a condition on marriage, children or pregnancy. Remove it."
        case .ethnicity: "It sets a condition on ethnicity. Remove it."
        case .religion: "It sets a condition on religion. Remove it."
        case .origin: "It limits or prefers household registration or home province. Remove it."
        case .health: "It shuts out disabled people or carriers. Remove it, or name the law that bars them."
        case .healthQuestion: "It asks about an illness or colour sight. Ask whether the work needs it."
        case .appearance: "It asks for looks, height, weight or no tattoos. Ask whether the work needs it."
        case .ageCap: "It caps the age. Ask the employer to relax or remove it."
        case .lowerAgeUnder18: "It takes people of 16 or 17. Make sure the work is not toxic, underground or heavy."
        case .under16: "It takes people under 16, which the law forbids. It cannot be published."
        case .moneyAsked: "It asks seekers for money or holds wages back, which the law forbids. Remove it."
        case .documentsWithheld: "It keeps seekers' documents, which the law forbids. Remove it."
        case .fraud: "It reads like fraud: fake orders, training loans, lent cards, riches abroad. Do not publish it."
        case .lure: "It promises money that comes too easily. Verify it."
        case .phoneInText: "The text holds a phone number, WeChat or QQ name. Move it to the contact, or mask it."
        }
    }
}
