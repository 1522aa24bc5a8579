"""A PostgreSQL server for as long as a block lasts, in a folder of its own, reached by a socket in that folder.

From a shell: `python -m scripts.cluster COMMAND`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from scripts.needs import postgresql

#: Nothing in it outlives the block, so nothing is made durable; no clean-up comes between two tests.
SWIFT = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "listen_addresses": "",
}
#: Memory that looks like a folder; a database is copied there in a hundredth of a second, and on a disk in a third.
MEMORY, ENOUGH = Path("/dev/shm"), 2 << 30


def quick_place() -> Path | None:
    """Where what lasts only for a test is put: in memory where there is room, else (None) where the system puts it."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH else None


#: For those who pull its plug: what it has acknowledged is there when it is started again.
DURABLE = {"listen_addresses": "", "max_connections": "200"}


class Cluster:
    """A server on a folder with a database. It can be killed, and started again on what it left."""

    def __init__(self, programs: Path, folder: Path, account: pwd.struct_passwd | None, settings: Mapping[str, str]):
        self.programs, self.folder, self.account, self.settings = programs, folder, account, settings
        self.address = f"postgresql://plenary@/postgres?host={folder}"

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                _as(self.account, self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *options),
                stdout=log, stderr=log, cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for us: the server is stopped when its clients are done
            )  # fmt: skip
        there: list[str | Path] = ["-q", "-h", self.folder, "-U", "plenary", "-d", "postgres"]
        while subprocess.run([self.programs / "pg_isready", *there], check=False).returncode != 0:
            if self._server.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9 of the server and of every process it has started; returns when all are gone."""
        family = self.signal_all(signal.SIGKILL)
        self._server.wait()
        while any(Path(f"/proc/{pid}").exists() for pid in family):
            time.sleep(0.01)

    def signal_all(self, number: signal.Signals) -> list[int]:
        """Send a signal to the server and to every process it has started; who they are."""
        family = [self._server.pid, *children_of(self._server.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        return family

    def stop(self) -> None:
        """PostgreSQL's fast shutdown."""
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(30)


def children_of(pid: int) -> list[int]:
    """The processes that a process has started (Linux)."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


@contextmanager
def running(settings: Mapping[str, str]) -> Iterator[Cluster]:
    """An empty server with these settings, stopped and removed at the end."""
    programs = postgresql()
    if programs is None:
        raise FileNotFoundError("no PostgreSQL server programs; on Debian: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="plenary-pg-", dir=quick_place()))
    account = _account()
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        make: list[str | Path] = [programs / "initdb", "--pgdata", folder / "data", "--username", "plenary", "--auth", "trust",
                "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"]  # fmt: skip
        subprocess.run(_as(account, *make), check=True, stdout=subprocess.DEVNULL, cwd=folder)
        made = Cluster(programs, folder, account, settings)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster() -> Iterator[str]:
    """Gives the address of a swift, empty server (`postgresql://plenary@/postgres?host=...`) and stops it at the end."""
    with running(SWIFT) as made:
        yield made.address


def _account() -> pwd.struct_passwd | None:
    """Who runs the server: it refuses to be root. None when that is who we are anyway."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _as(account: pwd.struct_passwd | None, *command: str | Path) -> list[str]:
    """The command as that account runs it. It is told to stop should we be killed before we can stop it."""
    words = [str(word) for word in command]
    if shutil.which("setpriv") is None:
        return words
    other = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"] if account else []
    return ["setpriv", *other, "--pdeathsig=INT", *words]


def main() -> int:
    """Run a command with `PLENARY_TEST_DATABASE` naming a server that lives as long as the command does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server is stopped and its folder removed
    with cluster() as address:
        return subprocess.run(
            sys.argv[1:], env={**os.environ, "PLENARY_TEST_DATABASE": address}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
