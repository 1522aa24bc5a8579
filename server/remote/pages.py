"""The pages on which summaries are followed."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.queries import meeting_by_slug
from server.remote import desk
from server.remote.queries import (
    live_sessions,
    may_write,
    paragraphs_of,
    statuses,
    summary_of,
)
from server.schedule.models import Part
from server.schedule.queries import named, next_up, on_now, session_by_code
from server.web.page import Request, page, show

#: Pauses between reloads that a reader without JavaScript can choose, in seconds.
PAUSES = (15, 30, 60)


@page
def show_live(request: Request, db: Database) -> Response:
    """A session's summary as it stands, whole, and followed from there on."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    session = session_by_code(db, meeting, request.path_params["s"])
    summary = summary_of(db, session)  # the head is read before the paragraphs: what is newer is told again, not lost
    pause = request.query_params.get("refresh", "")
    return show(
        request,
        "remote/live.html",
        meeting=meeting,
        session=session,
        summary=summary,
        paragraphs=paragraphs_of(db, session),
        chairs=named(session, Part.CHAIR),
        rapporteurs=named(session, Part.RAPPORTEUR),
        writes=may_write(db, request.person, session, meeting),
        pauses=PAUSES,
        pause=pause if pause in {str(seconds) for seconds in PAUSES} else "",
    )


@page
def show_now(request: Request, db: Database) -> Response:
    """What is on now: summaries being written, sessions running, and what comes next."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    live = live_sessions(db, meeting)
    running = [session for session in on_now(db, meeting, request.now) if session not in live]
    coming = [session for session in next_up(db, meeting, request.now, 6) if session not in live]
    return show(
        request,
        "remote/now.html",
        meeting=meeting,
        live=live,
        running=running,
        coming=coming,
        statuses=statuses(db, meeting),
    )


ROUTES: list[BaseRoute] = [
    Route("/{m}/live", show_now),
    Route("/{m}/sessions/{s}/live", show_live),
    *desk.ROUTES,
]
