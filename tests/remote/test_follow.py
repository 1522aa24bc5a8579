"""`plenary follow`: a live summary in a terminal."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from server.remote.follow import Reader, socket_address
from tests.process import environment, run
from tests.remote.follower import LIVE
from tests.remote.test_writing import write
from tests.world import World

#: No engine does this differently.
pytestmark = pytest.mark.either


@pytest.mark.parametrize("path", ["", "/live", "/live/", "/live/ws"])
def test_any_address_of_the_session_leads_to_its_socket(path: str) -> None:
    assert socket_address(f"https://h.example/m/sessions/ws1{path}") == "wss://h.example/m/sessions/ws1/live/ws"


def test_another_address_is_refused_in_words(tmp_path: Path) -> None:
    done = run("sqlite://", tmp_path, "follow", "http://127.0.0.1:1/igf2014/schedule")
    assert (done.returncode, "is not the address of a session" in done.stderr) == (1, True)


def test_paragraphs_are_printed_as_they_come(forum: World, rapporteur: httpx2.Client, tmp_path: Path) -> None:
    write(rapporteur, "one")
    following = subprocess.Popen(
        [sys.executable, "-m", "server", "follow", f"{forum.base_url}{LIVE}"],
        env=environment("sqlite://", tmp_path), cwd=tmp_path, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert following.stdout is not None
    try:
        lines = [following.stdout.readline() for _ in range(2)]
        write(rapporteur, "two")
        lines += [following.stdout.readline() for _ in range(2)]
        rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "first", "base_rev": 1})
        lines += [following.stdout.readline() for _ in range(3)]
    finally:
        following.kill()
        following.wait()
    assert [line.rstrip() for line in lines] == ["one", "", "two", "", "[p1 now reads:]", "first", ""]


def test_a_session_that_is_not_there_ends_in_words(forum: World, tmp_path: Path) -> None:
    done = run("sqlite://", tmp_path, "follow", f"{forum.base_url}/igf2014/sessions/nope/live")
    assert (done.returncode, "answered 404" in done.stderr) == (1, True)


def test_a_snapshot_after_a_gap_repeats_no_paragraph() -> None:
    reader = Reader(None)
    p = {"id": "p1", "rev": 1, "text": "one", "state": "shown"}
    snapshot = {"type": "snapshot", "epoch": "e", "offset": 2, "paragraphs": [p]}
    assert reader.read(snapshot) == ["one", ""]
    assert reader.read(snapshot) == []
    gap = {"type": "events", "epoch": "e", "from": 4, "to": 4, "events": []}
    with pytest.raises(EOFError):
        reader.read(gap)
