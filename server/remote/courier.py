"""The courier brings webhooks what was written, event by event, each claimed before and noted after."""

import asyncio
import random
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, func, or_, select, update

from server import clock
from server.database import Database, Store
from server.outside import Answer, Outside
from server.problems import TooMany
from server.remote.log import Cursor
from server.remote.models import Delivery, Summary, Webhook
from server.remote.parcel import Parcel, encoded
from server.remote.standing import next_event
from server.remote.webhooks import DeliveryDue, give_up, signing_secrets
from server.rounds import Rounds
from server.schedule.addresses import live_page
from server.settings import Settings
from server.web.language import N_, pick

log = structlog.get_logger()

#: A courier that died holds a delivery no longer than this; a request takes ten seconds at most.
LEASE = timedelta(seconds=30)
#: First pause after a failure, about; it doubles up to the longest.
PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
#: The longest pause that the other side can ask for.
LONGEST_WAIT = timedelta(days=1)
#: A webhook that has been failing for so long is paused, and a letter says so.
PATIENCE = timedelta(days=3)
#: Requests at a time in all, to one webhook, and of those that organisers send to try one out.
AT_ONCE, TO_ONE, TRIALS = 40, 4, 4
#: How soon it looks again for what somebody else held.
SOON = 0.05
#: How long a stopping server waits for what is under way.
LAST_PARCELS = 3.0


@dataclass(frozen=True)
class Errand:
    """A claimed delivery: its webhook is to be told the event after `offset`."""

    delivery_id: int
    webhook_id: int
    session_id: int
    offset: int


class Courier:
    """Sends what is due, several webhooks at a time and each log in order; one that fails holds up no other.

    An event is sent twice only if this process dies, or the line is lost, between the receiver's yes and our note
    of it. Both copies then carry the same id.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.outside = Outside(local=settings.webhooks_local)
        self._errands: dict[Errand, asyncio.Task[None]] = {}
        self._trials = 0
        self._rounds = Rounds(self._set_out, "courier")

    def start(self) -> None:
        """Begin sending, on the running event loop."""
        self._rounds.start()

    async def stop(self) -> None:
        """Finish what is under way if that is soon done, leave the rest to whoever looks next, and send no more."""
        await self._rounds.stop(LAST_PARCELS)
        if self._errands:
            await asyncio.wait(self._errands.values(), timeout=LAST_PARCELS)
        late = dict(self._errands)
        for task in late.values():
            task.cancel()
        await asyncio.gather(*late.values(), return_exceptions=True)
        if late:
            with suppress(Exception):  # the database may be away; then the lease runs out by itself
                await self.store.write(lambda db: release(db, late, clock.now()))
        await self.outside.close()

    def told(self, _notice: DeliveryDue) -> None:
        """Wake the courier; called from whichever thread committed what is due."""
        self._rounds.told()

    async def try_out(self, parcel: Parcel) -> Answer:
        """Send one parcel for somebody who waits for the answer; raises TooMany when many do."""
        if self._trials >= TRIALS:
            raise TooMany(
                N_("Others are trying out their webhooks just now. Please try again in a moment."), retry_after=10
            )
        self._trials += 1
        try:
            return await self._post(parcel)
        finally:
            self._trials -= 1

    async def _set_out(self) -> bool:
        """Set out with what has been due longest. False when nothing is, or as many are out as may be."""
        if len(self._errands) >= AT_ONCE:
            return False
        held, now = list(self._errands), clock.now()
        if await self.store.read(lambda db: db.scalars(due(held, now)).first()) is None:
            return False
        errand = await self.store.write(lambda db: claim(db, held, now))
        if errand is None:  # a writer holds it for a moment, or another process has just taken it
            asyncio.get_running_loop().call_later(SOON, self._rounds.wake)
            return False
        self._errands[errand] = asyncio.create_task(self._run_errand(errand))
        return True

    async def _run_errand(self, errand: Errand) -> None:
        try:
            parcel = await self.store.read(lambda db: pack(db, errand, self.settings))
            answer = await self._post(parcel) if parcel else None
            await self.store.write(lambda db: settle(db, errand, answer, clock.now()))
        except Exception:  # whatever it was, the lease runs out, and the others go on
            log.exception("errand", webhook=errand.webhook_id, session=errand.session_id)
        finally:
            del self._errands[errand]
            self._rounds.wake()

    async def _post(self, parcel: Parcel) -> Answer:
        return await self.outside.post(parcel.url, parcel.headers(clock.now()), parcel.body)


def due(held: Collection[Errand], now: datetime) -> Select[Delivery]:
    """The delivery that has been due longest, beside those under way; of several any, so that none starves."""
    busy = [webhook_id for webhook_id, count in Counter(one.webhook_id for one in held).items() if count >= TO_ONE]
    waiting = select(Delivery).join(Webhook).where(Delivery.due_at <= now, Webhook.active)
    waiting = waiting.where(or_(Webhook.rests_until.is_(None), Webhook.rests_until <= now))
    others = waiting.where(Delivery.id.not_in([one.delivery_id for one in held]), Webhook.id.not_in(busy))
    return others.order_by(Delivery.due_at, func.random()).limit(1)


def claim(db: Database, held: Collection[Errand], now: datetime) -> Errand | None:
    """Take a delivery that is due, so that nobody else sends it meanwhile."""
    delivery = db.scalars(due(held, now).with_for_update(skip_locked=True, of=Delivery)).first()
    if delivery is None:
        return None
    delivery.due_at = now + LEASE
    return Errand(delivery.id, delivery.webhook_id, delivery.session_id, delivery.offset)


def pack(db: Database, errand: Errand, settings: Settings) -> Parcel | None:
    """What is to be sent; None when there is nothing, or nobody to send it to."""
    webhook, summary = db.get(Webhook, errand.webhook_id), db.get(Summary, errand.session_id)
    following = next_event(db, errand.session_id, errand.offset)
    if webhook is None or summary is None or following is None:
        return None
    cursor, session = Cursor(summary.epoch, following["offset"]), summary.session
    facts = {
        "code": session.code,
        "title": pick(session.title, session.language),
        "url": settings.base_url + live_page(session.meeting.slug, session.code),
    }
    content = {
        "type": "event",
        "id": str(cursor),
        "meeting": session.meeting.slug,
        "session": facts,
        "event": following,
    }
    return Parcel(str(cursor), webhook.url, encoded(content), signing_secrets(webhook, settings, clock.now()))


def settle(db: Database, errand: Errand, answer: Answer | None, now: datetime) -> None:
    """Note what came of it: the webhook's place moves on only after a yes."""
    failed = answer is not None and not answer.is_good
    # Who fails may change the webhook too: it is held first, as at the desk, so that no two wait for each other.
    webhook = db.get(Webhook, errand.webhook_id, with_for_update={"key_share": True}) if failed else None
    own = select(Delivery).where(Delivery.id == errand.delivery_id, Delivery.offset == errand.offset)
    delivery = db.scalars(own.with_for_update()).first()
    if delivery is None:
        log.info("nothing to note", webhook=errand.webhook_id)  # taken away, or somebody else has brought this event
    elif answer is not None and webhook is not None:
        _put_off(db, webhook, delivery, answer, now)
    else:
        _move_on(db, delivery, errand.offset + (answer is not None), now)


