"""How fast one paragraph reaches everybody: `python -m benchmarks.fanout [FOLLOWERS ...]`.

For each number of followers three servers take turns on one core, the followers are on the other:
Plenary itself (a real session, paragraphs posted over HTTP), a raw uvloop server that writes the same bytes to
plain sockets, and the websockets library's `broadcast`. Printed are p50 and p99 in milliseconds, the server's CPU
seconds per thousand deliveries, what that makes of deliveries per core and second, memory per connection, and the
99th percentile of a page asked for meanwhile.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, PAUSE = 12, 1.0
#: Followers who come in a second: below what the door admits, so that none is turned away.
PACE = 900
SERVER_CORE, CLIENT_CORE = 0, (os.cpu_count() or 1) - 1


@dataclass
class Result:
    """One server under one number of followers."""

    name: str
    p50: float
    p99: float
    cpu: float
    kib: float
    page99: float
    opened: float

    @property
    def per_core(self) -> float:
        """Deliveries per second that one core could make."""
        return 1000 / self.cpu if self.cpu else float("inf")


class Reader(asyncio.Protocol):
    """A follower that notes when each stamped message came."""

    def __init__(self, crowd: "Crowd", greeting: bytes) -> None:
        self.crowd, self.greeting, self.rest = crowd, greeting, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.crowd.transports.append(transport)
        if self.greeting:
            transport.write(self.greeting)  # type: ignore[attr-defined]
        else:
            self.crowd.open += 1

    def data_received(self, data: bytes) -> None:
        crowd = self.crowd
        if self.greeting:
            self.rest += data
            if b"\r\n\r\n" not in self.rest:
                return
            assert b" 101 " in self.rest[:40], self.rest
            self.greeting, self.rest = b"", b""
            crowd.open += 1
            return
        if crowd.stamp and crowd.stamp in data:
            crowd.took.append(time.perf_counter() - crowd.sent)


class Crowd:
    """All followers, in this process."""

    def __init__(self) -> None:
        self.transports: list[Any] = []
        self.open = 0
        self.stamp = b""
        self.sent = 0.0
        self.took: list[float] = []

    async def come(self, host: str, port: int, path: str, followers: int) -> float:
        """Open all connections, some hundreds at a time; seconds until all are open."""
        greeting = (
            (
                f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
            if path
            else b""
        )
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        while len(self.transports) < followers:
            wave = min(200, followers - len(self.transports))
            # one loopback address has 28,000 ports; 127.0.0.x gives each thousand readers an address of its own
            await asyncio.gather(
                *(loop.create_connection(lambda: Reader(self, greeting), host, port) for _ in range(wave))
            )
            while self.open < len(self.transports) or len(self.transports) > PACE * (time.perf_counter() - began) + 200:
                await asyncio.sleep(0.005)
                if time.perf_counter() - began > 120:
                    raise SystemExit(f"only {self.open} of {followers} could connect")
        return time.perf_counter() - began

    def leave(self) -> None:
        """Close everything."""
        for transport in self.transports:
            transport.abort()


def cpu_of(pid: int) -> float:
    """CPU seconds that all threads of a process have used."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def memory_of(pid: int) -> float:
    """KiB in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024


def percentile(values: list[float], part: float) -> float:
    """In milliseconds."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * part))] * 1000 if ranked else float("nan")


class Plenary:
    """The product, as `plenary serve` runs it."""

    name = "plenary"

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.port = 8790
        self.base = f"http://127.0.0.1:{self.port}"
        environment = {
            **os.environ, "PLENARY_VAR": self.folder.name, "PLENARY_BASE_URL": self.base, "PYTHONPATH": str(ROOT),
            "PLENARY_LOG": "json",
        }  # fmt: skip
        script = (
            "from server import clock, schema; from server.settings import Settings; from server.app import notice_board;"
            "from server.database import Store; from server.demonstration import FILES;"
            "from server.schedule.loading import load_programme; from server.people.actions import make_token, person_for;"
            "from server.meetings.actions import grant_role; from server.meetings.queries import meeting_by_slug;"
            "s = Store(Settings.load().database, notice_board()); schema.migrate(s.engine); now = clock.now();\n"
            "with s.writing() as db:\n"
            " load_programme(db, (FILES / 'igf2014.yaml').read_text(), now)\n"
            " p = person_for(db, 'ray@example.org', now, name='Ray'); grant_role(db, p, 'rapporteur', meeting_by_slug(db, 'igf2014'))\n"
            " print(make_token(db, p, 'benchmark', now))\n"
        )
        made = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        self.token = made.stdout.split()[-1]
        self.process = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), sys.executable, "-m", "server", "serve", "--port", str(self.port)],
            env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self.path = "/igf2014/sessions/ws112/live/ws"
        _wait_for(f"{self.base}/readyz")

    def send(self, stamp: str) -> None:
        """Write a paragraph; 300 bytes cross the wire."""
        body = json.dumps({"text": stamp + "x" * 60, "lang": "en"}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"{self.base}/igf2014/sessions/ws112/live/paragraphs", body, headers)
        urllib.request.urlopen(request, timeout=30).read()

    def page(self) -> float:
        """Seconds for a page."""
        began = time.perf_counter()
        urllib.request.urlopen(f"{self.base}/healthz", timeout=30).read()
        return time.perf_counter() - began

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


