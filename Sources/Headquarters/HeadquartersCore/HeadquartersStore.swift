// What headquarters asks of its store: one seam, SQLite behind it now, PostgreSQL later.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The only persistence of headquarters. Every call is one transaction; what returned without an error is on disk.
///
/// Times (`at`) are milliseconds since 1970 by headquarters' own clock and come in as arguments. Ids of devices and
/// lineages are 16 bytes. Errors are `HeadquartersStoreError`.
public protocol HeadquartersStore: LoginStore, VacancyStore, EmployerListStore, WishesStore, ErasureStore,
    KioskOrderStore, KioskReportStore
{
    // MARK: Fairs

    /// Stores a new fair with its catalogue as version 1 and gives it the next free key number (the one in
    /// `catalogue.fair.keyNumber` is ignored). Vacancies are linted, and held where an import would hold them; what
    /// kiosks see is `catalogue(of:)`. Throws `fairExists` where the id is taken.
    func createFair(_ catalogue: Catalogue, at: Int64) async throws -> Catalogue
    /// Every fair, rehearsals too, by first day.
    func fairs() async throws -> [Fair]
    /// What kiosks, slips and the form show: verified employers and their vacancies, without those that are held or were
    /// rejected; filled and withdrawn ones are marked.
    func catalogue(of fair: FairID) async throws -> Catalogue?
    /// The fair whose number is in a slip token, or was typed by hand: one indexed row, cheap enough for forged tokens.
    func fair(keyNumber: Int) async throws -> FairEdition?
    /// In the order asked for, unknown ones left out: one indexed row each.
    func editions(of fairs: [FairID]) async throws -> [FairEdition]

    // MARK: Kiosks

    /// Stores the hash of a one-time code; it ends at `expiresAt`.
    func addEnrolmentCode(_ code: NewEnrolmentCode) async throws
    /// Uses up the code and stores the device in one transaction. The same device with the same code may ask again
    /// (its answer was lost) until the code ends. Throws `codeInvalid` for unknown, used and ended codes alike.
    func enrol(_ device: NewDevice, codeHash: Data, at: Int64) async throws -> EnrolledDevice
    /// Stores a device that this headquarters enrolled after the backup that it was restored from, as its statement says;
    /// fairs that are not known are left out. One that is known stays as it is.
    func takeIn(
        _ device: NewDevice, kioskLabel: String, fairIDs: [FairID], enrolledAt: Int64
    ) async throws -> EnrolledDevice
    func device(_ deviceID: Data) async throws -> EnrolledDevice?
    func devices() async throws -> [KioskState]
    /// Gives an enrolled kiosk one more fair; its next hello offers catalogue and grant. False: it had it before.
    /// Throws `deviceUnknown`, `fairUnknown`, and `pairsExhausted` where the fair has no letters left for it.
    func grantFair(_ fair: FairID, to deviceID: Data) async throws -> Bool
    /// What hello said; kept for figures and for the estimate of times. Gives what the kiosk is to be told: a kiosk that
    /// was put back, or shares its identity, is told to leave its lineage (`LineageRule`).
    @discardableResult
    func noteContact(_ contact: KioskContact) async throws -> KioskOrders
    /// Where the lineage stands here: contiguous sequence, its digest, gaps above it.
    func lineage(_ lineageID: Data, of deviceID: Data) async throws -> LineageState
    /// The device's other lineages, the newest first, at most `LineageMark.marksMax`.
    func lineageMarks(of deviceID: Data, except lineageID: Data) async throws -> [LineageMark]
    /// What a kiosk is offered: the fairs it was given, those that come by themselves (`FairOffer`), and those of which
    /// it has letters, until `FairOffer.daysAfter` after the last day; the newest `limit`, ascending by key number.
    ///
    /// - Parameter today: Beijing date.
    func fairOffers(
        for deviceID: Data, today: CalendarDate, daysAhead: Int, limit: Int
    ) async throws -> [FairOffer]
    /// The ticket pairs of this kiosk at this fair, four at first: the same ones for every repeat, never given to
    /// another. Throws `pairsExhausted` where the fair has none left for this kiosk.
    func ticketPairs(for deviceID: Data, at fair: FairID) async throws -> [String]
    /// Four pairs more, where the kiosk holds `held` of them and all it was given: asking again before it fetched them
    /// gives none. Returns how many it has now; the same as before where `FairOffer.pairsPerKioskMax` or the letters of
    /// the fair are reached.
    func addTicketPairs(for deviceID: Data, at fair: FairID, held: Int) async throws -> Int

    // MARK: Records

    /// Decides on every record of a batch (`IngestRule`), stores what is to be stored, and takes the next receipt
    /// serial, in one transaction. A record that the database does not take is held as it came (`storeFailed`), and the
    /// others go in. Sign the receipt after this returned.
    func ingest(_ batch: IngestBatch) async throws -> IngestReport
    /// Frames held for one of these reasons, ascending by digest, at most `limit`; those of fairs that are still not
    /// known, and of kiosks that are still revoked, are left out. `after`: digest of the last one seen, empty for the first.
    func heldFrames(_ reasons: Set<IngestReason>, after digest: Data, limit: Int) async throws -> [HeldFrame]
    /// Decides anew on a frame that is held and was read again. True: it was understood and is taken in, dated by the
    /// moment it first arrived.
    func takeHeld(_ record: ArrivedRecord, at: Int64) async throws -> Bool
    /// Of this store; a new one after a restore.
    func generation() async throws -> Generation
    /// A validly signed receipt that this store does not know proves that it was restored: takes a new generation and
    /// continues serials above `serial`. Returns the generation now in force; nothing changes for a known receipt.
    func noteForeignReceipt(generation: Data, serial: Int64, batchID: Data, at: Int64) async throws -> Generation

    // MARK: Job-intent form

    /// What the form needs of a registration; nil: the record has not arrived (intents are then *claimed*).
    func registration(_ recordID: RecordID) async throws -> SlipRegistration?
    /// The registration behind a ticket number and four digits typed by hand. Counts as one of the number's five tries
    /// an hour (`FormLimits`), whether or not the number is known, and never as one of the slip's digit strings: whoever
    /// has no slip cannot lock somebody else's.
    func findByHand(ticket: TicketNumber, digits: String, at fair: FairID, now: Int64) async throws -> HandFind
    /// Compares four digits without stating anything; counts towards the five different strings of the slip, also
    /// before the record has arrived.
    func checkDigits(_ digits: String, of recordID: RecordID, at: Int64) async throws -> DigitCheck
    /// States or withdraws an intent, exactly once per registration and vacancy: a repeat answers the same.
    func saveIntent(_ statement: IntentStatement) async throws -> IntentOutcome
    /// Completes a name that was left open. The digits are checked and counted as with intents.
    func completeName(_ completion: NameCompletion) async throws -> CompletionOutcome
    /// Intents stated with this slip and these digits, claimed ones included, and void ones where nothing else was said
    /// about the vacancy; withdrawn ones are left out; by time. Nothing to wrong digits.
    /// Show them only after `checkDigits` said `right`, or `claimed` ones to the digits that claimed them.
    func intents(of recordID: RecordID, digits: String) async throws -> [StatedIntent]

    // MARK: Figures

    /// Counts of one fair; nil for rehearsals and unknown fairs.
    func figures(of fair: FairID, now: Int64) async throws -> FairFigures?
    /// The last verified backup, and what failed after it.
    func backupState() async throws -> BackupState
    /// One cheap read and write round through the whole store; feeds the watchdog.
    func heartbeat() async throws
}

