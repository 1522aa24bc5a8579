"""What somebody does about a schedule of their own: choose from the programme, and keep the calendar of it private."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from server.database import Database, insert_unless_there
from server.meetings.models import Meeting
from server.people.actions import SignedIn
from server.people.models import Person
from server.problems import NotFound
from server.schedule.actions import private_feed_for
from server.schedule.models import Chosen, Session
from server.schedule.queries import private_feed_of, published_version
from server.schedule.words import end_of
from server.web.language import N_


def published_codes(db: Database, meeting: Meeting) -> dict[str, int]:
    """What one can choose from: every published session's id, by its code."""
    if published_version(db, meeting) is None:
        return {}
    query = select(Session.code, Session.id).filter_by(meeting_id=meeting.id)
    return {row.code: row.id for row in db.execute(query)}


def need_published(known: Collection[str], codes: Iterable[str]) -> None:
    """Raises NotFound when one of these cannot be chosen."""
    if not set(codes) <= set(known):
        raise NotFound(N_("There is no such session in the programme."))


def choose(db: Database, person: Person, meeting: Meeting, codes: Collection[str], now: datetime) -> None:
    """Mean to go to these sessions; raises NotFound when one is not published, and then chooses none."""
    known = published_codes(db, meeting)
    need_published(known, codes)
    _add(db, person, meeting, [known[code] for code in codes], now)


def drop(db: Database, person: Person, meeting: Meeting, codes: Collection[str], now: datetime) -> None:
    """Not mean to go to these sessions any more; those that were not chosen stay so."""
    known = published_codes(db, meeting)
    ids = [known[code] for code in codes if code in known]
    gone = delete(Chosen).where(Chosen.person_id == person.id, Chosen.session_id.in_(ids)).returning(Chosen.session_id)
    if db.scalars(gone).all():
        private_feed_for(db, person, meeting, now).changed_at = now


def take_over(db: Database, notice: SignedIn) -> None:
    """What a browser kept for a stranger who has now signed in is their account's; what is gone meanwhile is left out."""
    if not notice.kept:
        return
    person = db.get_one(Person, notice.person_id)
    for meeting in db.scalars(select(Meeting).where(Meeting.slug.in_(notice.kept)).order_by(Meeting.id)):
        known = published_codes(db, meeting)
        _add(db, person, meeting, [known[code] for code in notice.kept[meeting.slug] if code in known], notice.at)


def _add(db: Database, person: Person, meeting: Meeting, ids: Collection[int], now: datetime) -> None:
    rows = [{"person_id": person.id, "session_id": one, "at": now} for one in sorted(set(ids))]
    if insert_unless_there(db, Chosen, *rows):
        private_feed_for(db, person, meeting, now).changed_at = now


def revoke_feed(db: Database, person: Person, meeting: Meeting) -> None:
    """Let the private calendar have no address any more; without one nothing changes."""
    feed = private_feed_of(db, person, meeting)
    if feed is not None:
        feed.generation, feed.revoked = feed.generation + 1, True


def renew_feed(db: Database, person: Person, meeting: Meeting, now: datetime) -> None:
    """Give the private calendar another address, or its first one; the earlier leads nowhere."""
    known = private_feed_of(db, person, meeting)
    feed = private_feed_for(db, person, meeting, now)
    if known is not None:
        feed.generation, feed.revoked = feed.generation + 1, False


def clashes_among(sessions: Sequence[Session]) -> dict[str, list[Session]]:
    """With which of the others each session overlaps, by its code; who goes to one may be late for another.

    One that ends when another begins clashes with none of them, nor does one that is cancelled or has no time.
    """
    taking_place = [one for one in sessions if one.starts_at and not one.cancelled]
    clashes = {one.code: [other for other in taking_place if _overlap(one, other)] for one in taking_place}
    return {code: others for code, others in clashes.items() if others}


def _overlap(one: Session, other: Session) -> bool:
    assert one.starts_at
    assert other.starts_at
    return one.code != other.code and one.starts_at < end_of(other) and other.starts_at < end_of(one)
