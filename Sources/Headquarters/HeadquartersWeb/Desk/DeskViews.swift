// What the templates of login, first page, password and audit are filled with.

import HeadquartersCore
import JobFair

struct DeskLoginView {
    var page: DeskPageView
    var problem: String?
    var name: String
}

struct DeskPasswordView {
    var page: DeskPageView
    var problem: String?
    /// For password keepers, which file a password under a name.
    var name: String
    var charactersMin: Int
}

struct DeskHomeView {
    struct LinkView {
        var words: String
        var path: String
    }
    struct PlaceView {
        var name: String
        var detail: String
        var links: [LinkView]
    }

    var page: DeskPageView
    /// What was just done.
    var note: String?
    var isClerk: Bool
    var fairs: [PlaceView]
    var employers: [PlaceView]
    var links: [LinkView]

    /// The newest fair first.
    init(page: DeskPageView, session: DeskSession, note: String?, fairs: [Fair], employers: [DeskEmployer]) {
        self.page = page
        self.note = note
        isClerk = session.role == .clerk
        self.fairs = fairs.reversed().map { fair in
            PlaceView(
                name: fair.name, detail: "\(FormText.days(fair.days))　\(fair.venue)",
                links: DeskLinks.ofFair.map { LinkView(words: $0.words, path: $0.path(fair.id)) })
        }
        self.employers = employers.map { employer in
            PlaceView(
                name: employer.name, detail: employer.fairName,
                links: DeskLinks.ofEmployer.map {
                    LinkView(words: $0.words, path: $0.path(employer.fairID, employer.id))
                }
            )
        }
        links = DeskLinks.general.filter { $0.roles.contains(session.role) }
            .map { LinkView(words: $0.words, path: $0.path) }
    }
}

struct DeskAuditView {
    struct EntryView {
        var time: String
        var actor: String
        var action: String
        var isFailure: Bool
        var subject: String
        var reason: String
        var rows: String
    }

    var page: DeskPageView
    var entries: [EntryView]
    var newest: String?
    var older: String?

    /// - Parameter entries: one more than a page holds where there are older ones.
    init(page: DeskPageView, entries: [AuditEntry], isFirst: Bool) {
        self.page = page
        let shown = entries.prefix(LoginLimits.auditPageLines)
        self.entries = shown.map(Self.view)
        newest = isFirst ? nil : "/desk/audit"
        older = entries.count > shown.count ? shown.last.map { "/desk/audit?before=\($0.id)" } : nil
    }

    private static func view(_ entry: AuditEntry) -> EntryView {
        let line = entry.line
        let employer = entry.employerName ?? line.employerID?.description
        let fair = entry.fairName ?? line.fairID?.description
        let stranger = line.action == .loginFailed && line.subject == nil ? DeskWords.stranger : nil
        return EntryView(
            time: time(line.at), actor: DeskWords.actor(line.actor), action: DeskWords.action(line.action),
            isFailure: line.action == .loginFailed,
            subject: [line.subject ?? stranger, employer, fair].compactMap(\.self).joined(separator: " · "),
            reason: line.reason ?? "", rows: line.rows.map(PressNumber.exact) ?? "")
    }

    private static func time(_ milliseconds: Int64) -> String {
        guard let time = BeijingTime(milliseconds: milliseconds) else { return "" }
        return "\(time.day) \(time.clock)"
    }
}
