"""Files handed in: looked at by nobody who may not, refused whole, shown as differences, and taken in over nobody's work."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from server import clock
from server.database import Database
from server.meetings.actions import remove_part
from server.meetings.parts import KINDS
from server.meetings.queries import meeting_by_slug
from server.problems import NotReady
from server.schedule.drafting import edit, held
from server.schedule.models import Intake
from server.web.kept import Standing
from tests.makers import make_meeting, make_session
from tests.world import World, at, wait_for

DESK = "/igf2014/desk/programme"
TABLE = b"code,title\nws1,Another title\n"
FOREIGN: dict[str, Any] = {
    "schedule": {
        "version": "1",
        "conference": {
            "acronym": "demo", "title": "Demo", "start": "2014-09-02", "end": "2014-09-02", "daysCount": 1,
            "time_zone_name": "Europe/Istanbul",
            "days": [
                {
                    "index": 1, "date": "2014-09-02", "day_start": "2014-09-02T09:00:00+03:00",
                    "day_end": "2014-09-02T18:00:00+03:00",
                    "rooms": {
                        "Garden": [
                            {
                                "id": 7, "guid": "8079583e-8321-506c-95af-fd2903a5f075", "title": "Out of doors",
                                "date": "2014-09-02T10:00:00+03:00", "start": "10:00", "duration": "00:30",
                                "room": "Garden", "type": "Talk", "track": "Green", "language": "en", "persons": [],
                            }
                        ]
                    },
                }
            ],
        },
    }
}  # fmt: skip


@pytest.fixture
def organiser(plenary: World) -> httpx2.Client:
    """A program of an organiser, at a meeting with two published sessions."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "ws1")
        make_session(db, meeting, "ws2", starts_at=at("2014-09-02T08:00:00+00:00"))
    return plenary.program("olga@example.org", role="organiser")


def hand_in(client: httpx2.Client, content: bytes, name: str = "a.csv", slug: str = "igf2014") -> httpx2.Response:
    accept = {"Accept": "application/json"}
    return client.post(f"/{slug}/desk/programme/file", files={"file": (name, content)}, headers=accept)


def foreign() -> bytes:
    return json.dumps(FOREIGN).encode()


def test_a_file_is_shown_as_differences_and_taken_in_or_let_go(plenary: World, organiser: httpx2.Client) -> None:
    assert hand_in(organiser, TABLE).json() == {
        "changes": [{"code": "ws1", "kinds": ["title"]}], "new": [], "gone": ["ws2"], "notes": [],
    }  # fmt: skip
    page = organiser.get(f"{DESK}/file").text
    assert "Another title" in page
    assert "Also cancel 1 session" in page
    assert organiser.post(f"{DESK}/file/take", json={"cancel_gone": "1"}).json() == {"edit": 1}
    assert organiser.post(f"{DESK}/file/take", json={}).status_code == 404
    assert organiser.post(f"{DESK}/undo", json={"number": 1}).status_code == 200
    hand_in(organiser, TABLE)
    assert organiser.post(f"{DESK}/file/discard").status_code == 303
    with plenary.store.reading() as db:
        assert db.query(Intake).count() == 0


def test_a_faulty_file_is_refused_by_line_and_nothing_of_it_is_kept(plenary: World, organiser: httpx2.Client) -> None:
    refused = hand_in(organiser, b"code,title,room\nws1,One,nowhere\nws1,Two,wr01\n")
    assert refused.status_code == 422
    page = organiser.post(f"{DESK}/file", files={"file": ("a.csv", b"code,room\nws1,nowhere\n")})
    assert page.status_code == 422
    with plenary.store.reading() as db:
        assert db.query(Intake).count() == 0


@pytest.mark.either
def test_nobody_without_the_role_has_a_file_or_a_large_body_read(plenary: World, organiser: httpx2.Client) -> None:
    nobody = plenary.program("nobody@example.org")
    assert hand_in(nobody, b"x" * 1_000_000).status_code == 403
    assert hand_in(plenary.client(), TABLE).status_code == 401
    many = b'{"a":[' + b",".join([b"1"] * 400_000) + b"]}"
    as_json = organiser.post(f"{DESK}/file", content=many, headers={"Content-Type": "application/json"})
    assert as_json.status_code == 413
    fields = organiser.post(
        f"{DESK}/file", data={f"f{number}": "x" * 4_000 for number in range(100)}, files={"file": ("a.csv", TABLE)}
    )
    assert fields.status_code == 422


