"""A meeting's home, the list of meetings and new meetings, at the front door."""

import re
from datetime import date, timedelta
from pathlib import Path

import httpx2
import pytest
from starlette.routing import BaseRoute, Mount, Route

from server import clock
from server.app import routes
from server.meetings.access import ROLES, Ability
from server.meetings.listing import load_listing
from server.meetings.models import RESERVED_SLUGS, Meeting, Role
from server.meetings.queries import current_meeting, meeting_by_slug
from tests.makers import make_meeting, make_session
from tests.world import World

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

ROOT = Path(__file__).parent.parent.parent
ADA = "ada@example.org"
FACTS = {
    "slug": "igf2027",
    "name_en": "Twenty-second Annual Meeting",
    "name_ja": "第22回",
    "short_name": "IGF 2027",
    "number": "22",
    "mode": "hybrid",
    "city_en": "Nairobi",
    "timezone": "Africa/Nairobi",
    "first_day": "2027-11-02",
    "days": "5",
    "has_day_zero": "y",
}


def load_all(plenary: World) -> None:
    with plenary.store.writing() as db:
        load_listing(db, (ROOT / "demo/meetings.csv").read_text(encoding="utf-8"), clock.now())


def rows(page: httpx2.Response) -> list[list[str]]:
    """The cells of every table row, without markup."""
    bodies = re.findall(r"<tr>\s*<td.*?</tr>", page.text, re.S)
    plain = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", body, re.S) for body in bodies]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells] for cells in plain]


def test_the_home_shows_the_meeting_and_what_is_on(plenary: World) -> None:
    with plenary.store.writing() as db:
        now = clock.now()
        meeting = make_meeting(db, first_day=now.date(), theme={"en": "Connecting <Continents>"})
        make_session(db, meeting, "ws1", starts_at=now - timedelta(minutes=10))
        make_session(db, meeting, "ws2", starts_at=now + timedelta(hours=3))
    page = plenary.client().get("/igf2014")
    assert page.status_code == 200
    assert "Ninth Annual Meeting of the Internet Governance Forum" in page.text
    assert "Connecting &lt;Continents&gt;" in page.text
    assert 'href="/igf2014/sessions/ws1/live"' in page.text
    assert 'href="/igf2014/sessions/ws2"' in page.text
    assert "Connecting &lt;Continents&gt;" in plenary.client().get("/").text


def test_without_any_meeting_the_home_says_how_to_load_one(plenary: World) -> None:
    for path, words in (("/", "No meeting yet"), ("/meetings", "Every meeting of the series will be listed here")):
        page = plenary.client().get(path)
        assert page.status_code == 200
        assert words in page.text
        assert "plenary load demo/meetings.csv" in page.text


def test_an_unknown_meeting_is_not_found(plenary: World) -> None:
    for path in ("/igf1999", "/igf1999/desk", "/igf1999/desk/rooms", "/IGF2014", "/%00", "/favicon.ico"):
        assert plenary.client().get(path).status_code == 404


