"""A programme as an iCalendar object (RFC 5545, RFC 7986), the same bytes for the same published sessions.

The objects are put together property by property: the library's own constructors invent a UID and a DTSTAMP
of now, and its time zones begin an hour late on the night the clock goes forward.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vText, vUri

from server import clock, markdown
from server.meetings.models import Meeting
from server.schedule import addresses
from server.schedule.models import Session
from server.schedule.words import ESTIMATE, PARTS, clean, end_of, people_by_part
from server.web import language
from server.web.language import gettext

#: How often a client may come again, where it asks us.
REFRESH = timedelta(hours=1)
LONGEST_ALARM = 24 * 60
_END = b"END:VCALENDAR\r\n"
_UTC = ("UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal")


@dataclass(frozen=True)
class Subscription:
    """What a calendar is called, where it is, which page shows the same, and what its reader asked for.

    `busy` says whether its sessions fill the reader's time: one session does, a whole programme must not.
    """

    name: str
    source: str
    page: str
    base_url: str
    alarm: int | None = None
    busy: bool = False


def alarm_minutes(given: str | None) -> int | None:
    """Minutes before a session at which to ring; None unless a whole number up to a day was given."""
    if given is None or not given.isascii() or not given.isdigit() or len(given) > 4:
        return None
    return int(given) if 1 <= int(given) <= LONGEST_ALARM else None


def calendar(meeting: Meeting, sessions: Sequence[Session], asked: Subscription) -> bytes:
    """The sessions that have a time, in the current language."""
    timed = [session for session in sessions if session.starts_at]
    made = Calendar()
    made.add("PRODID", "-//Plenary//Programme//EN")
    made.add("VERSION", "2.0")
    made.add("CALSCALE", "GREGORIAN")
    made.add("NAME", vText(asked.name))
    made.add("X-WR-CALNAME", vText(asked.name))
    made.add("X-WR-TIMEZONE", vText(meeting.timezone))
    made.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("X-PUBLISHED-TTL", "PT1H")
    made.add("SOURCE", vUri(asked.source, params={"VALUE": "URI"}))
    made.add("URL", vUri(asked.page))
    if meeting.timezone not in _UTC:
        made.add_component(_time_zone(meeting, timed))
    frame, end = bytes(made.to_ical()).split(_END)
    return b"".join([frame, *(_entry_bytes(meeting, session, asked) for session in timed), _END, end])


class _Entries:
    """Finished VEVENTs, those asked for last: when one session changes, the others need not be written again."""

    MOST = 20_000

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """The bytes under a key, made now if they are not there; two who make the same make equal bytes."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self.MOST:
                self._kept.popitem(last=False)
        return made


_entries = _Entries()


def _entry_bytes(meeting: Meeting, session: Session, asked: Subscription) -> bytes:
    """A VEVENT as it stands in a file. The fingerprint tells whether anything that it shows is another."""
    shown = (session.uid, session.fingerprint, session.sequence, session.changed_at)
    key = (*shown, language.current.get(), asked.base_url, asked.alarm, asked.busy)
    if not session.fingerprint:
        return bytes(_entry(meeting, session, asked).to_ical())
    return _entries.get(key, lambda: bytes(_entry(meeting, session, asked).to_ical()))


def _entry(meeting: Meeting, session: Session, asked: Subscription) -> Event:
    live = asked.base_url + addresses.live_page(meeting.slug, session.code)
    entry = Event()
    entry.add("UID", session.uid)
    entry.add("DTSTAMP", session.changed_at)
    entry.add("LAST-MODIFIED", session.changed_at)
    entry.add("SEQUENCE", session.sequence)
    entry.add("STATUS", "CANCELLED" if session.cancelled else "CONFIRMED")
    entry.add("TRANSP", "OPAQUE" if asked.busy and not session.cancelled else "TRANSPARENT")
    start, end = _stretch(session, meeting.timezone)
    entry.add("DTSTART", start)
    entry.add("DTEND", end)
    entry.add("SUMMARY", vText(_summary(session)))
    entry.add("DESCRIPTION", vText(_description(session, live)))
    entry.add("CATEGORIES", [vText(name) for name in _categories(session)])
    if place := _place(meeting, session):
        entry.add("LOCATION", vText(place))
    entry.add("URL", vUri(asked.base_url + addresses.session_page(meeting.slug, session.code)))
    features = {"VALUE": "URI", "FEATURE": ["AUDIO", "VIDEO", "FEED"], "LABEL": gettext("Follow live")}
    entry.add("CONFERENCE", vUri(live, params=features))
    if asked.alarm is not None:
        entry.add_component(_ring(asked.alarm, _summary(session)))
    return entry


