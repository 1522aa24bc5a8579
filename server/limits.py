"""Limits: how often something may come from somebody, counted where every process sees it."""

import math
import time
from datetime import datetime, timedelta
from typing import Any

from limits import parse
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Engine, String, case, delete, event, extract, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Record, connect
from server.problems import TooMany
from server.tokens import hashed
from server.web.language import N_

#: Lines to the database for counting; a count takes less than a millisecond.
LINES = 2
#: Seconds between two clearings of what is over.
CLEAR_EVERY = 60.0


class Counted(Record):
    """How often something was counted under a key, until a moment from which it begins anew."""

    __tablename__ = "counted"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)


class SharedCounts(Storage):
    """Counts in PostgreSQL, each in a transaction of its own: a refused request is undone, and was counted.

    It has lines of its own: a page that holds one of the pages' and waits for a second could wait for ever.
    Keys are hashed, since they name people. What a crash of the database takes is not worth a wait for its disk.
    """

    STORAGE_SCHEME = None

    def __init__(self, url: str) -> None:
        super().__init__()
        self._engine = _careless(connect(url, lines=LINES))
        self._cleared = time.monotonic()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """Faults that are the storage's own."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count under a key, for `expiry` seconds from its first count; how many there are now."""
        self._clear_now_and_then()
        new = postgresql.insert(Counted).values(
            key=hashed(key), number=amount, until=func.now() + timedelta(seconds=expiry)
        )
        over = Counted.until <= func.now()
        again = {
            "number": case((over, new.excluded.number), else_=Counted.number + new.excluded.number),
            "until": case((over, new.excluded.until), else_=Counted.until),
        }
        counted = new.on_conflict_do_update(index_elements=["key"], set_=again).returning(Counted.number)
        with self._engine.begin() as line:
            return line.execute(counted).scalar_one()

    def get(self, key: str) -> int:
        """How many there are."""
        with self._engine.begin() as line:
            return (
                line.scalar(select(Counted.number).where(Counted.key == hashed(key), Counted.until > func.now())) or 0
            )

    def get_expiry(self, key: str) -> float:
        """When they begin anew, by this machine's clock; the database's may be another."""
        left = extract("epoch", Counted.until - func.now())
        with self._engine.begin() as line:
            return time.time() + float(line.scalar(select(left).where(Counted.key == hashed(key))) or 0)

    def check(self) -> bool:
        """Whether there is anything to count in."""
        with self._engine.begin() as line:
            return line.scalar(select(1)) == 1

    def reset(self) -> int | None:
        """Forget everything."""
        with self._engine.begin() as line:
            return line.execute(delete(Counted)).rowcount

    def clear(self, key: str) -> None:
        """Forget what was counted under a key."""
        with self._engine.begin() as line:
            line.execute(delete(Counted).where(Counted.key == hashed(key)))

    def close(self) -> None:
        """Give the lines back."""
        self._engine.dispose()

    def _clear_now_and_then(self) -> None:
        if time.monotonic() - self._cleared > CLEAR_EVERY:
            self._cleared = time.monotonic()
            with self._engine.begin() as line:
                line.execute(delete(Counted).where(Counted.until <= func.now()))


def _careless(engine: Engine) -> Engine:
    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: object) -> None:
        raw.execute("SET synchronous_commit TO off")
        raw.commit()

    return engine


class Limits:
    """Counts what comes from whom. A whole venue may sit behind one network address."""

    PER_ADDRESS = "3000/minute"  # anonymous posts from one network address
    PER_PERSON = "12000/minute"  # posts of one signed-in person
    PER_MAILBOX = "5/10 minutes"  # letters a stranger can cause to one mail address
    PER_GUESS = "60/minute"  # wrong secrets from one network address
    PER_HANDER = "120/hour"  # files handed in by one person, or from one network address

    def __init__(self, database: str) -> None:
        embedded = make_url(database).get_backend_name() == "sqlite"
        self._shared = None if embedded else SharedCounts(database)
        self._limiter = FixedWindowRateLimiter(self._shared or MemoryStorage())

    def count(self, limit: str, *who: str) -> None:
        """Count one more; raises TooMany when there were too many."""
        rate = parse(limit)
        if not self._limiter.hit(rate, limit, *who):
            free_again = self._limiter.get_window_stats(rate, limit, *who).reset_time
            raise TooMany(
                N_("Too many requests came in a short time. Please wait a little and try again."),
                retry_after=max(1, math.ceil(free_again - time.time())),
            )

    def close(self) -> None:
        """Count no more."""
        if self._shared is not None:
            self._shared.close()
