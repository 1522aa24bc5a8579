"""The board: one day of the draft as rooms and quarter hours, with what is parked beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from server import clock
from server.meetings.models import Meeting, Room, SessionType
from server.schedule.clashes import Clash
from server.schedule.drafting import Held
from server.schedule.facts import End
from server.schedule.grid import LAST_ROW, LONGEST, MOST_COLUMNS, QUARTER

#: The hours that every board shows, on the venue's clock; earlier and later sessions widen it.
OPENS, CLOSES = 8, 20


@dataclass(frozen=True)
class Card:
    """A session on the board, or beside it: what is planned, how long it takes, and what stands against it."""

    held: Held
    kind: SessionType
    end: End
    clashes: Sequence[Clash]

    @property
    def minutes(self) -> int:
        """Minutes it takes as planned."""
        start = self.held.planned.starts_at
        if start is None or self.end.at is None:
            return self.held.planned.minutes or self.kind.usual_minutes
        return (self.end.at - start) // timedelta(minutes=1)

    @property
    def worst(self) -> str:
        """`blocks`, `warns`, `waived` or nothing."""
        if any(clash.blocks for clash in self.clashes):
            return "blocks"
        open_ones = [clash for clash in self.clashes if clash.waived is None]
        return "warns" if open_ones else "waived" if self.clashes else ""


@dataclass(frozen=True)
class Cell:
    """A card in its place: column and row count from 1, and it spans so many quarter hours."""

    card: Card
    column: int
    row: int
    span: int


@dataclass(frozen=True)
class Lane:
    """A column: a room (None: none is known), or a further lane of it where sessions stand beside each other."""

    index: int
    room: Room | None
    number: int


@dataclass(frozen=True)
class Panel:
    """As many lanes as fit side by side."""

    lanes: list[Lane]
    cells: list[Cell]


@dataclass(frozen=True)
class Board:
    """One day. `begins` is the instant of row 1 and `rows` how many quarter hours there are."""

    day: date
    begins: datetime
    rows: int
    panels: list[Panel]
    parked: list[Card]
    elsewhere: list[Card]

    @property
    def hours(self) -> list[tuple[int, datetime]]:
        """Each full hour's row and instant."""
        return [(row, self.begins + QUARTER * (row - 1)) for row in range(1, self.rows + 1, 4)]


def cards_of(
    meeting: Meeting, plan: Mapping[str, Held], ends: Mapping[str, End], clashes: Mapping[str, Sequence[Clash]]
) -> list[Card]:
    """Every planned session as a card, in the order of the plan."""
    kinds = {kind.key: kind for kind in meeting.session_types}
    return [Card(one, kinds[one.planned.type], ends[code], clashes.get(code, ())) for code, one in plan.items()]


def board_of(meeting: Meeting, day: date, cards: Iterable[Card]) -> Board:
    """The board of a day. Parked is what has no start; elsewhere is what has one on no day of the meeting."""
    everything = list(cards)
    today = [card for card in everything if _day(card, meeting) == day and card.held.planned.starts_at]
    parked = [card for card in everything if card.held.planned.starts_at is None]
    known = set(meeting.all_days)
    elsewhere = [card for card in everything if card.held.planned.starts_at and _day(card, meeting) not in known]
    begins, rows = _stretch(meeting, day, today)
    lanes = [lane for room in [*meeting.rooms, None] for lane in _lanes_of(room, today, begins, rows)]
    panels = [_panel(lanes[index : index + MOST_COLUMNS]) for index in range(0, len(lanes), MOST_COLUMNS)]
    return Board(day, begins, rows, panels, parked, elsewhere)


def _day(card: Card, meeting: Meeting) -> date | None:
    planned = card.held.planned
    if planned.day or planned.starts_at is None:
        return planned.day
    return clock.local(planned.starts_at, meeting.timezone).date()


def _stretch(meeting: Meeting, day: date, cards: Sequence[Card]) -> tuple[datetime, int]:
    """The first instant of the board and how many quarter hours it has, counted in elapsed time."""
    begins = clock.instant(day, time(OPENS), meeting.timezone)
    ends = clock.instant(day, time(CLOSES), meeting.timezone)
    for card in cards:
        start = card.held.planned.starts_at
        if start is not None:
            there = clock.local(start, meeting.timezone)
            begins = min(begins, start - timedelta(minutes=there.minute, seconds=there.second))
            ends = max(ends, card.end.at or start)
    return begins, min(-((begins - ends) // timedelta(hours=1)) * 4, LAST_ROW)


_Held = tuple[Card, int, int]


def _lanes_of(
    room: Room | None, cards: Sequence[Card], begins: datetime, rows: int
) -> list[tuple[Room | None, int, list[_Held]]]:
    """A room's cards in as few lanes as it takes for none to cover another; an empty room has one lane, "no room" none."""
    key = room.key if room else None
    lanes: list[list[_Held]] = [[]] if room else []
    held = [_rows(card, begins, rows) for card in cards if card.held.planned.room == key]
    for one in sorted(held, key=lambda one: (one[1], one[2], one[0].held.planned.code)):
        free = next((lane for lane in lanes if not lane or lane[-1][2] <= one[1]), None)
        if free is None:
            lanes.append([one])
        else:
            free.append(one)
    return [(room, number, lane) for number, lane in enumerate(lanes, 1)]


def _rows(card: Card, begins: datetime, rows: int) -> _Held:
    start = card.held.planned.starts_at
    assert start
    first = min(1 + (start - begins) // QUARTER, rows)
    after = 1 - (begins - (card.end.at or start)) // QUARTER
    return card, first, min(max(after, first + 1), rows + 1)


def _panel(lanes: Sequence[tuple[Room | None, int, list[_Held]]]) -> Panel:
    cells = [
        Cell(card, index, first, min(after - first, LONGEST))
        for index, (_, _, held) in enumerate(lanes, 1)
        for card, first, after in held
    ]
    columns = [Lane(index, room, number) for index, (room, number, _) in enumerate(lanes, 1)]
    return Panel(columns, sorted(cells, key=lambda cell: (cell.row, cell.column)))
