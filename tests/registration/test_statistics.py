"""The numbers: who is counted where, what is kept back from everybody, and what is only for organisers."""

import csv
import io
import re
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.registration.composition import Alike
from server.registration.countries import CODES, m49_areas, regional_groups
from server.registration.growth import Step, line_of, steps_of
from server.registration.models import Attendance, Gender, StakeholderGroup
from server.registration.numbers import FEW, Numbers, numbers_of
from tests.makers import NOON, make_meeting, make_registration
from tests.registration.counting import counted
from tests.world import World

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

#: How many of each kind registered: country, group, attendance, gender, first time, state.
CROWD = [
    (9, "TR", "government", "onsite", "man", True, "confirmed"),
    (6, "KE", "civil-society", "online", "woman", False, "checked-in"),
    (7, "JP", "technical-community", "onsite", "", None, "confirmed"),
    (2, "FR", "government", "onsite", "woman", None, "confirmed"),
    (5, "US", "intergovernmental", "online", "man", None, "confirmed"),
    (3, "TW", "private-sector", "onsite", "woman", True, "confirmed"),
    (8, "KE", "press", "onsite", "man", True, "withdrawn"),
    (8, "KE", "press", "onsite", "man", True, "waiting"),
    (8, "KE", "press", "onsite", "man", True, "declined"),
]


