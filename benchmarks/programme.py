"""What the programme costs: `python -m benchmarks.programme [--sessions 130,1000] [--seconds 3] [--engine sqlite]`.

For each number of sessions a published meeting is served by `plenary serve` on one core; who asks is on the other.

- What stands unchanged (the feed, the programme page of a stranger, a 304 of the feed) is asked for over 16 lines, in
  turns with a Starlette application of one route that gives the same bytes made beforehand. Of the turns the best
  counts, since other things run on this machine. A ratio of 1 is as many requests a second as that application's;
  it flatters when the client is what is slow. The ratio of the servers' CPU does not, and depends less on others.
  `--seconds` is about how long each is asked for each line of the table.
- After titles were changed in the draft: how long publishing takes, and how long after its answer a reader who has
  the old feed has the new one. Beside it the time in which icalendar writes just the changed sessions.
- What was not asked for before: the page, the board, the feed with its entries kept (a filter that hides nothing)
  and with new ones (another alarm).
- How many statements each takes, which must not depend on the number of sessions, and how many bytes.

A goal that is missed is marked with `!`. It ends by itself, in less than four minutes.
"""

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import structlog
from sqlalchemy import create_engine, event, text

from benchmarks.fanout import CLIENT_CORE, SERVER_CORE, wait_for
from benchmarks.programme_meeting import SLUG, make_programme, retitle
from scripts.cluster import cluster
from server import clock, schema
from server.app import notice_board
from server.database import Store
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.meetings.queries import meeting_by_slug
from server.people.actions import make_token, person_for
from server.schedule.calendar import Subscription, _entry
from server.schedule.queries import programme_sessions
from tests.process import environment, free_port
from tests.world import World

ROOT = Path(__file__).resolve().parent.parent
PORTS = range(19_800, 19_900)
LINES, TURNS, PUBLICATIONS, FRESH = 16, 5, 5, 7
PAGE, FEED, BOARD = f"/{SLUG}/schedule", f"/{SLUG}/schedule.ics", f"/{SLUG}/desk/programme"
#: How many times icalendar's own time the new feed may take.
MOST_OF_ICALENDAR = 1.5


@dataclass(frozen=True)
class Case:
    """Something that stands unchanged, and the least share of the bare application's requests a second."""

    name: str
    path: str
    goal: float
    gzip: bool = False
    known: bool = False


CASES = (
    Case("feed", FEED, 0.8),
    Case("feed, gzip", FEED, 0.8, gzip=True),
    Case("page", PAGE, 0.7),
    Case("page, gzip", PAGE, 0.7, gzip=True),
    Case("304 of the feed", FEED, 0.8, known=True),
)


@dataclass(frozen=True)
class Answer:
    """One answer, whole; seconds until it was there, and those of the server's CPU."""

    status: int
    lines: list[tuple[str, str]]
    body: bytes
    seconds: float
    cpu: float

    @property
    def tag(self) -> str:
        """Its ETag."""
        return {name.lower(): value for name, value in self.lines}.get("etag", "")

    @property
    def size(self) -> int:
        """Bytes over the wire, its lines included."""
        return len(self.body) + sum(len(name) + len(value) + 4 for name, value in self.lines) + 19


