"""The pages of schedule, and its feeds."""

import hashlib
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.outputs.queries import output_of_session
from server.problems import NotFound
from server.remote.queries import summary_of
from server.schedule import addresses, desk, editing, history, intake, own, publishing, rulings
from server.schedule.choice import VIEWS, Choice, chosen_zone, zones_by_region
from server.schedule.comparing import Kind
from server.schedule.feeds import Wanted, called, feed
from server.schedule.filters import Filter
from server.schedule.grid import Grid, lay_out
from server.schedule.grouping import by_day, by_room, by_track
from server.schedule.models import Session
from server.schedule.moment import coming_after, doors, next_turn, on_at
from server.schedule.neighbours import held_again, neighbours
from server.schedule.openapi import openapi
from server.schedule.queries import (
    programme_sessions,
    published_version,
    recent_changes,
    session_by_code,
    standing_of,
)
from server.schedule.recent import LATELY, news
from server.schedule.roll import by_letter, roll
from server.schedule.structured import in_brief, meeting_ld, session_ld
from server.schedule.subscribing import feed_links
from server.schedule.versions import Told, change_log
from server.schedule.words import ONE_PART, PARTS, ROOM_UNKNOWN, TIME_UNKNOWN, filter_words, title
from server.web import language
from server.web.kept import keep
from server.web.language import N_
from server.web.page import Request, page, show
from server.web.sending import FOR_EVERYBODY, open_page, sent

#: The forms of the whole programme, by the ending of their address.
FORMS = ("ics", "json", "xml", "atom")


@page
def show_programme(request: Request, db: Database) -> Response:
    """The programme of a meeting in the view that its address says, filtered as it says."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    sessions = programme_sessions(db, meeting) if published_version(db, meeting) else []
    choice = Choice.parse(meeting.slug, request.query_params.multi_items())
    picked = choice.filter.apply(sessions)
    all_days = _days(meeting, sessions)
    words = filter_words(meeting, choice.filter)
    at_hand = picked if choice.view == "now" else sessions  # the panel above a list tells of everything
    changes = recent_changes(db, meeting, request.now - LATELY)
    made = show(
        request,
        "schedule/programme.html",
        meeting=meeting,
        choice=choice,
        chosen=choice.filter,
        mine=own.chosen_by(request, db, meeting),
        words=words,
        views=_views(meeting),
        zones=zones_by_region(),
        now=request.now,
        total=len(sessions),
        picked=picked,
        all_days=all_days,
        moved=news(changes, sessions, meeting.timezone),
        undated=_undated(choice.filter, sessions),
        feeds=feed_links(
            request.settings.base_url, addresses.programme_feed(meeting.slug, "ics"), _wanted(choice.filter).query,
            called(meeting, words),
        ),
        others=_other_forms(meeting, choice.filter),
        about=meeting_ld(meeting, sessions, request.settings.base_url) if choice == Choice(meeting.slug) else None,
        canonical=request.settings.base_url + replace(choice, zone=None).address,
        on=on_at(at_hand, request.now),
        coming=coming_after(at_hand, request.now),
        **_in_view(meeting, choice, picked, all_days, request.now),
    )  # fmt: skip
    if request.person is None:  # who has chosen something carries a visit, and is given nothing that was kept
        turns = [at + LATELY for told in changes.values() for _, at, _ in told]
        turns += [turn] if (turn := meeting.registration_turns(request.now)) else []
        until = next_turn(sessions, turns, meeting.timezone, request.now)
        keep(request.scope, meeting.slug, standing_of(db, meeting), until=until, in_language=True)
        made.headers["ETag"] = f'"{hashlib.sha256(made.body).hexdigest()[:32]}"'
    return made


def _views(meeting: Meeting) -> dict[str, str]:
    """The views that say something about this meeting."""
    return {view: words for view, words in VIEWS.items() if view != "tracks" or meeting.tracks}


def _in_view(
    meeting: Meeting, choice: Choice, picked: list[Session], all_days: list[date], now: datetime
) -> dict[str, Any]:
    """What the chosen view shows of the sessions that fit; what belongs to other views is empty."""
    view = choice.view
    made: dict[str, Any] = {"by_day": [], "dayless": [], "doors": [], "groups": [], "letters": [], "parts": ONE_PART}
    if view == "now":
        made["doors"] = doors(meeting, picked, now)
    elif view in ("rooms", "tracks"):
        made["groups"] = by_room(meeting.rooms, picked) if view == "rooms" else by_track(meeting.tracks, picked)
    elif view == "people":
        made["letters"] = by_letter(roll(picked, only=choice.filter.values("person")))
    else:
        made["by_day"] = [(day, *_laid_out(held, meeting, view)) for day in all_days if (held := _on(day, picked))]
        made["dayless"] = _on(None, picked)
    return made


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


@page
def show_booklet(request: Request, db: Database) -> Response:
    """The programme made for printing: what is said of each session, by day, and who and what is where."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    version = published_version(db, meeting)
    choice = Choice.parse(meeting.slug, request.query_params.multi_items())
    picked = choice.filter.apply(programme_sessions(db, meeting)) if version else []
    return show(
        request,
        "schedule/booklet.html",
        meeting=meeting,
        choice=choice,
        words=filter_words(meeting, choice.filter),
        version=version,
        days_of=by_day(picked),
        rooms=by_room(meeting.rooms, picked),
        people=roll(picked, only=choice.filter.values("person")),
        parts=PARTS,
    )


