// What the templates of the job-intent form are filled with: texts only, already decided.

import HeadquartersCore
import JobFair

struct FormListView {
    struct Problems { var sentences: [String] }
    struct EmployerView {
        var number: Int
        var name: String
        var booth: String?
        var vacancies: [VacancyView]
    }
    struct VacancyView {
        var number: Int
        var id: String
        var title: String
        var employer: String
        var headcount: String
        var pay: String
        var board: String?
        var insurance: String?
        var hours: String?
        var place: String?
        var ownBooth: String?
        var adultsOnly: Bool
        var chosen: Bool
        var withheld: Bool
        /// What the finder looks through, lower case.
        var words: String
    }

    var title: String
    var stylesheet: String
    var script: String?
    var fairName: String
    var venue: String
    var days: String
    var greeting: String?
    var problems: Problems?
    var hasNotArrived: Bool
    var vacanciesMax: Int
    var action: String
    var mineAction: String
    var wishes: String
    var postID: String
    var employers: [EmployerView]
    var asksName: Bool
    var name: String
    var nameProblem: Bool
    var digitsProblem: Bool
    var noticeTitle: String
    var noticeShort: [String]
    var noticeFull: [String]
    var servicePhone: String
    var organiser: String
}

struct FormIntentsView {
    struct IntentView {
        var id: String
        var state: String
        var stateWords: String
        var title: String
        var employer: String
        var booth: String?
        var pay: String?
        var consentWords: String
        var isOpen: Bool
        var isPassedOn: Bool
    }

    var title: String
    var stylesheet: String
    var script: String?
    var fairName: String
    var isGood: Bool
    var heading: String
    var lead: String
    /// What was just done besides intents.
    var note: String?
    var action: String
    var intents: [IntentView]
    var next: [String]
    var more: String?
    var wishes: String?
    var servicePhone: String
    var organiser: String
}

struct FormWordView {
    var title: String
    var stylesheet: String
    var script: String?
    var fairName: String?
    var heading: String
    var sentences: [String]
    var mineAction: String?
    var back: String?
    var backWords: String
    var servicePhone: String?
    var organiser: String?
}

struct FormFindView {
    var title: String
    var stylesheet: String
    var script: String?
    var alert: String?
    var fair: String
    var ticket: String
}
