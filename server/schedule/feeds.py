"""Feeds: the published programme in its other forms, made once per version and kept as bytes."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from server.database import Database
from server.meetings.models import Meeting
from server.problems import NotFound
from server.schedule import addresses
from server.schedule.atom import SHOWN, atom
from server.schedule.calendar import Subscription, alarm_minutes, calendar
from server.schedule.exchange import Edition, schedule_json, schedule_xml
from server.schedule.filters import Filter
from server.schedule.models import PrivateFeed, Session
from server.schedule.programme_json import programme_json, session_json
from server.schedule.queries import chosen_codes, programme_sessions, published_version
from server.schedule.versions import change_log
from server.schedule.words import filter_words, meeting_name, title
from server.web import language
from server.web.language import N_, gettext

#: What a form is sent as. `facts` is the programme as the JSON that `openapi.py` describes.
CONTENT_TYPES = {
    "ics": "text/calendar; charset=utf-8",
    "json": "application/json",
    "xml": "application/xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "facts": "application/json",
}
#: Characters of the longest filter whose feed is kept; anybody can make up as many as they like.
LONGEST_KEPT = 1000
#: Bytes that a feed takes besides what it says.
PLACE = 4096
_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Feed:
    """A finished answer, plain and compressed. `tag` is the name of exactly these bytes."""

    body: bytes
    tag: str
    modified: datetime
    content_type: str

    @cached_property
    def packed(self) -> bytes:
        """It in gzip, made when it is first asked for."""
        return gzip.compress(self.body, 6, mtime=0)

    @property
    def size(self) -> int:
        """Bytes it takes on a shelf at most, its name and its place included."""
        return 2 * len(self.body) + PLACE


@dataclass(frozen=True)
class Wanted:
    """Which feed: its form, its filter or the one session it is of, its language, and minutes before which to ring."""

    form: str
    chosen: Filter
    code: str | None = None
    language: str = language.DEFAULT
    alarm: int | None = None

    @classmethod
    def parse(cls, form: str, pairs: list[tuple[str, str]], code: str | None = None) -> "Wanted":
        """From an address alone: neither a cookie nor a header changes what a subscriber gets."""
        given = dict(pairs)
        tag = given.get("lang", "")
        return cls(
            form,
            Filter.parse(pairs) if code is None else Filter(),
            code,
            tag if tag in language.LANGUAGES else language.DEFAULT,
            alarm_minutes(given.get("alarm")) if form == "ics" else None,
        )

    @property
    def query(self) -> str:
        """The one way to write this in an address, as links to the feed have it."""
        alarm = "" if self.alarm is None else f"alarm={self.alarm}"
        tag = "" if self.language == language.DEFAULT else f"lang={self.language}"
        return "&".join(part for part in (self.chosen.query_string(), tag, alarm) if part)


class Shelf:
    """Finished feeds, the ones asked for last, up to so many bytes. Whoever asks first makes it; the others wait."""

    def __init__(self, room: int = 32 * 1024 * 1024) -> None:
        self.room = room
        self._kept: OrderedDict[Hashable, Future[Feed]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Feed]) -> Feed:
        """The feed under a key, made now if it is not there."""
        with self._lock:
            promise = self._kept.get(key)
            first = promise is None
            if promise is None:
                promise = self._kept[key] = Future()
            self._kept.move_to_end(key)
        if first:
            self._fulfil(key, promise, make)
        return promise.result()

    def _fulfil(self, key: Hashable, promise: Future[Feed], make: Callable[[], Feed]) -> None:
        try:
            promise.set_result(make())
        except BaseException as fault:  # whatever it is, those who wait must hear of it
            promise.set_exception(fault)
            with self._lock:
                self._kept.pop(key, None)
        else:
            self._make_room()

    def _make_room(self) -> None:
        with self._lock:
            held = sum(promise.result().size for promise in self._kept.values() if promise.done())
            while held > self.room and len(self._kept) > 1:
                key, promise = next(iter(self._kept.items()))
                if not promise.done():
                    return
                held -= promise.result().size
                del self._kept[key]


def feed(db: Database, meeting: Meeting, wanted: Wanted, base_url: str, shelf: Shelf) -> Feed:
    """The feed of the version that is published now; raises NotFound for a session there is none of.

    All that a request costs is reading the version; the rest happens once.
    """
    version, published_at = published_version(db, meeting) or (0, _BEFORE_ALL)
    key = (meeting.id, version, published_at, base_url, wanted.form, wanted.code, wanted.query)

    def make() -> Feed:
        return _made(db, meeting, wanted, base_url, version, published_at)

    return shelf.get(key, make) if len(wanted.query) <= LONGEST_KEPT else make()


def _made(db: Database, meeting: Meeting, wanted: Wanted, base_url: str, version: int, published_at: datetime) -> Feed:
    sessions = programme_sessions(db, meeting) if version else []
    chosen = wanted.chosen.apply(sessions)
    if wanted.code is not None:
        chosen = [session for session in sessions if session.code == wanted.code]
        if not chosen:
            raise NotFound(N_("There is no session at this address."))
    modified = max([published_at, *(session.changed_at for session in chosen)])
    if wanted.form == "atom":
        shown = {session.code for session in chosen} if wanted.chosen else None
        return _finished(
            wanted,
            modified,
            lambda: atom(meeting, change_log(db, meeting, newest=SHOWN), shown, wanted.chosen, base_url),
        )
    return _finished(wanted, modified, lambda: _written(meeting, chosen, wanted, base_url, version, published_at))


def _finished(wanted: Wanted, modified: datetime, write: Callable[[], bytes]) -> Feed:
    """What `write` gives in the language that is wanted."""
    before = language.current.set(wanted.language)
    try:
        body = write()
    finally:
        language.current.reset(before)
    tag = hashlib.sha256(body).hexdigest()[:32]
    return Feed(body, tag, modified.replace(microsecond=0), CONTENT_TYPES[wanted.form])


def private_feed(db: Database, kept: PrivateFeed, wanted: Wanted, base_url: str, path: str) -> Feed:
    """The calendar at `path` of what somebody chose, filtered as its address says.

    It names nobody: people show their calendars to others. It is made anew each time: one person's programs ask for it now and then, and the shelf is everybody's.
    """
    meeting = kept.meeting
    published_at = (published_version(db, meeting) or (0, _BEFORE_ALL))[1]
    codes = chosen_codes(db, kept.person, meeting)
    sessions = wanted.chosen.apply(one for one in programme_sessions(db, meeting) if one.code in codes)

    def write() -> bytes:
        source = base_url + path + (f"?{wanted.query}" if wanted.query else "")
        page = base_url + addresses.my_schedule(meeting.slug)
        name = called(meeting, gettext("my schedule"))
        return calendar(meeting, sessions, Subscription(name, source, page, base_url, wanted.alarm, busy=True))

    return _finished(wanted, max(published_at, kept.changed_at), write)


def called(meeting: Meeting, what: str) -> str:
    """What a calendar is called that holds this of the meeting's programme; nothing is the whole."""
    return " – ".join(filter(None, (meeting_name(meeting), what)))


