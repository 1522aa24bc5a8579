"""Loading the list of meetings."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.app import notice_board
from server.database import Store
from server.loading import Refused
from server.meetings.listing import load_listing, read_listing
from server.meetings.models import Meeting
from server.meetings.names import ordinal
from server.meetings.queries import all_meetings, meeting_by_slug
from tests.makers import make_meeting

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

DEMO = (Path(__file__).parent.parent.parent / "demo/meetings.csv").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = "number,year,start_date,end_date,city_en,country_en,theme_en,mode,timezone\n"
ATHENS = "1,2006,2006-10-30,2006-11-02,Athens,Greece,,,\n"


def facts(meeting: Meeting) -> dict[str, object]:
    return {column.name: getattr(meeting, column.name) for column in Meeting.__table__.columns if column.name != "id"}


def load(store: Store, text: str) -> list[str]:
    with store.writing() as db:
        return load_listing(db, text, NOW).lines


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    made = Store(database, notice_board())
    yield made
    made.close()


def test_every_past_meeting_is_there_with_its_days_and_place(store: Store) -> None:
    assert len(load(store, DEMO)) == 20
    with store.reading() as db:
        assert [meeting.slug for meeting in all_meetings(db)] == [f"igf{year}" for year in range(2025, 2005, -1)]
        assert [meeting.days for meeting in all_meetings(db)] == [5, 5, 5, 5, 6, 16, 5, 3, *[4] * 12]
        assert [meeting.slug for meeting in all_meetings(db) if meeting.mode == "virtual"] == ["igf2020"]
        assert facts(meeting_by_slug(db, "igf2015")) == {
            "slug": "igf2015",
            "number": 10,
            "name": {
                "en": "Tenth Annual Meeting of the Internet Governance Forum",
                "ja": "第10回インターネット・ガバナンス・フォーラム",
            },
            "short_name": "IGF 2015",
            "theme": {"en": "Evolution of Internet Governance: Empowering Sustainable Development"},
            "mode": "hybrid",
            "city": {"en": "João Pessoa", "ja": "ジョアン・ペソア"},
            "country": {"en": "Brazil", "ja": "ブラジル"},
            "venue": {},
            "timezone": "America/Fortaleza",
            "first_day": date(2015, 11, 10),
            "days": 4,
            "has_day_zero": False,
            "track_label": {},
            "registration_open": False,
            "registration_opens_at": None,
            "registration_closes_at": None,
            "credit": "",
        }


def test_the_same_file_again_changes_nothing(store: Store) -> None:
    load(store, DEMO)
    with store.reading() as db:
        before = [facts(meeting) for meeting in all_meetings(db)]
    assert load(store, DEMO) == []
    with store.reading() as db:
        assert [facts(meeting) for meeting in all_meetings(db)] == before


def test_an_empty_cell_clears_nothing_and_a_new_one_is_taken(store: Store) -> None:
    load(store, HEADER + "1,2006,2006-10-30,2006-11-02,Athens,Greece,A theme,virtual,Europe/Athens\n")
    assert load(store, HEADER + "1,2006,2006-10-30,2006-11-03,,,,,\n") == ["igf2006: changed days"]
    assert load(store, HEADER + "1,2006,2006-10-30,2006-11-03,Piraeus,,,,\n") == ["igf2006: changed city"]
    with store.reading() as db:
        meeting = meeting_by_slug(db, "igf2006")
        assert (meeting.days, meeting.city, meeting.country) == (5, {"en": "Piraeus"}, {"en": "Greece"})
        assert (meeting.theme, meeting.mode, meeting.timezone) == ({"en": "A theme"}, "virtual", "Europe/Athens")


def test_a_meeting_with_a_programme_of_its_own_keeps_what_it_says_of_itself(store: Store) -> None:
    with store.writing() as db:
        make_meeting(db, first_day=date(2026, 5, 1), timezone="Asia/Tokyo", theme={"ja": "テーマ"}, number=None)
        before = facts(meeting_by_slug(db, "igf2014"))
    load(store, DEMO)
    with store.reading() as db:
        meeting = meeting_by_slug(db, "igf2014")
        assert facts(meeting) == {
            **before,
            "number": 9,
            "theme": {
                "en": "Connecting Continents for Enhanced Multistakeholder Internet Governance",
                "ja": "テーマ",
            },
            "name": {**before["name"], "ja": "第9回インターネット・ガバナンス・フォーラム"},  # type: ignore[dict-item]
        }
        assert [room.key for room in meeting.rooms] == ["main-hall", "wr01"]


def test_a_file_from_a_spreadsheet_is_read_too(store: Store) -> None:
    assert load(store, "\ufeff" + (HEADER + ATHENS).replace("\n", "\r\n")) == ["igf2006: new, 2006-10-30, 4 days"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [(None, "the file is empty")]),
        ("number,year,start_date,end_date,country_en\n", [(1, "the column city_en is missing")]),
        (HEADER + ATHENS.replace("10-30,", "13-30,"), [(2, "the start_date is '2006-13-30', which is no date such as 2014-09-02")]),
        (HEADER + ATHENS.replace("2006-11-02", "2006-10-29"), [(2, "the meeting would last from 2006-10-30 to 2006-10-29")]),
        (HEADER + ATHENS + ATHENS, [(3, "the year of igf2006 is already on line 2"), (3, "the number 1 is already on line 2")]),
        (HEADER + ATHENS.replace("1,2006,", "one,2007,"), [(2, "the number is 'one', which is no whole number from 1 to 9999"), (2, "the year is 2007 but the meeting begins on 2006-10-30")]),
        (HEADER + "1,2006\n" + ATHENS, [(2, "there are 2 cells where the header has 9")]),
        (HEADER + ATHENS.replace(",,,", ",,sideways,Europe/Atlantis"), [(2, "the mode 'sideways' is not known; known are hybrid, virtual, or nothing"), (2, "'Europe/Atlantis' is no IANA time zone such as Europe/Istanbul")]),
        (HEADER + '1,2006,"unclosed', [(2, "this is not well-formed CSV: unexpected end of data")]),
        (HEADER + ATHENS + "\0", [(3, "this is no text file")]),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_line_and_reason_and_nothing_is_loaded(
    store: Store, text: str, faults: list[tuple[int | None, str]]
) -> None:
    with pytest.raises(Refused) as refused:
        load(store, text)
    assert refused.value.faults == faults
    with store.reading() as db:
        assert all_meetings(db) == []


def test_an_unknown_column_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refused:
        read_listing(HEADER.replace("mode", "moode") + ATHENS)
    [(line, reason)] = refused.value.faults
    assert line == 1
    assert reason.startswith("the column 'moode' is not known; known are number, year,")
    assert str(refused.value).startswith("line 1: the column 'moode'")


def test_one_bad_row_among_good_ones_loads_nothing(store: Store) -> None:
    with pytest.raises(Refused):
        load(store, DEMO + "21,2026,soon,later,Somewhere,,Nowhere,,,,,\n")
    with store.reading() as db:
        assert all_meetings(db) == []


def test_ordinals_in_words() -> None:
    said = {1: "First", 12: "Twelfth", 20: "Twentieth", 21: "Twenty-first", 40: "Fortieth", 99: "Ninety-ninth",
            101: "101st", 111: "111th", 122: "122nd"}  # fmt: skip
    assert {number: ordinal(number) for number in said} == said


@given(st.text(alphabet='0129-,"\n\r aé\0', max_size=80))
def test_no_text_does_anything_but_load_or_be_refused(text: str) -> None:
    with suppress(Refused):
        assert len(read_listing(HEADER + text)) < 9
