"""What registering costs: `python -m benchmarks.registrations [--seconds 4] [--engine sqlite,postgresql] [--rows 10000]`.

`plenary serve` runs on one core, who registers on the other. Onsite places are limited, so that each registration
counts them under the lock of the meeting; letters are worded and put into a folder meanwhile, as always.

- Registrations a second over 1, 8 and 32 lines, each acknowledged once it is on the disk (SQLite with
  `synchronous=FULL`). Beside them, in turns in the same run and over as many threads:
  "the transaction", which is what a registration does to the database and nothing else: the same action, called
  without server, request or form; and "bare rows", the same rows written by the driver alone, in one transaction each.
- The desk's list and its files with many registrations: time, and what the server's memory grew to at the most.

A goal that is missed is marked with `!`. It ends by itself, in some three minutes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import insert, select, text

from benchmarks.programme import ROOT, SERVER_CORE, Served
from benchmarks.registrations_meeting import make_registrations
from scripts.cluster import DURABLE, running
from server import clock, schema
from server.app import notice_board
from server.database import Store
from server.mail import Letter
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.meetings.queries import meeting_by_slug
from server.people.actions import make_token, person_for
from server.people.models import Person
from server.registration.actions import register
from server.registration.deciding import change_admission
from server.registration.models import Admission, HistoryEntry, Particulars, Registration
from server.schedule.models import PrivateFeed
from tests.makers import make_meeting
from tests.process import environment, free_port

PORTS = range(19_700, 19_800)
LINES = (1, 8, 32)
TURNS = 3
#: The least share of the transaction's own pace that the whole stack keeps, on SQLite.
GOAL = 0.5


class Numbers:
    """Numbers of people that nobody has used yet."""

    def __init__(self) -> None:
        self._next = 0
        self._lock = threading.Lock()

    def take(self, many: int = 1) -> int:
        """The first of so many."""
        with self._lock:
            self._next += many
            return self._next - many


def particulars(number: int) -> Particulars:
    """What somebody enters who comes onsite."""
    return Particulars(
        given_name="Ada", family_name=f"Number {number}", country="GB", organisation="independent",
        stakeholder_group="civil-society", attendance="onsite", gender="", first_time=None, public=False,
    )  # fmt: skip


def by_action(store: Store, number: int) -> None:
    """One registration by its action alone."""
    with store.writing() as db:
        register(
            db, meeting_by_slug(db, "igf2014"), f"a{number}@example.org", particulars(number), language="en",
            now=clock.now(),
        )  # fmt: skip


def by_rows(store: Store, number: int) -> None:
    """The rows of one registration, with the lock and the count, as plain statements in one transaction."""
    now, email = clock.now(), f"b{number}@example.org"
    with store.engine.execution_options(write=True).begin() as line:
        admission = line.execute(select(Admission.meeting_id, Admission.turns).with_for_update()).one()
        line.execute(
            text(
                "SELECT count(*) FROM registration WHERE meeting_id = :m AND attendance = 'onsite' AND state = 'confirmed'"
            ),
            {"m": admission.meeting_id},
        )
        line.execute(text("UPDATE admission SET turns = turns + 1"))
        row = {
            **particulars(number), "meeting_id": admission.meeting_id, "email": email, "reference": f"B-{number}",
            "state": "confirmed", "registered_at": now, "changed_at": now, "turn": admission.turns + 1,
        }  # fmt: skip
        made = line.execute(insert(Registration).values(row).returning(Registration.id)).scalar_one()
        person = line.execute(insert(Person).values(email=email, created_at=now).returning(Person.id)).scalar_one()
        line.execute(
            insert(PrivateFeed).values(
                meeting_id=admission.meeting_id,
                person_id=person,
                handle=f"b{number}",
                generation=1,
                revoked=False,
                changed_at=now,
            )
        )
        line.execute(insert(HistoryEntry).values(registration_id=made, at=now, kind="registered", fields=[]))
        line.execute(
            insert(Letter).values(
                to=email,
                template="registration.state",
                ids={"registration": made},
                language="en",
                written_at=now,
                due_at=None,
            )
        )


def pace(store: Store, do: Callable[[Store, int], None], numbers: Numbers, lines: int, seconds: float) -> float:
    """How often a second `do` ends, from so many threads; on SQLite one after the other, as the server lets them write."""
    turn: Any = threading.Lock() if store.embedded else nullcontext()
    until = time.perf_counter() + seconds
    counts: list[int] = []

    def run() -> None:
        count = 0
        while time.perf_counter() < until:
            with turn:
                do(store, numbers.take())
            count += 1
        counts.append(count)

    began = time.perf_counter()
    threads = [threading.Thread(target=run) for _ in range(min(lines, 20))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def over_http(server: Served, numbers: Numbers, lines: int, seconds: float) -> float:
    """How many registrations a second the whole server acknowledges."""
    command = [sys.executable, "-m", "benchmarks.registrations_client"]
    asked = subprocess.run(
        [*command, str(server.port), str(seconds), str(lines), str(numbers.take(50_000))],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    told = json.loads(asked.stdout)
    if set(told["statuses"]) != {"202"}:
        raise SystemExit(f"registering: answered {told['statuses']}")
    return told["statuses"]["202"] / told["seconds"]


@contextmanager
def served(database: str, folder: Path) -> Iterator[Served]:
    """A server on its core."""
    port = free_port(iter(PORTS))
    server = Served(["server", "serve", "--port", str(port)], port, environment(database, folder), "/readyz")
    try:
        yield server
    finally:
        server.stop()


def print_registering(store: Store, database: str, folder: Path, seconds: float) -> None:
    """Registrations a second, and what their transactions alone would be."""
    numbers = Numbers()
    print(
        f"  {'lines':>6s} {'whole stack/s':>14s} {'transaction/s':>14s} {'ratio':>6s} {'goal':>5s} {'bare rows/s':>13s} {'ratio':>6s}"
    )
    for lines in LINES:
        best = [0.0, 0.0, 0.0]
        for _ in range(TURNS):
            with served(database, folder) as server:
                best[0] = max(best[0], over_http(server, numbers, lines, seconds))
            best[1] = max(best[1], pace(store, by_action, numbers, lines, seconds))
            best[2] = max(best[2], pace(store, by_rows, numbers, lines, seconds))
        ratio, bare = best[0] / best[1], best[0] / best[2]
        missed = "!" if ratio < GOAL and store.embedded else " "
        print(
            f"  {lines:6d} {best[0]:14.0f} {best[1]:14.0f} {ratio:6.2f} {GOAL:5.1f}{missed}{best[2]:13.0f} {bare:6.2f}",
            flush=True,
        )


def memory(server: Served, what: str) -> float:
    """MiB of a process: `VmRSS` now, or `VmHWM` at the most since the last reset."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(what)) / 1024


