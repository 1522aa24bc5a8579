"""What organisers do with webhooks: make them, pause them, renew their secrets, take them away."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Integer, Table, bindparam, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server import clock
from server.database import Database, Instant, Record
from server.mail import write_letter
from server.meetings.models import Meeting, Role
from server.meetings.queries import grants_of
from server.notices import post
from server.people.models import Person
from server.problems import Conflict
from server.remote.actions import SummaryChanged
from server.remote.models import Delivery, Summary, Webhook
from server.schedule.models import Session
from server.settings import Settings
from server.tokens import derived
from server.web.language import N_

#: Webhooks of one meeting.
MOST = 20
#: How long a secret that was renewed goes on signing beside the new one.
OVERLAP = timedelta(hours=24)
_KIND = "webhook"


@dataclass(frozen=True)
class DeliveryDue:
    """Something waits to be delivered to a webhook."""


def mark_due(db: Database, notice: SummaryChanged) -> None:
    """Note in the same transaction, for each webhook that is to hear of it, that something was written."""
    marked = db.execute(_mark(db.get_bind().dialect.name), {"now": clock.now(), "session": notice.session_id})
    if marked.first() is not None:
        post(db, DeliveryDue())


@lru_cache
def _mark(dialect: str) -> Executable:
    """One statement, run with every write to a log. A webhook that has all is due now; one that is behind stays as it
    is, being told just now or waiting for better times. Its row is locked either way, so that whoever tells it sees
    this write afterwards; and so is the webhook's, lest it be removed meanwhile and this write fail for it.
    """
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    facts = {
        "webhook_id": Webhook.id, "session_id": Session.id, "offset": literal(0), "attempts": literal(0),
        "fault": literal(""), "due_at": bindparam("now", type_=Instant()),
    }  # fmt: skip
    told = select(*facts.values()).join(Session, Session.meeting_id == Webhook.meeting_id)
    told = told.where(Session.id == bindparam("session", type_=Integer()))
    told = told.where(or_(Webhook.session_id.is_(None), Webhook.session_id == Session.id))
    place = Table("delivery", Record.metadata)  # the table, not the record: the ORM would take values for its columns
    row = insert(place).from_select(list(facts), told.with_for_update(read=True, key_share=True, of=Webhook))
    return row.on_conflict_do_update(
        index_elements=["webhook_id", "session_id"],
        set_={"due_at": row.excluded.due_at},
        where=place.c.due_at.is_(None),
    ).returning(place.c.id)


def make_webhook(
    db: Database, person: Person, meeting: Meeting, label: str, url: str, session: Session | None, *,
    from_beginning: bool, now: datetime,
) -> Webhook:  # fmt: skip
    """A webhook for one session or all, told of what is written from now on, or of everything so far as well.

    Raises Conflict when the meeting has as many as it may.
    """
    _take_turn(db, meeting)
    there = db.scalar(select(func.count()).select_from(Webhook).filter_by(meeting_id=meeting.id))
    if there is not None and there >= MOST:
        raise Conflict(
            N_("This meeting has %(most)d webhooks, and more are not possible. Remove one first."), most=MOST
        )
    webhook = Webhook(
        meeting_id=meeting.id, session_id=session.id if session else None, label=label, url=url, made_at=now,
        key=secrets.token_hex(12), made_by=person.id,
    )  # fmt: skip
    db.add(webhook)
    db.flush()
    _begin(db, webhook, from_beginning, now)
    return webhook


def _begin(db: Database, webhook: Webhook, from_beginning: bool, now: datetime) -> None:
    """Its place in every log in which something stands already; in the others it begins at 0, with the first write.

    The logs are locked, so that what is written meanwhile comes either before this or after it.
    """
    written = select(Summary).join(Session).where(Session.meeting_id == webhook.meeting_id)
    if webhook.session_id is not None:
        written = written.where(Summary.session_id == webhook.session_id)
    for summary in db.scalars(written.order_by(Summary.session_id).with_for_update(of=Summary)).all():
        if summary.head > 0:
            offset, due_at = (0, now) if from_beginning else (summary.head, None)
            db.add(Delivery(webhook_id=webhook.id, session_id=summary.session_id, offset=offset, due_at=due_at))
    db.flush()
    post(db, DeliveryDue())


def change_webhook(db: Database, webhook: Webhook, label: str, url: str, now: datetime) -> None:
    """Call it otherwise, or send it elsewhere from now on; what is due is tried at the new address at once."""
    moved = webhook.url != url
    webhook.label, webhook.url = label, url
    if moved:
        try_again(db, webhook, now)


def pause(webhook: Webhook) -> None:
    """Send nothing until it is resumed; what is written meanwhile is kept for it."""
    webhook.active = False


def resume(db: Database, webhook: Webhook, now: datetime) -> None:
    """Send again, beginning with what it has missed, as if nothing had failed."""
    webhook.active = True
    _send_at_once(db, webhook, due_at=now, failing_since=None, fault="", attempts=0)


def try_again(db: Database, webhook: Webhook, now: datetime) -> None:
    """Send what it has not got yet at once, whatever pause was kept."""
    _send_at_once(db, webhook, due_at=now)


def _send_at_once(db: Database, webhook: Webhook, **facts: Any) -> None:
    """In one statement, and with the webhook held: see `courier`, which does the same."""
    db.execute(update(Webhook).where(Webhook.id == webhook.id).values(rests_until=None))
    db.execute(update(Delivery).where(Delivery.webhook_id == webhook.id, Delivery.due_at.is_not(None)).values(facts))
    post(db, DeliveryDue())


def give_up(db: Database, webhook: Webhook, delivery: Delivery, now: datetime) -> None:
    """Pause a webhook that does not work, and write to whoever made it, or to all organisers when that is none of them."""
    if not webhook.active:
        return
    webhook.active = False
    grants = grants_of(db, db.get_one(Meeting, webhook.meeting_id))
    organisers = [grant.person for grant in grants if grant.role == Role.ORGANISER]
    ids = {"webhook_id": webhook.id, "delivery_id": delivery.id}
    for person in [one for one in organisers if one.id == webhook.made_by] or organisers:
        write_letter(db, person.email, "remote.webhook_paused", ids, person.language, now)


def renew_secret(webhook: Webhook, now: datetime) -> None:
    """Make another signing secret; for a day the one before signs as well."""
    webhook.generation += 1
    webhook.renewed_at = now


def remove_webhook(db: Database, webhook: Webhook) -> None:
    """Take it away, with its places in the logs."""
    db.delete(webhook)


def secret_of(webhook: Webhook, settings: Settings) -> bytes:
    """The signing secret, as it is now."""
    return _secret(webhook, settings, webhook.generation)


def signing_secrets(webhook: Webhook, settings: Settings, now: datetime) -> tuple[bytes, ...]:
    """The secrets that sign now: the present one, and for a day after it was renewed the one before."""
    overlaps = overlap_until(webhook, now) is not None
    generations = (webhook.generation, webhook.generation - 1) if overlaps else (webhook.generation,)
    return tuple(_secret(webhook, settings, generation) for generation in generations)


def overlap_until(webhook: Webhook, now: datetime) -> datetime | None:
    """Until when the secret before signs too; None when it does not."""
    until = webhook.renewed_at + OVERLAP if webhook.renewed_at else now
    return until if until > now else None


def _secret(webhook: Webhook, settings: Settings, generation: int) -> bytes:
    return derived(settings.secret.get_secret_value(), _KIND, webhook.key, generation)


def _take_turn(db: Database, meeting: Meeting) -> None:
    """Wait for whoever else makes one, lest there be one too many."""
    db.execute(select(Meeting.id).filter_by(id=meeting.id).with_for_update(key_share=True))
