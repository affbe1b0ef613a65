// The page of the touch screen and its files, built into the program.

import HTTPTypes
import Hummingbird
import JobFair
import KioskCore
import Mustache
import NIOCore

struct PageController: Sendable {
    typealias Context = KioskRequestContext
    private let desk: any Desk
    private let library: MustacheLibrary
    private let strings: JSONValue

    /// Type and bytes of every file the page loads.
    private static let assets: [String: (type: String, bytes: [UInt8])] = [
        "kiosk.css": ("text/css; charset=utf-8", PackageResources.kiosk_css),
        "kiosk.js": ("text/javascript; charset=utf-8", PackageResources.kiosk_js),
        "stage.js": ("text/javascript; charset=utf-8", PackageResources.stage_js),
        "screens.js": ("text/javascript; charset=utf-8", PackageResources.screens_js),
        "keypad.js": ("text/javascript; charset=utf-8", PackageResources.keypad_js),
        "tiles.js": ("text/javascript; charset=utf-8", PackageResources.tiles_js),
        "registration.js": ("text/javascript; charset=utf-8", PackageResources.registration_js),
        "flow.js": ("text/javascript; charset=utf-8", PackageResources.flow_js),
        "wishes.js": ("text/javascript; charset=utf-8", PackageResources.wishes_js),
        "vacancies.js": ("text/javascript; charset=utf-8", PackageResources.vacancies_js),
        "intents.js": ("text/javascript; charset=utf-8", PackageResources.intents_js),
        "requests.js": ("text/javascript; charset=utf-8", PackageResources.requests_js),
        "status.js": ("text/javascript; charset=utf-8", PackageResources.status_js),
        "wedge.js": ("text/javascript; charset=utf-8", PackageResources.wedge_js),
        "tick.svg": ("image/svg+xml", PackageResources.tick_svg),
        "strings.json": ("application/json", PackageResources.strings_json),
    ]

    init(desk: any Desk) throws {
        self.desk = desk
        var library = MustacheLibrary()
        try library.register(String(decoding: PackageResources.page_mustache, as: UTF8.self), named: "page")
        self.library = library
        strings = try StrictJSONParser.parse(PackageResources.strings_json)
    }

    @Sendable func page(_ request: Request, _ context: Context) async throws -> Response {
        let desk = await desk.context()
        let content: [String: Any] = [
            "strings": strings.renderable, "kioskLabel": desk.kioskLabel, "isDemonstration": desk.isDemonstration,
            "fairName": desk.fair?.name ?? "", "venue": desk.fair?.venue ?? "",
            "servicePhone": desk.fair?.servicePhone ?? "", "organiser": desk.fair?.organiser ?? "",
        ]
        guard let html = library.render(content, withTemplate: "page") else { throw WebProblem.failed }
        return Response(
            status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: html)))
    }

    @Sendable func asset(_ request: Request, _ context: Context) async throws -> Response {
        guard let name = context.parameters.get("name"), let asset = Self.assets[name] else {
            throw WebProblem.notFound
        }
        return Response(
            status: .ok, headers: [.contentType: asset.type], body: .init(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}

extension JSONValue {
    /// What the template engine walks through.
    fileprivate var renderable: Any {
        switch self {
        case .object(let members): Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value.renderable) })
        case .array(let elements): elements.map(\.renderable)
        case .string(let text), .number(let text): text
        case .bool(let flag): flag
        case .null: ""
        }
    }
}
