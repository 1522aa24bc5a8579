"""The pages of schedule, and its feeds."""

from collections.abc import Awaitable, Callable
from datetime import date
from email.utils import format_datetime
from functools import wraps
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database, Store
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.outputs.queries import output_of_session
from server.problems import NotFound
from server.remote.queries import summary_of
from server.schedule import addresses
from server.schedule.choice import Choice, chosen_zone, zones_by_region
from server.schedule.feeds import CONTENT_TYPES, Feed, Wanted, feed
from server.schedule.filters import Filter
from server.schedule.grid import Grid, lay_out
from server.schedule.models import Session
from server.schedule.neighbours import neighbours
from server.schedule.queries import next_up, on_now, programme_sessions, published_version, session_by_code
from server.schedule.words import PARTS, ROOM_UNKNOWN, TIME_UNKNOWN, filter_words
from server.web import language
from server.web.compression import takes_gzip
from server.web.conditional import already_has
from server.web.language import N_
from server.web.page import Request, page, show


@page
def show_programme(request: Request, db: Database) -> Response:
    """The programme of a meeting, by day, as a list or a grid, filtered as its address says."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    published = published_version(db, meeting) is not None
    sessions = programme_sessions(db, meeting) if published else []
    choice = Choice.parse(meeting.slug, request.query_params.multi_items())
    picked = choice.filter.apply(sessions)
    all_days = _days(meeting, sessions)
    return show(
        request,
        "schedule/programme.html",
        meeting=meeting,
        choice=choice,
        chosen=choice.filter,
        words=filter_words(meeting, choice.filter),
        zones=zones_by_region(),
        now=request.now,
        on=on_now(db, meeting, request.now) if published else [],
        coming=next_up(db, meeting, request.now, 3) if published else [],
        total=len(sessions),
        picked=picked,
        all_days=all_days,
        by_day=[(day, *_laid_out(held, meeting, choice.view)) for day in all_days if (held := _on(day, picked))],
        dayless=_on(None, picked),
        undated=_undated(choice.filter, sessions),
        feeds=_feed_links(request, addresses.programme_feed(meeting.slug, "ics"), _wanted(choice.filter)),
        others=_other_forms(meeting, choice.filter),
    )


def _days(meeting: Meeting, sessions: list[Session]) -> list[date]:
    """The meeting's days, and any other day on which there is a session."""
    return sorted({*meeting.all_days, *(session.day for session in sessions if session.day)})


def _on(day: date | None, sessions: list[Session]) -> list[Session]:
    return [session for session in sessions if session.day == day]


def _laid_out(
    sessions: list[Session], meeting: Meeting, view: str
) -> tuple[list[Grid], list[tuple[str, list[Session]]]]:
    """A day's grids, and what is listed under which heading: all of it, or what a grid has no place for."""
    if view == "list":
        return [], [("", sessions)]
    roomless = [session for session in sessions if session.starts_at and not session.room]
    timeless = [session for session in sessions if not session.starts_at]
    headed = [(language.gettext(ROOM_UNKNOWN), roomless), (language.gettext(TIME_UNKNOWN), timeless)]
    return lay_out(sessions, meeting.timezone), [(heading, held) for heading, held in headed if held]


def _undated(chosen: Filter, sessions: list[Session]) -> int:
    """How many sessions a page of one day leaves out only because their day is not known."""
    return len(_on(None, chosen.replaced("day").apply(sessions))) if chosen.values("day") else 0


def _wanted(chosen: Filter, code: str | None = None) -> Wanted:
    """The calendar a reader of this page is offered, in the language they read."""
    return Wanted("ics", chosen, code, language.current.get())


def _other_forms(meeting: Meeting, chosen: Filter) -> list[tuple[str, str]]:
    return [(form, addresses.programme_feed(meeting.slug, form, chosen.query_string())) for form in ("json", "xml")]


def _feed_links(request: Request, path: str, wanted: Wanted) -> dict[str, str]:
    """The ways to subscribe to one feed: `path`, `https`, `webcal` and `google`."""
    path += f"?{wanted.query}" if wanted.query else ""
    address = request.settings.base_url + path
    webcal = "webcal" + address[len(urlsplit(address).scheme) :]
    google = "https://calendar.google.com/calendar/r?" + urlencode({"cid": webcal})
    return {"path": path, "https": address, "webcal": webcal, "google": google}


@page
def show_session(request: Request, db: Database) -> Response:
    """One session: what it is about, who is in it, where and when, and what to do next."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    if published_version(db, meeting) is None:
        raise NotFound(N_("There is no session at this address."))
    session = session_by_code(db, meeting, request.path_params["s"])
    return show(
        request,
        "schedule/session.html",
        meeting=meeting,
        session=session,
        spoken=language.language_of(session.description),
        around=neighbours(session, programme_sessions(db, meeting)),
        parts=[(PARTS[part], [one for one in session.people if one.part == part]) for part in PARTS],
        reader_zone=chosen_zone(request.query_params.get("tz")),
        live=addresses.live_page(meeting.slug, session.code),
        summary=summary_of(db, session),
        output=output_of_session(db, session),
        feeds=_feed_links(request, addresses.session_feed(meeting.slug, session.code), _wanted(Filter(), session.code)),
        now=request.now,
    )


def _open(answer: Callable[[Request, Database], Response]) -> Callable[[StarletteRequest], Awaitable[Response]]:
    """An endpoint that asks nobody who they are: a feed is the same for everyone, and no cookie is looked at."""

    @wraps(answer)
    async def endpoint(plain: StarletteRequest) -> Response:
        request = Request(plain.scope, plain.receive)
        store: Store = plain.app.state.store
        return await store.read(lambda db: answer(request, db))

    return endpoint


@_open
def show_feed(request: Request, db: Database) -> Response:
    """The programme, or one session of it, as a file for other programs."""
    form = request.path_params.get("form", "ics")
    if form not in CONTENT_TYPES:
        raise NotFound(N_("There is no page at this address."))
    meeting = meeting_by_slug(db, request.path_params["m"])
    wanted = Wanted.parse(form, request.query_params.multi_items(), request.path_params.get("s"))
    made = feed(db, meeting, wanted, request.settings.base_url, request.app.state.feeds)
    stem = "-".join(filter(None, (meeting.slug, wanted.code)))
    return _sent(request, made, f"{stem}.{form}")


def _sent(request: Request, made: Feed, name: str) -> Response:
    packed = takes_gzip(request.headers)
    tag = f'"{made.tag}-gzip"' if packed else f'"{made.tag}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(made.modified, usegmt=True),
        "Cache-Control": "public, no-cache",  # kept by whoever likes, but never shown without asking: a room may change
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if already_has(request.headers, tag, made.modified):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{name}"'
    headers["Content-Type"] = made.content_type
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(made.packed if packed else made.body, headers=headers)


ROUTES: list[BaseRoute] = [
    Route("/{m}/schedule", show_programme),
    Route("/{m}/schedule.{form}", show_feed),
    Route("/{m}/sessions/{s}.ics", show_feed),
    Route("/{m}/sessions/{s}", show_session),
]