def test_new_rooms_of_a_file_are_the_meetings_at_once_in_every_form(plenary: World, organiser: httpx2.Client) -> None:
    stranger = plenary.client()
    pages = ("/igf2014/schedule", "/igf2014/schedule?x=1", "/igf2014/schedule.json")
    for address in pages:
        stranger.get(address)
    hand_in(organiser, foreign(), "schedule.json")
    assert "added to the meeting at once" in organiser.get(f"{DESK}/file").text
    assert organiser.post(f"{DESK}/file/take", json={}).status_code == 200
    assert ["Garden" in stranger.get(address).text for address in pages] == [True, True, True]
    assert ["Out of doors" in stranger.get(address).text for address in pages] == [False, False, False]


def test_the_same_file_at_two_meetings_is_published_at_both(plenary: World, organiser: httpx2.Client) -> None:
    with plenary.store.writing() as db:
        make_meeting(db, "trial", number=1)
    plenary.program("olga@example.org", role="organiser", meeting="trial")
    for slug in ("igf2014", "trial"):
        assert hand_in(organiser, foreign(), "schedule.json", slug).status_code == 200
        assert organiser.post(f"/{slug}/desk/programme/file/take", json={}).status_code == 200
    published = [organiser.post(f"/{slug}/desk/programme/publish", json={}) for slug in ("igf2014", "trial")]
    assert [answer.status_code for answer in published] == [200, 200]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_hours_at_the_ends_of_the_calendar_are_refused_in_words(organiser: httpx2.Client, day: str) -> None:
    given = {"first_day": day, "first_time": "09:00", "last_day": day, "last_time": "10:00"}
    answer = organiser.post(f"{DESK}/hours/closures", json={f"closure-{name}": value for name, value in given.items()})
    assert answer.status_code == 422


def test_a_code_of_very_many_digits_is_not_counted_on(plenary: World, organiser: httpx2.Client) -> None:
    facts = {"title_en": "T", "type": "workshop", "language": "en"}
    assert organiser.post(f"{DESK}/new", json={**facts, "code": "ws" + "9" * 58}).status_code == 303
    assert organiser.post(f"{DESK}/new", json=facts).headers["location"] == f"{DESK}/sessions/ws3?saved=1"


@contextmanager
def meanwhile(plenary: World, change: Callable[[Database], object], ask: Callable[[], None]) -> Iterator[None]:
    """Begin `ask` in a thread while `change` is made and not yet committed; on PostgreSQL it waits for the lock."""
    thread = threading.Thread(target=ask)
    with plenary.store.writing() as db:
        change(db)
        db.flush()
        thread.start()
        wait_for(lambda: _waits(plenary))
    thread.join()
    yield


def _waits(plenary: World) -> bool:
    with plenary.store.engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.mark.postgresql
def test_a_file_is_not_taken_in_over_an_edit_that_was_faster(plenary: World, organiser: httpx2.Client) -> None:
    hand_in(organiser, TABLE)
    answers: list[httpx2.Response] = []

    def move(db: Database) -> None:
        meeting = meeting_by_slug(db, "igf2014")
        one = held(db, meeting, "ws1").planned
        edit(db, None, meeting, "place", {"ws1": one.changed(room="main-hall")}, {"ws1": 0}, clock.now())

    with meanwhile(plenary, move, lambda: answers.append(organiser.post(f"{DESK}/file/take", json={"seen": "0"}))):
        assert [answer.status_code for answer in answers] == [409]


@pytest.mark.postgresql
def test_a_session_is_not_planned_with_a_type_that_is_just_being_removed(
    plenary: World, organiser: httpx2.Client
) -> None:
    answers: list[httpx2.Response] = []
    facts = {"title_en": "T", "type": "open-forum", "language": "en", "base": 0}

    def remove(db: Database) -> None:
        meeting = meeting_by_slug(db, "igf2014")
        kind = KINDS["types"]
        remove_part(db, meeting, kind, next(part for part in kind.of(meeting) if part.key == "open-forum"), clock.now())

    def plan() -> None:
        answers.append(organiser.post(f"{DESK}/sessions/ws1", json=facts))

    with meanwhile(plenary, remove, plan):
        assert [answer.status_code for answer in answers] == [409]
    assert organiser.get(DESK).status_code == 200


def test_where_the_database_cannot_be_asked_a_kept_page_is_left_to_the_page_itself(
    plenary: World, organiser: httpx2.Client
) -> None:
    stranger = plenary.client()
    assert stranger.get("/igf2014/schedule").status_code == 200
    # what a process sees whose line to the database is cut just then
    plenary.plenary.pages.standing = Standing(_away)
    assert stranger.get("/igf2014/schedule").status_code == 200  # the page itself asks the database, which is there


async def _away() -> dict[str, object]:
    raise NotReady("away")
