// The JSON API about vacancies, intents and wishes: decode, call the desk, encode. No logic here.

import HTTPTypes
import Hummingbird
import JobFair
import KioskCore

struct VacancyController: Sendable {
    typealias Context = KioskRequestContext
    let desk: any Desk

    @Sendable func vacancies(_ request: Request, _ context: Context) async throws -> Response {
        let problems = ShapeProblems()
        let query = VacancyQueryFields.read(request.uri.query, problems)
        guard let query, problems.problems.isEmpty else { throw WebProblem.query(problems.problems) }
        return JSONAnswer.response(VacancyPageBody(try await desk.vacancies(query)))
    }

    @Sendable func vacancy(_ request: Request, _ context: Context) async throws -> Response {
        guard let text = context.parameters.get("vacancyId"), let id = VacancyID(text) else {
            throw DeskError.vacancyNotFound
        }
        return JSONAnswer.response(VacancyCardBody(card: try await desk.vacancy(id)))
    }

    @Sendable func occupations(_ request: Request, _ context: Context) async throws -> Response {
        JSONAnswer.response(OccupationsBody(try await desk.occupations()))
    }

    @Sendable func regions(_ request: Request, _ context: Context) async throws -> Response {
        JSONAnswer.response(RegionsBody(try await desk.regions()))
    }

    @Sendable func match(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await RequestBody.read(request, MatchRequest.init)
        let matched = try await desk.matches(body.wishes, scanned: body.scanned, count: body.limit)
        return JSONAnswer.response(MatchesBody(matched))
    }

    @Sendable func printVacancy(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await RequestBody.read(request, VacancySlipRequest.init)
        try await desk.printVacancy(body.vacancyID, recordID: body.recordID)
        return JSONAnswer.response(EmptyAnswer(), status: .accepted)
    }

    @Sendable func stateIntent(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await RequestBody.read(request, IntentRequest.init)
        let state = try await desk.stateIntent(
            body.choice, by: body.holder, recordID: body.recordID, formKey: body.formKey)
        return JSONAnswer.response(
            IntentAnswerBody(state: state, vacancyId: body.choice.vacancyID), status: .created)
    }

    @Sendable func slipIntents(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await RequestBody.read(request, SlipIntentsRequest.init)
        return JSONAnswer.response(SlipIntentsBody(try await desk.slipIntents(by: body.holder)))
    }

    @Sendable func changeWishes(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await RequestBody.read(request, WishesRequest.init)
        let state = try await desk.changeWishes(
            body.wishes, by: body.holder, recordID: body.recordID, formKey: body.formKey)
        return JSONAnswer.response(WishesAnswerBody(state: state), status: .created)
    }
}
