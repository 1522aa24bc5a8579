"""The order of paragraphs at the front door (contract, section 6): moves, and many writers at once."""

import re
import threading
from collections.abc import Callable

import httpx2
import pytest

from server.remote.log import fold
from tests.remote.follower import LIVE, Follower
from tests.remote.test_writing import snapshot, write
from tests.world import World

DESK = "/igf2014/desk/sessions/ws112/summary"


def move(client: httpx2.Client, paragraph: str, before: str | None) -> httpx2.Response:
    return client.post(f"{LIVE}/paragraphs/{paragraph}/move", json={"before": before})


def order(world: World) -> list[str]:
    return [p["id"] for p in snapshot(world)["paragraphs"]]


@pytest.fixture
def five(rapporteur: httpx2.Client) -> httpx2.Client:
    """A writer of five paragraphs."""
    for text in ("one", "two", "three", "four", "five"):
        write(rapporteur, text)
    return rapporteur


@pytest.mark.parametrize(
    ("moved", "before", "after"),
    [
        ("p4", "p2", ["p1", "p4", "p2", "p3", "p5"]),
        ("p2", "p5", ["p1", "p3", "p4", "p2", "p5"]),
        ("p1", None, ["p2", "p3", "p4", "p5", "p1"]),
        ("p1", "", ["p2", "p3", "p4", "p5", "p1"]),
        ("p5", "p1", ["p5", "p1", "p2", "p3", "p4"]),
    ],
)
def test_a_paragraph_is_put_before_another_or_at_the_end(
    forum: World, five: httpx2.Client, follow: Callable[..., Follower], moved: str, before: str | None, after: list[str]
) -> None:
    reader = follow()
    reader.until(6)
    answer = move(five, moved, before)
    epoch = snapshot(forum)["epoch"]
    assert (answer.status_code, answer.json()) == (200, {"id": moved, "rev": 1, "cursor": f"{epoch}:7"})
    reader.until(7)
    assert [*reader.paragraphs] == order(forum) == after
    shown = forum.client().get(LIVE).text
    places = [shown.index(f'id="{one}"') for one in after]
    assert places == sorted(places)


@pytest.mark.parametrize(("moved", "before"), [("p2", "p3"), ("p2", "p2"), ("p5", None)])
def test_where_it_stands_already_nothing_is_written(
    forum: World, five: httpx2.Client, moved: str, before: str | None
) -> None:
    answer = move(five, moved, before)
    assert (answer.status_code, answer.json()["cursor"]) == (200, f"{snapshot(forum)['epoch']}:6")
    assert order(forum) == ["p1", "p2", "p3", "p4", "p5"]


def test_a_move_refuses_nobodys_edit_and_what_is_withdrawn_can_be_moved(forum: World, five: httpx2.Client) -> None:
    five.post(f"{LIVE}/paragraphs/p2/retract", json={"reason": "why"})
    assert move(five, "p2", "p1").json()["rev"] == 2
    assert move(five, "p3", "p1").status_code == 200
    edited = five.post(f"{LIVE}/paragraphs/p3", json={"text": "THREE", "base_rev": 1})
    assert (edited.status_code, edited.json()["rev"]) == (200, 2)
    assert order(forum) == ["p2", "p3", "p1", "p4", "p5"]


def test_a_move_that_cannot_be_says_why(forum: World, five: httpx2.Client) -> None:
    unknown = move(five, "p2", "p9")
    assert (unknown.status_code, unknown.json()["errors"]) == (422, {"before": "There is no such paragraph."})
    assert move(five, "p9", "p1").status_code == 404
    assert list(move(five, "p2", "p" * 30).json()["errors"]) == ["before"]
    five.post(f"{LIVE}/status", json={"status": "closed"})
    assert move(five, "p2", "p1").status_code == 409
    assert order(forum) == ["p1", "p2", "p3", "p4", "p5"]


