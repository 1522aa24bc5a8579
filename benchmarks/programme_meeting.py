"""The meeting that `benchmarks.programme` measures: so many sessions in twelve rooms on five days, none of which clash."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random

from server.database import Database
from server.meetings.models import Meeting, Room, SessionType, Track
from server.schedule.actions import publish
from server.schedule.drafting import edit, whole_plan
from server.schedule.plan import Named, Planned

SLUG = "igf2014"
ROOMS, TRACKS, DAYS, PEOPLE, CHARACTERS = 12, 8, 5, 400, 600
#: Minutes of the longest session, and of a day between its first start and its last end; it begins at 05:30 UTC.
LONGEST, OPEN = 90, 600
BEGINS = datetime(2014, 9, 2, 5, 30, tzinfo=UTC)
TYPES = {
    "main": "Main Session",
    "workshop": "Workshop",
    "open-forum": "Open Forum",
    "dc": "Dynamic Coalition",
    "talk": "Lightning Talk",
}
GROUPS = ("government", "civil-society", "private-sector", "technical-community")
PARTS = ("chair", "moderator", "rapporteur", "speaker")
SYLLABLES = (
    "ac",
    "ber",
    "co",
    "da",
    "en",
    "for",
    "go",
    "hu",
    "in",
    "lo",
    "mul",
    "net",
    "o",
    "pol",
    "ri",
    "sta",
    "ti",
    "ver",
)
#: Words of a made-up language, common and rare ones: real texts can be compressed as much, and not as much as repeats.
WORDS = ["".join(choice) for length in (1, 2, 3) for choice in product(SYLLABLES, repeat=length)]


def make_programme(db: Database, sessions: int, now: datetime) -> Meeting:
    """Draft and publish a meeting with so many sessions."""
    meeting = Meeting(
        slug=SLUG, number=9, short_name="IGF 2014", name={"en": "Ninth Annual Meeting of the Internet Governance Forum"},
        city={"en": "Istanbul", "ja": "イスタンブール"}, country={"en": "Turkey", "ja": "トルコ"}, venue={"en": "Lütfi Kırdar ICEC"},
        timezone="Europe/Istanbul", first_day=date(2014, 9, 2), days=DAYS, track_label={"en": "Sub-theme"},
    )  # fmt: skip
    meeting.tracks = [
        Track(key=f"t{n}", position=n, name={"en": f"{_words(n, 3)} ({n})"}) for n in range(1, TRACKS + 1)
    ]
    colours = ("red", "blue", "green", "purple", "teal")
    meeting.session_types = [
        SessionType(
            key=key, position=n, name={"en": name}, colour=colours[n - 1], mark=key[:2].upper(), usual_minutes=60
        )
        for n, (key, name) in enumerate(TYPES.items(), 1)
    ]
    meeting.rooms = [
        Room(key=f"wr{n:02}", position=n, name={"en": f"Workshop Room {n:02}"}, place={"en": "Rumeli Ground Floor"}, capacity=120)
        for n in range(1, ROOMS + 1)
    ]  # fmt: skip
    db.add(meeting)
    db.flush()
    planned = [_session(number, sessions) for number in range(sessions)]
    edit(db, None, meeting, "file", {one.code: one for one in planned}, None, now)
    publish(db, meeting, now)
    return meeting


def _session(number: int, sessions: int) -> Planned:
    """The sessions of one slot follow each other, so none of the people is in two of them."""
    slot, place = divmod(number, ROOMS * DAYS)
    day, room = divmod(place, ROOMS)
    minutes = min(LONGEST, OPEN // -(-sessions // (ROOMS * DAYS)) // 5 * 5)
    start = BEGINS + timedelta(days=day, minutes=slot * minutes)
    kinds = [key for key in TYPES if key != "main"]
    return Planned(
        code=f"ws{number + 1}",
        uid=f"5b8e0000-0000-4000-8000-{number:012}",
        title={"en": f"{_words(number * 5, 7)} {number + 1}"},
        description={"en": _words(number * 3, 120)[:CHARACTERS]},
        type="main" if number % 40 == 0 else kinds[number % len(kinds)],
        track=f"t{number % TRACKS + 1}",
        room=f"wr{room + 1:02}",
        day=start.date(),
        starts_at=start,
        minutes=minutes,
        people=tuple(_named(number * len(PARTS) + index, part) for index, part in enumerate(PARTS)),
    )


def _named(number: int, part: str) -> Named:
    who = number % PEOPLE
    return Named(
        part, f"{_words(who, 1)} {_words(who // len(WORDS) + 7, 1)}-{who}", f"{_words(who, 2)} Society", GROUPS[who % 4]
    )


def _words(seed: int, count: int) -> str:
    """So many words by chance, the same for the same seed; every tenth is emphasised as Markdown has it."""
    chance = Random(seed)
    words = [WORDS[int(len(WORDS) * chance.random() ** 3)] for _ in range(count)]
    return " ".join(f"*{word}*" if index % 10 == 9 else word for index, word in enumerate(words)).capitalize()


def retitle(db: Database, meeting: Meeting, codes: Collection[str], mark: str, now: datetime) -> None:
    """Draft other titles for these sessions."""
    plan = whole_plan(db, meeting)
    wanted = {
        code: plan[code].planned.changed(title={"en": f"{plan[code].planned.title['en'].split(' – ')[0]} – {mark}"})
        for code in codes
    }
    edit(db, None, meeting, "change", wanted, None, now)
