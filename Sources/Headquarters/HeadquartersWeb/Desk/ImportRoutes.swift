// Import of vacancies at the desk: upload, preview, confirm. Nothing changes before the confirmation.

import HeadquartersCore
import Hummingbird
import JobFair
import VacancyImport

extension DeskParts {
    /// A file of the largest size that is read, and the few fields beside it.
    private static let uploadBytesMax = SheetLimits.fileBytesMax + DeskForm.bodyBytesMax

    func addImportRoutes(to router: Router<FormRequestContext>) {
        let desk = ImportRoutes(parts: self, uploads: ImportUploads(), reader: ImportReader())
        let clerks = routes(in: router, for: .clerk)
        clerks.get("/fairs/:id/import") { _, context in try await desk.form(context) }
        clerks.get("/fairs/:id/import/preview") { request, context in try await desk.preview(request, context) }
        clerks.post("/fairs/:id/import/confirm") { _, context in try await desk.confirm(context) }
        routes(in: router, for: .clerk, bodyBytesMax: Self.uploadBytesMax)
            .post("/fairs/:id/import") { _, context in try await desk.upload(context) }
    }

    /// Throws `notFound`.
    func fair(_ context: FormRequestContext) async throws -> Fair {
        guard let id = context.parameters.get("id").flatMap({ FairID($0) }),
            let fair = try await store.fairs().first(where: { $0.id == id })
        else { throw DeskRefusal.notFound }
        return fair
    }
}

private struct ImportRoutes: Sendable {
    let parts: DeskParts
    let uploads: ImportUploads
    let reader: ImportReader

    func form(_ context: FormRequestContext) async throws -> Response {
        answer(try await parts.fair(context), try context.session())
    }

    private func answer(_ fair: Fair, _ session: DeskSession, problem: String? = nil, upload: ImportUpload? = nil)
        -> Response
    {
        parts.answer(
            "desk-import",
            ImportFormView(
                page: parts.page("导入岗位", for: session), fairName: fair.name, action: "/desk/fairs/\(fair.id)/import",
                vacancies: "/desk/fairs/\(fair.id)/vacancies", problem: problem,
                mapping: upload?.request.mapping ?? "", sheet: upload?.request.sheet ?? ""),
            status: problem == nil ? .ok : .unprocessableContent)
    }

    /// Keeps the file; the preview is made when its page is asked for, so that it can be loaded again.
    func upload(_ context: FormRequestContext) async throws -> Response {
        let (fair, session) = (try await parts.fair(context), try context.session())
        let form = try context.form()
        guard let file = form.upload, !file.bytes.isEmpty else {
            return answer(fair, session, problem: "请先选一个表格文件。")
        }
        let upload = ImportUpload(
            fair: fair.id, fileName: String(file.fileName.prefix(VacancyLimits.textCharactersMax)),
            request: ImportRequest(
                bytes: file.bytes, mapping: form.fields.first("mapping") ?? "", sheet: form.fields.first("sheet") ?? ""),
            at: parts.now())
        await uploads.keep(upload, of: session.tokenDigest)
        return parts.seeOther("/desk/fairs/\(fair.id)/import/preview")
    }

    func preview(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        let (fair, session) = (try await parts.fair(context), try context.session())
        guard let upload = await kept(fair, session) else { return parts.seeOther("/desk/fairs/\(fair.id)/import") }
        do {
            let sheet = try await read(upload)
            let outcome = try await parts.store.previewImport(sheet.batch, into: fair.id)
            return page(
                fair, session, upload, sheet, outcome, isDone: false, hasChanged: request.uri.query == "changed")
        } catch let error as SheetError {
            return answer(fair, session, problem: error.zh, upload: upload)
        }
    }

    func confirm(_ context: FormRequestContext) async throws -> Response {
        let (fair, session) = (try await parts.fair(context), try context.session())
        let fields = try context.form().fields
        guard let upload = await kept(fair, session), fields.first("digest") == upload.digest,
            let previewed = fields.first("state").flatMap({ Int64($0) })
        else {
            return answer(fair, session, problem: "这份表已经导入过，或者放了太久，或者又上传了别的表。没有导入，请重新上传。")
        }
        let sheet = try await read(upload)
        let outcome: ImportOutcome
        do {
            outcome = try await parts.store.applyImport(
                sheet.batch, into: fair.id, previewed: previewed, by: session.author, at: parts.now())
        } catch let error as HeadquartersStoreError where error.code == .importOutdated {
            return parts.seeOther("/desk/fairs/\(fair.id)/import/preview?changed")
        }
        if outcome.refusal == nil { await uploads.forget(of: session.tokenDigest) }
        return page(fair, session, upload, sheet, outcome, isDone: outcome.refusal == nil)
    }

    private func kept(_ fair: Fair, _ session: DeskSession) async -> ImportUpload? {
        await uploads.upload(of: session.tokenDigest, for: fair.id, now: parts.now())
    }

    private func read(_ upload: ImportUpload) async throws -> ImportedSheet {
        var request = upload.request
        request.regions = try await parts.store.regions(of: upload.fair)
        return try await reader.read(request)
    }

    private func page(
        _ fair: Fair, _ session: DeskSession, _ upload: ImportUpload, _ sheet: ImportedSheet, _ outcome: ImportOutcome,
        isDone: Bool, hasChanged: Bool = false
    ) -> Response {
        let view = ImportView(
            page: parts.page(isDone ? "导入完成" : "导入预览", for: session), fair: fair, upload: upload,
            reading: sheet.reading, outcome: outcome, isDone: isDone, hasChanged: hasChanged)
        return parts.answer("desk-import-preview", view)
    }
}

extension DeskSession {
    var author: DeskAuthor { DeskAuthor(actor: actor, name: name) }
}
