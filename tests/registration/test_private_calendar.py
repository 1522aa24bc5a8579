"""Whoever registers has an account, and letters with the address of its private calendar."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from sqlalchemy import Engine, event, select

from server.app import notice_board
from server.database import Store
from server.meetings.queries import meeting_by_slug
from server.people.actions import person_for
from server.people.models import Person
from server.registration.actions import register
from server.registration.deciding import change_admission
from server.registration.links import private_link
from server.registration.models import Registration
from server.schedule.actions import publish
from server.schedule.models import PrivateFeed
from tests.makers import NOON, make_meeting, make_registration, make_session
from tests.world import World, text_of

ADA = "ada@example.org"
ENTERED = {
    "given_name": "Ada", "family_name": "Lovelace", "country": "GB", "organisation": "Analytical Society",
    "stakeholder_group": "technical-community", "attendance": "online",
}  # fmt: skip


@pytest.fixture
def world(plenary: World) -> World:
    """A server with the Istanbul meeting and one session."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "ws1")
        publish(db, meeting, NOON)
    return plenary


def enter(world: World, email: str = ADA) -> httpx2.Response:
    return world.client().post("/igf2014/register", json={**ENTERED, "email": email})


def calendars(world: World, count: int, to: str = ADA) -> list[str]:
    """The address of the private calendar in each letter; empty where there is none."""
    found = (re.findall(r"https?://\S+?(/calendar/\S+)", text_of(one)) for one in world.mail(to, count))
    return ["".join(one) for one in found]


def test_the_letter_carries_the_calendar_and_the_way_to_fill_it(world: World) -> None:
    enter(world)
    [path] = calendars(world, 1)
    reader = world.client()
    empty = reader.get(path)
    assert (empty.status_code, "VEVENT" in empty.text) == (200, False)
    [letter] = world.mail(ADA)
    assert f"{world.base_url}/sign-in?next=%2Figf2014%2Fmy-schedule" in text_of(letter)
    browser = world.client()
    browser.post("/sign-in", data={"email": ADA, "next": "/igf2014/my-schedule"})
    signing = text_of(world.mail(ADA, 2)[1])
    link = re.findall(r"https?://[^/\s]+(/sign-in/\S+)", signing)[0]
    assert browser.post(link).headers["location"] == "/igf2014/my-schedule"
    browser.post("/igf2014/my-schedule", json={"choose": "ws1"})
    assert "Session ws1" in reader.get(path).text


def test_registering_again_brings_the_same_address(world: World) -> None:
    answers = [enter(world) for _ in range(2)]
    assert {(one.status_code, one.text) for one in answers} == {(202, '{"status":"accepted"}')}
    first, second = calendars(world, 2)
    assert first == second != ""


def test_who_has_withdrawn_or_revoked_the_calendar_is_sent_none(world: World) -> None:
    enter(world)
    world.mail(ADA, 1)  # a letter says what is so when it is put into words
    with world.store.reading() as db:
        own = private_link(db.scalars(select(Registration)).one(), world.settings).removeprefix(world.base_url)
    client = world.client()
    client.post(f"{own}/withdraw")
    world.mail(ADA, 2)
    client.post(f"{own}/return")
    world.mail(ADA, 3)
    world.browser(ADA).post("/igf2014/my-schedule/feed", data={"action": "revoke"})
    enter(world)
    found = calendars(world, 4)
    assert found == [found[0], "", found[0], ""]
    assert found[0] != ""


def test_who_registered_before_there_were_calendars_gets_one_with_the_next_letter(world: World) -> None:
    with world.store.writing() as db:
        reference = make_registration(db, meeting_by_slug(db, "igf2014")).reference
    desk = world.browser("olga@example.org", role="organiser")
    assert desk.post(f"/igf2014/desk/registrations/{reference}/letter").status_code == 303
    [path] = calendars(world, 1)
    assert world.client().get(path).status_code == 200


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements that any engine runs meanwhile, without their values."""
    seen: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", look)


@pytest.mark.parametrize("attendance", ["online", "onsite"])
def test_the_same_is_asked_of_the_database_whoever_is_known(database: str, attendance: str) -> None:
    store = Store(database, notice_board())
    with store.writing() as db:
        meeting = make_meeting(db)
        change_admission(db, meeting, {"onsite": 1, "organisation": 2, "groups": {"government": 1}}, NOON)
        for state in ("withdrawn", "declined"):
            make_registration(db, meeting, f"{state}@example.org", state=state)
        person_for(db, "account@example.org", NOON, name="Ann")
        make_registration(db, meeting, "registered@example.org")
        facts = {**ENTERED, "public": False, "gender": "", "first_time": None, "attendance": attendance}
        for known in ("registered@example.org", "both@example.org", "waits@example.org"):
            register(db, meeting, known, facts, language="en", now=NOON)  # type: ignore[arg-type]
    statements = {}
    names = ("nobody", "account", "registered", "both", "withdrawn", "declined")
    for email in (f"{name}@example.org" for name in names):
        with asked() as seen, store.writing() as db:
            register(db, meeting_by_slug(db, "igf2014"), email, facts, language="ja", now=NOON)  # type: ignore[arg-type]
        statements[email] = seen
    with store.reading() as db:
        people = {one.email: (one.name, one.language) for one in db.scalars(select(Person))}
        feeds = len(db.scalars(select(PrivateFeed)).all())
    store.close()
    assert [one for one in statements if statements[one] != statements["nobody@example.org"]] == []
    assert len(statements["nobody@example.org"]) > 5
    assert people == {
        "account@example.org": ("Ann", "en"), "registered@example.org": ("", "en"), "both@example.org": ("", "en"),
        "nobody@example.org": ("", "ja"), "withdrawn@example.org": ("", "ja"), "declined@example.org": ("", "en"), "waits@example.org": ("", "en"),
    }  # fmt: skip
    assert feeds == 7