def _written(
    meeting: Meeting, sessions: list[Session], wanted: Wanted, base_url: str, version: int, published_at: datetime
) -> bytes:
    if wanted.form == "facts":
        if wanted.code is not None:
            return session_json(meeting, sessions[0], base_url)
        return programme_json(meeting, version, published_at if version else None, sessions, base_url)
    if wanted.code is not None:
        return calendar(meeting, sessions, _of_one_session(meeting, sessions[0], wanted, base_url))
    query = wanted.chosen.query_string()
    page = base_url + addresses.programme_page(meeting.slug) + (f"?{query}" if query else "")
    if wanted.form == "ics":
        source = base_url + addresses.programme_feed(meeting.slug, "ics", wanted.query)
        name = called(meeting, filter_words(meeting, wanted.chosen))
        return calendar(meeting, sessions, Subscription(name, source, page, base_url, wanted.alarm))
    write = schedule_json if wanted.form == "json" else schedule_xml
    return write(Edition(meeting, version, sessions, base_url, page))


def _of_one_session(meeting: Meeting, session: Session, wanted: Wanted, base_url: str) -> Subscription:
    source = (
        base_url + addresses.session_feed(meeting.slug, session.code) + (f"?{wanted.query}" if wanted.query else "")
    )
    page = base_url + addresses.session_page(meeting.slug, session.code)
    return Subscription(called(meeting, title(session)), source, page, base_url, wanted.alarm, busy=True)
