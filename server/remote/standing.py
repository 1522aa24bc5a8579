"""How webhooks stand: where each is in which log, what it is to be told next, and what stands in its way."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from server.database import Database
from server.meetings.models import Meeting
from server.outside import PATIENCE
from server.problems import NotFound
from server.remote.log import silenced
from server.remote.messages import LogEvent
from server.remote.models import Delivery, Entry, Summary, Webhook
from server.remote.queries import event_of
from server.schedule.models import Session
from server.web.language import N_, gettext

#: What went wrong, in words; `%(details)s` is what the other side or the network said.
FAULTS = {
    "no-host": N_("The name of its host is not known."),
    "not-public": N_("Its host has an address that is not one of the public internet. Nothing is sent there."),
    "no-line": N_("Nobody answers at its address."),
    "no-tls": N_("Its certificate is not accepted: %(details)s"),
    "late": N_("It did not answer within %(seconds)d seconds."),
    "broken": N_("It broke off in the middle of its answer."),
    "moved": N_("It answered %(details)s: what is there has moved. Nothing is sent on, so enter its new address."),
    "gone": N_("It answered 410: it wants nothing any more."),
    "status": N_("It answered %(details)s."),
}


@dataclass(frozen=True)
class Place:
    """Where a webhook is in one session's log."""

    session: Session
    delivery: Delivery
    head: int

    @property
    def behind(self) -> int:
        """How many events it has not been told yet."""
        return self.head - self.delivery.offset


@dataclass(frozen=True)
class Standing:
    """How a webhook stands in all logs together. `worst` is the place that has been failing longest, if any is."""

    behind: int = 0
    delivered_at: datetime | None = None
    worst: Delivery | None = None


def in_words(fault: str) -> str:
    """A kept fault as a sentence in the current language; nothing for none."""
    kind, _, details = fault.partition(" ")
    if kind not in FAULTS:
        return ""
    return gettext(FAULTS[kind]) % {"details": details, "seconds": PATIENCE}


def webhooks_of(db: Database, meeting: Meeting) -> list[Webhook]:
    """The webhooks of a meeting, the oldest first."""
    return list(db.scalars(select(Webhook).filter_by(meeting_id=meeting.id).order_by(Webhook.id)))


def webhook_by_id(db: Database, meeting: Meeting, webhook_id: int) -> Webhook:
    """One webhook of a meeting; raises NotFound."""
    found = db.scalars(select(Webhook).filter_by(meeting_id=meeting.id, id=webhook_id)).first()
    if found is None:
        raise NotFound(N_("There is no such webhook. It may have been removed."))
    return found


def standings(db: Database, meeting: Meeting) -> dict[int, Standing]:
    """How the webhooks of a meeting stand, by their ids; one that has no place in any log yet is left out."""
    of_meeting = Delivery.webhook_id.in_(select(Webhook.id).filter_by(meeting_id=meeting.id))
    sums = (
        select(Delivery.webhook_id, func.sum(Summary.head - Delivery.offset), func.max(Delivery.delivered_at))
        .join(Summary, Summary.session_id == Delivery.session_id)
        .where(of_meeting)
        .group_by(Delivery.webhook_id)
    )
    failing = select(Delivery).where(of_meeting, Delivery.failing_since.is_not(None))
    newest_first = db.scalars(failing.order_by(Delivery.failing_since.desc(), Delivery.id.desc()))
    worst = {delivery.webhook_id: delivery for delivery in newest_first}
    return {
        webhook_id: Standing(int(behind), delivered_at, worst.get(webhook_id))
        for webhook_id, behind, delivered_at in db.execute(sums)
    }


def places_of(db: Database, webhook: Webhook) -> list[Place]:
    """Where a webhook is in each log that it has a place in, in the order of the programme."""
    rows = db.execute(
        select(Session, Delivery, Summary.head)
        .join(Delivery, Delivery.session_id == Session.id)
        .join(Summary, Summary.session_id == Session.id)
        .where(Delivery.webhook_id == webhook.id)
        .order_by(Session.starts_at, Session.code)
    )
    return [Place(session, delivery, head) for session, delivery, head in rows]


def next_event(db: Database, session_id: int, offset: int) -> LogEvent | None:
    """The event after `offset`, as followers see it now; None when there is none yet.

    Words that were retracted since are not told any more.
    """
    entry = db.get(Entry, (session_id, offset + 1))
    if entry is None:
        return None
    later = select(Entry.offset).filter_by(session_id=session_id, number=entry.number, op="retract")
    retracted = db.scalars(later.where(Entry.offset > entry.offset).limit(1)).first() is not None
    return silenced(event_of(entry), f"p{entry.number}") if retracted else event_of(entry)
