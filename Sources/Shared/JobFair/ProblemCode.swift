// Everything that can be wrong with a registration: a closed list, each with a sentence in Chinese and in English.

/// A stable code per problem. The sentences are for the person at the screen: they say what to do, blame nobody, and
/// never repeat what was typed.
public enum ProblemCode: String, Error, Sendable, CaseIterable {
    case documentKindUnknown = "document.kindUnknown"
    case documentTooLong = "document.tooLong"
    case documentLength = "document.length"
    case documentCharacters = "document.characters"
    case documentFloatingPoint = "document.floatingPoint"
    case documentBirthDate = "document.birthDate"
    case documentBornInFuture = "document.bornInFuture"
    case documentCheckDigit = "document.checkDigit"
    case documentKindMismatch = "document.kindMismatch"
    case nameTooLong = "name.tooLong"
    case nameInvisible = "name.invisible"
    case nameUnencoded = "name.unencoded"
    case nameCharacters = "name.characters"
    case nameWithoutLetter = "name.withoutLetter"
    case phoneTooLong = "phone.tooLong"
    case phoneInvalid = "phone.invalid"
    case phoneGivenAndDenied = "phone.givenAndDenied"
    case seekerDocumentOrPhone = "seeker.documentOrPhone"
    case seekerUnder14 = "seeker.under14"
    case birthDateInvalid = "birthDate.invalid"
    case birthDateInFuture = "birthDate.inFuture"
    case birthDateTooEarly = "birthDate.tooEarly"
    case birthDateContradictsDocument = "birthDate.contradictsDocument"
    case keyGroupsUnknown = "keyGroups.unknown"
    case keyGroupsTooMany = "keyGroups.tooMany"
    case keyGroupsConsentMissing = "keyGroups.consentMissing"
    case noticeNotConfirmed = "notice.notConfirmed"
    case noticeOutdated = "notice.outdated"
    case proxyNameMissing = "proxy.nameMissing"
    case proxyRelationInvalid = "proxy.relationInvalid"
    case wishesTooMany = "wishes.tooMany"
    case wishesText = "wishes.text"
    case wishesPay = "wishes.pay"
    case languageInvalid = "language.invalid"

    public func problem(in field: String) -> FieldProblem {
        FieldProblem(code: rawValue, field: field, zh: zh, en: en)
    }
}

extension ProblemCode {
    public var zh: String {
        switch self {
        case .documentKindUnknown: "请从列表里选择证件类型。"
        case .documentTooLong: "证件号码太长，请只输入号码。"
        case .documentLength: "证件号码位数不对，请对照证件再数一数。"
        case .documentCharacters: "证件号码里有不能用的字符，只用数字和字母。"
        case .documentFloatingPoint: "号码被表格改成了科学计数，后几位已丢失，请重新输入完整号码。"
        case .documentBirthDate: "号码里的出生日期不存在，请对照证件检查。"
        case .documentBornInFuture: "号码里的出生日期还没有到，请对照证件检查。"
        case .documentCheckDigit: "证件号码可能输错了一位，请对照证件检查。"
        case .documentKindMismatch: "这个号码和所选的证件类型对不上，请检查号码或类型。"
        case .nameTooLong: "姓名太长，最多五十个字。"
        case .nameInvisible: "姓名里有看不见的字符，请删掉后重新输入。"
        case .nameUnencoded: "姓名里有本机认不出的字，可以先不填姓名，请工作人员帮忙。"
        case .nameCharacters: "姓名里有不能用的符号，请删掉。"
        case .nameWithoutLetter: "姓名里要有文字，也可以先不填，以后再补。"
        case .phoneTooLong: "电话号码太长，请只输入一个号码。"
        case .phoneInvalid: "电话号码不对，请检查。手机十一位，座机请加区号。"
        case .phoneGivenAndDenied: "勾选了没有手机，又填了手机号，请保留其中一项。"
        case .seekerDocumentOrPhone: "请填证件号码或手机号，有一项就行。都没有也可以直接进场，或请工作人员帮忙。"
        case .seekerUnder14: "未满十四周岁的小朋友不用登记，可以和家人一起进场。有问题请找工作人员。"
        case .birthDateInvalid: "请填真实的出生日期：年、月、日。"
        case .birthDateInFuture: "出生日期还没有到，请检查。"
        case .birthDateTooEarly: "出生日期太早了，请检查年份。"
        case .birthDateContradictsDocument: "出生日期和证件号码里的不一样，请检查。"
        case .keyGroupsUnknown: "所选的重点群体不在本场列表里，请重新选择，也可以不选。"
        case .keyGroupsTooMany: "重点群体选得太多了，请减少几项，也可以不选。"
        case .keyGroupsConsentMissing: "填写重点群体需要您单独同意。不同意也能登记，请取消所选的重点群体。"
        case .noticeNotConfirmed: "请先阅读并确认个人信息告知。不同意也可以进场看岗位。"
        case .noticeOutdated: "告知内容有更新，请再看一遍并确认。"
        case .proxyNameMissing: "代办请填写代办人的姓名。"
        case .proxyRelationInvalid: "和代办人的关系请简单填写，最多二十个字。"
        case .wishesTooMany: "求职意向最多选三项。"
        case .wishesText: "求职意向里有不能用的内容，请重新选择，每项最多三十个字。"
        case .wishesPay: "期望月薪请填写不超过二十万的整数。"
        case .languageInvalid: "语言选择不对，请重新选择。"
        }
    }

