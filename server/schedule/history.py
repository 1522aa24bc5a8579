"""The public pages on how the programme came about: what changed from version to version, and each version as it was."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.queries import meeting_by_slug
from server.problems import NotFound
from server.schedule.grid import lay_out
from server.schedule.past import programme_as_of
from server.schedule.versions import change_log, publication_numbered
from server.web.language import N_
from server.web.page import Request, page, show


@page
def show_changes(request: Request, db: Database) -> Response:
    """Every version with what changed in it; of one session alone with `?code=`."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    code = request.query_params.get("code") or None
    return show(request, "schedule/changes.html", meeting=meeting, log=change_log(db, meeting, code=code), code=code)


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
    return show(
        request, "schedule/version.html", meeting=meeting, then=then, publication=publication, by_day=by_day,
        dayless=[session for session in sessions if session.day is None], as_grid=as_grid, now=request.now,
    )  # fmt: skip


ROUTES: list[BaseRoute] = [
    Route("/{m}/schedule/changes", show_changes),
    Route("/{m}/schedule/v/{number:int}", show_version),
]
