// The bodies the API takes, read strictly.

import JobFair
import KioskCore

struct RegistrationRequest {
    var recordID: RecordID
    var formKey: FormKey
    var form: RegistrationForm

    init?(_ value: JSONValue, _ problems: ShapeProblems) {
        guard var body = JSONObjectReader(value, problems: problems) else { return nil }
        let recordID = body.recordID()
        let formKey = body.formKey()
        var form = RegistrationForm(
            name: body.text("name"), phone: body.text("phone"), hasNoPhone: body.flag("noPhone"),
            contactPhone: body.text("contactPhone"), birthDate: body.text("birthDate"),
            keyGroups: body.texts("keyGroups"), keyGroupConsent: body.flag("keyGroupConsent"),
            noticeVersion: body.text("noticeVersion"), language: body.text("language"))
        if var document = body.object("document") {
            form.documentKind = document.text("kind")
            form.documentNumber = document.requiredText("number")
            document.finish()
        }
        if var proxy = body.object("proxy") {
            form.proxyName = proxy.text("name")
            form.proxyRelation = proxy.text("relation")
            form.proxyPhone = proxy.text("phone")
            proxy.finish()
        }
        form.wishes = body.wishes() ?? Wishes()
        body.finish()
        guard let recordID, let formKey else { return nil }
        (self.recordID, self.formKey, self.form) = (recordID, formKey, form)
    }
}

struct EntryRequest {
    static let ways = ["tap", "scan"]
    var recordID: RecordID
    var way: String

    init?(_ value: JSONValue, _ problems: ShapeProblems) {
        guard var body = JSONObjectReader(value, problems: problems) else { return nil }
        let recordID = body.recordID()
        let way = body.choice("way", of: Self.ways)
        body.finish()
        guard let recordID, let way else { return nil }
        (self.recordID, self.way) = (recordID, way)
    }
}

struct CheckInRequest {
    var recordID: RecordID
    var scanned: String

    init?(_ value: JSONValue, _ problems: ShapeProblems) {
        guard var body = JSONObjectReader(value, problems: problems) else { return nil }
        let recordID = body.recordID()
        let scanned = body.requiredText("scanned")
        body.finish()
        guard let recordID, let scanned else { return nil }
        (self.recordID, self.scanned) = (recordID, scanned)
    }
}

struct SlipCopyRequest {
    var recordID: RecordID
    var formKey: FormKey
    var documentNumber: String
    var phoneDigits: String

    init?(_ value: JSONValue, _ problems: ShapeProblems) {
        guard var body = JSONObjectReader(value, problems: problems) else { return nil }
        let recordID = body.recordID()
        let formKey = body.formKey()
        let documentNumber = body.requiredText("documentNumber")
        let phoneDigits = body.requiredText("phoneDigits")
        body.finish()
        guard let recordID, let formKey, let documentNumber, let phoneDigits else { return nil }
        (self.recordID, self.formKey) = (recordID, formKey)
        (self.documentNumber, self.phoneDigits) = (documentNumber, phoneDigits)
    }
}