@pytest.fixture
def world(plenary: World) -> World:
    """A server at whose meeting the crowd has registered, one more person each day."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        number = 0
        for count, country, group, attendance, gender, first_time, state in CROWD:
            for _ in range(count):
                number += 1
                make_registration(
                    db, meeting, f"p{number}@example.org", country=country, stakeholder_group=group,
                    attendance=attendance, gender=gender, first_time=first_time, state=state, public=False,
                    opened_at=None, registered_at=NOON + timedelta(days=number),
                )  # fmt: skip
        make_registration(db, make_meeting(db, "other"), "far@example.org")
    return plenary


def table(page: str, measure: str) -> dict[str, str]:
    """The rows of a table: what is counted, and the number or the words in its place."""
    part = page.split(f'id="{measure}"')[1].split("</table>")[0]
    rows = re.findall(r'row">([^<]*)</th><td class="number">(?:<span[^>]*>)?([^<]*)<', part)
    return dict(rows)


def test_organisers_see_everybody_who_takes_part_in_each_table(world: World) -> None:
    page = world.browser("olga@example.org", role="organiser").get("/igf2014/desk/statistics").text
    assert "32 people take part, onsite and online. They come from 5 countries and areas." in page
    assert "These are the exact numbers, for the desk only" in page
    assert table(page, "stakeholder_group") == {
        "Government": "11",
        "Intergovernmental organisation": "5",
        "Civil society": "6",
        "Private sector": "3",
        "Technical community": "7",
        "Press and media": "0",
    }
    assert table(page, "regional_group") == {
        "African States": "6",
        "Asia-Pacific States": "7",
        "Eastern European States": "0",
        "Latin American and Caribbean States": "0",
        "Western European and other States": "11",
        "Intergovernmental organisations (in no regional group)": "5",
        "In no regional group": "3",
    }
    assert table(page, "attendance") == {"Onsite": "21", "Online": "11"}
    assert table(page, "gender") == {"Woman": "11", "Man": "14", "Another": "0", "Not said": "7"}
    assert table(page, "first_time") == {"Yes, the first time": "12", "No, not the first time": "6", "Not said": "14"}
    world_regions = {name: count for name, count in table(page, "m49").items() if count != "0"}
    assert world_regions == {
        "Africa": "6",
        "Sub-Saharan Africa": "6",
        "Asia": "16",
        "Eastern Asia": "7",
        "Western Asia": "9",
        "Europe": "2",
        "Western Europe": "2",
        "In no region of M49": "3",
        "Intergovernmental organisations (counted for no country)": "5",
    }
    assert table(page, "country") == {
        "Türkiye": "9",
        "Japan": "7",
        "Kenya": "6",
        "Taiwan": "3",
        "France": "2",
        "Intergovernmental organisations (counted for no country)": "5",
    }


def test_everybody_sees_no_small_group_and_nothing_from_which_one_follows(world: World) -> None:
    page = world.client().get("/igf2014/statistics").text
    assert "32 people take part, onsite and online. They come from 5 countries and areas." in page
    assert table(page, "stakeholder_group") == {
        "Government": "11",
        "Intergovernmental organisation": "not shown",
        "Civil society": "6",
        "Private sector": "fewer than 5",
        "Technical community": "7",
        "Press and media": "0",
    }
    assert "Taiwan" not in page
    assert "France" not in page
    assert "exact numbers" not in page
    for measure, all_of_them in (("regional_group", 32), ("country", 32), ("attendance", 32), ("gender", 32)):
        shown = [int(count) for count in table(page, measure).values() if count.isdigit()]
        assert not [count for count in shown if 0 < count < 5]
        assert all_of_them - sum(shown) == 0 or all_of_them - sum(shown) >= 5


def test_a_handful_of_people_are_told_of_in_one_sentence(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        for number in range(4):
            make_registration(db, meeting, f"p{number}@example.org")
    page = plenary.client().get("/igf2014/statistics").text
    assert "Fewer than 5 people take part so far." in page
    assert "<table" not in page
    assert "United Kingdom" not in page
    lines = list(csv.reader(io.StringIO(plenary.client().get("/igf2014/statistics.csv").text)))
    assert lines == [["measure", "group", "name", "participants"], ["total", "", "", "fewer than 5"]]


def test_a_meeting_with_nobody_says_what_will_be_there(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_meeting(db)
    for page in ("statistics", "desk/statistics"):
        client = plenary.browser("olga@example.org", role="organiser")
        assert "Nobody has registered yet." in client.get(f"/igf2014/{page}").text


def test_what_nobody_was_asked_has_no_table(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        for number in range(9):
            make_registration(db, meeting, f"p{number}@example.org")
    page = plenary.client().get("/igf2014/statistics").text
    assert 'id="attendance"' in page
    assert 'id="gender"' not in page
    assert 'id="first_time"' not in page


def test_the_file_says_what_the_page_says(world: World) -> None:
    answer = world.client().get("/igf2014/statistics.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="igf2014-statistics.csv"'
    lines = list(csv.reader(io.StringIO(answer.text, newline="")))
    page = world.client().get("/igf2014/statistics").text
    for measure in ("stakeholder_group", "regional_group", "attendance", "gender", "first_time", "m49", "country"):
        assert {name: count for one, _, name, count in lines if one == measure} == table(page, measure)
    assert ["total", "", "", "32"] in lines
    assert ["registered_so_far", "2014-10-05", "", "32"] in lines


def test_how_registrations_grew_stands_in_steps_of_at_least_five(world: World) -> None:
    page = world.client().get("/igf2014/statistics").text.replace("\u2009", " ")
    steps = re.findall(r'row">([^<]*)</th><td class="number">(\d+)</td><td class="number">(\d+)</td></tr>', page)
    assert steps == [
        ("1–7 September 2014", "6", "6"),
        ("8–14 September 2014", "7", "13"),
        ("15–21 September 2014", "7", "20"),
        ("22–28 September 2014", "7", "27"),
        ("29 September – 5 October 2014", "5", "32"),
    ]
    assert '<path class="line" d="M0 240H200V204' in page


def test_many_participants_cost_no_more_questions_than_few(world: World) -> None:
    client = world.client()
    with counted() as many:
        client.get("/igf2014/statistics")
    with counted() as few:
        client.get("/other/statistics")
    assert len(many) == len(few) + 1  # when they registered is not asked of those who are too few


# --- without a server


def test_every_country_has_its_region_of_m49() -> None:
    areas = m49_areas()
    assert set(areas) == CODES
    assert [code for code, (region, _) in areas.items() if not region] == ["AQ", "TW"]
    assert Counter(region for region, _ in areas.values()) == {
        "002": 60,
        "009": 29,
        "019": 57,
        "142": 50,
        "150": 51,
        "": 2,
    }
    assert Counter(sub for _, sub in areas.values()) == {
        "015": 7, "202": 53, "021": 5, "419": 52, "030": 7, "034": 9, "035": 11, "143": 5, "145": 18, "039": 16,
        "151": 10, "154": 16, "155": 9, "053": 6, "054": 5, "057": 8, "061": 10, "": 2,
    }  # fmt: skip
    assert len({sub: region for region, sub in areas.values()}) == len(set(areas.values()))


KINDS = st.builds(
    Alike,
    country=st.sampled_from(["TR", "KE", "JP", "PR", "GL", "TW", "CY", "AM", "FR", "NU"]),
    group=st.sampled_from([group.value for group in StakeholderGroup]),
    attendance=st.sampled_from([way.value for way in Attendance]),
    gender=st.sampled_from(["", *(gender.value for gender in Gender)]),
    first_time=st.sampled_from([True, False, None]),
    count=st.integers(1, 30),
)


def shown(numbers: Numbers) -> dict[str, int]:
    """How many each table shows, inner rows left out."""
    return {table.measure: sum(row.count or 0 for row in table.rows if not row.inner) for table in numbers.tables}


@settings(deadline=None)
@given(st.lists(KINDS, min_size=1, max_size=12))
def test_each_exact_table_counts_everybody_once(people: list[Alike]) -> None:
    numbers = numbers_of(people, exact=True)
    everybody = sum(one.count for one in people)
    assert numbers.total == everybody
    assert set(shown(numbers).values()) == {everybody}
    assert not numbers.keeps_back
    assert numbers.countries == len({one.country for one in people if one.group != StakeholderGroup.INTERGOVERNMENTAL})


@settings(deadline=None, max_examples=60)
@given(st.lists(KINDS, min_size=1, max_size=12))
def test_each_published_table_leaves_nobody_or_five(people: list[Alike]) -> None:
    numbers = numbers_of(people, exact=False)
    everybody = sum(one.count for one in people)
    assert numbers.total == (everybody if everybody >= 5 else None)
    assert not [row for table in numbers.tables for row in table.rows if row.count and row.count < 5]
    assert all(everybody - told == 0 or everybody - told >= 5 for told in shown(numbers).values())
    exact = {(t.measure, row.key): row for t in numbers_of(people, exact=True).tables for row in t.rows}
    for one in numbers.tables:
        for row in one.rows:
            if row.words == FEW:
                assert 0 < (exact[one.measure, row.key].count or 0) < 5
            if row.count is not None and (one.measure != "country" or row.key):
                assert row.count == exact[one.measure, row.key].count


def test_large_groups_everywhere_are_all_told() -> None:
    people = [Alike(code, "government", "onsite", "", None, 7) for code in sorted(regional_groups())]
    assert numbers_of(people, exact=False) == numbers_of(people, exact=True)


def test_a_week_is_one_of_the_meetings_own_calendar() -> None:
    sunday_evening = NOON.replace(month=8, day=31, hour=22)  # Monday in Istanbul
    assert steps_of([sunday_evening] * 5, "Europe/Istanbul", exact=False) == [
        Step(date(2014, 9, 1), date(2014, 9, 7), 5, 5)
    ]
    assert steps_of([sunday_evening] * 5, "UTC", exact=False) == [Step(date(2014, 8, 25), date(2014, 8, 31), 5, 5)]
    weeks = [NOON, *[NOON + timedelta(days=14)] * 5]
    assert [step.count for step in steps_of(weeks, "UTC", exact=True)] == [1, 0, 5]
    assert [step.count for step in steps_of(weeks, "UTC", exact=False)] == [6]
    assert steps_of([], "UTC", exact=True) == []


@given(st.integers(1, 40_000))
def test_the_line_ends_below_the_top(people: int) -> None:
    line = line_of([Step(date(2014, 9, 1), date(2014, 9, 7), people, people)])
    assert line.top >= people
    assert line.top % 2 == 0
    assert line.path == f"M0 240H1000V{240 - round(people * 240 / line.top)}"


def test_the_page_shows_exact_numbers_to_no_cache(world: World) -> None:
    client = world.browser("olga@example.org", role="organiser")
    assert client.get("/igf2014/desk/statistics").headers["cache-control"] == "no-store"
    assert 'href="/igf2014/desk/statistics"' in client.get("/igf2014/statistics").text
    assert 'href="/igf2014/desk/statistics"' not in world.client().get("/igf2014/statistics").text
