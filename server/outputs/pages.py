"""The pages on which published documents are read."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.queries import meeting_by_slug
from server.outputs import desk
from server.outputs.addresses import output_page
from server.outputs.document import as_markdown, as_text, citation_of, day_of, facts_of, kind_of
from server.outputs.models import Output, Version
from server.outputs.queries import output_by_slug, published_outputs, published_version, rights_of
from server.problems import NotFound
from server.schedule.addresses import live_page
from server.web import language
from server.web.conditional import already_has
from server.web.language import N_
from server.web.page import Request, page, show

#: The files in which a document can be had: how each is made, and its media type (RFC 7763 for Markdown).
FILES: dict[str, tuple[Callable[[Version, str], str], str]] = {
    "txt": (as_text, "text/plain; charset=utf-8"),
    "md": (as_markdown, "text/markdown; charset=utf-8"),
}


def _asked(request: Request, db: Database) -> tuple[Output, Version]:
    """The document at this address and the version meant; raises NotFound, for a draft as for what is not there."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    output = output_by_slug(db, meeting, request.path_params["slug"])
    return output, published_version(output, request.path_params.get("number"))


@page
def show_outputs(request: Request, db: Database) -> Response:
    """The published documents of a meeting."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    outputs = published_outputs(db, meeting)
    return show(request, "outputs/list.html", meeting=meeting, outputs=outputs, day_of=day_of)


@page
def show_output(request: Request, db: Database) -> Response:
    """A version of a document, as one reads it."""
    output, version = _asked(request, db)
    response = show(
        request,
        "outputs/output.html",
        meeting=output.meeting,
        output=output,
        version=version,
        kind=kind_of(version),
        facts=facts_of(version),
        citation=citation_of(version, request.settings.base_url),
        address=output_page(output.meeting.slug, output.slug, version.number),
        live=live_page(output.meeting.slug, output.session.code),
        day_of=day_of,
        rights=rights_of(db, request.person, output.session),
    )
    return _conditional(request, response, _newest_day(output))


@page
def show_file(request: Request, db: Database) -> Response:
    """A version of a document as a file to keep."""
    make, media_type = FILES.get(request.path_params["form"], (None, ""))
    if make is None:
        raise NotFound(N_("There is no document at this address."))
    _, version = _asked(request, db)
    body = make(version, request.settings.base_url)
    headers = {
        "Content-Language": language.current.get(),
        "Vary": "Accept-Language, Cookie",
        "Cache-Control": "no-cache",
    }
    response = Response(body, headers=headers, media_type=media_type)
    return _conditional(request, response, version.published_at or request.now)


def _newest_day(output: Output) -> datetime:
    """A page changes with the next version too: it then says that there is one."""
    return max(version.published_at for version in output.published if version.published_at)


def _conditional(request: Request, response: Response, modified: datetime) -> Response:
    """The response with its ETag, or 304 when the caller has it.

    The date alone does not decide: the same document reads differently in another language and to an organiser.
    """
    tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:24]}"'
    response.headers["ETag"] = tag
    response.headers["Last-Modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
    if "if-none-match" not in request.headers or not already_has(request.headers, tag, modified):
        return response
    headers = {
        name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")
    }
    return Response(status_code=304, headers=headers)


_ONE = "/{m}/outputs/{slug}"
ROUTES: list[BaseRoute] = [
    Route("/{m}/outputs", show_outputs),
    Route(f"{_ONE}.{{form}}", show_file),
    Route(f"{_ONE}/v{{number:int}}.{{form}}", show_file),
    Route(f"{_ONE}/v{{number:int}}", show_output),
    Route(_ONE, show_output),
    *desk.ROUTES,
]