@page
def show_session(request: Request, db: Database) -> Response:
    """One session: what it is about, who is in it, where and when, and what to do next."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    if published_version(db, meeting) is None:
        raise NotFound(N_("There is no session at this address."))
    session = session_by_code(db, meeting, request.path_params["s"])
    programme = programme_sessions(db, meeting)
    changes = recent_changes(db, meeting, request.now - LATELY)
    numbers = {number for number, _, _ in changes.get(session.code, ())}
    before = change_log(db, meeting, numbers=numbers, code=session.code) if numbers else []
    base_url = request.settings.base_url
    return show(
        request,
        "schedule/session.html",
        meeting=meeting,
        session=session,
        spoken=language.language_of(session.description),
        around=neighbours(session, programme),
        again=held_again(session, programme),
        moved=news(changes, programme, meeting.timezone),
        before=before,
        parts=[(PARTS[part], [one for one in session.people if one.part == part]) for part in PARTS],
        reader_zone=chosen_zone(request.query_params.get("tz")),
        live=addresses.live_page(meeting.slug, session.code),
        summary=summary_of(db, session),
        output=output_of_session(db, session),
        feeds=feed_links(
            base_url, addresses.session_feed(meeting.slug, session.code), _wanted(Filter(), session.code).query,
            called(meeting, title(session)),
        ),
        mine=own.chosen_by(request, db, meeting),
        now=request.now,
        about=session_ld(meeting, session, base_url, _start_before(before)),
        in_brief=in_brief(session),
        canonical=base_url + addresses.session_page(meeting.slug, session.code),
    )  # fmt: skip


def _start_before(before: list[Told]) -> datetime | None:
    """When the session was to begin before its time last changed, of the versions given, newest first."""
    was = [change.before for told in before for change in told.changes if Kind.TIME in change.kinds and change.before]
    return datetime.fromisoformat(was[0]["starts_at"]) if was and was[0]["starts_at"] else None


@open_page
def show_feed(request: Request, db: Database) -> Response:
    """The programme, or one session of it, as a file for other programs."""
    form = request.path_params.get("form", "ics")
    if form not in FORMS:
        raise NotFound(N_("There is no page at this address."))
    return _fed(request, db, form, form)


@open_page
def show_facts(request: Request, db: Database) -> Response:
    """The programme, or one session of it, as the JSON that `/openapi.json` describes."""
    return _fed(request, db, "facts", "json")


@open_page
def show_openapi(request: Request, db: Database) -> Response:
    """What programs can ask about programmes, in OpenAPI."""
    return JSONResponse(openapi(request.settings.base_url), headers={"Access-Control-Allow-Origin": "*"})


def _fed(request: Request, db: Database, form: str, ending: str) -> Response:
    meeting = meeting_by_slug(db, request.path_params["m"])
    wanted = Wanted.parse(form, request.query_params.multi_items(), request.path_params.get("s"))
    made = feed(db, meeting, wanted, request.settings.base_url, request.app.state.feeds)
    keep(request.scope, meeting.slug, standing_of(db, meeting))
    stem = "-".join(filter(None, (meeting.slug, wanted.code)))
    return sent(request, made, f"{stem}.{ending}", FOR_EVERYBODY)


ROUTES: list[BaseRoute] = [
    *desk.ROUTES,
    *editing.ROUTES,
    *rulings.ROUTES,
    *intake.ROUTES,
    *publishing.ROUTES,
    *history.ROUTES,
    *own.ROUTES,
    Route("/{m}/schedule", show_programme),
    Route("/{m}/schedule/booklet", show_booklet),
    Route("/{m}/schedule.{form}", show_feed),
    Route("/{m}/sessions.json", show_facts),
    Route("/{m}/sessions/{s}.json", show_facts),
    Route("/{m}/sessions/{s}.ics", show_feed),
    Route("/openapi.json", show_openapi),
    Route("/{m}/sessions/{s}", show_session),
]
