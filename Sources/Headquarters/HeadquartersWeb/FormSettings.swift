// What the job-intent form needs to know besides the store.

public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Settings of the job-intent form.
public struct FormSettings: Sendable {
    /// A header that names the phone behind our own proxy, e.g. `x-forwarded-for` (its last entry is used); nil where
    /// there is no proxy. Never set it without one: anybody could send it. With a proxy on this machine and no header,
    /// tries by hand are counted by ticket number only.
    public var clientHeader: String?

    public init(clientHeader: String? = nil) {
        self.clientHeader = clientHeader
    }
}

/// What the form is made of.
public struct FormParts: Sendable {
    public var store: any HeadquartersStore
    /// The key of a fair's slip tokens, from the token master.
    public var tokenKey: @Sendable (FairID) -> Data
    /// Seals a name that was completed on the phone.
    public var completionSealer: CompletionSealer
    public var settings: FormSettings
    /// Milliseconds since 1970 by headquarters' clock.
    public var now: @Sendable () -> Int64

    public init(
        store: any HeadquartersStore, tokenKey: @escaping @Sendable (FairID) -> Data,
        completionSealer: CompletionSealer, settings: FormSettings, now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.tokenKey = tokenKey
        self.completionSealer = completionSealer
        self.settings = settings
        self.now = now
    }
}
