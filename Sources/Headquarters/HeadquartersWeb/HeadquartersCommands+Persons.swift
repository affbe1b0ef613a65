// headquartersd person, as a function: erasing somebody by document number.

import DurableFiles
import HeadquartersCore
import HeadquartersStore
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

extension HeadquartersCommands {
    /// - Parameters:
    ///   - number: as typed; it is in no message, log or audit line.
    ///   - by: who carries it out, for the audit.
    public func erasePerson(number: String, reason: String, by name: String) async throws -> String {
        let name = name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard ErasureLimits.isReason(reason), (1...Self.labelCharactersMax).contains(name.count) else {
            throw HeadquartersError(
                .personUnsuitable,
                "a reason has \(ErasureLimits.reasonCharactersMin) to \(LoginLimits.auditTextCharactersMax) characters and no "
                    + "document or telephone number, --by 1 to \(Self.labelCharactersMax): both stand in the audit",
                hint: "请写明理由和经办人，不要写证件号码和电话")
        }
        guard let document = PersonErasure.document(number, now: Self.now()) else {
            throw HeadquartersError(
                .personUnsuitable, "this is no document number; nothing was erased", hint: "证件号码不对，没有删除任何内容")
        }
        let erasures = try personErasure(store: try openStore())
        let counts = try await erasures.erase(
            document,
            line: AuditLine(
                at: 0, actor: .terminal, action: .personErased, subject: "\(name) (\(Self.author.name))", reason: reason
            ))
        return """
            \(counts.registrations) registrations and \(counts.otherRecords) other records erased
            \(PersonErasureWords.done(counts))
            """
    }

    func personErasure(store: SQLiteHeadquartersStore) throws -> PersonErasure {
        PersonErasure(
            store: store, journal: ErasureJournalFile(folder: settings.stateFolder), keys: try keyFolder.load(),
            now: Self.now, logger: Logger(label: "headquarters"))
    }
}

/// A document number from a file, standard input, or the terminal, where it is not shown; never from an argument, which
/// every process can read.
public enum DocumentNumberInput {
    /// The first line. Without a file: of standard input, and at a terminal typed without echo (getpass(3)).
    public static func read(file: String?) throws -> String {
        if let file {
            guard let content = try DurableFile.read(file) else {
                throw HeadquartersError(.personUnsuitable, "there is no file \(file)")
            }
            return try text(content.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
        }
        if isatty(STDIN_FILENO) == 1 {
            guard let line = getpass("document number: ") else {
                throw HeadquartersError(.personUnsuitable, "no document number was typed")
            }
            defer { memset(line, 0, strlen(line)) }
            return String(validatingCString: line) ?? ""
        }
        return readLine() ?? ""
    }

    private static func text(_ bytes: Data) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw HeadquartersError(.personUnsuitable, "the document number is not UTF-8")
        }
        return text
    }
}