def print_list(store: Store, database: str, folder: Path, rows: int) -> None:
    """The desk's list, a search in it and its files."""
    with store.writing() as db:
        make_registrations(db, meeting_by_slug(db, "igf2014"), rows)
        person = person_for(db, "desk@example.org", clock.now())
        grant_role(db, person, Role.ORGANISER, meeting_by_slug(db, "igf2014"))
        token = make_token(db, person, "benchmark", clock.now())
    at_desk = "/igf2014/desk/registrations"
    asked = {
        "list": at_desk, "search": f"{at_desk}?q=kirdar", "last page": f"{at_desk}?page=99999", "CSV": f"{at_desk}.csv",
        "XLSX": f"{at_desk}.xlsx", "statistics": "/igf2014/statistics",
    }  # fmt: skip
    print(f"  with {rows} registrations: ms, KiB of the answer, MiB of memory more than before at the most")
    for name, path in asked.items():
        with served(database, folder) as server:
            server.get("/igf2014/desk/registrations?q=nobody", Authorization=f"Bearer {token}", Accept="text/html")
            Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
            before = memory(server, "VmRSS")
            answers = [server.get(path, Authorization=f"Bearer {token}", Accept="text/html") for _ in range(3)]
            if any(one.status != 200 for one in answers):
                raise SystemExit(f"{name}: {[one.status for one in answers]}")
            took = min(one.seconds for one in answers)
            more = memory(server, "VmHWM") - before
            print(
                f"  {name:12s} {took * 1000:8.0f} ms {len(answers[0].body) / 1024:8.0f} KiB {more:8.1f} MiB", flush=True
            )


def measure(database: str, folder: Path, seconds: float, rows: int) -> None:
    """All of it on one engine."""
    store = Store(database, notice_board())
    schema.migrate(store.engine)
    with store.writing() as db:
        change_admission(db, make_meeting(db), {"onsite": 1_000_000}, clock.now())
    print_registering(store, database, folder, seconds)
    with store.writing() as db:
        db.execute(text("DELETE FROM registration"))
        db.execute(text("DELETE FROM letter"))
    print_list(store, database, folder, rows)
    store.close()


def main() -> None:
    """Measure on each engine and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--engine", default="sqlite,postgresql")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    for engine in asked.engine.split(","):
        print(f"{engine} (server on core {SERVER_CORE})")
        with tempfile.TemporaryDirectory() as name:
            if engine == "sqlite":
                measure(f"sqlite:///{name}/plenary.db", Path(name), asked.seconds, asked.rows)
            else:
                with running(DURABLE) as server:
                    measure(server.address, Path(name), asked.seconds, asked.rows)


if __name__ == "__main__":
    main()
