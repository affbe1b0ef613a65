// The version: in the binaries, in --version, in the first log line and in every hello.

public enum KioskVersion {
    /// As in CHANGELOG.md.
    public static let text = "0.1.0"
}
