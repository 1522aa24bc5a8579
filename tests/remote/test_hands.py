"""Who may write at present, and who else is there, at the front door (contract, section 6)."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from server import clock
from server.people.actions import person_for
from server.remote.models import Writing
from tests.remote.follower import LIVE
from tests.remote.test_order import DESK
from tests.remote.test_writing import snapshot, write
from tests.world import World


@pytest.fixture
def olga(forum: World) -> httpx2.Client:
    """A program of an organiser who has a name."""
    with forum.store.writing() as db:
        person_for(db, "olga@example.org", clock.now(), name="Olga Organiser")
        person_for(db, "ada@example.org", clock.now(), name="Ada Lovelace")
    return forum.program("olga@example.org", role="organiser")


def lock(client: httpx2.Client, locked: object = True) -> httpx2.Response:
    return client.post(f"{LIVE}/lock", json={"locked": locked})


def here(client: httpx2.Client, tab: str, **more: Any) -> dict[str, Any]:
    answer = client.post(f"{DESK}/here", json={"tab": tab, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def everything(client: httpx2.Client) -> dict[str, int]:
    """Each way to write, and how it is answered."""
    asked = {
        "append": write(client, "two"),
        "edit": client.post(f"{LIVE}/paragraphs/p1", json={"text": "x", "base_rev": 1}),
        "move": client.post(f"{LIVE}/paragraphs/p1/move", json={}),
        "translate": client.post(f"{LIVE}/paragraphs/p1/translations/ja", json={"text": "x", "of": 1, "base_rev": 0}),
        "retract": client.post(f"{LIVE}/paragraphs/p1/retract", json={"reason": "x"}),
        "restore": client.post(f"{LIVE}/paragraphs/p1/restore", json={}),
        "close": client.post(f"{LIVE}/status", json={"status": "closed"}),
    }
    return {name: answer.status_code for name, answer in asked.items()}


def test_while_it_is_locked_only_organisers_write(forum: World, olga: httpx2.Client, rapporteur: httpx2.Client) -> None:
    write(rapporteur, "one")
    before = snapshot(forum)
    answer = lock(olga)
    assert (answer.status_code, answer.json()) == (200, {"locked_by": "Olga Organiser"})
    assert set(everything(rapporteur).values()) == {409}
    refused = write(rapporteur, "two").json()
    assert refused["locked_by"] == "Olga Organiser"
    assert refused["detail"].startswith("Olga Organiser has locked this summary")
    assert snapshot(forum) == before, "followers hear nothing of a lock"
    assert set(everything(olga).values()) == {200, 201}
    assert lock(olga, False).json() == {"locked_by": ""}
    assert rapporteur.post(f"{LIVE}/status", json={"status": "live"}).status_code == 200
    assert write(rapporteur, "two").status_code == 201


def test_only_organisers_lock(forum: World, olga: httpx2.Client, rapporteur: httpx2.Client) -> None:
    assert lock(rapporteur).status_code == 403
    lock(olga)
    assert lock(rapporteur, False).status_code == 403
    second = forum.program("otto@example.org", role="organiser")
    assert lock(second).json() == {"locked_by": "Olga Organiser"}, "who locked it stays named"


@pytest.mark.parametrize("locked", ["maybe", "1", 2])
def test_a_lock_is_on_or_off(olga: httpx2.Client, locked: object) -> None:
    answer = lock(olga, locked)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["locked"])


def test_without_scripts_the_lock_is_seen_and_nothing_typed_is_lost(forum: World, olga: httpx2.Client) -> None:
    organiser = forum.browser("olga@example.org")
    ray = forum.browser("ray@example.org", role="rapporteur")
    answer = organiser.post(f"{LIVE}/lock", data={"locked": "true"})
    assert (answer.status_code, answer.headers["location"]) == (303, DESK)
    assert "Locked by Olga Organiser" in ray.get(DESK).text
    assert 'value="false">Unlock' in organiser.get(DESK).text
    assert 'id="lock"' not in ray.get(DESK).text
    refused = ray.post(f"{LIVE}/paragraphs", data={"text": "Typed for an hour", "lang": "en"})
    assert refused.status_code == 409
    assert "\nTyped for an hour</textarea>" in refused.text
    assert "Olga Organiser has locked this summary" in refused.text


def test_each_page_hears_who_else_is_there(forum: World, olga: httpx2.Client, rapporteur: httpx2.Client) -> None:
    ada = forum.program("ada@example.org", role="rapporteur")
    write(rapporteur, "one")
    assert here(olga, "o-1") == {"others": [], "locked_by": "", "locked_out": False}
    assert here(ada, "a-1", number=1)["others"] == [
        {"name": "Olga Organiser", "id": None, "writes": False, "own": False}
    ]
    heard = here(olga, "o-1", number=0)["others"]
    assert heard == [{"name": "Ada Lovelace", "id": "p1", "writes": True, "own": False}]
    heard = here(ada, "a-2")["others"]
    assert heard == [
        {"name": "Ada Lovelace", "id": "p1", "writes": True, "own": True},
        {"name": "Olga Organiser", "id": None, "writes": True, "own": False},
    ]
    here(ada, "a-1", gone=True)
    here(ada, "a-2", gone=True)
    assert here(olga, "o-1")["others"] == []


def test_a_page_hears_of_the_lock(forum: World, olga: httpx2.Client, rapporteur: httpx2.Client) -> None:
    lock(olga)
    told = {"locked_by": "Olga Organiser"}
    assert here(rapporteur, "r") == {"others": [], **told, "locked_out": True}
    assert here(olga, "o") == {
        "others": [{"name": "Rapporteur", "id": None, "writes": False, "own": False}], **told, "locked_out": False,
    }  # fmt: skip


def test_who_has_not_been_heard_of_for_thirty_seconds_is_forgotten(
    forum: World, olga: httpx2.Client, rapporteur: httpx2.Client
) -> None:
    here(rapporteur, "r", number=0)
    assert "Rapporteur is writing the next paragraph" in forum.browser("olga@example.org").get(DESK).text
    with forum.store.writing() as db:
        db.query(Writing).one().seen_at = clock.now() - timedelta(seconds=31)
    assert "Rapporteur is writing the next paragraph" not in forum.browser("olga@example.org").get(DESK).text
    assert here(olga, "o")["others"] == []
    with forum.store.reading() as db:
        assert [one.tab for one in db.query(Writing)] == ["o"]


def test_nobody_leaves_for_somebody_else(forum: World, olga: httpx2.Client, rapporteur: httpx2.Client) -> None:
    here(rapporteur, "r")
    here(olga, "r", gone=True)
    assert len(here(olga, "o")["others"]) == 1


def test_of_another_session_nobody_is_told(forum: World, olga: httpx2.Client, rapporteur: httpx2.Client) -> None:
    here(rapporteur, "r")
    answer = olga.post("/igf2014/desk/sessions/ws113/summary/here", json={"tab": "o"})
    assert answer.json()["others"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "tab"), ({"tab": "<b>"}, "tab"), ({"tab": "x" * 41}, "tab"), ({"tab": "x", "number": -1}, "number"),
     ({"tab": "x", "number": "p7"}, "number"), ({"tab": "x", "number": 10**12}, "number")],
)  # fmt: skip
def test_a_page_says_which_it_is(rapporteur: httpx2.Client, body: dict[str, Any], field: str) -> None:
    answer = rapporteur.post(f"{DESK}/here", json=body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_pages_that_speak_at_the_same_time_do_not_trip_over_each_other(
    forum: World, olga: httpx2.Client, rapporteur: httpx2.Client
) -> None:
    import threading

    with forum.store.writing() as db:
        people = [person_for(db, f"p{n}@example.org", clock.now()) for n in range(20)]
        session = db.query(Writing).all()
        assert session == []
    here(rapporteur, "first")
    with forum.store.writing() as db:
        known = db.query(Writing).one()
        long_ago = clock.now() - timedelta(minutes=5)
        db.add_all(
            Writing(session_id=known.session_id, tab=f"old-{n}", person_id=one.id, number=0, seen_at=long_ago)
            for n, one in enumerate(people)
        )
    gate = threading.Barrier(4)
    heard: list[int] = []

    def speak(client: httpx2.Client, tab: str) -> None:
        gate.wait()
        heard.extend(client.post(f"{DESK}/here", json={"tab": tab, "number": 0}).status_code for _ in range(5))

    speakers = [(olga, "o"), (olga, "o"), (rapporteur, "r"), (rapporteur, "r")]
    clients = [
        (forum.client(headers=dict(client.headers)), tab) for client, tab in speakers
    ]  # one line each: a client sends one request after the other
    threads = [threading.Thread(target=speak, args=one) for one in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(heard) == {200}
    with forum.store.reading() as db:
        assert sorted(one.tab for one in db.query(Writing)) == ["first", "o", "r"]


def test_no_line_of_the_log_is_written_for_each_of_these_signs(
    forum: World, rapporteur: httpx2.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    here(rapporteur, "r")
    assert rapporteur.post(f"{DESK}/here", json={}).status_code == 422
    write(rapporteur, "one")
    lines = [line for line in capsys.readouterr().out.splitlines() if "request " in line and "route=" in line]
    assert [line.split("status=")[1].split()[0] for line in lines if "summary/here" in line] == ["422"]
    assert any("live/paragraphs" in line for line in lines)