def test_without_scripts_two_buttons_move_a_paragraph(forum: World, five: httpx2.Client) -> None:
    browser = forum.browser("ruth@example.org", role="rapporteur")
    page = browser.get(DESK).text
    assert page.count('aria-label="Move paragraph 3 up"') == page.count('aria-label="Move paragraph 3 down"') == 1
    answer = browser.post(f"{LIVE}/paragraphs/p3/move", data={"before": "p2"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{DESK}#p3")
    browser.post(f"{LIVE}/paragraphs/p3/move", data={"before": ""})
    assert order(forum) == ["p1", "p2", "p4", "p5", "p3"]


def test_many_who_move_write_edit_and_translate_at_once_leave_one_text(
    forum: World, five: httpx2.Client, follow: Callable[..., Follower]
) -> None:
    readers = [follow(), follow()]
    writers = [forum.program(f"r{n}@example.org", role="rapporteur") for n in range(4)]
    gate = threading.Barrier(len(writers))
    answers: list[httpx2.Response] = []

    def work(client: httpx2.Client, own: int) -> None:
        gate.wait()
        for n in range(5):
            answers.append(move(client, f"p{(n + own) % 5 + 1}", f"p{(n * own + 2) % 5 + 1}"))
            answers.append(write(client, f"{own}-{n}"))
            edit = {"text": f"{own} edits {n}", "base_rev": n + 1}
            answers.append(client.post(f"{LIVE}/paragraphs/p{own + 1}", json=edit))
            words = {"text": f"{own} überträgt {n}", "of": 1, "base_rev": n}
            answers.append(client.post(f"{LIVE}/paragraphs/p{own + 1}/translations/de", json=words))

    threads = [threading.Thread(target=work, args=(client, n)) for n, client in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200, 201}
    whole = snapshot(forum)
    for reader in readers:
        reader.until(whole["offset"])
    assert [[*reader.paragraphs.values()] for reader in readers] == [whole["paragraphs"]] * 2
    assert len(whole["paragraphs"]) == 5 + 20
    assert {p["text"] for p in whole["paragraphs"]} >= {f"{own} edits 4" for own in range(4)}
    shown = forum.client().get(LIVE).text
    places = [shown.index(f'id="{p["id"]}"') for p in whole["paragraphs"]]
    assert places == sorted(places), "the database has another order than the log"


def test_a_page_made_while_paragraphs_are_moved_has_the_order_of_its_cursor(forum: World, five: httpx2.Client) -> None:
    reader, mover = forum.client(), forum.program("r1@example.org", role="rapporteur")
    seen: dict[int, list[str]] = {}
    done = threading.Event()

    def go_round() -> None:
        for n in range(60):
            move(mover, f"p{n % 5 + 1}", f"p{n % 3 + 1}")
        done.set()

    thread = threading.Thread(target=go_round)
    thread.start()
    while not done.is_set():
        page = reader.get(LIVE).text
        head = int(re.findall(r'data-cursor="[^":]+:(\d+)"', page)[0])
        seen[head] = re.findall(r'<article class="[^"]*" id="(p\d)"', page)
    thread.join()
    epoch = snapshot(forum)["epoch"]
    events = reader.get(f"{LIVE}.json?after={epoch}:0").json()["events"]
    assert seen == {head: [*fold(events[:head]).paragraphs] for head in seen}
    assert len(seen) > 1


def test_of_two_who_edit_one_revision_exactly_one_is_taken(forum: World, five: httpx2.Client) -> None:
    editors = [forum.program(f"r{n}@example.org", role="rapporteur") for n in range(4)]
    gate = threading.Barrier(len(editors))
    answers: list[httpx2.Response] = []

    def edit(client: httpx2.Client, own: int) -> None:
        gate.wait()
        answers.append(client.post(f"{LIVE}/paragraphs/p1", json={"text": f"by {own}", "base_rev": 1}))

    threads = [threading.Thread(target=edit, args=(client, n)) for n, client in enumerate(editors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    stands = snapshot(forum)["paragraphs"][0]
    assert [one.json()["paragraph"] for one in answers if one.status_code == 409] == [stands] * 3
