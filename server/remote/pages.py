"""The pages on which summaries are followed."""

from typing import Any, NamedTuple

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.remote import desk, hooks
from server.remote.log import Cursor, parse_cursor
from server.remote.models import Paragraph, Summary
from server.remote.qr import qr_code
from server.remote.queries import (
    as_followers_see,
    in_other_words,
    live_sessions,
    log_after,
    may_write,
    paragraphs_of,
    statuses,
    summary_of,
    translations_of,
)
from server.remote.wording import (
    ORIGINAL,
    Choice,
    Words,
    languages_of,
    own_name,
    parse_choice,
    texts_of,
    with_translations,
)
from server.schedule.addresses import live_page
from server.schedule.models import Part, Session
from server.schedule.queries import named, next_up, on_now, session_by_code
from server.web.language import gettext
from server.web.page import Request, page, show
from server.web.security import FRAMED_CSP

#: Pauses between reloads that a reader without JavaScript can choose, in seconds; and those on a bad line.
PAUSES = (15, 30, 60)
QUIET_PAUSES = (15, 30, 60, 120)
#: Seconds between two reloads of a screen without JavaScript.
SCREEN_PAUSE = 15
#: Where a reader's choice of language is kept.
COOKIE = "text"
#: Paragraphs that a bad line is sent when it comes for the first time, and that the screen in the room has at hand.
LAST_ON_A_BAD_LINE, LAST_ON_SCREEN = 3, 12


class Reading(NamedTuple):
    """A summary as one reader sees it."""

    summary: Summary
    paragraphs: list[Paragraph]
    texts: dict[str, list[Words]]
    text_languages: list[str]
    choice: Choice

    def facts(self) -> dict[str, Any]:
        """What every page of a summary shows."""
        head = Cursor(self.summary.epoch, self.summary.head)
        return {**self._asdict(), "cursor": str(head), "own_name": own_name, "untranslated": self.untranslated}

    @property
    def untranslated(self) -> bool:
        """Whether nothing is there in the language that was chosen."""
        held = {one.lower() for one in self.text_languages} | {p.lang.lower() for p in self.paragraphs}
        return bool(self.choice.lang and self.paragraphs) and self.choice.lang.lower() not in held


def _read(db: Database, session: Session, choice: Choice) -> Reading:
    summary = summary_of(db, session)  # the head is read before the paragraphs: what is newer is told again, not lost
    paragraphs, translations = paragraphs_of(db, session), translations_of(db, session)
    seen = [
        with_translations(
            as_followers_see(one, one.id), [in_other_words(t) for t in translations.get(one.number, []) if t.text]
        )
        for one in paragraphs
    ]
    languages = languages_of(seen)
    texts = {p["id"]: texts_of(p, choice, languages) for p in seen if p["state"] == "shown"}
    return Reading(summary, paragraphs, texts, languages, choice)


def _place(request: Request, db: Database) -> tuple[Meeting, Session]:
    meeting = meeting_by_slug(db, request.path_params["m"])
    return meeting, session_by_code(db, meeting, request.path_params["s"])


def _asked(request: Request) -> Choice | None:
    return parse_choice(request.query_params.get("text"))


def _kept(request: Request, response: Response, asked: Choice | None) -> Response:
    """The response, which has the browser keep a choice of language that was made."""
    if asked is not None:
        secure = request.settings.https
        response.set_cookie(COOKIE, str(asked), max_age=31536000, httponly=True, samesite="lax", secure=secure)
    return response


def _chosen(request: Request, allowed: tuple[int, ...], name: str) -> str:
    given = request.query_params.get(name, "")
    return given if given in {str(seconds) for seconds in allowed} else ""


