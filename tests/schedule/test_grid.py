"""The grid: every session that has a room and a time is in it, and none covers another."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.meetings.models import Room, SessionType
from server.schedule.grid import LAST_ROW, LONGEST, MOST_COLUMNS, lay_out
from server.schedule.models import Session

NINE = datetime(2014, 9, 2, 6, 0, tzinfo=UTC)
KIND = SessionType(key="workshop", name={"en": "Workshop"}, usual_minutes=90)


def session(room: int | None, start: int | None, minutes: int, code: str = "ws") -> Session:
    made = None if start is None else NINE + timedelta(minutes=start)
    return Session(
        code=code,
        type=KIND,
        room=None if room is None else Room(id=room, position=room, key=f"r{room}", name={}),
        room_id=room,
        starts_at=made,
        ends_at=made and made + timedelta(minutes=minutes),
    )


def test_a_day_begins_at_a_full_hour_of_the_venue_and_counts_in_quarters() -> None:
    (made,) = lay_out([session(1, 30, 90), session(2, 90, 60)], "Europe/Istanbul")
    assert [(cell.column, cell.row, cell.span) for cell in made.cells] == [(1, 3, 6), (2, 7, 4)]
    assert [(hour.row, hour.moment) for hour in made.hours] == [
        (1, NINE),
        (5, NINE + timedelta(hours=1)),
        (9, NINE + timedelta(hours=2)),
    ]
    (nepal,) = lay_out([session(1, 0, 60)], "Asia/Kathmandu")  # 11:45 there
    assert [(cell.row, cell.span) for cell in nepal.cells] == [(4, 4)]


def test_sessions_that_collide_in_a_room_stand_beside_each_other() -> None:
    (made,) = lay_out([session(1, 0, 90, "a"), session(1, 60, 60, "b"), session(1, 120, 30, "c")], "UTC")
    assert [(column.room.id, column.lane) for column in made.columns] == [(1, 1), (1, 2)]
    assert [(cell.session.code, cell.column, cell.row) for cell in made.cells] == [
        ("a", 1, 1),
        ("b", 2, 5),
        ("c", 1, 9),
    ]


def test_what_has_no_room_or_no_time_is_in_no_grid() -> None:
    assert lay_out([session(None, 0, 60), session(1, None, 60)], "UTC") == []


places = st.tuples(st.integers(1, 40), st.integers(0, 3000), st.integers(0, 2000))


@given(st.lists(places, min_size=1, max_size=60))
def test_every_session_has_a_place_of_its_own_that_the_stylesheet_knows(given: list[tuple[int, int, int]]) -> None:
    sessions = [session(*place) for place in given]
    grids = lay_out(sessions, "Europe/Istanbul")
    assert sorted(id(cell.session) for made in grids for cell in made.cells) == sorted(map(id, sessions))
    for made in grids:
        held = [(cell.column, row) for cell in made.cells for row in range(cell.row, cell.row + cell.span)]
        assert len(held) == len(set(held))
        for cell in made.cells:
            assert 1 <= cell.row <= LAST_ROW
            assert 1 <= cell.span <= LONGEST
            assert 1 <= cell.column <= len(made.columns) <= MOST_COLUMNS
            assert made.columns[cell.column - 1].room.id == cell.session.room_id
