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
from server.problems import NotFound
from server.schedule import addresses
from server.schedule.feeds import CONTENT_TYPES, Feed, Wanted, feed
from server.schedule.filters import Filter
from server.schedule.grid import lay_out
from server.schedule.models import Session
from server.schedule.neighbours import neighbours
from server.schedule.queries import next_up, on_now, programme_sessions, published_version, session_by_code
from server.schedule.words import PARTS, filter_words, language_name
from server.schedule.zones import chosen_zone, zones_by_region
from server.web import language
from server.web.compression import takes_gzip
from server.web.conditional import already_has
from server.web.language import N_
from server.web.page import Request, page, show

VIEWS = ("list", "grid")


@page
def show_programme(request: Request, db: Database) -> Response:
    """The programme of a meeting, by day, as a list or a grid, filtered as its address says."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    published = published_version(db, meeting)
    sessions = programme_sessions(db, meeting) if published else []
    chosen = Filter.parse(request.query_params.multi_items())
    view = request.query_params.get("view", "")
    view = view if view in VIEWS else "list"
    zone = chosen_zone(request.query_params.get("tz"))
    picked = chosen.apply(sessions)
    days = [(day, [one for one in picked if one.day == day]) for day in _days(meeting, sessions)]
    return show(
        request,
        "schedule/programme.html",
        meeting=meeting,
        published=published,
        total=len(sessions),
        picked=picked,
        chosen=chosen,
        words=filter_words(meeting, chosen),
        view=view,
        reader_zone=zone,
        zones=zones_by_region(),
        by_day=[(day, held, lay_out(held, meeting.timezone) if view == "grid" else []) for day, held in days if held],
        lists=_lists,
        dayless=[one for one in picked if one.day is None],
        all_days=_days(meeting, sessions),
        now=request.now,
        on=on_now(db, meeting, request.now) if published else [],
        coming=next_up(db, meeting, request.now, 3) if published else [],
        link=lambda changed, view=view: _link(meeting, changed, view, zone),
        feeds=_feed_links(
            request,
            addresses.programme_feed(meeting.slug, "ics"),
            Wanted("ics", chosen, language=language.current.get()),
        ),
        others=[
            (form, addresses.programme_feed(meeting.slug, form, chosen.query_string())) for form in ("json", "xml")
        ],
    )


def _days(meeting: Meeting, sessions: list[Session]) -> list[date]:
    """The meeting's days, and any other day on which there is a session."""
    return sorted({*meeting.all_days, *(session.day for session in sessions if session.day)})


def _lists(sessions: list[Session], view: str) -> list[tuple[str, list[Session]]]:
    """What is listed of a day, under which heading: all of it, or below a grid what the grid has no place for."""
    if view == "list":
        return [("", sessions)]
    return [
        (language.gettext("Room to be announced"), [one for one in sessions if one.starts_at and not one.room]),
        (language.gettext("Time to be announced"), [one for one in sessions if not one.starts_at]),
    ]


def _link(meeting: Meeting, chosen: Filter, view: str, zone: str | None) -> str:
    """The programme with another filter or view; what else the reader chose stays."""
    own = ([("view", view)] if view != VIEWS[0] else []) + ([("tz", zone)] if zone else [])
    query = urlencode([*chosen.pairs(), *own])
    return addresses.programme_page(meeting.slug) + (f"?{query}" if query else "")


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
    wanted = Wanted("ics", Filter(), session.code, language.current.get())
    return show(
        request,
        "schedule/session.html",
        meeting=meeting,
        session=session,
        spoken=language.language_of(session.description),
        around=neighbours(session, programme_sessions(db, meeting)),
        parts=[(PARTS[part], [one for one in session.people if one.part == part]) for part in PARTS],
        reader_zone=chosen_zone(request.query_params.get("tz")),
        language_name=language_name(session.language),
        live=addresses.live_page(meeting.slug, session.code),
        feeds=_feed_links(request, addresses.session_feed(meeting.slug, session.code), wanted),
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