    public var en: String {
        switch self {
        case .documentKindUnknown: "Please choose the kind of document from the list."
        case .documentTooLong: "The document number is too long; please enter the number only."
        case .documentLength: "The document number has the wrong length; please compare it with the document."
        case .documentCharacters: "The document number holds characters it cannot have; use digits and letters only."
        case .documentFloatingPoint:
            "A spreadsheet rounded this number and its last digits are lost; please enter the whole number again."
        case .documentBirthDate: "The birth date in the number does not exist; please compare it with the document."
        case .documentBornInFuture: "The birth date in the number is yet to come; please compare it with the document."
        case .documentCheckDigit: "One digit may be mistyped; please compare the number with the document."
        case .documentKindMismatch: "The number does not belong to the chosen kind of document; please check both."
        case .nameTooLong: "The name is too long; fifty characters at most."
        case .nameInvisible: "The name holds invisible characters; please type it again."
        case .nameUnencoded:
            "The name holds a character this machine does not know; you may leave it open and ask the staff."
        case .nameCharacters: "The name holds signs that cannot be used; please remove them."
        case .nameWithoutLetter: "A name needs letters; you may also leave it open for now."
        case .phoneTooLong: "The phone number is too long; please enter one number only."
        case .phoneInvalid: "Please check the phone number: mobiles have 11 digits, landlines need their area code."
        case .phoneGivenAndDenied: "\"No phone\" is ticked and a phone number is given; please keep one of the two."
        case .seekerDocumentOrPhone:
            "A document number or a phone number is enough. With neither, just walk in, or ask the staff."
        case .seekerUnder14:
            "Children under fourteen need no registration and are welcome with their family. The staff will help."
        case .birthDateInvalid: "Please enter a real birth date: year, month, day."
        case .birthDateInFuture: "The birth date is yet to come; please check it."
        case .birthDateTooEarly: "The birth date is too long ago; please check the year."
        case .birthDateContradictsDocument: "The birth date differs from that in the document number; please check."
        case .keyGroupsUnknown: "A chosen key group is not on this fair's list; please choose again, or none."
        case .keyGroupsTooMany: "Too many key groups are chosen; please choose fewer, or none."
        case .keyGroupsConsentMissing:
            "Key groups need your separate consent. You can register without it: just clear the chosen groups."
        case .noticeNotConfirmed:
            "Please read and confirm the privacy notice first. You may walk in and look around without it."
        case .noticeOutdated: "The privacy notice has changed; please read and confirm it again."
        case .proxyNameMissing: "Please enter the name of the person who registers for the seeker."
        case .proxyRelationInvalid: "Please describe the relation briefly; twenty characters at most."
        case .wishesTooMany: "Three wishes of a kind at most."
        case .wishesText: "A wish holds something that cannot be used; please choose again, thirty characters at most."
        case .wishesPay: "Please enter the hoped-for monthly pay as a whole number of at most 200,000."
        case .languageInvalid: "Please choose the language again."
        }
    }
}
