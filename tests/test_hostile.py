"""What somebody tries who means harm: no address, header or body may stop the server, fill it or speak for others."""

import json

import httpx2
import pytest
from sqlalchemy import func, select
from websockets.exceptions import InvalidStatus

from server.mail import Letter
from server.meetings.queries import meeting_by_slug
from server.people.models import normal_address
from server.registration.models import Registration
from server.remote.log import TAILS, Log
from server.schedule.feeds import LONGEST_KEPT, PLACE, Shelf, Wanted, feed
from tests.makers import make_meeting, make_session
from tests.remote.follower import LIVE, Follower
from tests.world import World

#: Marks of two classes in turn: putting 100,000 of them in order takes a processor ten seconds.
ACCENTS = "\u0300\u0323"
HTTP_DATE = "Mon, 01 Jan 2014 00:00:00"


@pytest.fixture
def world(plenary: World) -> World:
    """A server with the Istanbul meeting and one session."""
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db))
    return plenary


@pytest.mark.parametrize("name", ["given_name", "organisation", "email", "country"])
def test_a_letter_with_very_many_accents_costs_no_time(world: World, name: str) -> None:
    body = json.dumps({name: "a" + ACCENTS * 60_000}, ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json"}
    answer = world.client().post("/igf2014/register", content=body, headers=kind, timeout=4)
    assert answer.status_code == 422
    assert name in answer.json()["errors"]


@pytest.mark.parametrize("before", ["a", "a@", ""])
def test_an_address_with_very_many_accents_costs_no_time(world: World, before: str) -> None:
    address = before + "a" + ACCENTS * 60_000 + "@example.org"
    kind = {"Content-Type": "application/json"}
    body = json.dumps({"email": address}, ensure_ascii=False).encode()
    assert world.client().post("/sign-in", content=body, headers=kind, timeout=4).status_code == 422


@pytest.mark.parametrize(
    "address",
    ["=?utf-8?q?ada?=@example.org", "=?iso-8859-1?q?=61=64=61?=@example.org", "=?utf-8?q?a=40evil.example=2C_b?=@example.org"],
)  # fmt: skip
def test_no_further_spelling_of_an_address_makes_letters_to_it(world: World, address: str) -> None:
    """An encoded word in a To: header stands for other letters, and even for other addresses."""
    with pytest.raises(ValueError, match="cannot contain"):
        normal_address(address)
    given = {
        "given_name": "Ada", "family_name": "-", "email": address, "country": "GB", "organisation": "-",
        "stakeholder_group": "press", "attendance": "online",
    }  # fmt: skip
    assert list(world.client().post("/igf2014/register", json=given).json()["errors"]) == ["email"]
    with world.store.reading() as db:
        counts = [db.scalar(select(func.count()).select_from(kind)) for kind in (Registration, Letter)]
    assert counts == [0, 0]


@pytest.mark.parametrize("zone", ["+99999999999999", "-99999999999999", "+2359", "GMT+9999999999", "x"])
def test_a_date_that_no_calendar_has_is_no_date(world: World, zone: str) -> None:
    since = {"If-Modified-Since": f"{HTTP_DATE} {zone}"}
    assert world.client().get("/igf2014/schedule.ics", headers=since).status_code == 200


def test_a_wait_that_is_no_number_is_over_at_once(world: World) -> None:
    client = world.client()
    now = client.get(f"{LIVE}.json").json()
    for wait in ("nan", "-nan", "-inf", "-1", "", "x"):
        answer = client.get(f"{LIVE}.json?after={now['epoch']}:{now['offset']}&wait={wait}", timeout=5)
        assert (answer.status_code, answer.json()["events"]) == (200, [])


@pytest.mark.parametrize("origin", ["http://[", "http://]:x", "//", "http://[::1"])
def test_an_origin_that_is_no_address_is_a_foreign_one(world: World, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        Follower(world, additional_headers={"Origin": origin})
    assert refused.value.response.status_code == 403


def test_a_key_that_is_too_long_is_refused_in_a_browser_too(world: World) -> None:
    browser = world.browser("ray@example.org", role="rapporteur")
    sent: dict[str, dict[str, str]] = {"data": {"text": "one"}, "headers": {"Idempotency-Key": "x" * 300}}
    answer: httpx2.Response = browser.post(f"{LIVE}/paragraphs", **sent)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "An Idempotency-Key has at most 200 characters." in answer.text


def test_asking_for_every_cursor_there_is_does_not_fill_the_memory() -> None:
    log = Log("k3x9")
    log.extend([{"offset": n, "op": "status", "status": "live"} for n in range(1, 301)])
    tails = [log.tail(n) for n in range(301)]
    assert [json.loads(tail)["from"] for tail in tails] == list(range(1, 302))
    assert len(log._tails) <= TAILS


def test_filters_that_people_make_up_do_not_fill_the_memory(world: World) -> None:
    shelf = Shelf(room=10 * PLACE)
    with world.store.reading() as db:
        meeting = meeting_by_slug(db, "igf2014")
        for n in range(50):
            for text in (f"{n}", f"{n}{'x' * LONGEST_KEPT}"):
                assert feed(db, meeting, Wanted.parse("xml", [("q", text)]), "http://here", shelf).body
    kept = list(shelf._kept)
    assert 1 <= len(kept) < 10
    assert max(len(str(key)) for key in kept) < LONGEST_KEPT
