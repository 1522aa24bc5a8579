"""A grid lays one day out: rooms across, quarter hours down, and sessions that collide beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server import clock
from server.meetings.models import Room
from server.schedule.models import Session
from server.schedule.words import end_of

QUARTER = timedelta(minutes=15)
#: The stylesheet knows places up to these: a longer day ends in its last row, further rooms make a further grid.
LAST_ROW = 96
LONGEST = 48
MOST_COLUMNS = 24


@dataclass(frozen=True)
class Column:
    """A room, or a further lane of it where sessions collide. The first is column 1; the hours stand before it."""

    index: int
    room: Room
    lane: int


@dataclass(frozen=True)
class Hour:
    """A full hour on the venue's clock and the row it begins in. The first quarter is row 1; names stand above it."""

    row: int
    moment: datetime


@dataclass(frozen=True)
class Cell:
    """A session in its place."""

    session: Session
    column: int
    row: int
    span: int


@dataclass(frozen=True)
class Grid:
    """One day, or as many of its rooms as fit side by side."""

    columns: list[Column]
    hours: list[Hour]
    cells: list[Cell]


@dataclass(frozen=True)
class _Held:
    """A session with its first row and the row after its last."""

    session: Session
    first: int
    after: int


def lay_out(sessions: Sequence[Session], zone: str) -> list[Grid]:
    """Grids of those sessions that have a room and a time; none when there is nothing to show.

    Rows are counted in elapsed time, so a night in which the clock changes keeps its real length.
    """
    placed = [session for session in sessions if session.room and session.starts_at]
    if not placed:
        return []
    base = _full_hour(min(session.starts_at for session in placed if session.starts_at), zone)
    rooms = {session.room.id: session.room for session in placed if session.room}
    lanes: list[tuple[Room, int, list[_Held]]] = []
    for room in sorted(rooms.values(), key=lambda room: room.position):
        held = [_held(session, base) for session in placed if session.room_id == room.id]
        lanes += [(room, number, lane) for number, lane in enumerate(_lanes(held), 1)]
    last = max(one.after for _, _, lane in lanes for one in lane)
    hours = [Hour(row, base + QUARTER * (row - 1)) for row in range(1, last, 4)]
    return [_grid(lanes[index : index + MOST_COLUMNS], hours) for index in range(0, len(lanes), MOST_COLUMNS)]


def _grid(lanes: list[tuple[Room, int, list[_Held]]], hours: list[Hour]) -> Grid:
    columns = [Column(index, room, number) for index, (room, number, _) in enumerate(lanes, 1)]
    cells = [
        Cell(one.session, index, one.first, min(one.after - one.first, LONGEST))
        for index, (_, _, lane) in enumerate(lanes, 1)
        for one in lane
    ]
    return Grid(columns, hours, sorted(cells, key=lambda cell: (cell.row, cell.column)))


def _full_hour(moment: datetime, zone: str) -> datetime:
    """The full hour of the venue's clock in which the day begins."""
    there = clock.local(moment, zone)
    return moment - timedelta(minutes=there.minute, seconds=there.second, microseconds=there.microsecond)


def _held(session: Session, base: datetime) -> _Held:
    """The rows of a session: every quarter hour it touches."""
    assert session.starts_at
    first = min(1 + (session.starts_at - base) // QUARTER, LAST_ROW)
    after = 1 - (base - end_of(session)) // QUARTER
    return _Held(session, first, min(max(after, first + 1), LAST_ROW + 1))


def _lanes(held: list[_Held]) -> list[list[_Held]]:
    """The sessions of one room in as few lanes as it takes for none to cover another."""
    lanes: list[list[_Held]] = []
    for one in sorted(held, key=lambda one: (one.first, one.after)):
        free = next((lane for lane in lanes if lane[-1].after <= one.first), None)
        if free is None:
            lanes.append([one])
        else:
            free.append(one)
    return lanes
