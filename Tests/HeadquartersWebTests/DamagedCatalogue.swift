// Shows who reads a catalogue from the store: whoever does, fails.

import Foundation
import GRDB

/// Makes every vacancy unreadable in the file of a running headquarters.
func damageCatalogues(stateFolder: String) throws {
    try execute("UPDATE vacancy SET details = 'damaged'", stateFolder: stateFolder)
}

/// Says that catalogues changed since.
func renewCatalogueVersions(stateFolder: String) throws {
    try execute("UPDATE fair SET catalogueVersion = catalogueVersion + 1", stateFolder: stateFolder)
}

/// Has every batch fail at its last row, or no longer.
func failBatches(_ fails: Bool, stateFolder: String) throws {
    try execute(
        fails
            ? "CREATE TRIGGER noReceipt BEFORE INSERT ON receipt BEGIN SELECT RAISE(ABORT, 'no'); END"
            : "DROP TRIGGER noReceipt", stateFolder: stateFolder)
}

private func execute(_ sql: String, stateFolder: String) throws {
    let queue = try DatabaseQueue(path: stateFolder + "/headquarters.sqlite")
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
}
