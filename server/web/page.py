"""A page: one request is one transaction, saved when the page returns and undone when it raises."""

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import datetime
from functools import wraps
from typing import Any, cast, overload
from urllib.parse import quote

import structlog
from starlette.convertors import register_url_convertor
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.requests import Request as StarletteRequest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from server import clock
from server.database import Database, Store
from server.limits import Limits
from server.problems import Faulty, NotSignedIn, TooLarge
from server.settings import Settings
from server.web import language
from server.web.address import Number
from server.web.form import PlainForm
from server.web.render import render
from server.web.security import has_bearer, network_of

log = structlog.get_logger()

#: Bytes of a posted body; the longest paragraph (10,000 characters) is well below.
LARGEST_BODY = 256 * 1024
#: Fields of a posted form: a document under review has two for each paragraph.
LARGEST_FORM = 1000
SAFE = ("GET", "HEAD")

register_url_convertor("int", Number())  # here, because every module with routes imports this one first


class Request(StarletteRequest):
    """A request as a page sees it: who asks, in which language, what was sent."""

    #: What was posted, whether as a form or as JSON. Set before the page is called.
    data: FormData = FormData()
    #: The signed-in person (`people.models.Person`) or None. Set before the page is called.
    person: Any = None
    #: Ids of the meetings at which the person has a role. Set with `person`.
    serves: frozenset[int] = frozenset()
    #: What the page's `prepare` has made of the request.
    prepared: Any = None
    now: datetime

    @property
    def settings(self) -> Settings:
        """The server's settings."""
        return cast(Settings, self.app.state.settings)

    @property
    def limits(self) -> Limits:
        """The counters of who sent how much."""
        return cast(Limits, self.app.state.limits)

    @property
    def address(self) -> str:
        """The network address the request came from; of IPv6 the network (/64), of which one caller has all addresses."""
        return network_of(self.client.host) if self.client else "unknown"

    @property
    def sent_json(self) -> bool:
        """Whether the body is JSON."""
        return _is_json(self.headers.get("content-type", ""))

    @property
    def wants_json(self) -> bool:
        """Whether to answer in JSON: the body is JSON, or `Accept` prefers it."""
        return self.sent_json or _prefers_json(self.headers.get("accept", ""))

    @property
    def is_program(self) -> bool:
        """Whether a program asks, which is answered in JSON: it says so, or it carries a token."""
        return self.wants_json or has_bearer(self.headers)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _prefers_json(accept: str) -> bool:
    """Whether JSON stands above HTML in an Accept header (RFC 9110 12.5.1); `*/*` prefers nothing."""
    weights = {"html": 0.0, "json": 0.0}
    for part in accept.lower().split(","):
        kind, *params = (piece.strip() for piece in part.split(";"))
        quality = next((_number(p[2:]) for p in params if p.startswith("q=")), 1.0)
        if kind in ("text/html", "application/xhtml+xml"):
            weights["html"] = max(weights["html"], quality)
        elif _is_json(kind):
            weights["json"] = max(weights["json"], quality)
    return weights["json"] > weights["html"]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


class SentObject(FormData):
    """A JSON object as a form; `names` are all that stand in it, also those that hold nothing."""

    names: frozenset[str] = frozenset()


Page = Callable[[Request, Database], Response]
Step = Callable[[Request, Database], Any]
Endpoint = Callable[[StarletteRequest], Awaitable[Response]]


@overload
def page(function: Page) -> Endpoint: ...
@overload
def page(
    *, writes: bool | None = None, files: Step | None = None, prepare: Step | None = None
) -> Callable[[Page], Endpoint]: ...
def page(
    function: Page | None = None,
    *,
    writes: bool | None = None,
    files: Step | None = None,
    prepare: Step | None = None,
) -> Endpoint | Callable[[Page], Endpoint]:
    """Make an endpoint of `function(request, db) -> Response`.

    A GET reads and everything else writes, unless `writes` says otherwise. The transaction is
    committed when the page returns (an answer means: committed) and rolled back when it raises.
    With `files` a form may bring so many as that guard gives, if it raises nothing: nobody else's are even read. What
    `prepare` gives, in a reading transaction of its own, is `request.prepared`: what takes long holds up no writer.
    """
    if function is None:
        return lambda inner: _endpoint(inner, writes, files, prepare)
    return _endpoint(function, writes, files, prepare)


def _endpoint(made: Page, writes: bool | None, files: Step | None, prepare: Step | None) -> Endpoint:
    @wraps(made)
    async def endpoint(plain: StarletteRequest) -> Response:
        request = Request(plain.scope, plain.receive)
        request.now = clock.now()
        store: Store = request.app.state.store
        changing = request.method not in SAFE

        def first(step: Step) -> Callable[[Database], Any]:
            def known(db: Database) -> Any:
                request.person = request.app.state.identify(db, request)
                return step(request, db)

            return known

        if changing:
            many = await store.read(first(files)) if files and _is_multipart(request.headers) else 0
            request.data = await _body(request, files=many)
        if prepare is not None:
            request.prepared = await store.read(first(prepare))

        def work(db: Database) -> Response:
            request.person = request.app.state.identify(db, request)
            if changing:
                _count(request)
            return made(request, db)

        return await (store.write if (changing if writes is None else writes) else store.read)(work)

    return endpoint