@page
def show_live(request: Request, db: Database) -> Response:
    """A session's summary as it stands, whole, and followed from there on."""
    meeting, session = _place(request, db)
    asked = _asked(request)
    reading = _read(db, session, asked or parse_choice(request.cookies.get(COOKIE)) or ORIGINAL)
    if "quiet" in request.query_params:
        return _kept(request, _show_quiet(request, db, meeting, session, reading), asked)
    here = request.settings.base_url + live_page(meeting.slug, session.code)
    shown = show(
        request,
        "remote/live.html",
        meeting=meeting,
        session=session,
        **reading.facts(),
        chairs=named(session, Part.CHAIR),
        rapporteurs=named(session, Part.RAPPORTEUR),
        writes=may_write(db, request.person, session, meeting),
        hears=request.app.state.hub.hears,
        pauses=PAUSES,
        quiet_pauses=QUIET_PAUSES,
        pause=_chosen(request, PAUSES, "refresh"),
        embed_address=f"{here}/embed",
    )
    return _kept(request, shown, asked)


def _show_quiet(request: Request, db: Database, meeting: Meeting, session: Session, reading: Reading) -> Response:
    """For a bad line: what is new since the cursor in the address, and nothing else; it asks again by itself."""
    cursor = parse_cursor(request.query_params.get("after"))
    known = cursor is not None and cursor.epoch == reading.summary.epoch and cursor.offset <= reading.summary.head
    touched = _touched(db, session, cursor.offset) if cursor is not None and known else set()
    new = [one for one in reading.paragraphs if one.id in touched]
    return show(
        request,
        "remote/quiet.html",
        meeting=meeting,
        session=session,
        **reading.facts() | {"paragraphs": new or reading.paragraphs[-1 if known else -LAST_ON_A_BAD_LINE :]},
        is_new=bool(new),
        first=not known,
        pause=_chosen(request, QUIET_PAUSES, "quiet"),
        since=str(cursor) if known else "",
        zone=meeting.timezone,
        now=request.now,
        hears=request.app.state.hub.hears,
    )


def _touched(db: Database, session: Session, offset: int) -> set[str]:
    """The ids of the paragraphs that were written, changed or moved after an offset."""
    events = log_after(db, session.id, offset).events
    return {
        one["id"] if one["op"] in ("move", "translate") else one["paragraph"]["id"]  # type: ignore[typeddict-item]
        for one in events
        if one["op"] != "status"
    }


@page
def show_screen(request: Request, db: Database) -> Response:
    """The last paragraphs in large type, for the screen in the room, with a code that leads to the live page."""
    meeting, session = _place(request, db)
    reading = _read(db, session, _asked(request) or ORIGINAL)
    address = request.settings.base_url + live_page(meeting.slug, session.code)
    return show(
        request,
        "remote/screen.html",
        meeting=meeting,
        session=session,
        **reading.facts() | {"paragraphs": reading.paragraphs[-LAST_ON_SCREEN:]},
        address=address,
        code=qr_code(address, gettext("QR code: read along at %(address)s") % {"address": address}),
        theme=_theme(request),
        reload_every=SCREEN_PAUSE,
        keys=request.query_params.get("keys", "") != "off",
        now=request.now,
        hears=request.app.state.hub.hears,
    )


@page
def show_embed(request: Request, db: Database) -> Response:
    """The summary for a frame on another site: the same for everybody, and nothing is kept of anybody."""
    meeting, session = _place(request, db)
    shown = show(
        request,
        "remote/embed.html",
        meeting=meeting,
        session=session,
        **_read(db, session, _asked(request) or ORIGINAL).facts(),
        theme=_theme(request),
        hears=request.app.state.hub.hears,
    )
    shown.headers["Content-Security-Policy"] = FRAMED_CSP
    shown.headers["Cache-Control"] = "public, no-cache"
    return shown


def _theme(request: Request) -> str:
    theme = request.query_params.get("theme", "")
    return theme if theme in ("light", "dark") else ""


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
    Route("/{m}/sessions/{s}/live/screen", show_screen),
    Route("/{m}/sessions/{s}/live/embed", show_embed),
    *desk.ROUTES,
    *hooks.ROUTES,
]
