// A desk without disk, keys and printer: it applies the real rules and remembers what it was asked.

import Foundation
import JobFair
import KioskCore

actor FakeDesk: Desk {
    struct Calls: Equatable {
        var registrations = 0
        var entries = 0
        var checkIns = 0
        var slipCopies = 0
        var vacancySlips = 0
        var intents = 0
        var wishes = 0
    }
    var calls = Calls()
    private(set) var forms: [RegistrationForm] = []
    private(set) var scans: [String] = []
    private var stored: [RecordID: (key: [UInt8], form: RegistrationForm, ticket: Int)] = [:]
    /// Thrown by the next calls, in order.
    private var refusals: [DeskError] = []
    private var isUnexpectedlyBroken = false
    var problems: [HealthProblem] = []
    var hasFair = true
    var isFairOpen = true

    static let fair = Fair(
        id: FairID("0199a000-0000-7000-8000-000000000001")
            ?? FairID(milliseconds: 0, random: Array(repeating: 0, count: 10)),
        name: "春风行动 青禾县专场招聘会（示例）", venue: "青禾县人民广场", organiser: "青禾县就业服务中心（示例）", kind: .fair,
        days: ["2026-02-01", "2026-02-02"].compactMap { CalendarDate($0) }, keyNumber: 7,
        formAddress: "HTTP://127.0.0.1:7280", servicePhone: "000-0000000")

    static let notice = PrivacyNotice(
        version: "2026-1", title: "个人信息告知",
        shortText: """
            谁在用：青禾县就业服务中心（示例），电话 000-0000000。
            做什么：给您办理求职登记、推荐岗位，并做不含姓名的就业统计。
            收什么：姓名、证件号码、手机号、求职意向；重点群体由您自愿选填，另行同意。
            给谁：您点“我要报名”后，才把姓名和电话给您点名的那一家企业；不给其他人。
            存多久：自助机在上传成功后 30 日内删除，中心保存 2 年，到期删除。
            不同意也可以入场、看岗位。查询、更正、删除、撤回：拿小票到服务台，或拨打 000-0000000。
            """,
        fullText: "全文")

    static let keyGroups = [
        KeyGroup(code: "returningWorker", label: "返乡返岗农民工"), KeyGroup(code: "liftedFromPoverty", label: "脱贫人口（含监测对象）"),
        KeyGroup(code: "lowIncome", label: "低收入人口"), KeyGroup(code: "hardToPlace", label: "就业困难人员"),
        KeyGroup(code: "graduate", label: "高校毕业生（应届）"), KeyGroup(code: "veteran", label: "退役军人及军属"),
        KeyGroup(code: "disabled", label: "残疾人"),
    ]

    func refuse(_ errors: DeskError...) { refusals = errors }
    func breakUnexpectedly() { isUnexpectedlyBroken = true }
    func set(problems: [HealthProblem], hasFair: Bool = true) { (self.problems, self.hasFair) = (problems, hasFair) }

    func context() async -> DeskContext {
        DeskContext(
            kioskLabel: "东门 1 号机", fair: hasFair ? Self.fair : nil, day: hasFair ? Self.fair.days.first : nil,
            isDayConfirmed: true, notice: hasFair ? Self.notice : nil, keyGroups: hasFair ? Self.keyGroups : [],
            problems: problems, isDemonstration: true)
    }

    func nextRefusal() throws(DeskError) {
        if !refusals.isEmpty { throw refusals.removeFirst() }
    }

    func register(
        _ form: RegistrationForm, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> RegistrationAnswer {
        try nextRefusal()
        let day = Self.fair.days[0]
        let rules = RegistrationRules.check(
            form, on: day, noticeVersion: Self.notice.version, keyGroupCodes: Set(Self.keyGroups.map(\.code)))
        guard case .success(let registration) = rules else {
            if case .failure(let problems) = rules { throw .invalid(problems.problems) }
            throw .failed
        }
        if let known = stored[recordID] {
            guard known.key == formKey.bytes, known.form == form else { throw .conflict }
        } else {
            stored[recordID] = (formKey.bytes, form, stored.count + 237)
            calls.registrations += 1
            forms.append(form)
        }
        guard let ticket = TicketNumber(pair: "AB", number: stored[recordID]?.ticket ?? 1) else { throw .failed }
        let masked = registration.name.map { String($0.normalised.prefix(1)) + "**" } ?? "待补"
        return RegistrationAnswer(
            recordID: recordID, ticket: ticket, maskedName: masked, fairName: Self.fair.name, fairDay: day,
            allowsIntents: registration.ageBand.allowsIntents, code: Self.code)
    }

    /// Not a code anybody can read: 37 modules in a pattern.
    static let code = ScreenCode(
        address: "HTTP://127.0.0.1:7280/I/" + String(repeating: "A", count: 48), size: 37,
        rows: (0..<37).map { y in
            String(
                (0..<37).map { x in
                    let finder = [(0, 0), (30, 0), (0, 30)].contains {
                        (0..<7).contains(x - $0.0) && (0..<7).contains(y - $0.1)
                    }
                    return finder || (x * 7 + y * 13 + x * y) % 5 < 2 ? "1" : "0"
                })
        })

    func closeFair() { isFairOpen = false }

    func countEntry(recordID: RecordID, way: String) async throws(DeskError) -> EntryAnswer {
        try nextRefusal()
        calls.entries += 1
        return EntryAnswer(isFairOpen: isFairOpen)
    }

    func checkIn(scanned: String, recordID: RecordID) async throws(DeskError) -> CheckInAnswer {
        try nextRefusal()
        guard scanned.uppercased().contains("/I/") else { throw .slipInvalid }
        calls.checkIns += 1
        scans.append(scanned)
        return CheckInAnswer(
            ticket: TicketNumber("AB0237"), maskedName: "李*", isFairOpen: isFairOpen, allowsIntents: true)
    }

    func copySlip(
        documentNumber: String, phoneDigits: String, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) {
        try nextRefusal()
        guard phoneDigits == "5678" else { throw .slipNotFound }
        calls.slipCopies += 1
    }

    func printState(of registration: RecordID) async -> PrintState? {
        stored[registration] == nil ? nil : .printed
    }

    func lastSlipPNG() async -> [UInt8]? {
        stored.isEmpty ? nil : [UInt8](Data(base64Encoded: Self.onePixel) ?? Data())
    }

    private static let onePixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
}
