// headquartersd import of a stick, as a function; and what tells a stick from a spreadsheet.

import DurableFiles
import HeadquartersCore
import HeadquartersStore
import JobFair
import Logging
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// What a path given to `headquartersd import` is.
public enum ImportKind: Hashable, Sendable {
    case spreadsheet
    /// The folder on the stick, and the one file to read; nil: all.
    case stick(folder: String, file: String?)
    /// There is nothing at this path.
    case missing

    /// By what is there, not by a switch: a folder with `JOBFAIR` in it (or that folder), a file named like one of ours or
    /// that begins like one, and else a spreadsheet. Throws `stickUnsuitable` for a folder
    /// without records.
    public static func of(_ path: String) throws -> ImportKind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .missing }
        if status.st_mode & S_IFMT == S_IFDIR {
            let folder = StickFolder(stick: path)
            var inner = stat()
            guard stat(folder.path, &inner) == 0, inner.st_mode & S_IFMT == S_IFDIR else {
                throw HeadquartersError(
                    .stickUnsuitable, "\(path) is a folder without \(StickFile.folderName) in it",
                    hint: "U盘挂上了吗？请写U盘挂载的文件夹\n  "
                        + "is the stick mounted? Name the folder where it is; a spreadsheet is named as a file")
            }
            return .stick(folder: path, file: nil)
        }
        guard isStickFile(path) else { return .spreadsheet }
        let parent = DurableFile.folder(of: path)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard StickFolder(stick: parent).path == parent, name.hasSuffix(StickFile.nameSuffix) else {
            throw HeadquartersError(
                .stickUnsuitable, "\(path) is a stick file outside a folder \(StickFile.folderName)",
                hint: "put it into a folder \(StickFile.folderName), its name ending in \(StickFile.nameSuffix)")
        }
        return .stick(folder: parent, file: name)
    }

    private static func isStickFile(_ path: String) -> Bool {
        if path.hasSuffix(StickFile.nameSuffix) { return true }
        guard let file = fopen(path, "re") else { return false }
        defer { fclose(file) }
        var start = [UInt8](repeating: 0, count: StickFile.magic.count)
        return fread(&start, 1, start.count, file) == start.count && Data(start) == StickFile.magic
    }
}

extension HeadquartersCommands {
    /// Takes records in beside a running `serve` and leaves the answers on the stick.
    ///
    /// - Parameter file: nil: every file of the folder.
    ///
    /// - Returns: what it came to; not `isWhole`: some of the files cannot be opened, the records of the others are in.
    public func importStick(folder path: String, file: String?) async throws -> (text: String, isWhole: Bool) {
        try await importStick(folder: path, file: file, erasuresMax: nil)
    }

    /// - Parameter erasuresMax: nil: as `StickImport` has it.
    func importStick(
        folder path: String, file: String?, erasuresMax: Int?
    ) async throws -> (text: String, isWhole: Bool) {
        let store = try openStore()
        let keys = try keyFolder.load()
        let logger = Logger(label: "headquarters")
        let keyFolder = keyFolder
        let exchange = SyncExchange(
            store: store, keys: keys, headquartersName: settings.name,
            isBackedUp: { (try? keyFolder.isBackedUp()) ?? false }, now: Self.now, daysAhead: settings.daysAhead,
            erasures: try personErasure(store: store), logger: logger)
        let report: StickReport
        do {
            var stickImport = StickImport(exchange: exchange, folder: StickFolder(stick: path))
            if let erasuresMax { stickImport.erasuresMax = erasuresMax }
            report = try await stickImport.run(only: file)
        } catch let error as DurableFileError {
            throw HeadquartersError(
                .stickUnsuitable, "the stick failed: \(error)",
                hint: "records that were read are stored; take another stick, or a copy of this one, and run it again")
        }
        let records = report.results.values.reduce(0, +)
        try await store.addAuditLine(
            AuditLine(
                at: Self.now(), actor: .terminal, action: .stickImported, subject: Self.author.name, rows: records))
        return (Self.words(report), report.unreadableFiles == 0)
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
    }

    private static func words(_ report: StickReport) -> String {
        func count(_ code: IngestCode) -> Int { report.results[code] ?? 0 }
        let erased = count(.duplicateErased)
        var lines = [
            "\(counted(report.files, "file")): new records \(count(.accepted)), here before \(count(.duplicate)), "
                + "held \(count(.held))",
            "\(report.files) 个文件：新收 \(count(.accepted)) 条，早已收到 \(count(.duplicate)) 条，待查 \(count(.held)) 条",
        ]
        if erased > 0 {
            lines.append("discarded, of people who were erased: \(counted(erased, "record"))")
            lines.append("已按删除请求丢弃 \(erased) 条")
        }
        if report.erasures > 0 { lines.append("\(report.erasures) erasures were learnt from it") }
        let broken = report.malformed + count(.refused) + count(.retryLater)
        if report.damage.skippedBytes > 0 || report.unreadableFiles > 0 || broken > 0 {
            lines.append(
                "damaged: \(report.damage.skippedBytes) bytes passed over, \(broken) frames refused, "
                    + "\(counted(report.unreadableFiles, "file")) cannot be read")
            lines.append("有损坏：跳过 \(report.damage.skippedBytes) 字节，\(broken) 条不能用，\(report.unreadableFiles) 个文件打不开")
            if !report.damagedFiles.isEmpty {
                lines.append("在这些文件里 in these files: \(report.damagedFiles.joined(separator: ", "))")
            }
            lines.append("keep this stick, and export once more at the kiosk onto another one (kioskctl export --all)")
            lines.append("这个U盘请留着；再到那台自助机上用另一个U盘导出一次（kioskctl export --all）")
        }
        if report.damage.unknownEntries > 0 {
            lines.append("\(report.damage.unknownEntries) entries are of a newer program: upgrade, then import again")
        }
        if report.missing > 0 {
            lines.append(
                "\(report.missing) records that its list speaks of are not on it; headquartersd kiosk list shows gaps")
            lines.append("缺 \(report.missing) 条：名单上有，U盘里没有。缺哪些，看 headquartersd kiosk list")
        }
        if report.foreign > 0 {
            lines.append(
                "records of kiosks that are not enrolled here: \(report.foreign). They are another headquarters', or of a kiosk "
                    + "enrolled after the restored backup by an older program: connect it once, then import again")
            lines.append(
                "\(report.foreign) 条是没有在这里登记的自助机的：是别的总部的，或者是恢复备份以后才登记、程序较旧的；让那台机器联网一次，再导入")
        }
        for left in report.erasuresLeft {
            lines.append(
                "\(left.count) erasures for \(left.label) did not fit: they come with its next contact by network")
            lines.append("给 \(left.label) 的删除指令还有 \(left.count) 条没有写上U盘，它联网时自动补上")
        }
        for answer in report.answers {
            lines.append("receipts and orders for \(answer.label): \(answer.file)")
        }
        lines.append(
            report.answers.isEmpty
                ? "nothing was written onto the stick"
                : "written and read back; unmount the stick before you take it out")
        return lines.joined(separator: "\n")
    }
}