public struct HeadquartersStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Wrong, used and ended codes alike.
        case codeInvalid
        case fairExists
        case fairUnknown
        case deviceUnknown
        /// The key is enrolled already with another code.
        case deviceExists
        case loginExists
        case loginUnknown
        /// A clerk's login stands for no employer.
        case loginNotOfEmployer
        case employerUnknown
        case vacancyUnknown
        /// A decision about words that are others by now.
        case wordsChanged
        /// An import that was planned on vacancies or employers that are others by now.
        case importOutdated
        case creditCodeInvalid
        /// Another employer of the fair has the code.
        case creditCodeTaken
        case pairsExhausted
        case keyNumbersExhausted
        /// Another process keeps the file busy for too long.
        case locked
        /// `headquartersd serve` runs from this folder.
        case served
        /// There is no database where one is needed.
        case databaseMissing
        /// The file was written by a newer program.
        case newerProgram
        /// What is in the file is not what the store needs.
        case unsuitable
        case diskFull
        /// The disk under the state folder fails, or is mounted read-only: no request can be served now.
        case unavailable
        /// The file holds something that no program wrote there.
        case damaged
        case failed

        /// What a technician does about it; empty where only the detail can say.
        public var hint: String { words.en }
        /// The same in Chinese.
        public var hintZh: String { words.zh }

        private var words: (zh: String, en: String) {
            switch self {
            case .diskFull:
                (
                    "总部数据库所在的盘满了，请在那块盘上清出空间。自助机会留着记录，自动再传",
                    "free space on the disk of the state folder; kiosks keep their records and send them again by themselves"
                )
            case .unavailable:
                (
                    "总部数据库所在的盘出错或只读：请看 dmesg、挂载和文件夹属主，再重启 headquartersd。自助机会留着记录，自动再传",
                    """
                    the disk of the state folder fails or is read-only: look at dmesg, mount and the folder's owner, then \
                    restart headquartersd; kiosks keep their records and send them again by themselves
                    """
                )
            case .damaged:
                (
                    "数据库损坏了。请 systemctl stop headquartersd，再用最新的备份恢复：headquartersd restore --from 备份文件 --move-aside。"
                        + "换下来的文件不要删",
                    """
                    the database is damaged: systemctl stop headquartersd, then headquartersd restore --from the newest backup \
                    --move-aside; keep the file that is moved aside
                    """
                )
            case .locked:
                (
                    "另一个程序占着 headquarters.sqlite，请先结束它。自助机会自动再传",
                    "another program holds headquarters.sqlite: end it; kiosks send again by themselves"
                )
            case .served:
                ("请先 systemctl stop headquartersd", "systemctl stop headquartersd first")
            case .newerProgram:
                (
                    "这个数据库是更新版本的 headquartersd 写的，请装那个版本或更新的版本",
                    "install the headquartersd that wrote it, or a newer one"
                )
            case .databaseMissing:
                (
                    "这台机器上没有总部数据库。换了机器，请先恢复：headquartersd restore --from 备份文件。否则请看设置里的 stateFolder",
                    """
                    a new machine gets one by headquartersd restore --from BACKUP; else look at stateFolder in the settings
                    """
                )
            default: ("", "")
            }
        }
    }

    public var code: Code
    /// For the log: what was tried and what SQLite or errno said. Never personal data.
    public var detail: String

    public init(_ code: Code, _ detail: String = "") {
        self.code = code
        self.detail = detail
    }

    /// Three lines where there is something to be done.
    public var description: String {
        let what = detail.isEmpty ? code.rawValue : detail
        return code.hint.isEmpty ? what : "\(what)\n  \(code.hintZh)\n  \(code.hint)"
    }
}
