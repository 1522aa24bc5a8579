"""Reading a live summary at the front door (contract, section 5)."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from socket import socket
from typing import Any

import httpx2
import jsonschema
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from server.remote import live
from tests.remote.follower import LIVE, Follower, checked
from tests.remote.test_writing import snapshot, write
from tests.world import World, wait_for

Follow = Callable[..., Follower]


def test_a_follower_gets_all_then_each_paragraph_as_it_comes(rapporteur: httpx2.Client, follow: Follow) -> None:
    write(rapporteur, "one")
    follower = follow()
    first = follower.next()
    assert (first["type"], first["offset"], follower.texts) == ("snapshot", 2, ["one"])
    cursor = write(rapporteur, "two").json()["cursor"]
    follower.until(3)
    assert (follower.texts, follower.cursor) == (["one", "two"], cursor)


def test_who_comes_back_with_a_cursor_gets_the_tail(rapporteur: httpx2.Client, follow: Follow) -> None:
    for n in range(20):
        write(rapporteur, f"paragraph {n}")
    before = follow()
    before.next()
    before.close()
    write(rapporteur, "while away")
    back = follow(after=before.cursor)
    message = back.next()
    assert (message["type"], message["from"], message["to"]) == ("events", 22, 22)
    assert [one["paragraph"]["text"] for one in message["events"]] == ["while away"]


def test_a_larger_tail_is_answered_with_a_snapshot(rapporteur: httpx2.Client, follow: Follow) -> None:
    write(rapporteur, "one")
    cursor = follow()
    cursor.next()
    for rev in range(1, 10):
        rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": f"edit {rev}", "base_rev": rev})
    back = follow(after=cursor.cursor)
    assert back.next()["type"] == "snapshot"
    assert back.texts == ["edit 9"]


def test_who_is_there_hears_of_an_edit_as_such(rapporteur: httpx2.Client, follow: Follow) -> None:
    """Though the whole would be shorter: a snapshot says nothing of what has changed."""
    write(rapporteur, "one")
    follower = follow()
    follower.next("snapshot")
    rapporteur.post(f"{LIVE}/paragraphs/p1", json={"text": "first", "base_rev": 1})
    message = follower.next("snapshot", "events")
    assert [one["op"] for one in message["events"]] == ["edit"]


@pytest.mark.parametrize("cursor", ["nonsense", "other:1", "EPOCH:999", "", "EPOCH:-1", "%00"])
def test_a_cursor_that_means_nothing_gets_a_snapshot(
    forum: World, rapporteur: httpx2.Client, follow: Follow, cursor: str
) -> None:
    write(rapporteur, "one")
    cursor = cursor.replace("EPOCH", snapshot(forum)["epoch"])
    answer = forum.client().get(f"{LIVE}.json?after={cursor}&wait=20")
    assert (answer.status_code, answer.json()["type"]) == (200, "snapshot")
    with connect(f"{forum.base_url.replace('http', 'ws')}{LIVE}/ws?after={cursor}", proxy=None) as line:
        assert checked(json.loads(line.recv(5)))["type"] == "snapshot"


def test_nothing_new_is_an_empty_answer(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "one")
    epoch = snapshot(forum)["epoch"]
    answer = checked(forum.client().get(f"{LIVE}.json?after={epoch}:2").json())
    assert answer == {"type": "events", "channel": "summary", "epoch": epoch, "from": 3, "to": 2, "events": []}


def test_a_long_poll_is_answered_by_the_next_paragraph(forum: World, rapporteur: httpx2.Client) -> None:
    cursor = write(rapporteur, "one").json()["cursor"]
    heard: list[dict] = []
    poll = threading.Thread(
        target=lambda: heard.append(forum.client().get(f"{LIVE}.json?after={cursor}&wait=25").json())
    )
    poll.start()
    write(rapporteur, "two")
    poll.join(10)
    assert [one["paragraph"]["text"] for one in checked(heard[0])["events"]] == ["two"]


def test_the_tag_changes_with_the_cursor(forum: World, rapporteur: httpx2.Client) -> None:
    client = forum.client()
    for address in (f"{LIVE}.json", f"{LIVE}.txt"):
        tag = client.get(address).headers["etag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
        write(rapporteur, "more")
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_what_was_acknowledged_is_in_the_very_next_read(forum: World, rapporteur: httpx2.Client) -> None:
    reader = forum.client()
    for n in range(50):
        cursor = write(rapporteur, f"{n}").json()["cursor"]
        message = reader.get(f"{LIVE}.json").json()
        assert f"{message['epoch']}:{message['offset']}" == cursor


def test_the_text_is_the_title_and_the_paragraphs(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "one")
    write(rapporteur, "二")
    rapporteur.post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "wrong"})
    answer = forum.client().get(f"{LIVE}.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == "Session ws112\n\n[p1 was withdrawn: wrong]\n\n二\n"


def test_the_stream_tells_the_same_and_goes_on_where_it_was(forum: World, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "one")
    with forum.client().sse(f"{LIVE}/events") as stream:
        events = iter(stream)
        first = next(events)
        assert checked(json.loads(first.data))["type"] == "snapshot"
        assert first.id == f"{snapshot(forum)['epoch']}:2"
        write(rapporteur, "two")
        second = next(one for one in events if json.loads(one.data)["type"] == "events")
        assert [one["paragraph"]["text"] for one in json.loads(second.data)["events"]] == ["two"]
    for n in range(5):
        write(rapporteur, f"later {n}")
    with forum.client().sse(f"{LIVE}/events", headers={"Last-Event-ID": second.id}) as stream:
        message = checked(json.loads(next(iter(stream)).data))
        assert [one["paragraph"]["text"] for one in message["events"]] == [f"later {n}" for n in range(5)]


def test_the_socket_only_speaks(forum: World, follow: Follow) -> None:
    for words in ("hello", b"hello"):
        follower = follow()
        follower.next()
        follower.socket.send(words)
        assert follower.close_code() == 1008


@pytest.mark.parametrize(
    ("origin", "status"), [("https://evil.example", 403), ("null", 403), ("http://127.0.0.1.evil.example", 403)]
)
def test_a_foreign_origin_is_refused_before_the_upgrade(follow: Follow, origin: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        follow(origin=origin)
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body)["status"] == status
    assert refused.value.response.headers["content-security-policy"].startswith("default-src 'self'")


def test_ones_own_origin_and_none_are_let_in(forum: World, follow: Follow) -> None:
    assert follow(origin=forum.base_url).next()["type"] == "snapshot"
    assert follow(origin=None).next()["type"] == "snapshot"


@pytest.mark.parametrize(
    "path", ["/igf2014/sessions/nope/live", "/nope/sessions/ws112/live", "/igf2014/sessions/%00/live"]
)
def test_there_is_nothing_to_follow_where_there_is_no_session(forum: World, path: str) -> None:
    for address in (f"{path}.json", f"{path}.txt", f"{path}/events", path):
        assert forum.client().get(address).status_code == 404
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{forum.base_url.replace('http', 'ws')}{path}/ws", proxy=None).__enter__()
    assert refused.value.response.status_code == 404


def test_followers_are_counted(forum: World, follow: Follow) -> None:
    first = follow()
    assert first.next("presence")["followers"] == 1
    second = follow()
    while first.next("presence")["followers"] != 2:
        pass
    second.close()
    while first.next("presence")["followers"] != 1:
        pass


def test_who_joins_is_told_the_number_once_a_second_and_never_an_old_one(forum: World, follow: Follow) -> None:
    first = follow()
    assert first.next("presence")["followers"] == 1
    second = follow()
    assert second.next("presence")["followers"] == 2
    second.close()
    third = follow()  # in the same second, most likely: as many as before, and it is told all the same
    assert third.next("presence")["followers"] in (1, 2)


def test_followers_are_told_before_a_planned_stop(forum: World, follow: Follow) -> None:
    follower = follow()
    follower.next()
    forum.plenary.hub.drain_soon()
    assert follower.next("bye")["retry_ms"] == [500, 8000]
    assert follower.close_code() == 1012


def test_who_is_being_let_in_when_the_server_stops_hears_it_inside(
    forum: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As others do: uvicorn itself would answer a handshake that is under way with 500."""
    arrived, go, look = threading.Event(), threading.Event(), live._channel

    async def slowly(connection: Any) -> Any:
        arrived.set()
        await asyncio.to_thread(go.wait, 5)
        return await look(connection)

    monkeypatch.setattr(live, "_channel", slowly)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(Follower, forum)
        assert arrived.wait(5)
        forum.server.should_exit = True
        wait_for(lambda: not is_listening(forum.port))
        go.set()
        follower = coming.result()
    assert follower.close_code() == 1012
    follower.close()


def is_listening(port: int) -> bool:
    with socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_protocol_is_described(forum: World) -> None:
    document = forum.client().get("/asyncapi.json").json()
    assert document["asyncapi"] == "3.0.0"
    assert list(document["components"]["messages"]) == ["snapshot", "events", "presence", "ping", "standing", "bye"]
    for name, message in document["components"]["messages"].items():
        jsonschema.Draft202012Validator.check_schema(message["payload"])
        assert "$ref" not in json.dumps(message["payload"]), name
