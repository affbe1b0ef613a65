// Which catalogue a fair has now, without reading it.

public import JobFair

/// Enough to authenticate a slip token and to find a catalogue that is held in memory. A catalogue of one fair and one
/// version never changes.
public struct FairEdition: Hashable, Sendable {
    public var fairID: FairID
    /// The fair's number in slip tokens and for typing by hand.
    public var keyNumber: Int
    public var catalogueVersion: Int

    public init(fairID: FairID, keyNumber: Int, catalogueVersion: Int) {
        self.fairID = fairID
        self.keyNumber = keyNumber
        self.catalogueVersion = catalogueVersion
    }
}
