// Spreadsheets between upload and confirmation: in memory, for a few minutes, a few of them.

import HeadquartersCore
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One uploaded file and how it is to be read.
struct ImportUpload: Sendable {
    var fair: FairID
    /// As the browser named it; shown only.
    var fileName: String
    var request: ImportRequest
    /// Milliseconds since 1970.
    var at: Int64
    /// Of everything that decides what is imported: what was previewed is what is confirmed.
    let digest: String

    init(fair: FairID, fileName: String, request: ImportRequest, at: Int64) {
        self.fair = fair
        self.fileName = fileName
        self.request = request
        self.at = at
        let settings = "\(fair)\u{0}\(request.mapping)\u{0}\(request.sheet)\u{0}"
        digest = Hexadecimal.encode(SHA256Digest.of(Data(settings.utf8) + Data(request.bytes)))
    }
}

/// One upload for each session, by the digest of its token.
actor ImportUploads {
    /// Long enough to read a preview.
    static let keptMilliseconds: Int64 = 15 * 60_000
    /// Of 20 MiB at most each; the oldest goes first.
    static let uploadsMax = 4

    private var uploads: [Data: ImportUpload] = [:]

    func keep(_ upload: ImportUpload, of session: Data) {
        forget(before: upload.at - Self.keptMilliseconds)
        uploads[session] = upload
        if uploads.count > Self.uploadsMax, let oldest = uploads.min(by: { $0.value.at < $1.value.at }) {
            uploads[oldest.key] = nil
        }
    }

    /// Nil: there is none for this fair, or it was kept long enough.
    func upload(of session: Data, for fair: FairID, now: Int64) -> ImportUpload? {
        forget(before: now - Self.keptMilliseconds)
        return uploads[session].flatMap { $0.fair == fair ? $0 : nil }
    }

    func forget(of session: Data) { uploads[session] = nil }

    private func forget(before: Int64) { uploads = uploads.filter { $0.value.at >= before } }
}
