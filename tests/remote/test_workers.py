"""Several workers behind one port: it makes no difference which one serves whom, and any of them may go."""

import json
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from websockets.sync.client import connect

from tests.process import ServerProcess, free_port, run
from tests.remote.follower import LIVE
from tests.remote.test_kill import Reader, _until_closed, write_until_acknowledged
from tests.remote.test_kill import token as token
from tests.world import wait_for


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(database, tmp_path, free_port(), "--workers", "2")
    yield process
    process.kill()


def measured(server: ServerProcess, name: str) -> float:
    """One of the measurements, by any worker."""
    text = httpx2.get(f"{server.base_url}/metrics", trust_env=False, verify=False).text
    return sum(float(found) for found in re.findall(rf"^{name}(?:\{{.*\}})? ([0-9.e+]+)$", text, re.MULTILINE))


class Writer:
    """Somebody who writes one paragraph after the other."""

    def __init__(self, server: ServerProcess, token: str) -> None:
        self.server, self.token = server, token
        self.ids: list[str] = []

    def write(self, times: int) -> None:
        for _ in range(times):
            text = f"paragraph {len(self.ids)}"
            self.ids.append(write_until_acknowledged(self.server.base_url, self.token, text)["id"])


@pytest.mark.postgresql
def test_followers_of_all_workers_get_everything_once_whichever_worker_dies_or_is_replaced(
    token: str, server: ServerProcess
) -> None:
    readers = [Reader(server.base_url) for _ in range(8)]
    for reader in readers:
        reader.start()
    wait_for(lambda: len(server.workers) == 2 and measured(server, "plenary_followers") == 8, 30)
    writer = Writer(server, token)
    writer.write(20)

    killed = server.workers[0]
    os.kill(killed, signal.SIGKILL)
    writer.write(20)
    wait_for(lambda: killed not in server.workers and len(server.workers) == 2, 30)
    wait_for(lambda: measured(server, "plenary_followers") == 8, 30)

    old = set(server.workers)
    server.process.send_signal(signal.SIGHUP)
    with ThreadPoolExecutor(1) as hand:
        writing = hand.submit(writer.write, 20)
        wait_for(lambda: len(server.workers) == 2 and not old & set(server.workers), 60)
        writing.result()
    writer.write(5)

    expected = {f"p{n + 1}": f"paragraph {n}" for n in range(65)}
    assert writer.ids == list(expected)
    wait_for(lambda: all(len(reader.texts) == 65 for reader in readers), 30)
    for reader in readers:
        reader.done.set()
        assert reader.texts == expected
        assert reader.told == sorted(set(reader.told)), "an event came twice or out of order"
    assert measured(server, "plenary_http_requests_total") >= 65, "what the dead have counted is not forgotten"
    say_goodbye(server)
    log = server.log.read_text()
    assert len(set(re.findall(r"hears other processes +pid=(\d+)", log))) == 5, "two, one for the killed, two new ones"
    assert "Traceback" not in log


def say_goodbye(server: ServerProcess) -> None:
    """The server is told to stop, and its followers are told."""
    with ExitStack() as opened:
        address = f"{server.base_url.replace('http', 'ws')}{LIVE}/ws"
        lines = [opened.enter_context(connect(address, proxy=None)) for _ in range(4)]
        for line in lines:
            line.recv(5)
        server.process.terminate()
        for line in lines:
            kinds = [json.loads(message)["type"] for message in _until_closed(line)]
            assert (kinds[-1], line.close_code) == ("bye", 1012)
    assert server.process.wait(20) == 0


def test_sqlite_is_for_one_process(tmp_path: Path) -> None:
    refused = run(f"sqlite:///{tmp_path}/one.db", tmp_path, "serve", "--workers", "2")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.endswith(
        "SQLite is for one process. Set PLENARY_DATABASE to a PostgreSQL database to use more.\n"
    )
