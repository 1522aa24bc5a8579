"""The demonstration: the ninth Internet Governance Forum, ready to be tried."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from server import clock
from server.app import Plenary
from server.database import Database
from server.meetings.actions import grant_role
from server.meetings.listing import load_listing
from server.meetings.models import Meeting, Role
from server.meetings.queries import all_meetings, meeting_by_slug
from server.people import addresses as people_addresses
from server.people.actions import invite, person_for
from server.people.models import Person
from server.problems import Conflict
from server.registration.past_figures import load_figures
from server.remote.actions import append_paragraph, translate_paragraph
from server.remote.models import SummaryStatus
from server.remote.queries import paragraph_by_id, summary_of, translation_of
from server.schedule.actions import shift_to_today
from server.schedule.addresses import live_page
from server.schedule.loading import load_programme
from server.schedule.models import Session
from server.schedule.queries import on_now
from server.serving import Server
from server.settings import Settings

log = structlog.get_logger()

SLUG = "igf2014"
#: Seconds between two paragraphs of the sample summary.
PACE = 6.0
_HERE = Path(__file__).resolve().parent
FILES = _HERE / "demo" if (_HERE / "demo").is_dir() else _HERE.parent / "demo"


@dataclass(frozen=True)
class Links:
    """What is printed for the person who tries it."""

    home: str
    organiser: str
    rapporteur: str
    live: str | None


def prepare(db: Database, settings: Settings, now: datetime, *, today: bool) -> Links:
    """Load IGF 2014, the past meetings and their figures if there is no meeting yet; with `today`, let it take place now."""
    if not all_meetings(db):
        load_listing(db, (FILES / "meetings.csv").read_text(encoding="utf-8"), now)
        load_programme(db, (FILES / "igf2014.yaml").read_text(encoding="utf-8"), now)
        db.flush()
        load_figures(db, (FILES / "participation_statistics.csv").read_text(encoding="utf-8"))
    meeting = meeting_by_slug(db, SLUG)
    if today:
        shift_to_today(db, meeting, clock.local(now, meeting.timezone).date(), now)
    running = on_now(db, meeting, now) if today else []
    base = settings.base_url
    return Links(
        home=f"{base}/{SLUG}",
        organiser=_sign_in(db, base, "organiser@example.org", "Olga Organiser", Role.ORGANISER, meeting, now),
        rapporteur=_sign_in(db, base, "rapporteur@example.org", "Ray Porter", Role.RAPPORTEUR, meeting, now),
        live=base + live_page(SLUG, running[0].code) if running else None,
    )


def _sign_in(db: Database, base: str, email: str, name: str, role: Role, meeting: Meeting, now: datetime) -> str:
    person_for(db, email, now, name=name)
    person, secret = invite(db, email, f"/{SLUG}/desk", now)
    grant_role(db, person, role, meeting)
    return people_addresses.sign_in_link(base, secret)


class DemoServer(Server):
    """Serves, and writes the sample summary into the session that is on."""

    writing: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Begin to write once the server listens."""
        await super().startup(sockets)  # type: ignore[arg-type]
        self.writing = asyncio.create_task(write_sample(self.plenary))


async def write_sample(plenary: Plenary, pace: float = PACE) -> None:
    """Write the sample summary paragraph by paragraph, as a rapporteur would, going on where it was left."""
    lines = (FILES / "summary.jsonl").read_text(encoding="utf-8").splitlines()
    while await plenary.store.write(lambda db: _write_next(db, lines, clock.now())):  # noqa: ASYNC110 (a pace, not a poll)
        await asyncio.sleep(pace)


def _write_next(db: Database, lines: list[str], now: datetime) -> bool:
    """Write the next paragraph into the session that is on, and the one before it in Japanese: translators come after.

    False when there is nothing more to write.
    """
    running = on_now(db, meeting_by_slug(db, SLUG), now)
    if not running:
        return False
    session: Session = running[0]
    summary = summary_of(db, session)
    if summary.paragraphs > len(lines) or summary.status not in (SummaryStatus.WAITING, SummaryStatus.LIVE):
        return False
    person: Person = person_for(db, "rapporteur@example.org", now)
    try:
        if summary.paragraphs:
            _translate(db, person, session, summary.paragraphs, json.loads(lines[summary.paragraphs - 1]), now)
        if summary.paragraphs == len(lines):
            return False
        append_paragraph(db, person, session, json.loads(lines[summary.paragraphs])["en"], "en", now=now)
    except Conflict:  # somebody closed it between the look and the write
        return False
    return True


def _translate(
    db: Database, person: Person, session: Session, number: int, texts: dict[str, str], now: datetime
) -> None:
    """The Japanese of a paragraph that is still the sample's; visitors may have written, too."""
    paragraph = paragraph_by_id(db, session, f"p{number}")
    if paragraph.text == texts["en"] and paragraph.state == "shown" and not translation_of(db, paragraph, "ja"):
        rev = paragraph.rev
        translate_paragraph(db, person, session, paragraph.id, "ja", texts["ja"], of_rev=rev, base_rev=0, now=now)
