"""Problems become pages for people and RFC 9457 documents for programs; a stack trace stays here."""

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request as StarletteRequest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.problems import NotAllowed, NotFound, NotReady, NotSignedIn, Problem, TooLarge, TooMany
from server.web.language import N_, gettext
from server.web.page import Request, sign_in_address
from server.web.render import render

log = structlog.get_logger()
_ANSWERED = "plenary.fault_answered"


class _Unexpected(Problem):
    status = 500
    title = N_("Something went wrong here")


class _WrongMethod(Problem):
    status = 405
    title = N_("Not possible here")


_KNOWN: dict[int, Problem] = {
    404: NotFound(N_("There is no page at this address.")),
    405: _WrongMethod(N_("This address does not take requests of this kind.")),
    413: TooLarge(N_("What was sent is larger than this server takes.")),
}


async def answer_problem(request: StarletteRequest, problem: Exception) -> Response:
    """The answer to a `Problem`, with its own status."""
    assert isinstance(problem, Problem)
    # neither what the message names (people, sessions) nor what a field's message may repeat of what was typed
    log.info("problem", status=problem.status, problem=problem.message, errors=sorted(problem.errors) or None)
    return _answer(request, problem)


async def answer_http(request: StarletteRequest, problem: Exception) -> Response:
    """The answer to what Starlette itself raises: no such page, method not allowed, body too large."""
    assert isinstance(problem, HTTPException)
    known = _KNOWN.get(problem.status_code)
    if known is None:
        known = Problem(N_("The server could not make sense of this request."))
        known.status = problem.status_code
    response = _answer(request, known)
    response.headers.update(problem.headers or {})
    return response


async def answer_unexpected(request: StarletteRequest, problem: Exception) -> Response:
    """The answer to a fault of ours. What happened is in the log, under the request's id."""
    log.exception("fault", exc_info=problem)
    answer = _answer(request, _Unexpected(N_("The fault is ours and has been noted. Please try again in a moment.")))
    request.scope[_ANSWERED] = True
    return answer


class Calm:
    """A fault that was answered and logged goes no further: the server below would log it again and cut the line."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception:
            if not scope.get(_ANSWERED):
                raise


def refuse(problem: Problem) -> ASGIApp:
    """An application that answers everything with this problem, for those who refuse at the door."""

    async def refusal(scope: Scope, receive: Receive, send: Send) -> None:
        request = StarletteRequest(scope)
        await (await answer_problem(request, problem))(scope, receive, send)

    return refusal


FOREIGN_POST = NotAllowed(N_("This was sent from another site. Please open the page here and try again."))
LARGE_BODY = _KNOWN[413]
LONG_ADDRESS = TooLarge(LARGE_BODY.message)
LONG_ADDRESS.status = 414


def _answer(request: StarletteRequest, problem: Problem) -> Response:
    message = problem.worded(gettext)
    headers = {"Cache-Control": "no-store"}
    if isinstance(problem, TooMany | NotReady):
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    asking = Request(request.scope)
    if asking.wants_json or "authorization" in asking.headers:
        body = {"type": "about:blank", "title": gettext(problem.title), "status": problem.status, "detail": message}
        if problem.errors:
            body["errors"] = {name: gettext(text) for name, text in problem.errors.items()}
        return JSONResponse({**body, **problem.extra}, problem.status, headers, "application/problem+json")
    if isinstance(problem, NotSignedIn):
        return RedirectResponse(sign_in_address(request), 303)
    page = render(
        "problem.html",
        request=asking,
        person=None,
        meeting=None,
        problem=problem,
        message=message,
        faults=[gettext(words) for words in problem.errors.values()],
        title=gettext(problem.title),
    )
    return HTMLResponse(page, problem.status, headers)