def _count(request: Request) -> None:
    if request.person is not None:
        request.limits.count(Limits.PER_PERSON, str(request.person.id))
    else:
        request.limits.count(Limits.PER_ADDRESS, request.address)


async def _body(request: Request, files: int) -> FormData:
    """What was posted, as form data; JSON objects are taken as forms with the same names."""
    try:
        data = await (_json(request) if request.sent_json else _form(request, files))
    except ClientDisconnect as gone:  # nobody will read this answer; the log is not to call it a fault of ours
        raise Faulty(language.N_("The connection was lost before all of it had come.")) from gone
    for name, value in data.multi_items():
        if not (_is_text(name) and _is_text(str(value))):
            raise Faulty(language.N_("What was sent contains characters that are not text."))
    return data


async def _json(request: Request) -> FormData:
    try:
        return _as_form(json.loads(await request.body() or b"{}"))
    except (ValueError, RecursionError) as problem:
        raise Faulty(language.N_("What was sent is not well-formed JSON.")) from problem


class FormWithFiles(MultiPartParser):
    """Reads a form whose files go to disk as they come; everything else together is no larger than any other body."""

    spool_max_size = 64 * 1024
    _came = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Count what stays in memory."""
        if self._current_part.file is None:
            self._came += end - start
            if self._came > LARGEST_BODY:
                raise MultiPartException("too much beside the files")
        super().on_part_data(data, start, end)


def _is_multipart(headers: Headers) -> bool:
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


async def _form(request: Request, files: int) -> FormData:
    try:
        if _is_multipart(request.headers):
            limits = {"max_files": files, "max_fields": LARGEST_FORM, "max_part_size": LARGEST_BODY}
            async with aclosing(request.stream()) as stream:
                return await FormWithFiles(request.headers, stream, **limits).parse()
        return await request.form(max_files=0, max_fields=LARGEST_FORM, max_part_size=LARGEST_BODY)
    except MultiPartException as problem:
        raise Faulty(language.N_("What was sent could not be read as a form.")) from problem
    except HTTPException as problem:
        if problem.status_code == TooLarge.status:
            raise
        raise Faulty(language.N_("What was sent could not be read as a form.")) from problem
    except ValueError as problem:
        raise Faulty(language.N_("What was sent could not be read as a form.")) from problem


def _is_text(text: str) -> bool:
    """Whether a database keeps it: no NUL (PostgreSQL refuses it) and no half of a surrogate pair (not UTF-8)."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _as_form(body: object) -> FormData:
    if not isinstance(body, Mapping):
        raise Faulty(language.N_("A JSON object is expected."))
    pairs: list[tuple[str, str | UploadFile]] = []
    for name, value in body.items():
        if not _is_text(name):
            raise Faulty(language.N_("What was sent contains characters that are not text."))
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, bool):
                pairs += [(name, "true")] if one else []
            elif isinstance(one, str | int | float):
                pairs.append((name, str(one)))
            elif one is not None:
                raise Faulty(
                    language.N_("A JSON object is expected."), errors={name: language.N_("A single value is expected.")}
                )
    data = SentObject(pairs)
    data.names = frozenset(body)
    return data


def show(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """Answer with a template."""
    context = {"meeting": None, "request": request, "person": request.person, **context}
    return HTMLResponse(render(template, **context), status_code=status)


def show_again(request: Request, template: str, form: PlainForm, *, status: int = 422, **context: Any) -> Response:
    """A faulty form once more, with what was typed; a program gets its faults as a problem (raises Faulty)."""
    if request.is_program:
        form.checked()
    return show(request, template, status=status, form=form, **context)


def kept_nowhere(response: Response) -> Response:
    """The answer, which stays in no cache: it holds mail addresses or a secret."""
    response.headers["Cache-Control"] = "no-store"
    return response


def answer(body: Mapping[str, Any], status: int = 200) -> Response:
    """Answer a program in JSON."""
    return JSONResponse(dict(body), status_code=status)


def see_other(path: str) -> Response:
    """After a successful post the browser is sent on, so that reloading posts nothing twice."""
    return RedirectResponse(path, status_code=303)


def need_person(request: Request) -> Any:
    """The signed-in person; raises NotSignedIn when there is none."""
    if request.person is None:
        raise NotSignedIn(language.N_("Please sign in to go on."))
    return request.person


def sign_in_address(request: StarletteRequest) -> str:
    """Where to sign in and come back here afterwards."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?next={quote(back if request.method in SAFE else '/', safe='')}"


__all__ = [
    "Endpoint", "Request", "answer", "has_bearer", "kept_nowhere", "need_person", "page", "see_other", "show", "show_again",
    "sign_in_address",
]  # fmt: skip
