"""How fast one paragraph reaches everybody: `python -m benchmarks.fanout [--restart] [FOLLOWERS ...]`.

For each number of followers three servers take turns on one core, the followers are on the other: Plenary itself
(a real session, paragraphs posted over HTTP), a raw uvloop server that writes the same bytes to plain sockets, and
the websockets library's `broadcast`. Printed are, for one paragraph a second, p50 and p99 from the commit to the
receipt, the server's CPU per thousand deliveries (Plenary's with its posts, pages and pings), memory per connection
and the 99th percentile of pages asked for meanwhile; and the highest rate of deliveries at which p99 stays below
a second. With `--restart` the server is told to stop and started again, and seconds count until all are back.
"""

import json
import os
import queue
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.crowd import Crowd

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, PAUSE = 12, 1.0
#: Followers who come in a second: below what the door admits, so that none is turned away.
PACE = 900
SERVER_CORE, CLIENT_CORE = 0, (os.cpu_count() or 1) - 1
#: Seconds of each step when the highest rate is looked for, and by how much it grows from one to the next.
STEP, GROWTH = 4.0, 1.25


@dataclass
class Result:
    """One server under one number of followers."""

    name: str
    p50: float
    p99: float
    cpu: float
    kib: float
    opened: float
    pages: list[float] = field(default_factory=list)
    highest: float = 0.0


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


class Served:
    """A server process on its core, and the moments at which it had something to tell."""

    name = ""
    path = "/"

    def __init__(self, port: int, environment: dict[str, str] | None = None) -> None:
        self.port = port
        self.environment = {**os.environ, **(environment or {}), "PYTHONPATH": str(ROOT)}
        self.start()

    def start(self) -> None:
        """Start, and read what it notes."""
        self.moments: queue.SimpleQueue[float] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), sys.executable, "-m", "benchmarks.fanout_server", self.name, str(self.port)],
            cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line != b"ready\n":
                self.moments.put(float(line))

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


class Plenary(Served):
    """The product, as `plenary serve` runs it."""

    name = "plenary"
    path = "/igf2014/sessions/ws112/live/ws"

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        base = "http://127.0.0.1:8790"
        environment = {"PLENARY_VAR": self.folder.name, "PLENARY_BASE_URL": base, "PLENARY_LOG": "json"}
        self.token = self._prepare(environment)
        super().__init__(8790, environment)
        wait_for(f"{base}/readyz")
        self._line = HTTPConnection("127.0.0.1", self.port, timeout=30)

    def _prepare(self, environment: dict[str, str]) -> str:
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
        given = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
        made = subprocess.run([sys.executable, "-c", script], env=given, capture_output=True, text=True, check=True)
        return made.stdout.split()[-1]

    def send(self, number: int) -> None:
        """Write a paragraph; 300 bytes cross the wire."""
        body = json.dumps({"text": f"stamp-{number:05d}-and it goes on", "lang": "en"}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        self._line.request("POST", "/igf2014/sessions/ws112/live/paragraphs", body, headers)
        answer = self._line.getresponse()
        answer.read()
        assert answer.status == 201, answer.status

    def restart(self) -> None:
        """Told to stop, and started again once it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.start()

    def stop(self) -> None:
        """End it."""
        super().stop()
        self.folder.cleanup()


class Reference(Served):
    """A server that does nothing but write; it is told on its standard input what to write."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = "" if name == "raw" else "/"
        super().__init__({"raw": 8791, "broadcast": 8792}[name])
        time.sleep(1.5)

    def send(self, number: int) -> None:
        """Have the bytes of a paragraph written to everybody."""
        assert self.process.stdin is not None
        p = {
            "id": f"p{number}", "rev": 1, "lang": "en", "by": "Ray", "at": "2014-09-02T10:04:05Z",
            "text": f"stamp-{number:05d}-and it goes on", "html": f"<p>stamp-{number:05d}-and it goes on</p>\n",
            "state": "shown",
        }  # fmt: skip
        message = {
            "type": "events", "channel": "summary", "epoch": "0123456789", "from": number, "to": number,
            "events": [{"offset": number, "op": "append", "paragraph": p}],
        }  # fmt: skip
        self.process.stdin.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        self.process.stdin.flush()


def wait_for(url: str) -> None:
    """Until somebody answers there."""
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=2)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} did not come up")


def ask_for_pages(port: int) -> subprocess.Popen[bytes]:
    """A process that asks for a page fifty times a second, and at its end prints how long each took."""
    script = (
        "import os, signal, sys, time; from http.client import HTTPConnection\n"
        f"line = HTTPConnection('127.0.0.1', {port}); took = []\n"
        "def end(*_): print(' '.join(map(str, took))); sys.stdout.flush(); os._exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "while True:\n"
        " began = time.perf_counter(); line.request('GET', '/healthz'); line.getresponse().read()\n"
        " took.append(time.perf_counter() - began); time.sleep(0.02)\n"
    )
    return subprocess.Popen(["taskset", "-c", str(CLIENT_CORE), sys.executable, "-c", script], stdout=subprocess.PIPE)