class Served:
    """A server process on its core, and one line to it."""

    def __init__(self, command: list[str], port: int, settings: dict[str, str], ready: str) -> None:
        self.port = port
        self.process = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), sys.executable, "-m", *command],
            cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(f"http://127.0.0.1:{port}{ready}")
        self._line = HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str, **headers: str) -> Answer:
        """One answer, and how long it took."""
        return self.send("GET", path, None, **headers)

    def send(self, method: str, path: str, body: str | None, **headers: str) -> Answer:
        """One request; `_` in the names of headers is `-`."""
        used, began = cpu_of(self.process.pid), time.perf_counter()
        self._line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = self._line.getresponse()
        content = answer.read()
        took = time.perf_counter() - began
        return Answer(answer.status, answer.getheaders(), content, took, cpu_of(self.process.pid) - used)

    def stop(self) -> None:
        """End it."""
        self._line.close()
        self.process.kill()
        self.process.wait()


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, the threads that have ended included (its clock: see clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def headers_of(case: Case, tag: str) -> dict[str, str]:
    """What a client says who asks for this."""
    return {"Accept-Encoding": "gzip" if case.gzip else "identity"} | ({"If-None-Match": tag} if case.known else {})


def turn(server: Served, path: str, headers: dict[str, str], seconds: float) -> tuple[dict[str, int], float, float]:
    """Ask over all lines for so long; how many answers by status, requests a second, and CPU seconds of the server."""
    words = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        *(f"{key}: {value}" for key, value in headers.items()),
    ]
    used = cpu_of(server.process.pid)
    asked = subprocess.run(
        [sys.executable, "-m", "benchmarks.programme_client", str(server.port), str(seconds), str(LINES)],
        cwd=ROOT, input="\r\n".join([*words, "", ""]).encode(), capture_output=True, check=True,
    )  # fmt: skip
    told = json.loads(asked.stdout)
    count = sum(told["statuses"].values())
    return told["statuses"], count / told["seconds"], cpu_of(server.process.pid) - used


def print_unchanged(ours: Served, folder: Path, seconds: float) -> None:
    """What stands unchanged, beside the same from the bare application."""
    print(
        f"  {'unchanged':18s} {'requests/s':>10s} {'bare':>8s} {'ratio':>6s} {'goal':>5s} {'CPU s/1000':>13s} {'bare':>8s} {'ratio':>6s}"
    )
    tag = ours.get(FEED).tag
    first = {case.name: ours.get(case.path, **headers_of(case, tag)) for case in CASES}
    kept = {
        case.name: [first[case.name].status, [line for line in first[case.name].lines if line[0].lower() != "date"],
                    first[case.name].body.decode("latin-1")]
        for case in CASES
    }  # fmt: skip
    queries = {case.name: case.name.replace(" ", "-").replace(",", "") for case in CASES}
    file = folder / "answers.json"
    file.write_text(json.dumps({queries[name]: answer for name, answer in kept.items()}), "latin-1")
    port = free_port(iter(PORTS))
    query = next(iter(queries.values()))
    bare = Served(["benchmarks.programme_reference", str(port), str(file)], port, environment("", folder), f"/?{query}")
    try:
        for case in CASES:
            _print_case(ours, bare, case, queries[case.name], headers_of(case, tag), seconds)
    finally:
        bare.stop()


def _print_case(ours: Served, bare: Served, case: Case, query: str, headers: dict[str, str], seconds: float) -> None:
    best, cpu, count = [0.0, 0.0], [0.0, 0.0], [0, 0]
    began = time.perf_counter()
    while count[1] == 0 or time.perf_counter() < began + seconds * 2:
        for index, (server, path) in enumerate(((ours, case.path), (bare, f"/?{query}"))):
            statuses, rate, used = turn(server, path, headers, seconds / TURNS)
            if set(statuses) != {"304" if case.known else "200"}:
                raise SystemExit(f"{case.name}: answered {statuses}")
            best[index] = max(best[index], rate)
            cpu[index] += used
            count[index] += sum(statuses.values())
    costs = [used / number * 1000 for used, number in zip(cpu, count, strict=True)]
    ratio, by_cpu = best[0] / best[1], costs[1] / costs[0]
    print(
        f"  {case.name:18s} {best[0]:10,.0f} {best[1]:8,.0f} {ratio:6.2f} {case.goal:5.1f} {'!' if ratio < case.goal else ' '}"
        f"{costs[0]:12.3f} {costs[1]:8.3f} {by_cpu:6.2f}",
        flush=True,
    )


