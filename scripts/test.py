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
from pathlib import Path

from scripts import needs
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


def _run(command: list[str], extra: Mapping[str, str]) -> None:
    if subprocess.run(command, cwd=ROOT, env={**os.environ, **extra}, check=False).returncode != 0:
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

    def _pytest(self, name: str, *options: str, **extra: str) -> None:
        report = self.folder / f"{name}.xml"
        given = {"PLENARY_TEST_DATABASE": "", **extra}
        try:
            here = f"--basetemp={self.folder / name}"
            _run([sys.executable, "-m", "pytest", *options, here, f"--junitxml={report}"], given)
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


def steps(suites: Suites) -> dict[str, Callable[[], None]]:
    """What is checked, quickest first."""
    return {
        "ruff check": program("ruff", "check", "."),
        "ruff format": program("ruff", "format", "--check", "."),
        "templates (djlint)": program("djlint", "server", "--lint", "--quiet"),
        "import rules (lint-imports)": program("lint-imports"),
        "types (mypy)": program("mypy"),
        "tests on SQLite": suites.on_sqlite,
        "tests on PostgreSQL": suites.on_postgresql,
        "tests in a browser": suites.in_browser,
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
        outcome = _take(steps(suites), suites)
    print(f"\n{'all is well' if outcome == 0 else 'FAILED'} after {time.monotonic() - began:.0f} s")
    print(suites.totals, flush=True)
    return outcome


def _take(todo: Mapping[str, Callable[[], None]], suites: Suites) -> int:
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
