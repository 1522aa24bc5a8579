"""Many followers for a long time: `python -m benchmarks.soak [--seconds 3600] [--followers 1000]`.

A thousand follow one session while it is written, edited, taken back and put in order. Each second some leave and
come back, some by a TCP reset, some as strangers without a cursor; some take nothing for a while. Every few seconds
it prints what the server holds, and at the end what has grown. It ends with status 1 if

- memory grew by more than 5 %: the median of the last quarter against that of the second (the first is for warming
  up), less 4 KiB for each entry written in between, which the server keeps on purpose;
- descriptors grew by more than ten in the same way, those of open followers not counted;
- the log has a warning, or the author was refused;
- a follower was told something twice, missed something, or ended with another text than the server's.
"""

import argparse
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from benchmarks.restless import Author, Restless
from tests.faults.scene import prepare
from tests.faults.stage import WORRY
from tests.process import ServerProcess, free_port
from tests.remote.follower import LIVE

#: Below those of the tests, which run beside it.
PORTS = range(19_900, 20_000)
#: Followers who come in a second at the beginning (the door admits a thousand), and changes of the text in a second.
PACE, CHANGES = 300, 2.0
MEMORY, ENTRY, DESCRIPTORS = 0.05, 4.0, 10


@dataclass
class Sample:
    """What the server holds at a moment: memory in KiB, descriptors beside those of followers, entries of the log."""

    memory: float
    descriptors: int
    entries: int


@dataclass
class Grown:
    """What has grown from the second quarter to the last, beyond what was written."""

    memory: float
    descriptors: float

    @classmethod
    def between(cls, samples: list[Sample]) -> "Grown":
        """Compare medians, which know nothing of a moment's peak."""
        quarter = max(1, len(samples) // 4)
        early, late = samples[quarter : 2 * quarter] or samples, samples[-quarter:]

        def growth(name: str) -> float:
            before, after = ([float(getattr(one, name)) for one in part] for part in (early, late))
            return statistics.median(after) - statistics.median(before)

        memory = growth("memory") - ENTRY * growth("entries")
        return cls(memory / statistics.median(one.memory for one in early), growth("descriptors"))


class Soak:
    """A server, a crowd and an author."""

    def __init__(self, server: ServerProcess, token: str, followers: int) -> None:
        self.server = server
        self.crowd = Restless(server.port, f"{LIVE}/ws")
        self.author = Author(server.base_url + LIVE, token, CHANGES)
        self.followers = followers
        self.samples: list[Sample] = []

    def run(self, seconds: float, every: float) -> list[str]:
        """Soak for so long; what is wrong at the end."""
        self.crowd.come(self.followers, PACE)
        self.author.start()
        began = printed = time.perf_counter()
        while (now := time.perf_counter()) < began + seconds:
            self.crowd.stir()
            self.crowd.run(lambda: time.perf_counter() >= now + 1, 60)
            self.samples.append(self._sample())
            if now + 1 - printed >= every:
                printed = now + 1
                self._print(printed - began)
        self.author.stop()
        return [*self._settle(), *self._grown(), *self.author.refused[:5], *self.worries[:5]]

    def _sample(self) -> Sample:
        pid = self.server.process.pid
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        others = self.server.descriptors - self.crowd.open
        return Sample(pages * resource.getpagesize() / 1024, others, self.author.written)

    @property
    def worries(self) -> list[str]:
        """Lines of the log that should not be there."""
        return [line for line in self.server.log.read_text().splitlines() if WORRY.search(line)]

    def _print(self, second: float) -> None:
        now = self.samples[-1]
        print(
            f"{second:5.0f} s  {now.memory / 1024:7.1f} MiB  {now.descriptors:4d} descriptors beside {self.crowd.open:5d} followers  "
            f"{now.entries:5d} entries  {self.crowd.left:6d} left and came back  {len(self.worries)} warnings",
            flush=True,
        )

    def _settle(self) -> list[str]:
        """Everybody comes to rest; who was told wrongly, or has another text than the server."""
        self.crowd.wake(float("inf"))
        snapshot = httpx2.get(f"{self.server.base_url}{LIVE}.json", trust_env=False).json()
        whole = (snapshot["epoch"], snapshot["offset"], snapshot["status"], snapshot["paragraphs"])

        def rest() -> bool:
            settled = self.crowd.settled
            return len(settled) == self.followers and all(text.offset == snapshot["offset"] for text in settled)

        self.crowd.run(rest, 90)
        texts = list(self.crowd.texts.values())
        differing = sum(text.whole != whole for text in texts)
        twice = sum(text.twice for text in texts)
        print(
            f"{len(texts)} followers, {len(snapshot['paragraphs'])} paragraphs: {differing} texts differ, {twice} events told twice, {len(self.crowd.gaps)} gaps"
        )
        return (
            [f"{differing} texts differ"] * bool(differing)
            + [f"{twice} events were told twice"] * bool(twice)
            + self.crowd.gaps[:5]
        )

    def _grown(self) -> list[str]:
        grown = Grown.between(self.samples)
        print(
            f"memory {grown.memory:+.1%} beyond what was written, descriptors {grown.descriptors:+.0f}, met {self.crowd.met}"
        )
        faults = [f"memory grew by {grown.memory:.1%}"] * (grown.memory > MEMORY)
        return faults + [f"descriptors grew by {grown.descriptors:.0f}"] * (grown.descriptors > DESCRIPTORS)


@contextmanager
def served() -> Iterator[tuple[ServerProcess, str]]:
    """A server on an empty database, and a rapporteur's token."""
    with tempfile.TemporaryDirectory(prefix="plenary-soak-") as folder:
        database = f"sqlite:///{folder}/plenary.db"
        token = prepare(database)
        server = ServerProcess(database, Path(folder), free_port(iter(PORTS)))
        try:
            yield server, token
        finally:
            server.kill()


def main() -> int:
    """Soak, and say how it went."""
    parser = argparse.ArgumentParser(description="Many followers for a long time.")
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--followers", type=int, default=1000)
    parser.add_argument("--every", type=int, default=10, help="seconds between two lines")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server is stopped then, too
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with served() as (server, token):
        faults = Soak(server, token, asked.followers).run(asked.seconds, asked.every)
    print("\n".join(faults) or f"{asked.followers} followers for {asked.seconds} s: all is well")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
