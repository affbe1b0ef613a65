// Every limit of the protocol, with unit and reason (docs/protocol.md lists them).

public enum SyncLimits {
    /// Bytes of one frame. The largest payload class (32 KiB) leaves half of it for everything else.
    public static let frameBytesMax = 65_536
    /// Bytes of a payload before padding: the largest size class less its four bytes of length.
    public static let payloadBytesMax = 32_764
    /// Size classes of a padded payload, in bytes: powers of two, so that a length tells little about a name.
    public static let payloadClasses = [256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768]
    /// Records of the first batch after a start or a failure.
    public static let batchRecordsFirst = 32
    /// Records of a batch: 256 signatures are checked in some 20 ms.
    public static let batchRecordsMax = 256
    /// Bytes of the frames of a batch together: 60 s at 70 kbit/s.
    public static let batchBytesMax = 524_288
    /// Bytes of a request body: a batch with its framing.
    public static let requestBytesMax = 589_824
    /// Bytes of hello, enrolment, key list, statement and grant, either way.
    public static let messageBytesMax = 65_536
    /// Bytes of a receipt: 256 results of at most 128 bytes, and room.
    public static let receiptBytesMax = 131_072
    /// Bytes of a catalogue: 20,000 vacancies of some 400 bytes.
    public static let catalogueBytesMax = 16_777_216
    /// Bytes of a sealed grant as it travels.
    public static let grantBytesMax = 8192
    /// Keys in a key list.
    public static let keysMax = 64
    /// Bytes of the certificate of the sync CA.
    public static let certificateBytesMax = 8192
    /// Characters of a path in a signed request.
    public static let pathCharactersMax = 256
    /// Characters of a label, reason or version.
    public static let labelCharactersMax = 128
    /// Fairs in a statement, offers in hello.
    public static let fairsMax = 256
    /// Gaps in the answer to hello.
    public static let gapsMax = 64
    /// Letters of one kiosk at one fair: four at first, more where they run out or a lineage is left.
    public static let ticketPairsMax = 16
    /// Directives in the answer to hello.
    public static let directivesMax = 1024
    /// Erasure directives in hello, either way.
    public static let erasuresMax = 64
    /// Other lineages of a device in the answer to hello, the newest first.
    public static let lineagesMax = 64
    /// Milliseconds a kiosk waits at most because headquarters asked it to (`Retry-After`): one hour.
    public static let retryAfterMillisecondsMax = 3_600_000
    /// Depth of nesting when a message is parsed; ours have four.
    static let nestingMax = 12
}
