"""Figures of past meetings: loaded from a list, and shown with their sources beside our own counts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from server.app import notice_board
from server.database import Store
from server.loading import Refused
from server.meetings.listing import load_listing
from server.meetings.models import Meeting
from server.registration.models import PastFigure
from server.registration.past_figures import Told, is_list, load_figures, side_by_side
from tests.makers import NOON, make_meeting, make_registration
from tests.schedule.test_loading import Command
from tests.world import World

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

DEMO = Path(__file__).parent.parent.parent / "demo"
FIGURES = (DEMO / "participation_statistics.csv").read_text(encoding="utf-8")
MEETINGS = (DEMO / "meetings.csv").read_text(encoding="utf-8")
HEADER = "edition,year,measure,group,value,unit,source\n"
ONSITE = "9,2014,onsite_participants,,2374,people,icann.org\n"


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    made = Store(database, notice_board())
    with made.writing() as db:
        load_listing(db, MEETINGS, NOON)
    yield made
    made.close()


def load(store: Store, text: str) -> list[str]:
    with store.writing() as db:
        return load_figures(db, text).lines


def kept(store: Store) -> list[tuple[str, str, float, str, str]]:
    with store.reading() as db:
        return [(one.measure, one.group, one.value, one.unit, one.source) for one in db.scalars(select(PastFigure))]


def test_every_published_figure_is_kept_and_the_same_list_again_changes_nothing(store: Store) -> None:
    assert len(load(store, FIGURES)) == 111
    assert load(store, FIGURES) == []
    assert len(kept(store)) == 111
    assert ("onsite_participants", "", 2374, "people") in [figure[:4] for figure in kept(store)]


def test_another_value_replaces_the_one_of_the_same_source_and_leaves_that_of_another(store: Store) -> None:
    assert load(store, HEADER + ONSITE) == ["igf2014: onsite_participants: new, 2374 people"]
    other = ONSITE.replace("2374", "2400").replace("icann.org", "un.org")
    assert load(store, HEADER + ONSITE.replace("2374", "2375") + other) == [
        "igf2014: onsite_participants: changed, 2375 people",
        "igf2014: onsite_participants: new, 2400 people",
    ]
    assert kept(store) == [
        ("onsite_participants", "", 2375, "people", "icann.org"),
        ("onsite_participants", "", 2400, "people", "un.org"),
    ]


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ("9,2015,countries,,1,,x\n", [(2, "there is no meeting with the number 9 in 2015")]),
        ("nine,2014,countries,,1,,x\n", [(2, "the edition is 'nine', which is no whole number from 1 to 9999")]),
        ("9,٢٠١٤,countries,,1,,x\n", [(2, "the year is '٢٠١٤', which is no whole number from 1 to 9999")]),
        ("9,2014,,,1,,x\n", [(2, "the measure is '': use small letters, digits and _")]),
        ("9,2014,countries,A B,1,,x\n", [(2, "the group is 'A B': use small letters, digits and _")]),
        ("9,2014,countries,,1,,\n", [(2, "the source is missing")]),
        (f"9,2014,countries,,1,,{'x' * 401}\n", [(2, "the source is longer than 400 characters")]),
        ("9,2014,countries,,many,,x\n", [(2, "the value is 'many', which is no number such as 2374 or 31.6")]),
        ("9,2014,countries,,nan,,x\n", [(2, "the value is 'nan', which is no number such as 2374 or 31.6")]),
        ("9,2014,countries,,-1,,x\n", [(2, "the value is '-1', which is no number such as 2374 or 31.6")]),
        ("9,2014,countries,,1e999,,x\n", [(2, "the value is '1e999', which is no number such as 2374 or 31.6")]),
        (ONSITE + "\n" + ONSITE, [(4, "the same figure of the same source is already on line 2")]),
        ("9,2014,countries\n" + "9,2014,countries,,?,,x\n", [
            (2, "there are 3 cells where the header has 7"),
            (3, "the value is '?', which is no number such as 2374 or 31.6"),
        ]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_line_and_reason_and_nothing_is_kept(
    store: Store, rows: str, faults: list[tuple[int, str]]
) -> None:
    with pytest.raises(Refused) as refused:
        load(store, HEADER + "9,2014,media,,133,people,x\n" * ("media" not in rows) + rows)
    moved = [(line - 1, reason.replace("on line 3", "on line 2")) for line, reason in refused.value.faults if line]
    assert moved == faults
    assert kept(store) == []


def test_a_list_is_known_by_its_header() -> None:
    assert is_list("\ufeff" + FIGURES)
    assert not is_list(MEETINGS)
    assert not is_list("")


def test_the_command_tells_the_lists_apart(database: str, tmp_path: Path) -> None:
    plenary_load = Command(tmp_path, database)
    assert plenary_load("meetings.csv", MEETINGS)[0] == 0
    status, said, _ = plenary_load("figures.csv", HEADER + ONSITE, "--dry-run")
    assert (status, said) == (
        0,
        ["Nothing is done yet. This would be:", "igf2014: onsite_participants: new, 2374 people"],
    )
    assert plenary_load("figures.csv", HEADER + ONSITE)[:2] == (0, said[1:])
    assert plenary_load("figures.csv", HEADER + ONSITE)[:2] == (0, ["Everything is as in the file already."])
    status, said, faults = plenary_load("figures.csv", HEADER + ONSITE.replace("2374", "?"))
    assert (status, said) == (1, [])
    assert faults[-1] == "figures.csv:2: the value is '?', which is no number such as 2374 or 31.6"


@pytest.mark.parametrize(
    ("unit", "is_share", "note"),
    [
        ("people", False, ""),
        ("percent", True, ""),
        ("people, 'more than'", False, "more than"),
        ("people (another count)", False, "another count"),
        ("people, 'more than'; about 2400 onsite", False, "more than; about 2400 onsite"),
        ("", False, ""),
    ],
)
def test_what_a_unit_says_besides_what_is_counted_is_a_note(unit: str, is_share: bool, note: str) -> None:
    meeting = Meeting(id=1, number=9, short_name="IGF 2014")
    past = side_by_side([(PastFigure(measure="countries", group="", value=144, unit=unit, source="x"), meeting)])
    assert past.editions[0].of("countries") == [Told(144, is_share, note, 1)]
    assert past.measures == ["countries"]
    assert past.most == 0


@pytest.fixture
def world(plenary: World) -> World:
    """A server with all past meetings and their figures, at whose next one six people have registered."""
    with plenary.store.writing() as db:
        load_listing(db, MEETINGS, NOON)
        load_figures(
            db, FIGURES + "9,2014,media,,1,people,x\n9,2014,countries,,140,countries,https://example.org/igf\n"
        )
        meeting = make_meeting(db, "igf2030", number=25, short_name="IGF 2030")
        for number in range(6):
            make_registration(db, meeting, f"p{number}@example.org")
    return plenary


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The rows of a table: the words in each cell."""
    part = page.split(f'id="{heading}"')[1].split("</table>")[0].split("<tbody>")[1]
    found = {}
    for row in part.split("<tr>")[1:]:
        name, *cells = (
            " ".join(re.sub("<[^>]*>", " ", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        )
        found[name] = cells
    return found


def test_earlier_meetings_stand_beside_each_other_each_figure_with_its_source(world: World) -> None:
    page = world.client().get("/igf2014/statistics").text
    assert rows(page, "past") == {
        "IGF 2008": ["", "", "1,280 [1]", "94 [1]"],
        "IGF 2012": ["1,630 ( more than ) [2]", "", "", "128 ( over ) [2]"],
        "IGF 2014": [
            "2,374 [3]",
            "1,163 [3] 1,291 ( another count ) [6]",
            "3,500 ( more than; about 2400 onsite and 1100 online ) [4]",
            "144 [5] 140 [7]",
        ],
    }
    assert rows(page, "past-stakeholder_group")["Government"] == ["23% [1]", "429 [2]", "542 [3]"]
    assert rows(page, "past-region")["Host country"] == ["56% [1]", "706 [3]"]
    assert "IGF 2012 (Onsite)" in page
    assert 'id="past-gender"' not in page
    assert '<a href="https://example.org/igf" rel="nofollow">https://example.org/igf</a>' in page
    assert "Plenary did not count them" in page


def test_our_own_count_stands_below_them_and_later_meetings_do_not(world: World) -> None:
    page = world.client().get("/igf2030/statistics").text
    past = rows(page, "past")
    assert [name for name in past if name.startswith("IGF")][-2:] == ["IGF 2025", "IGF 2030, registered here so far"]
    assert past["IGF 2030, registered here so far"] == ["0", "6", "6", "", "1", ""]
    assert rows(page, "past-gender") == {"Woman": ["43% [9]"], "Man": ["56% [9]"], "Another": ["1% [9]"]}
    assert 'id="past"' not in world.client().get("/igf2007/statistics").text


def test_each_footnote_leads_to_its_source(world: World) -> None:
    page = world.client().get("/igf2030/statistics").text
    notes = set(re.findall(r'href="#(source-\d+)"', page))
    assert notes == set(re.findall(r'id="(source-\d+)"', page))
    assert len(notes) == 12
