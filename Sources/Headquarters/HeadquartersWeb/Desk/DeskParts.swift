// What the pages behind the login are made of, and how they answer.

import HTTPTypes
import HeadquartersCore
import Hummingbird
import JobFair
import Logging

/// Settings of the desk.
public struct DeskSettings: Sendable {
    /// `https://HOST[:PORT]`, lower case, by which a proxy with TLS publishes the desk. It makes the cookie `Secure` and is
    /// taken as Host and Origin besides loopback names. Nil: reached on loopback only, e.g. through an SSH tunnel.
    public var address: String?
    /// A header in which that proxy names the browser's address, e.g. `x-forwarded-for`; as with the form.
    public var clientHeader: String?

    public init(address: String? = nil, clientHeader: String? = nil) {
        self.address = address
        self.clientHeader = clientHeader
    }
}

/// What the pages behind the login share.
struct DeskParts: Sendable {
    let store: any HeadquartersStore
    let settings: DeskSettings
    /// Milliseconds since 1970 by headquarters' clock.
    let now: @Sendable () -> Int64
    let files: PageFiles
    let logger: Logger

    /// Routes under `/desk` for sessions of these roles.
    ///
    /// - Parameter bodyBytesMax: of one post, files included; it is in memory while the route runs.
    func routes(
        in router: Router<FormRequestContext>, for roles: LoginRole..., bodyBytesMax: Int = DeskForm.bodyBytesMax
    ) -> RouterGroup<FormRequestContext> {
        router.group("/desk").add(
            middleware: DeskAccess(parts: self, roles: Set(roles), bodyBytesMax: bodyBytesMax))
    }

    // MARK: Pages

    /// Head and foot of a page, for the template's `page`.
    func page(_ title: String, for session: DeskSession?) -> DeskPageView {
        DeskPageView(
            title: title, figuresStylesheet: files.figuresStylesheet, stylesheet: files.deskStylesheet,
            login: session.map {
                DeskPageView.LoginView(name: $0.name, role: DeskWords.role($0.role), csrf: $0.csrf)
            })
    }

    func answer(_ template: String, _ view: Any, status: HTTPResponse.Status = .ok) -> Response {
        Self.naming(PageSafety.page(files.render(template, view), status: status))
    }

    /// After a post: the next page by GET.
    func seeOther(_ path: String) -> Response { Self.naming(PageSafety.seeOther(path)) }

    func word(_ word: DeskWord) -> Response {
        answer(
            "desk-word", DeskWordView(page: page(word.heading, for: nil), heading: word.heading, text: word.text),
            status: word.status)
    }

    /// The desk's own pages are told where a post comes from: under no-referrer browsers send `Origin: null`
    /// (Fetch, "append a request Origin header").
    private static func naming(_ response: Response) -> Response {
        var response = response
        if let name = HTTPField.Name("referrer-policy") { response.headers[name] = "same-origin" }
        return response
    }
}

struct DeskPageView {
    struct LoginView {
        var name: String
        var role: String
        var csrf: String
    }

    var title: String
    var figuresStylesheet: String
    var stylesheet: String
    /// Nil before the login.
    var login: LoginView?
    /// For every form of the page: `{{page.csrf}}`. Stored, because templates see no computed property.
    let csrf: String

    init(title: String, figuresStylesheet: String, stylesheet: String, login: LoginView?) {
        self.title = title
        self.figuresStylesheet = figuresStylesheet
        self.stylesheet = stylesheet
        self.login = login
        csrf = login?.csrf ?? ""
    }
}

struct DeskWordView {
    var page: DeskPageView
    var heading: String
    var text: String
}
