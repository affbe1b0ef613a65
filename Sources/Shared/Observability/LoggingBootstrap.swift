// The one place where a program decides where its log goes.

public import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Sends every log of the program to standard error. Once per program, before the first logger is made.
///
/// Under systemd (`JOURNAL_STREAM` is set, systemd.exec(5)) lines carry the priority for the journal, elsewhere the level
/// as a word.
public func bootstrapLogging(level: Logger.Level = .info) {
    let isJournal = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil
    LoggingSystem.bootstrap { label in
        var handler = JournalLogHandler(label: label, style: isJournal ? .journal : .terminal)
        handler.logLevel = level
        return handler
    }
}