def print_publishing(ours: Served, store: Store, token: str, sessions: int) -> None:
    """From a published change to the new feed, beside icalendar's time for the entries that changed."""
    print(
        f"  {'publishing':18s} {'publish ms':>10s} {'feed ms':>8s} {'ical ms':>8s} {'times':>6s} {'goal':>5s} "
        f"{'CPU: feed ms':>14s} {'ical ms':>8s} {'times':>6s}"
    )
    for changed in (1, max(1, sessions // 10), sessions):
        published, fed, cpu = [], [], []
        for number in range(PUBLICATIONS):
            with store.writing() as db:
                codes = [f"ws{index + 1}" for index in range(changed)]
                retitle(db, meeting_by_slug(db, SLUG), codes, f"{changed} changed, {number}", clock.now())
            answer, new = publish_and_read(ours, token)
            published.append(answer.seconds)
            fed.append(new.seconds)
            cpu.append(new.cpu)
        alone, alone_cpu = icalendar_alone(store, changed)
        feed, feed_cpu = statistics.median(fed), statistics.median(cpu)
        print(
            f"  {f'{changed} changed':18s} {statistics.median(published) * 1000:10.1f} {feed * 1000:8.1f} {alone * 1000:8.1f} "
            f"{feed / alone:6.2f} {MOST_OF_ICALENDAR:5.1f} {'!' if feed / alone > MOST_OF_ICALENDAR else ' '}"
            f"{feed_cpu * 1000:12.1f} {alone_cpu * 1000:8.1f} {feed_cpu / alone_cpu:6.2f}",
            flush=True,
        )


def publish_and_read(ours: Served, token: str) -> tuple[Answer, Answer]:
    """Publish the draft; the answer to that, and then the feed as it is given to a reader who has the old one."""
    old = ours.get(FEED).tag
    published = ours.send(
        "POST", f"{BOARD}/publish", json.dumps({"note": "", "tell": True}),
        Content_Type="application/json", Authorization=f"Bearer {token}",
    )  # fmt: skip
    new = ours.get(FEED, If_None_Match=old)
    if (published.status, new.status) != (200, 200):
        raise SystemExit(f"publishing: {published.status} {published.body[:300]!r}, and then the feed {new.status}")
    return published, new


def icalendar_alone(store: Store, changed: int) -> tuple[float, float]:
    """Seconds, and seconds of CPU, in which icalendar builds and writes so many sessions that are in memory already."""
    took, cpu = [], []
    with store.reading() as db:
        meeting = meeting_by_slug(db, SLUG)
        sessions = programme_sessions(db, meeting)[:changed]
        asked = Subscription("IGF 2014", "http://127.0.0.1/feed", "http://127.0.0.1/page", "http://127.0.0.1")
        for _ in range(PUBLICATIONS):
            began, used = time.perf_counter(), time.process_time()
            for session in sessions:
                _entry(meeting, session, asked).to_ical()
            took.append(time.perf_counter() - began)
            cpu.append(time.process_time() - used)
    return statistics.median(took), statistics.median(cpu)


def asked_afresh(number: int) -> dict[str, str]:
    """Addresses nobody asked for before, for each number others; all show the whole programme."""
    return {
        "page": f"{PAGE}?fresh={number}",
        "grid": f"{PAGE}?view=grid&fresh={number}",
        "board": BOARD,
        "feed, entries kept": f"{FEED}?hide.code=none-{number}",
        "feed, all anew": f"{FEED}?alarm={number + 1}",
        "json": f"/{SLUG}/schedule.json?hide.code=none-{number}",
    }


def print_fresh(ours: Served, token: str) -> None:
    """Milliseconds of what is made for one request."""
    told = []
    for name in asked_afresh(0):
        organiser = {"Authorization": f"Bearer {token}"} if name == "board" else {}
        answers = [ours.get(asked_afresh(number)[name], **organiser) for number in range(FRESH)]
        if any(answer.status != 200 for answer in answers):
            raise SystemExit(f"{name}: {[answer.status for answer in answers]}")
        took, cpu = (statistics.median(one) * 1000 for one in ([a.seconds for a in answers], [a.cpu for a in answers]))
        told.append(f"{name} {took:.1f} / {cpu:.1f}")
    print(f"  fresh, ms / of CPU {'   '.join(told)}", flush=True)


def print_sizes(ours: Served) -> None:
    """Bytes over the wire."""
    print("  KiB, plain / gzip  ", end="")
    paths = {"list": PAGE, "grid": f"{PAGE}?view=grid"} | {
        form: f"/{SLUG}/schedule.{form}" for form in ("ics", "json", "xml")
    }
    for name, path in paths.items():
        plain, packed = (ours.get(path, Accept_Encoding=coding).size / 1024 for coding in ("identity", "gzip"))
        print(f"{name} {plain:.1f} / {packed:.1f}   ", end="")
    print(flush=True)


def print_statements(folder: Path, database: str, token: str) -> dict[str, int]:
    """How many statements each takes. Rounds of letters ask now and then, too: of three times the least counts."""
    world = World(folder, database)
    try:
        client, organiser = world.client(), world.client(headers={"Authorization": f"Bearer {token}"})
        counted: list[str] = []

        @event.listens_for(world.plenary.store.engine, "before_cursor_execute")
        def count(_line: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
                counted.append(statement)

        def least(ask: Callable[[int], object]) -> int:
            numbers = []
            for number in range(1, 4):
                counted.clear()
                ask(number)
                numbers.append(len(counted))
            return min(numbers)

        found = {"session": least(lambda _: client.get(f"/{SLUG}/sessions/ws1"))}
        for name in asked_afresh(0):
            asker = organiser if name == "board" else client
            found[name] = least(lambda number, name=name, asker=asker: asker.get(asked_afresh(number)[name]))
        found["feed unchanged"] = least(lambda _: client.get(FEED))
        found["page unchanged"] = least(lambda _: client.get(PAGE))
    finally:
        world.close()
    print("  statements         " + "   ".join(f"{name} {number}" for name, number in found.items()), flush=True)
    return found


def prepare(database: str, sessions: int) -> tuple[Store, str]:
    """A database with the programme, and an organiser's token."""
    store = Store(database, notice_board())
    schema.migrate(store.engine)
    now = clock.now()
    with store.writing() as db:
        meeting = make_programme(db, sessions, now)
        person = person_for(db, "olga@example.org", now, name="Olga Organiser")
        grant_role(db, person, Role.ORGANISER, meeting)
        return store, make_token(db, person, "benchmark", now)


@contextmanager
def database_in(folder: Path, server: str) -> Iterator[str]:
    """The address of an empty database: a file, or one on this PostgreSQL server."""
    if not server:
        yield f"sqlite:///{folder}/plenary.db"
        return
    name = f"benchmark_{uuid.uuid4().hex[:8]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as line:
        line.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    yield server.replace("/postgres?", f"/{name}?")


def measure(sessions: int, seconds: float, server: str) -> dict[str, int]:
    """Everything at so many sessions; the number of statements of each."""
    with tempfile.TemporaryDirectory(prefix="plenary-programme-") as name, database_in(Path(name), server) as database:
        folder = Path(name)
        began = time.perf_counter()
        store, token = prepare(database, sessions)
        print(f"{sessions} sessions, drafted and published in {time.perf_counter() - began:.1f} s", flush=True)
        port = free_port(iter(PORTS))
        settings = environment(database, folder, PLENARY_LOG="json", PLENARY_BASE_URL=f"http://127.0.0.1:{port}")
        ours = Served(["server", "serve", "--port", str(port)], port, settings, "/readyz")
        try:
            print_unchanged(ours, folder, seconds)
            print_fresh(ours, token)
            print_sizes(ours)
            print_publishing(ours, store, token, sessions)
        finally:
            ours.stop()
            store.close()
        return print_statements(folder, database, token)


def main() -> int:
    """Measure and print; 1 when the number of statements depends on the number of sessions."""
    parser = argparse.ArgumentParser(description="What the programme costs.")
    parser.add_argument("--sessions", default="130,1000", help="how many sessions, with commas between")
    parser.add_argument("--seconds", type=float, default=3, help="how long each server is asked for each case")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with cluster() if asked.engine == "postgresql" else nullcontext("") as server:
        found = [measure(int(number), asked.seconds, server) for number in asked.sessions.split(",")]
    if any(one != found[0] for one in found):
        print("! the number of statements depends on the number of sessions")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
