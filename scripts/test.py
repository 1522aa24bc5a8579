"""Runs every check there is, in order, and stops at the first that fails. `make test` calls it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from scripts import faults, needs
from scripts.cluster import cluster, quick_place

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parent.parent
#: Half of a test's time is waiting for its server to start and stop, so two share a core.
WORKERS = str(min(8, 2 * (os.cpu_count() or 1)))


class Failed(Exception):
    """A step failed; its own output has said why."""


def program(name: str, *words: str) -> Callable[[], None]:
    """A step that runs one of the installed programs."""
    return lambda: _run([str(BIN / name), *words], {})


def _run(command: list[str], extra: Mapping[str, str], output: IO[bytes] | None = None) -> None:
    given = {**os.environ, **extra}
    if subprocess.run(command, cwd=ROOT, env=given, check=False, stdout=output, stderr=output).returncode != 0:
        raise Failed


class Suites:
    """The runs of pytest, and what they counted together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counted: Counter[str] = Counter()

    def on_sqlite(self) -> None:
        """Every test that needs no browser."""
        self._pytest("sqlite", "-m", "not browser and not faults", "-n", WORKERS)

    def on_postgresql(self) -> None:
        """Those of them that touch the database, on the other engine."""
        with cluster() as address:
            self._pytest("postgresql", "-m", "not browser and not faults", "-n", WORKERS, PLENARY_TEST_DATABASE=address)

    def in_browser(self) -> None:
        """The tests that drive Chromium."""
        self._pytest("browser", "-m", "browser", "-n", "2")

    def in_browser_and_of_faults(self) -> None:
        """Those, and beside them those that break real processes, which mostly wait; and what became of each fault."""
        output = self.folder / "faults.log"
        with output.open("wb") as file, ThreadPoolExecutor(1) as aside:
            breaking = aside.submit(self._pytest, "faults", "tests/faults", *faults.OPTIONS, output=file)
            self.in_browser()
        if breaking.exception() is not None:
            print(output.read_text(), flush=True)
        if self._report("faults").exists():
            print(faults.table(self._report("faults")), flush=True)
        breaking.result()

    def _report(self, name: str) -> Path:
        return self.folder / f"{name}.xml"

    def _pytest(self, name: str, *options: str, output: IO[bytes] | None = None, **extra: str) -> None:
        report = self._report(name)
        given = {"PLENARY_TEST_DATABASE": "", **extra}
        try:
            here = f"--basetemp={self.folder / name}"
            _run([sys.executable, "-m", "pytest", *options, here, f"--junitxml={report}"], given, output)
        finally:
            self._count(report)
        if self.counted["skipped"]:
            print("a test was skipped; none may be", file=sys.stderr)
            raise Failed

    def _count(self, report: Path) -> None:
        if report.exists():
            for suite in ElementTree.parse(report).iter("testsuite"):
                self.counted.update(
                    {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
                )

    @property
    def totals(self) -> str:
        """All runs in one line."""
        failed = self.counted["failures"] + self.counted["errors"]
        return f"{self.counted['tests'] - failed - self.counted['skipped']} passed, {failed} failed"


class Beside:
    """The soak: two minutes of mostly waiting, beside the other checks and behind them, and one test in the totals."""

    def __init__(self, folder: Path) -> None:
        self.output = folder / "soak.log"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                ["nice", "-n", "5", sys.executable, "-m", "benchmarks.soak", "--seconds", "120"],
                cwd=ROOT, stdout=output, stderr=output,
            )  # fmt: skip

    def awaited(self, suites: Suites) -> None:
        """How it ended; all of what it printed when that was not well."""
        failed = self.process.wait() != 0
        suites.counted.update({"tests": 1, "failures": int(failed)})
        lines = self.output.read_text().splitlines()
        print("\n".join(lines if failed else lines[-4:]), flush=True)
        if failed:
            raise Failed

    def stop(self) -> None:
        """End it, should it still run."""
        self.process.terminate()
        self.process.wait()


def steps(suites: Suites, soak: Beside) -> dict[str, Callable[[], None]]:
    """What is checked, quickest first."""
    return {
        "ruff check": program("ruff", "check", "."),
        "ruff format": program("ruff", "format", "--check", "."),
        "templates (djlint)": program("djlint", "server", "--lint", "--quiet"),
        "import rules (lint-imports)": program("lint-imports"),
        "types (mypy)": program("mypy"),
        "tests on SQLite": suites.on_sqlite,
        "tests on PostgreSQL": suites.on_postgresql,
        "tests in a browser, and faults": suites.in_browser_and_of_faults,
        "soak (which began with the first check)": lambda: soak.awaited(suites),
    }


def main() -> int:
    """0 when all is well, 1 when a check fails, 2 when this machine lacks something. The last line has the totals."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the database server is stopped then, too
    lacking = needs.main()
    if lacking:
        return lacking
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="plenary-test-", dir=quick_place()) as folder:
        suites = Suites(Path(folder))
        soak = Beside(Path(folder))
        try:
            outcome = _take(steps(suites, soak))
        finally:
            soak.stop()
    print(f"\n{'all is well' if outcome == 0 else 'FAILED'} after {time.monotonic() - began:.0f} s")
    print(suites.totals, flush=True)
    return outcome


def _take(todo: Mapping[str, Callable[[], None]]) -> int:
    for name, step in todo.items():
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        try:
            step()
        except (Failed, KeyboardInterrupt) as stop:
            print(f"== {name} {'failed' if isinstance(stop, Failed) else 'was interrupted'}", flush=True)
            return 1
        print(f"== {name}: {time.monotonic() - began:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