def _stretch(session: Session, zone: str) -> tuple[datetime, datetime]:
    """Start and end in the meeting's zone. An hour that comes twice, when the clock goes back, cannot be
    told from its twin by a wall clock (RFC 5545 3.3.5 takes the first), so such a session is given in UTC."""
    assert session.starts_at
    both = session.starts_at, end_of(session)
    start, end = (clock.local(moment, zone) for moment in both)
    if zone in _UTC or start.fold or end.fold:
        return both[0].astimezone(UTC), both[1].astimezone(UTC)
    return start, end


def _summary(session: Session) -> str:
    kind = session.type.mark or language.pick(session.type.name)
    words = f"[{clean(kind)}] {clean(language.pick(session.title))}"
    return gettext("Cancelled: %(title)s") % {"title": words} if session.cancelled else words


def _categories(session: Session) -> list[str]:
    names = [clean(language.pick(session.type.name)) or session.type.key]
    if session.track:
        names.append(clean(language.pick(session.track.name)) or session.track.key)
    return names


def _place(meeting: Meeting, session: Session) -> str:
    room = session.room
    texts = [*([room.name, room.place] if room else []), meeting.venue, meeting.city]
    return ", ".join(words for words in (clean(language.pick(text)) for text in texts) if words)


def _description(session: Session, live: str) -> str:
    """Plain text; its first line is the live address, for the many clients that show no CONFERENCE."""
    facts = [f"{session.code.upper()} · " + " · ".join(_categories(session))]
    if session.end_is_estimate:
        facts.append(gettext(ESTIMATE))
    people = [f"{gettext(PARTS[part])}: {'; '.join(names)}" for part, names in people_by_part(session)]
    text = markdown.to_plain(clean(language.pick(session.description)))
    return clean("\n\n".join(part for part in (live, "\n".join(facts), text, "\n".join(people)) if part))


def _ring(minutes: int, words: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("TRIGGER", timedelta(minutes=-minutes))
    alarm.add("DESCRIPTION", vText(words))
    return alarm


def _time_zone(meeting: Meeting, timed: Sequence[Session]) -> Timezone:
    """The meeting's zone in the years its sessions touch: one observance for each change of the clock."""
    zone = ZoneInfo(meeting.timezone)
    years = {day.year for day in meeting.all_days}
    years |= {
        clock.local(moment, meeting.timezone).year
        for one in timed
        if one.starts_at
        for moment in (one.starts_at, end_of(one))
    }
    first = datetime(min(years), 1, 1, tzinfo=UTC) - timedelta(days=1)
    made = Timezone()
    made.add("TZID", meeting.timezone)
    made.add_component(_observance(first, zone, first.astimezone(zone).utcoffset()))
    for change, before in _changes(first, datetime(max(years) + 1, 1, 2, tzinfo=UTC), zone):
        made.add_component(_observance(change, zone, before))
    return made


def _changes(first: datetime, last: datetime, zone: ZoneInfo) -> list[tuple[datetime, timedelta | None]]:
    """Each instant at which the zone's clock changes, with the offset that held before it."""
    found = []
    day = first
    while day < last:
        following = day + timedelta(days=1)
        before = day.astimezone(zone).utcoffset()
        if following.astimezone(zone).utcoffset() != before:
            found.append((_moment_of_change(day, following, zone), before))
        day = following
    return found


def _moment_of_change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _observance(change: datetime, zone: ZoneInfo, before: timedelta | None) -> TimezoneStandard | TimezoneDaylight:
    """From `change` on. Its DTSTART is told by the clock as it stood before (RFC 5545 3.6.5)."""
    there = change.astimezone(zone)
    made = TimezoneDaylight() if there.dst() else TimezoneStandard()
    made.add("DTSTART", change.replace(tzinfo=None) + (before or timedelta()))
    made.add("TZOFFSETFROM", before)
    made.add("TZOFFSETTO", there.utcoffset())
    made.add("TZNAME", there.tzname())
    return made
