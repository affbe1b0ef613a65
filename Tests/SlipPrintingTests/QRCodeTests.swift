// The code's version and the width it takes, for every host that may come.

import JobFair
import SlipPrinting
import Testing

@Suite struct QRCodeTests {
    @Test func addressOfASlipIsVersion5() throws {
        let code = try QRCode(address: SlipSamples.address)
        #expect(code.version == 5)
        #expect(code.size == 37)
        #expect(code.rows.count == 37)
        #expect(code.rows.allSatisfy { $0.count == 37 && $0.allSatisfy("01".contains) })
        // The upper left finder pattern (ISO/IEC 18004, 6.3.3).
        #expect(code.rows[0].hasPrefix("11111110"))
        #expect(code.rows[1].hasPrefix("10000010"))
    }

    @Test(
        arguments: [
            // host characters, paper, version, dots a module (nil: refused)
            (9, 384, 5, 8), (24, 384, 5, 8), (28, 384, 5, 8), (29, 384, 6, 7), (49, 384, 6, 7), (50, 384, 7, 7),
            (66, 384, 7, 7), (67, 384, 8, 6), (98, 384, 8, 6), (99, 384, 9, 6), (130, 384, 9, 6), (131, 384, 10, nil),
            (28, 576, 5, 8), (140, 576, 10, 8), (28, 320, 5, 7),
        ] as [(Int, Int, Int, Int?)])
    func hostLengthDecidesTheModule(host: Int, width: Int, version: Int, dots: Int?) throws {
        let address = "https://" + String(repeating: "h", count: host - 3) + ".cn"
        guard let dots else {
            let error = #expect(throws: SlipPrintingError.self) {
                try QRCodePlan.check(formAddress: address, widthDots: width)
            }
            #expect(error?.code == .codeTooDense)
            #expect(error?.detail.contains("shorten the host") == true)
            return
        }
        let plan = try QRCodePlan.check(formAddress: address, widthDots: width)
        #expect(plan.moduleDots == dots)
        #expect(plan.version == version)
        #expect(plan.sideDots <= width)
    }

    @Test func loopbackAddressOfADemonstrationFits() throws {
        let plan = try QRCodePlan.check(formAddress: "HTTP://127.0.0.1:7280", widthDots: 384)
        #expect(plan.moduleDots == 8)
        #expect(plan.sideDots == 360)
    }

    @Test(arguments: [
        "", "FORM.EXAMPLE.CN", "HTTPS://", "HTTPS://FORM.EXAMPLE.CN/", "HTTPS://FORM.EXAMPLE.CN/X", "HTTPS://表单.CN",
        "FTP://A.CN", "HTTPS://A B.CN",
    ])
    func otherAddressesAreRefused(address: String) {
        let error = #expect(throws: SlipPrintingError.self) {
            try QRCodePlan.check(formAddress: address, widthDots: 384)
        }
        #expect(error?.code == .codeAddress)
    }

    @Test func slipWithADenseCodeIsRefused() throws {
        var slip = try SlipSamples.usual()
        slip.codeAddress =
            "HTTPS://" + String(repeating: "H", count: 137) + ".CN/I/" + String(repeating: "A", count: 48)
        let rasterizer = try SlipSamples.rasterizer.get()
        let error = #expect(throws: SlipPrintingError.self) {
            try SlipPicture(slip, profile: SlipSamples.profile("58mm"), rasterizer: rasterizer)
        }
        #expect(error?.code == .codeTooDense)
        #expect(error.map { !$0.detail.contains("AAAA") } == true)
    }
}
