// Key groups (重点群体): the list a fair starts with; provinces change it.

public enum KeyGroups {
    /// Longest list a registration may declare.
    public static let declaredMax = 16

    /// What the bureaus' reports count most often. Self-declared is not certified; scope differs per province, so a
    /// fair may bring its own list.
    public static let defaults: [KeyGroup] = [
        KeyGroup(code: "returningMigrantWorker", label: "返乡返岗农民工"),
        KeyGroup(code: "liftedOutOfPoverty", label: "脱贫人口"),
        KeyGroup(code: "lowIncome", label: "低收入人口"),
        KeyGroup(code: "employmentDifficulty", label: "就业困难人员"),
        KeyGroup(code: "graduate", label: "应届高校毕业生"),
        KeyGroup(code: "veteranOrFamily", label: "退役军人及军属"),
        KeyGroup(code: "stayedAtPlaceOfWork", label: "留岗人员"),
        KeyGroup(code: "limitedWorkCapacity", label: "弱劳力、半劳力"),
        KeyGroup(code: "disabled", label: "残疾人"),
        KeyGroup(code: "woman", label: "妇女"),
        KeyGroup(code: "minimumLivingAllowance", label: "低保对象"),
        KeyGroup(code: "extremePoverty", label: "特困人员"),
    ]
}
