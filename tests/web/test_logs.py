"""The log: a line for each request with its id, by route; no secret is ever in it."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import free_port
from tests.world import wait_for

SECRET = "handle.a-secret-nobody-may-read"


class Running:
    """`plenary serve` as an operator runs it, and what it says on standard error."""

    def __init__(self, folder: Path, database: str) -> None:
        self.port = free_port()
        given = {"PLENARY_VAR": str(folder / "var"), "PLENARY_DATABASE": database, "PLENARY_LOG": "json"}
        self.said = folder / "said"
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server", "serve", "--port", str(self.port)],
                env={**os.environ, **given}, stdout=said, stderr=said,
            )  # fmt: skip
        wait_for(self.is_ready, 30)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.said.read_text()
        try:
            return self.get("/readyz") == 200
        except urllib.error.URLError:
            return False

    def get(self, path: str, body: bytes | None = None, **headers: str) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def lines(self) -> list[dict[str, object]]:
        self.process.terminate()
        self.process.wait(20)
        return [json.loads(line) for line in self.said.read_text().splitlines()]


@pytest.fixture
def running(database: str, tmp_path: Path) -> Iterator[Running]:
    server = Running(tmp_path, database)
    yield server
    server.process.kill()
    server.process.wait(10)


def test_each_request_has_a_line_with_its_id_and_no_secret_is_in_any(running: Running) -> None:
    for path in (
        f"/registration/{SECRET}",
        f"/sign-in/{SECRET}",
        f"/calendar/{SECRET}.ics",
        f"/sign-in?next=/{SECRET}",
    ):
        running.get(path)
        running.get(path, b"a=1", **{"X-Request-Id": "abc123"})
    running.get("/meetings", Authorization=f"Bearer {SECRET}", Cookie=f"plenary={SECRET}")
    assert running.get("/sign-in", b"", Origin="https://evil.example", **{"X-Request-Id": "foreign1"}) == 403
    lines = running.lines()
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) == 10
    assert all(line["request_id"] and line["route"] and line["status"] and "ms" in line for line in requests)
    assert sum(line["request_id"] == "abc123" for line in requests) == 4
    refused = [line for line in lines if line["event"] == "problem" and line.get("request_id") == "foreign1"]
    assert [(line["status"], line["problem"]) for line in refused] == [
        (403, "This was sent from another site. Please open the page here and try again.")
    ]
    assert SECRET not in running.said.read_text()
    assert SECRET.partition(".")[2] not in running.said.read_text()


def test_an_id_from_outside_that_is_not_plain_is_not_taken(running: Running) -> None:
    running.get("/meetings", **{"X-Request-Id": "x" * 65})
    running.get("/meetings", **{"X-Request-Id": 'a" forged="1'})
    ids = [line["request_id"] for line in running.lines() if line["event"] == "request"]
    assert len(ids) == 2
    assert all(str(one).isalnum() and len(str(one)) == 32 for one in ids)
