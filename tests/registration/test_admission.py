"""How a meeting registers: dates, places, approval, and what two organisers say at the same time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from server import clock
from server.meetings.queries import meeting_by_slug
from server.registration.line import admission_of
from server.registration.models import Registration
from tests.makers import make_meeting, make_registration
from tests.world import World

PAGE = "/igf2014/desk/registration"


@pytest.fixture
def world(plenary: World) -> World:
    """A server with the Istanbul meeting."""
    with plenary.store.writing() as db:
        make_meeting(db)
    return plenary


def entered(**other: Any) -> dict[str, Any]:
    """What an organiser enters."""
    return {
        "registration_open": "true", "opens_at": "2014-08-01T09:00", "closes_at": "2014-09-05T18:00", "onsite_until": "",
        "onsite": "2", "places-government": "1", "organisation": "2", "organisations": "Host Country = 50\n\nＵＮＥＳＣＯ：3",
        "approved_groups": ["press", "government"], "offer_hours": "48", "asks_first_time": "true",
        "notice_en": "The host is responsible.", "notice_ja": "主催者が責任を負います。", "keep_days": "180", **other,
    }  # fmt: skip


def register(world: World, name: str, **other: Any) -> int:
    facts = {
        "given_name": "Ada", "family_name": "Lovelace", "email": f"{name}@example.org", "country": "GB",
        "organisation": "independent", "stakeholder_group": "civil-society", "attendance": "onsite", **other,
    }  # fmt: skip
    return world.client().post("/igf2014/register", json=facts).status_code


def states(world: World) -> dict[str, str]:
    with world.store.reading() as db:
        return {one.email.partition("@")[0]: one.state for one in db.scalars(select(Registration))}


def test_an_organiser_says_how_the_meeting_registers(world: World) -> None:
    program = world.program("olga@example.org", role="organiser")
    answer = program.post(PAGE, json=entered())
    told = answer.json()
    edition = told.pop("edition")
    assert told.pop("onsite_by_state") == {"given": {}, "offered": {}, "waiting": {}, "pending": {}}
    assert (answer.status_code, told) == (200, {
        "registration_open": True, "opens_at": "2014-08-01T06:00:00+00:00", "closes_at": "2014-09-05T15:00:00+00:00",
        "onsite_until": None, "onsite": 2, "places-government": 1, "places-intergovernmental": None,
        "places-civil-society": None, "places-private-sector": None, "places-technical-community": None,
        "places-press": None, "organisation": 2, "organisations": "Host Country = 50\nＵＮＥＳＣＯ = 3",
        "approved_groups": ["government", "press"], "offer_hours": 48, "asks_gender": False, "asks_first_time": True,
        "notice_en": "The host is responsible.", "notice_ja": "主催者が責任を負います。", "keep_days": 180,
    })  # fmt: skip
    again = program.get(PAGE).json()
    assert again["edition"] == edition
    assert (
        program.post(
            PAGE, json={name: value for name, value in again.items() if value is not None and name != "onsite_by_state"}
        ).json()["edition"]
        == edition
    )
    form = world.client().get("/igf2014/register").text
    assert "Registration for this meeting is closed." in form  # its time is over
    page = world.browser("olga@example.org").get(PAGE).text
    for words in (
        'value="2014-08-01T09:00"',
        "Host Country = 50",
        "Istanbul time",
        "0 of 2 places onsite are given, 2 are free.",
    ):
        assert words in page


FAULTS = {
    "closes_at": ("2014-07-31T18:00", "It has to close after it opens."),
    "opens_at": ("2014-03-31T03:30", "On this day the clocks go forward"),
    "onsite": ("-1", "Number must be between 0 and 1000000."),
    "places-press": ("many", "Not a valid integer value."),
    "organisations": ("Host = 3\nUNESCO\n", "Line 2: it has to look like “Host Country = 50”."),
    "offer_hours": ("0", "Number must be between 1 and 1440."),
    "keep_days": ("99999", "Number must be between 1 and 3650."),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_said_beside_what_was_typed_and_nothing_changes(world: World, name: str) -> None:
    browser = world.browser("olga@example.org", role="organiser")
    typed, words = FAULTS[name]
    answer = browser.post(PAGE, data=entered(**{name: typed}))
    assert answer.status_code == 422
    assert words in answer.text
    assert typed.strip() in answer.text
    with world.store.reading() as db:
        assert admission_of(db, meeting_by_slug(db, "igf2014").id).onsite is None
    program = world.program("olga@example.org").post(PAGE, json=entered(**{name: typed}))
    assert (program.status_code, [*program.json()["errors"]]) == (422, [name])


def test_an_organisation_stands_there_once_however_it_is_spelt(world: World) -> None:
    program = world.program("olga@example.org", role="organiser")
    answer = program.post(PAGE, json=entered(organisations="UNESCO = 3\nHost = 2\nunesco. = 4"))
    assert answer.json()["errors"] == {"organisations": "Line 3: this organisation stands in line 1 already."}


def test_a_raised_limit_lets_those_in_who_wait(world: World) -> None:
    program = world.program("olga@example.org", role="organiser")
    free = {"opens_at": "", "closes_at": "", "places-government": "", "offer_hours": "", "approved_groups": []}
    program.post(PAGE, json=entered(**free, onsite="1"))
    for name in ("ada", "bob", "cyd"):
        assert register(world, name) == 202
    assert states(world) == {"ada": "confirmed", "bob": "waiting", "cyd": "waiting"}
    assert program.get(PAGE).json()["onsite_by_state"] == {
        "given": {"civil-society": 1}, "offered": {}, "waiting": {"civil-society": 2}, "pending": {},
    }  # fmt: skip
    program.post(PAGE, json=entered(**free, onsite="2"))
    assert states(world) == {"ada": "confirmed", "bob": "confirmed", "cyd": "waiting"}
    program.post(PAGE, json=entered(**free, onsite="1"))
    page = world.browser("olga@example.org").get(PAGE).text
    assert "2 places onsite are given, more than the 1 there are." in page


def test_of_two_organisers_the_second_sees_what_the_first_changed(world: World) -> None:
    one, other = (world.browser(f"{name}@example.org", role="organiser") for name in ("olga", "otto"))
    seen = world.program("olga@example.org").get(PAGE).json()["edition"]
    assert one.post(PAGE, data=entered(edition=seen, onsite="7")).status_code == 303
    answer = other.post(PAGE, data=entered(edition=seen, onsite="9"))
    assert answer.status_code == 409
    assert 'value="9"' in answer.text
    assert "<bdi>7</bdi>" in answer.text
    with world.store.reading() as db:
        assert admission_of(db, meeting_by_slug(db, "igf2014").id).onsite == 7
    program = world.program("otto@example.org").post(PAGE, json=entered(edition=seen, onsite="9"))
    assert (program.status_code, program.json()["onsite"]) == (409, 7)
    assert other.post(PAGE, data=entered(onsite="9")).status_code == 409  # a form that says nothing of what it saw


def test_registration_opens_and_closes_by_itself_and_the_pages_say_so(world: World) -> None:
    program = world.program("olga@example.org", role="organiser")
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    program.post(PAGE, json=entered(
        opens_at=(now - timedelta(days=1)).isoformat(), closes_at=(now + timedelta(days=1)).isoformat(),
        onsite_until=now.isoformat(), approved_groups=[],
    ))  # fmt: skip
    client = world.client()
    answers = []
    for moment in (
        now - timedelta(days=2),
        now - timedelta(hours=1),
        now + timedelta(hours=1),
        now + timedelta(days=2),
    ):
        with time_machine.travel(moment, tick=True):
            form = client.get("/igf2014/register").text
            programme = client.get("/igf2014/schedule").text
            name = f"p{moment:%d%H}"
            answers.append((
                register(world, name), register(world, f"{name}o", attendance="online"), "opens:" in form,
                'href="/igf2014/register"' in programme,
            ))  # fmt: skip
    assert answers == [
        (409, 409, True, False),
        (202, 202, False, True),
        (422, 202, False, True),
        (409, 409, False, False),
    ]


def test_who_is_registered_onsite_stays_so_after_the_last_moment_for_that(world: World) -> None:
    with world.store.writing() as db:
        registration = make_registration(db, meeting_by_slug(db, "igf2014"), attendance="onsite")
    program = world.program("olga@example.org", role="organiser")
    past = (clock.now() - timedelta(days=1)).isoformat()
    program.post(PAGE, json=entered(opens_at="", closes_at="", onsite_until=past))
    sent = {
        "given_name": "Ada", "family_name": "King", "country": "GB", "organisation": "independent",
        "stakeholder_group": "technical-community", "attendance": "onsite",
    }  # fmt: skip
    desk = world.program("desk@example.org", role="desk")
    answer = desk.post(f"/igf2014/desk/registrations/{registration.reference}/change", json=sent)
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")


@pytest.mark.parametrize("role", [None, "desk", "chair", "rapporteur", "moderator"])
def test_only_organisers_say_how_a_meeting_registers(world: World, role: str | None) -> None:
    program = world.program("ray@example.org", role=role)
    assert [program.get(PAGE).status_code, program.post(PAGE, json=entered()).status_code] == [403, 403]
    assert world.client().get(PAGE).status_code == 303
