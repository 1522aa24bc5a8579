"""A server, a crowd and a writer; and what must be true of them after every fault."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from tests.faults.crowd import Crowd
from tests.faults.writer import Writer
from tests.process import ServerProcess, free_port
from tests.remote.follower import LIVE
from tests.world import wait_for

#: A line of the server's log that an operator would be worried by.
WORRY = re.compile(r"\[(?:warning|error|critical)|Traceback|^Exception|never retrieved", re.MULTILINE)


class Stage:
    """Everything a fault needs. It is left in peace with `ends_well`, which also says how it went."""

    def __init__(
        self, database: str, folder: Path, token: str, note: Callable[[str, object], None], *options: str
    ) -> None:
        self.database, self.token, self.folder, self.note = database, token, folder, note
        self.server = ServerProcess(database, folder, free_port(), *options)
        self.port = self.server.port
        self.live = self.server.base_url + LIVE
        self.fault, self.began, self.ended, self.begun = "", 0.0, 0.0, False

    def begin(self, *, sockets: int = 24, streams: int = 6, polls: int = 4, through: str = "", padding: str = "") -> None:  # fmt: skip
        """Let the crowd come (`through` another address) and the writer begin."""
        self.crowd = Crowd((through or self.server.base_url) + LIVE, sockets, streams, polls)
        self.writer = Writer(self.live, self.token, padding=padding)
        self.begun = True
        self.writer.start()
        self.writer.wait_for(10)
        wait_for(lambda: self.crowd.all_connected, 30)

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
        snapshot = httpx2.get(f"{self.live}.json", trust_env=False, verify=False).json()
        wait_for(lambda: self.crowd.all_at(snapshot["offset"]), 60)
        missing, twice = self._compare(snapshot)
        self._tell(missing, twice, seconds)
        texts = [p["text"] for p in snapshot["paragraphs"]]
        assert texts == [one.text for one in self.writer.acknowledged], "what was acknowledged, once, in order"
        assert [p["id"] for p in snapshot["paragraphs"]] == [one.id for one in self.writer.acknowledged]
        whole = (snapshot["epoch"], snapshot["offset"], snapshot["status"], snapshot["paragraphs"])
        differing = [follower.kind for follower in self.crowd.followers if follower.text.whole != whole]
        assert not differing, "every follower's text is the server's"
        assert (missing, twice, self.crowd.faults) == (0, 0, [])
        unexpected = [line for line in self.worries if not re.search(worries, line)]
        assert not unexpected, unexpected

    def _compare(self, snapshot: dict) -> tuple[int, int]:
        """Acknowledged paragraphs that somebody lacks, and those (or events) that somebody has twice."""
        wanted = {one.text for one in self.writer.acknowledged}
        shown = [[p["text"] for p in snapshot["paragraphs"]]]
        shown += [[p["text"] for p in follower.text.paragraphs.values()] for follower in self.crowd.followers]
        missing = sum(len(wanted - set(texts)) for texts in shown)
        twice = sum(count - 1 for texts in shown for count in Counter(texts).values())
        return missing, twice + sum(follower.text.twice for follower in self.crowd.followers)

    def _tell(self, missing: int, twice: int, seconds: float) -> None:
        engine = "SQLite" if self.database.startswith("sqlite") else "PostgreSQL"
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
        return [line for line in self.server.log.read_text().splitlines() if WORRY.search(line)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.server.kill()
        if self.begun:
            self.writer.give_up()
            self.crowd.close()
