// The QR code of the job-intent form, through libqrencode.

import CQREncode

/// The modules of one code (ISO/IEC 18004), without quiet zone.
public struct QRCode: Hashable, Sendable {
    /// Quartile: a quarter of the code may be lost to stains and scratches.
    public static let level = "Q"
    /// Light modules on every side (ISO/IEC 18004, 5.3.8).
    public static let quietZone = 4

    /// 1 to 40.
    public let version: Int
    /// Modules per side: 17 + 4 times the version.
    public let size: Int
    /// Row by row from the upper left; true is dark.
    public let modules: [Bool]

    /// Encodes an address. Digits, upper-case letters and ` $%*+-./:` take 5.5 bits each, everything else 8: an address
    /// written in upper case needs about a third less room.
    ///
    /// - Parameter address: 1 to 200 characters of printable ASCII; `SlipToken.address` gives upper case as a whole.
    /// - Throws: `codeAddress`.
    public init(address: String) throws(SlipPrintingError) {
        guard (1...200).contains(address.utf8.count), address.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw SlipPrintingError(.codeAddress, "an address has 1 to 200 characters of printable ASCII")
        }
        // Version 0: the smallest that fits. QR_MODE_8 with case kept lets the library find the segments itself.
        guard let code = QRcode_encodeString(address, 0, QR_ECLEVEL_Q, QR_MODE_8, 1) else {
            throw SlipPrintingError(.codeAddress, "the address is too long for a QR code")
        }
        defer { QRcode_free(code) }
        version = Int(code.pointee.version)
        size = Int(code.pointee.width)
        let bytes = UnsafeBufferPointer(start: code.pointee.data, count: Int(code.pointee.width * code.pointee.width))
        // The lowest bit of each byte is the colour (qrencode.h).
        modules = bytes.map { $0 & 1 == 1 }
    }

    public subscript(row: Int, column: Int) -> Bool { modules[row * size + column] }

    /// One string of `0` and `1` per row, `1` is dark: for the screen.
    public var rows: [String] {
        (0..<size).map { row in String((0..<size).map { self[row, $0] ? "1" : "0" }) }
    }
}

/// How a code will stand on the paper.
public struct QRCodePlan: Hashable, Sendable {
    /// Smaller modules are not read on worn prints (measured: 6 dots, 0.75 mm, are the least).
    public static let moduleDotsMin = 6
    /// 1 mm at 203 dpi: larger ones only cost paper.
    public static let moduleDotsMax = 8
    /// Characters of a slip token.
    static let tokenCharacters = 48

    public var version: Int
    /// Per side, without quiet zone.
    public var modules: Int
    /// Side of one module.
    public var moduleDots: Int
    /// Side of the code with its quiet zone.
    public var sideDots: Int { (modules + 2 * QRCode.quietZone) * moduleDots }

    /// - Throws: `codeTooDense`.
    public init(version: Int, modules: Int, widthDots: Int) throws(SlipPrintingError) {
        self.version = version
        self.modules = modules
        moduleDots = min(Self.moduleDotsMax, widthDots / (modules + 2 * QRCode.quietZone))
        guard moduleDots >= Self.moduleDotsMin else {
            throw SlipPrintingError(
                .codeTooDense,
                "a QR code of \(modules) modules would have \(moduleDots) dots a module on \(widthDots) dots of paper; "
                    + "\(Self.moduleDotsMin) are needed: shorten the host of the form's address")
        }
    }

    /// What the code of a slip will be, for `config check`: 8 dots (1 mm) on 58 mm paper for hosts of up to 28
    /// characters.
    ///
    /// - Parameters:
    ///   - formAddress: scheme and host, e.g. `HTTPS://FORM.EXAMPLE.CN`, in either case: slips are upper case.
    ///   - widthDots: of the narrowest printer of the fair.
    /// - Throws: `codeAddress`, `codeTooDense`.
    public static func check(formAddress: String, widthDots: Int) throws(SlipPrintingError) -> QRCodePlan {
        let form = formAddress.uppercased()
        guard let host = ["HTTPS://", "HTTP://"].first(where: form.hasPrefix).map({ form.dropFirst($0.count) }),
            !host.isEmpty, !host.contains("/"),
            host.utf8.allSatisfy({
                (0x30...0x3A).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2D || $0 == 0x2E
            })
        else {
            throw SlipPrintingError(
                .codeAddress,
                "a form address is https:// (or http://) and a host of letters, digits, '-' and '.', with its port "
                    + "if any, without a path")
        }
        // Every token is as long and of the same alphabet, so any token shows what the code will be.
        let code = try QRCode(address: form + "/I/" + String(repeating: "A", count: tokenCharacters))
        return try QRCodePlan(version: code.version, modules: code.size, widthDots: widthDots)
    }
}