def test_the_current_meeting_is_the_one_on_now_else_the_next_else_one_still_open_else_the_last(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_meeting(db, "old", first_day=date(2012, 1, 1), registration_open=True)
        make_meeting(db, "late", first_day=date(2013, 1, 1), registration_open=False)
        make_meeting(db, "next", first_day=date(2014, 9, 2), registration_open=False)
        make_meeting(db, "after", first_day=date(2015, 9, 2), registration_open=False)
        days = [date(2014, 1, 1), date(2014, 9, 5), date(2014, 9, 6), date(2016, 1, 1)]
        found = [current_meeting(db, day) for day in days]
        assert [meeting and meeting.slug for meeting in found] == ["next", "next", "after", "old"]
        meeting_by_slug(db, "old").registration_open = False
        assert getattr(current_meeting(db, date(2016, 1, 1)), "slug", None) == "after"


def test_every_meeting_is_listed_with_place_and_dates(plenary: World) -> None:
    load_all(plenary)
    page = plenary.client().get("/meetings")
    listed = rows(page)
    assert [row[0] for row in listed] == [str(number) for number in range(20, 0, -1)]
    assert listed[5] == ["15", "IGF 2020", "Held online", "2–17 November 2020", ""]
    assert listed[3] == [
        "17", "IGF 2022", "Addis Ababa, Ethiopia", "28 November – 2 December 2022",
        "Internet for a Shared, Sustainable and Resilient Future",
    ]  # fmt: skip
    assert listed[10][2:4] == ["João Pessoa, Brazil", "10–13 November 2015"]
    for year in range(2006, 2026):
        assert f'href="/igf{year}"' in page.text


def test_the_list_is_in_japanese_too(plenary: World) -> None:
    load_all(plenary)
    page = plenary.client().get("/meetings?lang=ja")
    assert page.headers["content-language"] == "ja"
    listed = rows(page)
    assert listed[2][2:4] == ["日本・京都", "2023年10月8日～12日"]
    assert listed[11][2] == "トルコ・イスタンブール"
    assert '<span lang="en" dir="ltr">Lillestrøm</span>' in page.text


def test_a_meeting_to_come_stands_first(plenary: World) -> None:
    load_all(plenary)
    with plenary.store.writing() as db:
        make_meeting(db, "igf2099", number=94, short_name="IGF 2099", first_day=date(2099, 1, 1))
    page = plenary.client().get("/meetings")
    assert rows(page)[0][:2] == ["94", "IGF 2099"]
    assert page.text.index("On now and to come") < page.text.index("Past meetings")


def test_an_organiser_makes_a_meeting_and_is_its_organiser(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_meeting(db)
    browser = plenary.browser(ADA, role="organiser")
    assert 'href="/meetings/new"' in browser.get("/meetings").text
    assert browser.get("/meetings/new").status_code == 200
    made = browser.post("/meetings/new", data=FACTS)
    assert (made.status_code, made.headers["location"]) == (303, "/igf2027/desk?made=1")
    assert "The meeting is made." in browser.get("/igf2027/desk?made=1").text
    assert browser.get("/igf2027/desk/meeting").status_code == 200
    with plenary.store.reading() as db:
        meeting = meeting_by_slug(db, "igf2027")
        assert (meeting.name, meeting.city, meeting.first_day, meeting.days, meeting.has_day_zero) == (
            {"en": "Twenty-second Annual Meeting", "ja": "第22回"}, {"en": "Nairobi"}, date(2027, 11, 2), 5, True,
        )  # fmt: skip
    assert plenary.client().get("/igf2027").status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slug", "Über"), ("slug", "meetings"), ("slug", "a/b"), ("slug", "igf2014"), ("slug", ""), ("slug", "x" * 61),
        ("timezone", "Europe/Atlantis"), ("timezone", "../etc/passwd"), ("first_day", "2027-13-01"), ("days", "0"),
        ("first_day", "9999-12-31"), ("first_day", "0001-01-01"), ("first_day", "2200-01-01"),
        ("days", "many"), ("mode", "sideways"), ("name_en", ""), ("short_name", " "), ("number", "-1"),
    ],
)  # fmt: skip
def test_a_fault_is_named_beside_its_field_and_nothing_is_made(plenary: World, name: str, value: str) -> None:
    with plenary.store.writing() as db:
        make_meeting(db)
    answer = plenary.browser(ADA, role="organiser").post("/meetings/new", data={**FACTS, name: value})
    assert answer.status_code == 422
    assert f'id="{name}-fault"' in answer.text
    assert 'value="Nairobi"' in answer.text
    refused = plenary.program(ADA).post("/meetings/new", json={**FACTS, name: value})
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == [name]
    with plenary.store.reading() as db:
        assert [meeting.slug for meeting in db.query(Meeting)] == ["igf2014"]


def test_only_an_organiser_makes_a_meeting(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_meeting(db)
    chair = plenary.browser("chair@example.org", role="chair")
    assert [chair.get("/meetings/new").status_code, chair.post("/meetings/new", data=FACTS).status_code] == [403, 403]
    assert 'href="/meetings/new"' not in chair.get("/meetings").text
    stranger = plenary.client()
    assert stranger.get("/meetings/new").headers["location"] == "/sign-in?next=%2Fmeetings%2Fnew"
    assert stranger.post("/meetings/new", json=FACTS).status_code == 401


def test_no_meeting_can_take_the_place_of_another_page() -> None:
    def first_part(route: BaseRoute) -> str:
        assert isinstance(route, Route | Mount) or hasattr(route, "path")
        return str(route.path).split("/")[1]  # type: ignore[union-attr]

    ours = {first_part(route) for route in routes()}
    taken = {part for part in ours if part and re.fullmatch("[a-z0-9-]+", part)}
    assert taken - RESERVED_SLUGS == set()


def test_the_page_on_roles_says_what_the_code_does() -> None:
    lines = (ROOT / "docs/access.md").read_text(encoding="utf-8").splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    header, body = table[0], table[2:]
    assert header[1:] == [role.value for role in Role]
    written = {
        role: frozenset(Ability(row[0]) for row in body if row[number] == "yes") for number, role in enumerate(Role, 1)
    }
    assert [row[0] for row in body] == [ability.value for ability in Ability]
    assert written == ROLES