def receipts(server: Any, crowd: Crowd, numbers: range, pause: float) -> list[float]:
    """Send these, one every `pause` seconds; seconds from commit to each receipt, in no order."""
    crowd.arrivals.clear()
    crowd.received = 0
    began = time.perf_counter()

    def send() -> None:
        for count, number in enumerate(numbers):
            time.sleep(max(0.0, began + count * pause - time.perf_counter()))
            server.send(number)

    sending = threading.Thread(target=send)
    sending.start()
    crowd.run(lambda: crowd.received >= len(numbers) * len(crowd.everybody), len(numbers) * pause + 60)
    sending.join()
    moments = [server.moments.get(timeout=10) for _ in numbers]
    return [happened - moments[number - numbers.start] for number, happened in crowd.arrivals]


def measure(server: Any, followers: int) -> Result:
    """Let the crowd come, send some rounds, and see."""
    pid = server.process.pid
    before = memory_of(pid)
    crowd = Crowd(server.port, server.path)
    opened = crowd.come(followers, PACE)
    settle = time.perf_counter() + 2.5  # what presence there is, is told
    crowd.run(lambda: time.perf_counter() > settle, 10)
    kib = (memory_of(pid) - before) / followers
    server.send(0)  # the first makes the summary live, which is a notice of its own
    crowd.run(lambda: crowd.received >= followers, 60)
    while not server.moments.empty():
        server.moments.get()
    used = cpu_of(pid)
    took = receipts(server, crowd, range(1, ROUNDS + 1), PAUSE)
    cpu = (cpu_of(pid) - used) / (ROUNDS * followers) * 1000
    result = Result(server.name, percentile(took, 0.5), percentile(took, 0.99), cpu, kib, opened)
    if server.name == "plenary":
        result.pages = pages_meanwhile(server, crowd)
    result.highest = highest_rate(server, crowd, followers)
    crowd.leave()
    return result


def pages_meanwhile(server: Any, crowd: Crowd) -> list[float]:
    """Seconds that pages take while paragraphs are told to everybody."""
    asking = ask_for_pages(server.port)
    receipts(server, crowd, range(ROUNDS + 1, 2 * ROUNDS + 1), PAUSE)
    asking.terminate()
    return [float(word) for word in asking.communicate()[0].split()]


def highest_rate(server: Any, crowd: Crowd, followers: int) -> float:
    """Deliveries a second at the highest rate of paragraphs for which p99 stays below a second."""
    rate, number, highest = 20_000 / followers, 2 * ROUNDS + 1, 0.0
    while True:
        count = max(4, round(rate * STEP))
        began = time.perf_counter()
        took = receipts(server, crowd, range(number, number + count), 1 / rate)
        number += count
        reached = count * followers / (time.perf_counter() - began)
        if percentile(took, 0.99) > 1000 or reached < highest * 1.05:  # too slow, or it cannot be sent any quicker
            return max(highest, reached if percentile(took, 0.99) <= 1000 else 0)
        highest = reached
        rate *= GROWTH


def come_back(followers: int) -> None:
    """Restart the server under everybody, and count seconds until all are there again."""
    server = Plenary()
    try:
        crowd = Crowd(server.port, server.path, comes_back=True)
        crowd.come(followers, PACE)
        server.send(1)
        crowd.run(lambda: crowd.received >= followers, 60)
        began = time.perf_counter()
        threading.Thread(target=server.restart).start()
        crowd.run(lambda: crowd.open < followers // 2, 30)
        crowd.run(lambda: crowd.open == followers and not any(one.returning for one in crowd.everybody), 120)
        print(
            f"{followers:6d} followers: all back {time.perf_counter() - began:.1f} s after the signal to stop, "
            f"{crowd.met.get('events', 0)} by tail, {crowd.met.get('snapshot', 0)} by snapshot, "
            f"{crowd.met.get('503', 0)} times asked to wait"
        )
        crowd.leave()
    finally:
        server.stop()


def compare(followers: int) -> None:
    """Measure the three and print."""
    results = []
    for make in (Plenary, lambda: Reference("raw"), lambda: Reference("broadcast")):
        server = make()
        try:
            results.append(measure(server, followers))
        finally:
            server.stop()
    for one in results:
        pages = f"  page p99 {percentile(one.pages, 0.99):5.1f} ms" if one.pages else ""
        print(
            f"{followers:6d} {one.name:10s} p50 {one.p50:7.1f} ms  p99 {one.p99:7.1f} ms  CPU {one.cpu * 1000:6.2f} ms/1000"
            f"  highest {one.highest:9,.0f} deliveries/s  {one.kib:5.1f} KiB/conn  all in after {one.opened:5.1f} s{pages}"
        )
    ours, raw, broadcast = results
    print(
        f"{followers:6d} ratios: deliveries/s {ours.highest / broadcast.highest:.2f} of broadcast's, "
        f"{ours.highest / raw.highest:.2f} of raw's; by CPU {broadcast.cpu / ours.cpu:.2f} of broadcast's, "
        f"{raw.cpu / ours.cpu:.2f} of raw's; p99 {ours.p99 / raw.p99:.2f} of raw's",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.sched_setaffinity(0, {CLIENT_CORE})
    os.nice(5)  # who asks for pages on the same core is not kept waiting by the crowd
    words = [word for word in sys.argv[1:] if word != "--restart"]
    for followers in [int(word) for word in words] or [1000, 5000, 10_000]:
        if followers + 200 > hard:
            print(f"{followers:6d} followers: the descriptor limit of this machine is {hard}")
        elif "--restart" in sys.argv:
            come_back(followers)
        else:
            compare(followers)


if __name__ == "__main__":
    main()
