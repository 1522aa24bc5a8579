"""A server, a crowd and a writer; and what must be true of them after every fault."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.faults.crowd import Crowd
from tests.faults.scene import prepare
from tests.faults.writer import Writer
from tests.process import ServerProcess, free_port
from tests.remote.follower import LIVE
from tests.world import wait_for

#: A line of the server's log that an operator would be worried by.
WORRY = re.compile(r"\[(?:warning|error|critical)|Traceback|^Exception|never retrieved", re.MULTILINE)


class Place:
    """A database with a session to write in, and a server before it, for one test or for several."""

    def __init__(self, database: str, folder: Path, *options: str) -> None:
        self.database = database
        self.token = prepare(database)
        self.server = ServerProcess(database, folder, free_port(), *options)
        self.live = self.server.base_url + LIVE

    def snapshot(self) -> dict[str, Any]:
        """The summary as the server has it."""
        snapshot: dict[str, Any] = httpx2.get(f"{self.live}.json", trust_env=False, verify=False).json()
        return snapshot

    def close(self) -> None:
        """Take the server away."""
        self.server.kill()


class Stage:
    """Everything a fault needs. It is left in peace with `ends_well`, which also says how it went."""

    def __init__(self, place: Place, note: Callable[[str, object], None]) -> None:
        self.place, self.server, self.note = place, place.server, note
        self.port = place.server.port
        self.written_before = len(place.snapshot()["paragraphs"])
        self.logged_before = len(place.server.log.read_text())
        self.fault, self.began, self.ended = "", 0.0, 0.0
        self._there: Crowd | None = None

    def begin(self, *, sockets: int = 24, streams: int = 6, polls: int = 4, through: str = "", padding: str = "") -> None:  # fmt: skip
        """Let the crowd come (`through` another address) and the writer begin."""
        self._there = Crowd((through or self.server.base_url) + LIVE, sockets, streams, polls)
        self.writer = Writer(self.place.live, self.place.token, padding=padding)
        self.writer.start()
        self.writer.wait_for(10)
        wait_for(lambda: self.crowd.all_connected, 60)

    @property
    def crowd(self) -> Crowd:
        """Those who follow."""
        assert self._there is not None, "nobody has come yet"
        return self._there

    @contextmanager
    def happens(self, fault: str) -> Iterator[None]:
        """A fault, and what an operator (or the system's supervisor) does about it."""
        self.fault, self.began = fault, time.monotonic()
        yield
        self.ended = time.monotonic()

    def recovered(self, seconds: float = 60) -> float:
        """Wait until everybody has a paragraph that was sent after the fault; the seconds since the fault."""
        mark = self.writer.sent_after(self.ended, seconds)
        wait_for(lambda: self.crowd.all_at(mark.offset), seconds)
        return time.monotonic() - self.began

    def ends_well(self, *, worries: str = "^$") -> None:
        """What was acknowledged is there, once; everybody's text is the server's; the log has no others than `worries`."""
        seconds = self.recovered()
        self.writer.wait_for(10)
        self.writer.stop()
        snapshot = self._newest()
        wait_for(lambda: self.crowd.all_at(self.writer.acknowledged[-1].offset), 60)
        missing, twice = self._compare(snapshot)
        self._tell(missing, twice, seconds)
        written = [(p["id"], p["text"]) for p in snapshot["paragraphs"][self.written_before :]]
        acknowledged = [(one.id, one.text) for one in self.writer.acknowledged]
        assert written == acknowledged, f"not the same, or not in order: {set(written) ^ set(acknowledged)}"
        whole = (snapshot["epoch"], snapshot["offset"], snapshot["status"], snapshot["paragraphs"])
        differing = [follower.kind for follower in self.crowd.followers if follower.text.whole != whole]
        assert not differing, "every follower's text is the server's"
        assert (missing, twice, self.crowd.faults) == (0, 0, [])
        unexpected = [line for line in self.worries if not re.search(worries, line)]
        assert not unexpected, unexpected

    def _newest(self) -> dict[str, Any]:
        """The snapshot with the last write: of several processes the one that is asked may just not hear the others."""
        last = self.writer.acknowledged[-1].offset
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found[:] = [self.place.snapshot()]
            return bool(found[0]["offset"] >= last)

        wait_for(look, 30)
        return found[0]

    def _compare(self, snapshot: dict[str, Any]) -> tuple[int, int]:
        """Acknowledged paragraphs that somebody lacks, and those (or events) that somebody has twice."""
        wanted = {one.text for one in self.writer.acknowledged}
        shown = [
            snapshot["paragraphs"],
            *(list(follower.text.paragraphs.values()) for follower in self.crowd.followers),
        ]
        texts = [[p["text"] for p in paragraphs[self.written_before :]] for paragraphs in shown]
        missing = sum(len(wanted - set(one)) for one in texts)
        twice = sum(count - 1 for one in texts for count in Counter(one).values())
        return missing, twice + sum(follower.text.twice for follower in self.crowd.followers)

    def _tell(self, missing: int, twice: int, seconds: float) -> None:
        engine = "SQLite" if self.place.database.startswith("sqlite") else "PostgreSQL"
        facts = {
            "fault": self.fault, "engine": engine, "followers": len(self.crowd.followers),
            "acknowledged": len(self.writer.acknowledged), "missing": missing, "twice": twice,
            "seconds": f"{seconds:.1f}",
        }  # fmt: skip
        for name, value in facts.items():
            self.note(name, value)

    @property
    def worries(self) -> list[str]:
        """Lines of the server's log that an operator would be worried by."""
        return [line for line in self.server.log.read_text()[self.logged_before :].splitlines() if WORRY.search(line)]

    def close(self) -> None:
        """Everybody goes home."""
        if self._there is not None:
            self.writer.give_up()
            self._there.close()
