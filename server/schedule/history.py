"""The public pages on how the programme came about: what changed from version to version, and each version as it was."""

import hashlib
from datetime import datetime

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.problems import NotFound
from server.registration.queries import page_asked
from server.schedule import addresses
from server.schedule.grid import lay_out
from server.schedule.moment import next_turn
from server.schedule.past import programme_as_of
from server.schedule.queries import standing_of
from server.schedule.versions import change_log, publication_numbered, version_numbers
from server.web.kept import keep
from server.web.language import N_
from server.web.page import Request, page, show

#: Versions on a page of the change log.
PAGE = 20


@page
def show_changes(request: Request, db: Database) -> Response:
    """The versions with what changed in each, page by page; of one session alone with `?code=`."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    code = request.query_params.get("code") or None
    numbers = version_numbers(db, meeting, code)
    pages = max(1, -(-len(numbers) // PAGE))
    at = min(max(1, page_asked(request.query_params)), pages)
    log = change_log(db, meeting, numbers=numbers[(at - 1) * PAGE : at * PAGE], code=code)
    made = show(
        request, "schedule/changes.html", meeting=meeting, log=log, code=code, at=at, pages=pages,
        first=numbers[-1] if numbers and code is None else None,
    )  # fmt: skip
    return _for_strangers(request, db, meeting, made)


@page
def show_version(request: Request, db: Database) -> Response:
    """The programme as a version showed it."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    publication = publication_numbered(db, meeting, request.path_params["number"])
    if publication is None:
        raise NotFound(N_("There is no version of the programme with this number."))
    then, sessions = programme_as_of(db, meeting, publication)
    days = sorted({*then.all_days, *(session.day for session in sessions if session.day)})
    as_grid = request.query_params.get("view") == "grid"
    by_day = [
        (day, held, lay_out(held, then.timezone) if as_grid else [])
        for day in days
        if (held := [session for session in sessions if session.day == day])
    ]
    made = show(
        request, "schedule/version.html", meeting=meeting, then=then, publication=publication, by_day=by_day,
        dayless=[session for session in sessions if session.day is None], as_grid=as_grid, now=request.now,
        changes=_place_in_log(meeting, version_numbers(db, meeting), publication.number),
    )  # fmt: skip
    return _for_strangers(request, db, meeting, made, until=next_turn(sessions, [], then.timezone, request.now))


def _place_in_log(meeting: Meeting, numbers: list[int], number: int) -> str:
    """Where the change log tells of this version."""
    at = numbers.index(number) // PAGE + 1
    return addresses.changes_page(meeting.slug) + (f"?page={at}" if at > 1 else "") + f"#v{number}"


def _for_strangers(
    request: Request, db: Database, meeting: Meeting, made: Response, *, until: datetime | None = None
) -> Response:
    """The answer, which is kept for whoever has no visit: to make it is a lot of work, and search engines ask for every
    version."""
    if request.person is None:
        turns = [turn for turn in (until, meeting.registration_turns(request.now)) if turn]
        keep(request.scope, meeting.slug, standing_of(db, meeting), until=min(turns, default=None), in_language=True)
        made.headers["ETag"] = f'"{hashlib.sha256(made.body).hexdigest()[:32]}"'
    return made


ROUTES: list[BaseRoute] = [
    Route("/{m}/schedule/changes", show_changes),
    Route("/{m}/schedule/v/{number:int}", show_version),
]
