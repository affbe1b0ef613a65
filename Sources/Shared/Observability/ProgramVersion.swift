// The version of all three programs: in --version, in the first log line, in status and in every hello.

public enum ProgramVersion {
    /// Major, minor, patch; `CHANGELOG.md` says what came with each.
    public static let text = "0.1.0"
}
