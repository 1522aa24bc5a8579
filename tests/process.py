"""A server in a process of its own, to be killed."""

import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2

from scripts.cluster import children_of
from tests.world import wait_for

ROOT = Path(__file__).resolve().parent.parent


def environment(database: str, folder: Path, **more: str) -> dict[str, str]:
    """The environment in which a command finds the test's database and nothing of the tester's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLENARY_")}
    settings = {"PLENARY_DATABASE": database, "PLENARY_VAR": str(folder), "PLENARY_SECRET": "a secret for tests"}
    return {**kept, **settings, "PYTHONPATH": str(ROOT), **more}


#: Below the ports that the kernel hands out, and a stretch of its own for each worker: no two servers can meet.
#: Where it begins is by chance, for somebody else's tests may run on this machine at the same time.
_PORTS = itertools.count(
    20_000 + 2_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0) + os.getpid() % 100 * 15
)


def free_port(ports: Iterator[int] = _PORTS) -> int:
    """A port nobody listens on, and that no other test will be given."""
    for port in ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("unreachable")


def run(database: str, folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a `plenary` command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "server", *command],
        env=environment(database, folder, **more),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


class ServerProcess:
    """`plenary serve`, from start to whatever end."""

    def __init__(self, database: str, folder: Path, port: int, *options: str) -> None:
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}"
        self.log = folder / f"server-{port}.log"
        self.command = [sys.executable, "-m", "server", "serve", "--port", str(port), *options]
        self.environment = environment(database, folder, PLENARY_BASE_URL=self.base_url)
        self.folder = folder
        self.start()

    def start(self) -> None:
        """Start, and wait until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, cwd=self.folder, stdout=log, stderr=log)
        wait_for(self._is_ready, 60)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return self.readiness()[0] == 200

    def readiness(self) -> tuple[int, dict[str, str]]:
        """Status and body of `/readyz`; (0, {}) when nobody answers."""
        try:
            answer = httpx2.get(f"{self.base_url}/readyz", trust_env=False, verify=False)  # certificates take 60 ms
        except httpx2.TransportError:
            return 0, {}
        return answer.status_code, answer.json()

    @property
    def workers(self) -> list[int]:
        """The processes that serve, where there are several (`--workers`)."""
        return [pid for pid in children_of(self.process.pid) if "spawn_main" in _command_of(pid)]

    @property
    def descriptors(self) -> int:
        """How many files and sockets it holds open."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def _command_of(pid: int) -> str:
    """How a process was called; empty when it has ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
