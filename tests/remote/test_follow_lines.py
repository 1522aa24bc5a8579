"""`plenary follow --json`: the events of a log for scripts, each once, whatever happens to the line."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from server import clock
from server.app import notice_board
from server.database import Store
from server.meetings.queries import meeting_by_slug
from server.people.actions import person_for
from server.remote.actions import append_paragraph, edit_paragraph
from server.remote.follow import LineReader, Reader, tail_address
from server.remote.log import Cursor, fold
from server.schedule.queries import session_by_code
from tests.makers import make_meeting, make_session
from tests.process import ServerProcess, environment, free_port, run
from tests.remote.follower import LIVE
from tests.remote.test_languages import translate
from tests.remote.test_writing import snapshot, write
from tests.world import World

#: No engine does this differently.
pytestmark = pytest.mark.either


class Lines:
    """`plenary follow` in a process of its own, and what it says."""

    def __init__(self, url: str, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server", "follow", url, *options],
            env=environment("sqlite://", folder), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def next(self, count: int = 1) -> list[str]:
        """The next lines of its output."""
        assert self.process.stdout is not None
        return [self.process.stdout.readline().rstrip("\n") for _ in range(count)]

    def objects(self, count: int) -> list[dict[str, Any]]:
        """The next lines, each of which is an object."""
        return [json.loads(line) for line in self.next(count)]

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Callable[..., Lines]]:
    """Start followers that are ended afterwards."""
    started: list[Lines] = []

    def start(url: str, *options: str) -> Lines:
        started.append(Lines(url, tmp_path, *options))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_a_snapshot_comes_first_then_every_event_as_one_line(
    forum: World, rapporteur: httpx2.Client, lines: Callable[..., Lines]
) -> None:
    write(rapporteur, "開会")
    following = lines(f"{forum.base_url}{LIVE}", "--json")
    (first,) = following.objects(1)
    stands = snapshot(forum)
    epoch = stands["epoch"]
    assert first == {"cursor": f"{epoch}:2", "op": "snapshot", "status": "live", "paragraphs": stands["paragraphs"]}
    write(rapporteur, "two\nlines")
    translate(forum, "p1", "ja", "開会した")
    forum.plenary.hub._loop.call_soon_threadsafe(forum.plenary.hub.mark_all)  # type: ignore[union-attr]
    rapporteur.post(f"{LIVE}/status", json={"status": "closed"})
    came = following.objects(3)
    assert [(one["cursor"], one["op"]) for one in came] == [
        (f"{epoch}:3", "append"), (f"{epoch}:4", "translate"), (f"{epoch}:5", "status"),
    ]  # fmt: skip
    assert came[0]["paragraph"]["text"] == "two\nlines"
    assert came[2] == {"cursor": f"{epoch}:5", "op": "status", "status": "closed"}


def test_after_a_cursor_there_are_only_events_however_many(
    forum: World, rapporteur: httpx2.Client, lines: Callable[..., Lines]
) -> None:
    """Over the socket so long a tail would be a snapshot."""
    write(rapporteur, "one")
    for rev in range(1, 10):
        rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": f"edit {rev}", "base_rev": rev})
    stands = snapshot(forum)
    came = lines(f"{forum.base_url}{LIVE}", "--json", "--after", f"{stands['epoch']}:0").objects(11)
    assert [one["cursor"] for one in came] == [f"{stands['epoch']}:{offset}" for offset in range(1, 12)]
    folded = fold(came)
    assert (folded.status, list(folded.paragraphs.values())) == (stands["status"], stands["paragraphs"])


def test_every_event_comes_once_across_a_killed_server(
    database: str, tmp_path: Path, lines: Callable[..., Lines]
) -> None:
    store = Store(database, notice_board())
    with store.writing() as db:
        make_session(db, make_meeting(db))
        person_for(db, "ray@example.org", clock.now())
    server = ServerProcess(database, tmp_path, free_port())
    following = lines(f"{server.base_url}{LIVE}", "--json")

    def revise(*revisions: int) -> None:
        with store.writing() as db:
            session = session_by_code(db, meeting_by_slug(db, "igf2014"), "ws112")
            person = person_for(db, "ray@example.org", clock.now())
            for rev in revisions:
                edit_paragraph(db, person, session, "p1", f"{rev}", rev, lang="", now=clock.now())

    try:
        assert following.objects(1)[0]["op"] == "snapshot"
        with store.writing() as db:
            session = session_by_code(db, meeting_by_slug(db, "igf2014"), "ws112")
            append_paragraph(db, person_for(db, "ray@example.org", clock.now()), session, "0", "en", now=clock.now())
        server.kill()
        revise(*range(1, 30))  # the tail is now far longer than the whole
        server.start()
        came = following.objects(31)
    finally:
        server.kill()
        store.close()
    assert [one["cursor"].partition(":")[2] for one in came] == [str(offset) for offset in range(1, 32)]
    assert [one["paragraph"]["text"] for one in came[1:]] == [str(rev) for rev in range(30)]


def test_what_happens_to_the_line_is_no_line_of_the_output(
    forum: World, rapporteur: httpx2.Client, lines: Callable[..., Lines]
) -> None:
    write(rapporteur, "one")
    following = lines(f"{forum.base_url}{LIVE}", "--json")
    following.next()
    hub = forum.plenary.hub
    hub._loop.call_soon_threadsafe(hub.hear, False)  # type: ignore[union-attr]
    assert following.process.stderr is not None
    assert "does not hear of new paragraphs" in following.process.stderr.readline()
    hub.drain_soon()
    assert "the connection is lost at" in following.process.stderr.readline()
    following.process.terminate()
    assert following.process.communicate()[0] == ""


def test_whoever_has_read_enough_may_leave(
    forum: World, rapporteur: httpx2.Client, lines: Callable[..., Lines]
) -> None:
    write(rapporteur, "one")
    following = lines(f"{forum.base_url}{LIVE}", "--json")
    following.next()
    assert (following.process.stdout, following.process.stderr) != (None, None)
    following.process.stdout.close()  # type: ignore[union-attr]
    write(rapporteur, "two")
    assert following.process.wait(20) == 0
    assert following.process.stderr.read() == ""  # type: ignore[union-attr]


def test_nothing_to_follow_is_an_exit_code_and_no_output(forum: World, tmp_path: Path) -> None:
    done = run("sqlite://", tmp_path, "follow", f"{forum.base_url}/igf2014/sessions/nope/live", "--json")
    assert (done.returncode, done.stdout) == (1, "")


def test_a_reader_of_lines_asks_for_events_instead_of_a_snapshot() -> None:
    whole = {"type": "snapshot", "epoch": "e", "offset": 9, "status": "live", "paragraphs": []}
    assert [LineReader(at).skips(whole) for at in (None, Cursor("e", 3), Cursor("other", 3))] == [False, True, False]
    assert Reader(Cursor("e", 3)).skips(whole) is False
    address = tail_address("wss://h.example/m/sessions/ws1/live/ws", Cursor("e", 3))
    assert address == "https://h.example/m/sessions/ws1/live.json?after=e:3"


def test_in_words_a_move_and_a_translation_are_told_too() -> None:
    reader = Reader(None)
    t = {"lang": "ja", "of": 1, "rev": 1, "text": "一"}
    p = {"id": "p1", "rev": 1, "text": "one", "state": "shown"}
    whole = {"type": "snapshot", "epoch": "e", "offset": 2, "paragraphs": [{**p, "translations": [t]}]}
    assert reader.read(whole) == ["one", "", "[p1 in ja:]", "一", ""]
    tail = [
        {"offset": 3, "op": "move", "id": "p1", "before": "p2"},
        {"offset": 4, "op": "move", "id": "p1", "before": None},
        {"offset": 5, "op": "translate", "id": "p1", "translation": t},
        {"offset": 6, "op": "translate", "id": "p1", "translation": {**t, "rev": 2, "text": ""}},
        {"offset": 7, "op": "something new"},
    ]
    assert reader.read({"type": "events", "epoch": "e", "from": 3, "to": 7, "events": tail}) == [
        "[p1 now stands before p2]", "", "[p1 now stands at the end]", "", "[p1 in ja: none]", "",
    ]  # fmt: skip
    assert reader.cursor == Cursor("e", 7)