def _move_on(db: Database, delivery: Delivery, offset: int, now: datetime) -> None:
    """Changes the row once: a second change would have PostgreSQL look at the log's row, which a writer may hold who
    waits for this one."""
    # Read while the row is held: a write to the log marks it first, so none is missed.
    head = db.scalar(select(Summary.head).filter_by(session_id=delivery.session_id))
    if offset > delivery.offset:
        delivery.offset, delivery.delivered_at = offset, now
    delivery.attempts, delivery.fault, delivery.failing_since = 0, "", None
    delivery.due_at = now if head is not None and head > offset else None


def _put_off(db: Database, webhook: Webhook, delivery: Delivery, answer: Answer, now: datetime) -> None:
    delivery.attempts += 1
    delivery.fault = fault_of(answer)[:500]
    delivery.failing_since = delivery.failing_since or now
    asked = timedelta(seconds=min(answer.wait(now), LONGEST_WAIT.total_seconds()))
    delivery.due_at = now + max(pause_after(delivery.attempts), asked)
    log.warning("webhook not delivered", webhook=webhook.id, session=delivery.session_id, fault=delivery.fault)
    if asked:  # it speaks of itself, not of this session
        webhook.rests_until = now + asked
    if answer.status == 410 or now - delivery.failing_since >= PATIENCE:
        give_up(db, webhook, delivery, now)


def fault_of(answer: Answer) -> str:
    """What went wrong, as it is kept: one of `standing.FAULTS`, and details."""
    if answer.fault:
        return f"{answer.fault} {answer.details}".strip()
    kind = {3: "moved"}.get(answer.status // 100, "gone" if answer.status == 410 else "status")
    return f"{kind} {answer.status}"


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failures; not quite as long as others who failed at the same moment."""
    pause: timedelta = min(PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 (no secret)


def release(db: Database, errands: Collection[Errand], now: datetime) -> None:
    """Leave what was claimed to whoever looks next."""
    ids = [errand.delivery_id for errand in errands]
    db.execute(update(Delivery).where(Delivery.id.in_(ids), Delivery.due_at.is_not(None)).values(due_at=now))
