// `kioskctl export`: this kiosk's records onto a stick, with the daemon or without.

import ArgumentParser
import Glibc
import KioskCore
import KioskDaemon
import KioskSync
import Observability

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Copies records to a stick, reads them back, and says when it may be pulled out.",
        discussion: """
            Works while kioskd runs, and when it does not. Changes nothing in the kiosk: a record stays pending until a \
            receipt comes back, by network or by 'kioskctl import'. The files hold nothing that can be read without \
            headquarters' keys. Exit status 2: the database is damaged, and what could be found in it was exported. \
            把记录复制到U盘；本机记录不变。
            """)

    @OptionGroup var socket: SocketOption
    @Option(help: "The stick's top folder; the files go into JOBFAIR/ there.") var to: String
    @Flag(help: "Every record that is still here, also those that headquarters has receipted.") var all = false
    @Flag(help: "Also where the folder lies on the kiosk's own disk. Such a copy is lost with the disk.")
    var sameDisk = false
    @Option(help: "The settings file; says where the records are.") var config = "/etc/jobfair-kiosk/kiosk.yaml"

    func run() async throws {
        guard access(to + "/.", F_OK) == 0 else {
            throw CommandFailure("\(to): 没有这个目录；U盘挂载了吗？ There is no such folder; is the stick mounted?")
        }
        let isOwnDisk = IdleKiosk.isOwnDisk(to, configuration: config)
        if isOwnDisk, !sameDisk { throw CommandFailure(ExportText.ownDisk(to)) }
        let scope: FrameScope = all ? .unpurged : .waiting
        do {
            let (report, isWhole) = try await write(scope)
            if isOwnDisk { print(ExportText.ownDiskNote) }
            print(ExportText.make(report, scope: scope, isWhole: isWhole), terminator: "")
            if !isWhole || report.damaged > 0 { throw ExitCode(2) }
        } catch let error as StickExportError {
            throw CommandFailure(ExportText.make(error, stick: to))
        }
    }

    /// False: the database is damaged.
    private func write(_ scope: FrameScope) async throws -> (StickExportReport, isWhole: Bool) {
        let first: FramePage
        do {
            first = try await socket.client.frames(scope, after: 0)
        } catch {
            do {
                return try writeIdle(scope)
            } catch let idle as IdleKioskError {
                // What the daemon said comes first: it may know better why.
                throw CommandFailure("\(error)\n\(idle)")
            }
        }
        var exporter = try StickExporter(
            stick: to, publicKey: first.devicePublicKey, statement: first.statement,
            softwareVersion: ProgramVersion.text)
        var page = first
        while let last = page.frames.last {
            for stored in page.frames { try exporter.add(stored.frame) }
            page = try await socket.client.frames(scope, after: last.position)
        }
        return (try exporter.finish(), true)
    }

    private func writeIdle(_ scope: FrameScope) throws -> (StickExportReport, isWhole: Bool) {
        let kiosk = try IdleKiosk(configuration: config)
        var exporter: StickExporter?
        let isWhole = try kiosk.frames(scope) { publicKey, frame in
            var current =
                try exporter
                ?? StickExporter(
                    stick: to, publicKey: publicKey, statement: kiosk.statement, softwareVersion: ProgramVersion.text)
            exporter = nil
            try current.add(frame)
            exporter = current
        }
        var last =
            try exporter
            ?? StickExporter(
                stick: to, publicKey: try kiosk.devicePublicKey(), statement: kiosk.statement,
                softwareVersion: ProgramVersion.text)
        return (try last.finish(), isWhole)
    }
}

enum ExportText {
    static func ownDisk(_ folder: String) -> String {
        """
        \(folder): 这里是本机自己的盘，不是U盘；U盘挂载了吗？请看 findmnt \(folder)。一定要写在这里，请加 --same-disk。
        This is the kiosk's own disk and no stick; is the stick mounted? See findmnt. To write here all the same: --same-disk.
        """
    }

    static let ownDiskNote = """
        这个目录在本机自己的盘上：盘坏了，这一份也就没有了。
        This folder is on the kiosk's own disk: it is lost with it.
        """

    static func make(_ report: StickExportReport, scope: FrameScope, isWhole: Bool) -> String {
        var lines: [String] = []
        if !isWhole {
            lines.append("数据文件已损坏：导出了其中能找到的全部记录。请保留这张卡，联系总部。")
            lines.append(
                "The database is damaged: every record that could be found in it was exported. Keep this card; call headquarters."
            )
        }
        if report.damaged > 0 {
            lines.append("\(report.damaged) 条读不懂，未导出。 \(report.damaged) could not be read and were left out.")
        }
        if report.records == 0 {
            let which = scope == .waiting ? "待发的记录" : "记录"
            lines.append(
                isWhole && report.damaged == 0
                    ? "没有\(which)。 There are no \(scope == .waiting ? "waiting " : "")records."
                    : "没有找到读得懂的记录，不等于本来就没有。 No record that can be read was found; there may have been some.")
            if !report.files.isEmpty {
                lines.append("U盘上写入了本机的名字，总部导入后会给它回复。 This kiosk's name was written: headquarters answers it.")
            }
        } else {
            for file in report.files { lines.append("JOBFAIR/\(file)") }
            lines.append("\(report.records) 条记录、\(report.bytes) 字节已写入并读回核对。")
            lines.append(
                "\(counted(report.records, "record", "records")), \(report.bytes) bytes, written and read back.")
        }
        lines.append("可以拔出 safe to remove")
        return lines.joined(separator: "\n") + "\n"
    }

    static func make(_ error: StickExportError, stick: String) -> String {
        switch error {
        case .noRoom(let needed, let free):
            let need = needed > 0 ? "\(needed >> 20 + 1) MiB" : "更多 more"
            return """
                \(stick): U盘空间不够，需要 \(need)，只有 \(free >> 20) MiB。请换一个U盘。
                There is not enough room: \(need) needed, \(free >> 20) MiB free. Use another stick.
                """
        case .stick(let detail):
            return """
                \(stick): 写U盘失败：\(detail)。不要把它当作备份；请换一个U盘再试。本机记录没有变。
                Writing failed. Do not rely on this stick; try another one. The kiosk's records are unchanged.
                """
        }
    }
}
