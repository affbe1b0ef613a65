// What docs/openapi.yaml says of the kiosk's calls is what the program has.

import Foundation
import JobFair
import TestSupport
import Testing

@testable import KioskWeb

@Suite struct OpenAPIDocumentTests {
    @Test func theDocumentHasTheRoutesAndNoOthers() throws {
        let calls = Set(try OpenAPIDocument.calls().filter { $0.key != "figures" }.values.joined())
        let routes = KioskRoutes.table.flatMap { route in
            route.methods.filter { $0 != "HEAD" }.map { OpenAPIDocument.Call($0, route.path) }
        }
        #expect(calls == Set(routes))
    }

    @Test func theDocumentNamesThePagesFiles() throws {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(
            atPath: repository.appendingPathComponent("Sources/Kiosk/KioskWeb/Pages").path)
        let text = try OpenAPIDocument.text()
        let start = try #require(text.firstRange(of: "/assets/{name}:")).upperBound
        let call = try #require(text[start...].split(separator: "responses:").first)
        let named = call.split(separator: "\n").compactMap { $0.wholeMatch(of: /\ +- ([a-z.]+)/).map { String($0.1) } }
        #expect(Set(named) == Set(files).subtracting(["page.mustache"]))
    }

    @Test func aWholeNumberMayBeWrittenWithAFraction() async throws {
        let desk = FakeDesk()
        try await withKiosk(desk) { port in
            for (index, number) in ["5000", "5000.0", "5e3"].enumerated() {
                let body = Sample.registration(index, extra: #","wishes":{"lowestPayYuanMonth":\#(number)}"#)
                let answer = try await RawHTTP.post("/api/v1/registrations", body, port: port)
                #expect(answer.status == 201, "\(number): \(answer.text)")
            }
        }
        #expect(await desk.forms.map(\.wishes.lowestPayYuanMonth) == [5000, 5000, 5000])
    }
}
