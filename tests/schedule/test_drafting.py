"""Planning otherwise: nothing is overwritten, everything can be taken back, and nobody outside sees any of it."""

import threading

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from server.meetings.queries import meeting_by_slug
from server.schedule.edits import SHOWN_EDITS, last_edits, meanwhile_of
from server.schedule.models import Draft, Edit
from tests.makers import make_meeting, make_session
from tests.world import World, at

DESK = "/igf2014/desk/programme"


@pytest.fixture
def organiser(plenary: World) -> httpx2.Client:
    """A program of an organiser, at a meeting with two published sessions."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "ws1")
        make_session(db, meeting, "ws2", starts_at=at("2014-09-02T08:00:00+00:00"))
    return plenary.program("olga@example.org", role="organiser")


def place(client: httpx2.Client, code: str, base: int, **facts: object) -> httpx2.Response:
    given = {"room": "wr01", "day": "2014-09-03", "start": "14:00", "base": base, **facts}
    return client.post(f"{DESK}/sessions/{code}/place", json=given)


def public_words(client: httpx2.Client) -> str:
    return "".join(client.get(f"/igf2014/{page}").text for page in ("schedule", "schedule.ics", "sessions/ws1"))


def test_a_moved_session_stays_where_it_is_for_the_public_until_it_is_published(organiser: httpx2.Client) -> None:
    before = organiser.get("/igf2014/schedule.ics").text
    answer = place(organiser, "ws1", 0)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["edit"], answer.json()["rev"]) == (1, 1)
    assert answer.json()["session"]["starts_at"] == "2014-09-03T11:00:00+00:00"
    assert organiser.get("/igf2014/schedule.ics").text == before
    published = organiser.post(f"{DESK}/publish", json={"note": "Moved to the afternoon"})
    assert published.json() == {"version": 2}
    assert "DTSTART;TZID=Europe/Istanbul:20140903T140000" in organiser.get("/igf2014/schedule.ics").text


def test_a_length_that_was_given_stays_when_only_the_place_is_said(organiser: httpx2.Client) -> None:
    assert place(organiser, "ws1", 0).json()["session"]["minutes"] == 90
    assert place(organiser, "ws1", 1, minutes="").json()["session"]["minutes"] is None
    assert place(organiser, "ws1", 2, minutes=45).json()["session"]["minutes"] == 45


def test_a_change_made_on_an_old_state_is_refused_with_what_happened_meanwhile(organiser: httpx2.Client) -> None:
    assert place(organiser, "ws1", 0).status_code == 200
    late = place(organiser, "ws1", 0, start="16:00")
    assert late.status_code == 409
    assert [one["number"] for one in late.json()["meanwhile"]] == [1]
    assert "olga" in late.json()["detail"]
    assert late.json()["rev"] == 1
    assert place(organiser, "ws2", 0, start="16:00").status_code == 200  # another session is nobody's business
    assert place(organiser, "ws1", 1, start="16:00").status_code == 200


def test_of_many_who_move_a_session_at_once_one_is_first_and_the_others_are_told(
    plenary: World, organiser: httpx2.Client
) -> None:
    barrier, codes = threading.Barrier(8), []

    def move(number: int) -> None:
        client = plenary.program(f"editor{number}@example.org", role="organiser")
        barrier.wait()
        codes.append(place(client, "ws1", 0, start=f"{10 + number}:00").status_code)

    threads = [threading.Thread(target=move, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [409] * 7
    with plenary.store.reading() as db:
        assert [edit.number for edit in db.query(Edit).order_by(Edit.number)] == [1]


def test_a_change_can_be_taken_back_and_that_can_be_taken_back_too(organiser: httpx2.Client) -> None:
    place(organiser, "ws1", 0)
    back = organiser.post(f"{DESK}/undo", json={"number": 1})
    assert back.json()["session"]["starts_at"] == "2014-09-02T06:00:00+00:00"
    assert organiser.post(f"{DESK}/undo", json={"number": 1}).status_code == 409
    again = organiser.post(f"{DESK}/undo", json={"number": 2})
    assert again.json()["session"]["starts_at"] == "2014-09-03T11:00:00+00:00"


def test_taking_back_after_anothers_change_is_refused_with_the_reason(plenary: World, organiser: httpx2.Client) -> None:
    place(organiser, "ws1", 0)
    other = plenary.program("otto@example.org", role="organiser")
    assert place(other, "ws1", 1, start="17:00").status_code == 200
    refused = organiser.post(f"{DESK}/undo", json={"number": 1})
    assert refused.status_code == 409
    assert "otto" in refused.json()["detail"]
    assert other.post(f"{DESK}/undo", json={"number": 2}).status_code == 200
    assert (
        organiser.post(f"{DESK}/undo", json={"number": 1}).status_code == 409
    )  # taken back by otto's undo: changed since


def test_what_is_planned_as_it_is_published_is_no_draft(plenary: World, organiser: httpx2.Client) -> None:
    place(organiser, "ws1", 0)
    organiser.post(f"{DESK}/undo", json={"number": 1})
    with plenary.store.reading() as db:
        assert db.query(Draft).count() == 0


def test_two_sessions_swap_their_places_and_keep_their_lengths(organiser: httpx2.Client) -> None:
    place(organiser, "ws1", 0, day="2014-09-02", start="09:00", minutes=30)
    swapped = organiser.post(f"{DESK}/swap", json={"one": "ws1", "one_base": 1, "other": "ws2", "other_base": 0})
    assert swapped.status_code == 200, swapped.text
    facts = swapped.json()["session"]
    assert (facts["starts_at"], facts["minutes"]) == ("2014-09-02T08:00:00+00:00", 30)
    late = organiser.post(f"{DESK}/swap", json={"one": "ws1", "one_base": 1, "other": "ws2", "other_base": 0})
    assert late.status_code == 409


def test_a_session_is_parked_and_comes_back(organiser: httpx2.Client) -> None:
    parked = organiser.post(f"{DESK}/sessions/ws1/park", json={"base": 0}).json()["session"]
    assert (parked["room"], parked["starts_at"], parked["minutes"]) == (None, None, 90)
    assert "Session ws1" in organiser.get(DESK, headers={"Accept": "text/html"}).text
    assert place(organiser, "ws1", 1).json()["rev"] == 2


def test_a_repeat_is_a_session_of_its_own_that_says_what_it_repeats(organiser: httpx2.Client) -> None:
    again = organiser.post(f"{DESK}/sessions/ws1/repeat", json={}).json()["session"]
    assert (again["code"], again["repeats"], again["starts_at"]) == ("ws1-2", "ws1", None)
    third = organiser.post(f"{DESK}/sessions/ws1-2/repeat", json={}).json()["session"]
    assert (third["code"], third["repeats"]) == ("ws1-3", "ws1")
    first = organiser.get("/igf2014/schedule.ics").text
    place(organiser, "ws1-2", 1)
    organiser.post(f"{DESK}/publish", json={})
    feed = organiser.get("/igf2014/schedule.ics").text
    assert again["uid"] in feed
    assert again["uid"] not in first
    assert "Also held at" in organiser.get("/igf2014/sessions/ws1", headers={"Accept": "text/html"}).text


def test_only_a_session_that_was_never_published_is_removed(organiser: httpx2.Client) -> None:
    organiser.post(f"{DESK}/sessions/ws1/repeat", json={})
    assert organiser.post(f"{DESK}/sessions/ws1/remove", json={"base": 0}).status_code == 409
    assert organiser.post(f"{DESK}/sessions/ws1-2/remove", json={"base": 1}).status_code == 200
    assert organiser.get(f"{DESK}/sessions/ws1-2").status_code == 404
    back = organiser.post(f"{DESK}/undo", json={"number": 2})
    assert back.json()["session"]["code"] == "ws1-2"


FORBIDDEN_WORDS = ("Secret of the draft", "geheim")


@pytest.fixture
def drafted(organiser: httpx2.Client) -> httpx2.Client:
    """A session that only the team knows, and a title that only the team knows."""
    title = FORBIDDEN_WORDS[0]
    facts = {
        "title_en": title,
        "type": "workshop",
        "language": "en",
        "code": "geheim",
        "day": "2014-09-02",
        "start": "11:00",
        "room": "wr01",
    }
    assert organiser.post(f"{DESK}/new", json=facts).status_code == 303
    changed = {
        "title_en": f"{title}, too",
        "type": "workshop",
        "language": "en",
        "base": 0,
        "day": "2014-09-02",
        "start": "09:00",
        "room": "wr01",
    }
    assert organiser.post(f"{DESK}/sessions/ws1", json=changed).status_code == 303
    return organiser


PUBLIC = (
    "/igf2014", "/igf2014/schedule", "/igf2014/schedule?view=grid", "/igf2014/schedule?view=now",
    "/igf2014/schedule?view=rooms", "/igf2014/schedule?view=people", "/igf2014/schedule?view=tracks",
    "/igf2014/schedule?q=Secret", "/igf2014/schedule.ics", "/igf2014/schedule.json", "/igf2014/schedule.xml",
    "/igf2014/schedule.atom", "/igf2014/sessions.json", "/igf2014/schedule/changes", "/igf2014/schedule/v/1",
    "/igf2014/schedule/booklet", "/igf2014/sessions/ws1", "/igf2014/sessions/ws1.ics", "/igf2014/sessions/ws1.json",
    "/igf2014/sessions/geheim", "/igf2014/sessions/geheim.ics", "/igf2014/sessions/geheim.json",
    "/igf2014/sessions/geheim/live", "/igf2014/sessions/geheim/live.json", "/igf2014/sessions/ws1/live",
    "/igf2014/live", "/igf2014/my-schedule", "/igf2014/schedule.ics?code=geheim",
)  # fmt: skip


@pytest.mark.either
@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_not_published_is_nowhere(plenary: World, drafted: httpx2.Client, address: str) -> None:
    for client in (plenary.client(), plenary.program("ray@example.org", role="rapporteur")):
        answer = client.get(address)
        text = answer.text.replace("?q=Secret", "").replace("code=geheim", "").replace(address, "")
        assert "Secret of the draft" not in text, address
        if "geheim" in address and "?" not in address:
            assert answer.status_code == 404
    assert "Secret of the draft" in drafted.get(f"{DESK}/sessions/ws1").text  # there is something to leak


def test_what_is_not_published_is_in_no_letter_and_on_no_desk_but_the_programmes(
    plenary: World, drafted: httpx2.Client
) -> None:
    rapporteur = plenary.browser("ray@example.org", role="rapporteur")
    for address in ("/igf2014/desk", "/igf2014/desk/summaries", "/igf2014/desk/outputs"):
        assert "Secret of the draft" not in rapporteur.get(address).text
    assert list((plenary.folder / "mail").glob("*.eml")) == []


def test_what_is_not_published_is_on_no_socket(plenary: World, drafted: httpx2.Client) -> None:
    address = f"{plenary.base_url.replace('http', 'ws')}/igf2014/sessions"
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{address}/geheim/live/ws", proxy=None)
    assert refused.value.response.status_code == 404
    with connect(f"{address}/ws1/live/ws", proxy=None) as connection:
        assert "Secret of the draft" not in str(connection.recv(timeout=10))


def test_what_happened_to_a_session_is_told_however_much_happened_to_others_since(
    plenary: World, organiser: httpx2.Client
) -> None:
    first = place(organiser, "ws1", 0)
    assert place(organiser, "ws1", 1, start="15:00").status_code == 200
    assert place(organiser, "ws2", 0).status_code == 200
    with plenary.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        other = db.query(Edit).filter_by(number=3).one()
        # a day on which another session, one that speaks of this one, is moved about without end
        facts = other.after["ws2"] | {"title": {"en": 'Follows "ws1"'}}
        for number in range(4, 3 * SHOWN_EDITS):
            db.add(Edit(
                meeting_id=meeting.id, number=number, kind="place", at=other.at, before={"ws2": facts},
                after={"ws2": facts},
            ))  # fmt: skip
    with plenary.store.reading() as db:
        meeting = meeting_by_slug(db, "igf2014")
        told = last_edits(db, meeting, code="ws1")
        assert [(one.number, one.code) for one in told] == [(2, "ws1"), (1, "ws1")]
        assert [one.number for one in last_edits(db, meeting, code="ws1", limit=1)] == [2]
        assert [one.number for one in meanwhile_of(db, meeting, "ws1", 1)] == [2]
        assert len(last_edits(db, meeting, code="ws2", limit=10)) == 10
        assert len(last_edits(db, meeting)) == SHOWN_EDITS
    assert first.json()["edit"] == 1
    late = place(organiser, "ws1", 0, start="16:00")
    assert [one["number"] for one in late.json()["meanwhile"]] == [1, 2]
