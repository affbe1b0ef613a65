// `kioskctl config check`: reads what the daemon would read, computes the QR code, changes nothing.

import SettingsFile
import SlipPrinting

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

public enum SettingsCheck {
    /// Lines for the technician.
    ///
    /// - Parameters:
    ///   - file: kiosk.yaml.
    ///   - formAddress: scheme and host of a job-intent form to try on this paper; nil: the longest that fits 8 dots.
    /// - Throws: `KioskStartError` with every problem, file, line and key.
    public static func run(file: String, formAddress: String?) throws -> [String] {
        let settings = try KioskDaemon.loadSettings(file)
        let profile = try profile(settings)
        let address = formAddress ?? "HTTPS://" + String(repeating: "H", count: 28)
        let plan: QRCodePlan
        do {
            plan = try QRCodePlan.check(formAddress: address, widthDots: profile.widthDots)
        } catch {
            throw KioskStartError(78, "\(address): \(error.detail)")
        }
        return [
            "\(file): 配置正确 settings are fine",
            "listen \(settings.listen.host):\(settings.listen.port), state \(settings.stateFolder), printer \(settings.printer.kind.rawValue)",
            "\(address): QR \(plan.modules) x \(plan.modules), \(plan.moduleDots) dots a module, "
                + "\(plan.sideDots) of \(profile.widthDots) dots",
        ]
    }

    static func profile(_ settings: KioskSettings) throws -> PrinterProfile {
        let file = "\(settings.printerProfilesFolder)/\(settings.printer.profile).yaml"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw KioskStartError(78, "\(file): 没有这个打印机型号文件。 There is no such printer profile.")
        }
        do {
            let root = try SettingsSection(yaml: text, file: file)
            let name = root.requiredString("name", max: 40)
            let widthDots = root.integer("widthDots", default: 384, in: PrinterProfile.widthDotsRange)
            let density = root.decimal("dotsPerMillimetre", default: 8, in: 4...16)
            let cutter = root.choice("cutter", default: PrinterProfile.Cutter.none)
            let feedLines = root.integer("feedLines", default: 4, in: 0...PrinterProfile.feedLinesMax)
            let bandRows = root.integer("bandRowsMax", default: 256, in: PrinterProfile.bandRowsRange)
            try root.finish()
            return try PrinterProfile(
                name: name, widthDots: widthDots, dotsPerMillimetre: density, cutter: cutter, feedLines: feedLines,
                bandRowsMax: bandRows)
        } catch let error as SettingsError {
            throw KioskStartError(78, error.description)
        } catch let error as SlipPrintingError {
            throw KioskStartError(78, "\(file): \(error.detail)")
        }
    }
}