class Reference:
    """A server that does nothing but write; it is told on its standard input what to write."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = {"raw": 8791, "broadcast": 8792}[name]
        self.path = "" if name == "raw" else "/"
        self.process = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), sys.executable, "-m", "benchmarks.fanout_reference", name, str(self.port)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def send(self, stamp: str) -> None:
        """Have 300 bytes written to everybody."""
        assert self.process.stdin is not None
        self.process.stdin.write((stamp + "x" * (300 - len(stamp)) + "\n").encode())
        self.process.stdin.flush()

    def page(self) -> float:
        """There are no pages here."""
        return float("nan")

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=2)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} did not come up")


async def measure(server: Any, followers: int) -> Result:
    """Let the crowd come, send some rounds, and see."""
    pid = server.process.pid
    before = memory_of(pid)
    crowd = Crowd()
    opened = await crowd.come("127.0.0.1", server.port, server.path, followers)
    await asyncio.sleep(2.5)  # what presence there is, is told
    kib = (memory_of(pid) - before) / followers
    took: list[float] = []
    pages: list[float] = []
    loop = asyncio.get_running_loop()
    used = cpu_of(pid)
    for number in range(ROUNDS):
        stamp = f"stamp-{number:04d}-"
        crowd.stamp, crowd.took, crowd.sent = stamp.encode(), [], time.perf_counter()
        sending = loop.run_in_executor(None, server.send, stamp)
        asking = loop.run_in_executor(None, server.page)
        await sending
        pages.append(await asking)
        while len(crowd.took) < followers and time.perf_counter() - crowd.sent < 20:  # noqa: ASYNC110 (the reader counts)
            await asyncio.sleep(0.01)
        assert len(crowd.took) == followers, f"{followers - len(crowd.took)} did not get it"
        took += crowd.took
        await asyncio.sleep(PAUSE)
    cpu = (cpu_of(pid) - used) / (ROUNDS * followers) * 1000
    crowd.leave()
    await asyncio.sleep(1)
    return Result(server.name, percentile(took, 0.5), percentile(took, 0.99), cpu, kib, percentile(pages, 0.99), opened)


def main() -> None:
    """Measure and print."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.sched_setaffinity(0, {CLIENT_CORE})
    for followers in [int(word) for word in sys.argv[1:]] or [1000, 5000, 10_000]:
        if followers + 200 > hard:
            print(f"{followers:6d} followers: the descriptor limit of this machine is {hard}")
            continue
        results = []
        for make in (Plenary, lambda: Reference("raw"), lambda: Reference("broadcast")):
            server = make()
            try:
                results.append(uvloop.run(measure(server, followers)))
            finally:
                server.stop()
        ours, raw, broadcast = results
        for one in results:
            print(
                f"{followers:6d} {one.name:10s} p50 {one.p50:7.1f} ms  p99 {one.p99:7.1f} ms  "
                f"CPU {one.cpu * 1000:6.2f} ms/1000  {one.per_core:9.0f} deliveries/s/core  {one.kib:5.1f} KiB/conn  "
                f"page p99 {one.page99:5.1f} ms  all in after {one.opened:5.1f} s"
            )
        print(
            f"{followers:6d} ratios: {ours.per_core / broadcast.per_core:.2f} of broadcast's deliveries, "
            f"{ours.per_core / raw.per_core:.2f} of raw's, p99 {ours.p99 / raw.p99:.2f} of raw's"
        )


if __name__ == "__main__":
    main()
