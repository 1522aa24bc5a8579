"""Figures that were published about past meetings elsewhere: loaded from a list, and put side by side with their sources."""

import csv
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from server.database import Database
from server.loading import Faults, Refused, Report, rows_of
from server.meetings.models import Meeting
from server.registration.models import PastFigure

COLUMNS = ("edition", "year", "measure", "group", "value", "unit", "source")
#: Characters of the longest cell of each column, as the records have room for them.
LONGEST = {"measure": 60, "group": 60, "unit": 200, "source": 400}
_WORD = re.compile(r"[a-z][a-z0-9_]*")

#: Measures in the order in which they stand beside each other, each with those that say the same in a list.
PEOPLE = ("onsite_participants", "remote_participants", "participants_total", "registrations")
BESIDE = (*PEOPLE, "countries", "first_time")
BREAKDOWNS = ("stakeholder_group", "region", "gender")
_Key = tuple[int, str, str, str]


def is_list(text: str) -> bool:
    """Whether a CSV file is a list of figures, by its header."""
    header = next(csv.reader(text.removeprefix("\ufeff").splitlines()[:1]), [])
    return {"edition", "measure", "value"} <= {cell.strip() for cell in header}


def load_figures(db: Database, text: str) -> Report:
    """Keep the figures of the list, each with its meeting, which is known by its number and year.

    Raises Refused, with each line and reason, and then does nothing. The same list again changes nothing; another
    value of the same measure, group and source replaces the one that was there.
    """
    faults: Faults = []
    meetings = {(meeting.number, meeting.first_day.year): meeting for meeting in db.scalars(select(Meeting))}
    figures: dict[_Key, PastFigure] = {}
    lines: dict[_Key, int] = {}
    for line, cells in rows_of(text, COLUMNS, COLUMNS, faults):
        figure = _read(line, cells, meetings, faults)
        if figure is not None:
            key = _key(figure)
            if key in lines:
                faults.append((line, f"the same figure of the same source is already on line {lines[key]}"))
            figures[key] = figure
            lines.setdefault(key, line)
    if faults:
        raise Refused(sorted(faults, key=lambda fault: fault[0] or 0))
    return _keep(db, figures, {meeting.id: meeting.slug for meeting in meetings.values()})


def _key(figure: PastFigure) -> _Key:
    return figure.meeting_id, figure.measure, figure.group, figure.source


def _read(
    line: int, cells: dict[str, str], meetings: dict[tuple[int | None, int], Meeting], faults: Faults
) -> PastFigure | None:
    before = len(faults)
    edition, year = (_whole(line, cells, name, faults) for name in ("edition", "year"))
    meeting = meetings.get((edition, year or 0))
    if edition and year and meeting is None:
        faults.append((line, f"there is no meeting with the number {edition} in {year}"))
    for name in ("measure", "group"):
        if not _WORD.fullmatch(cells[name]) and (cells[name] or name == "measure"):
            faults.append((line, f"the {name} is {cells[name]!r}: use small letters, digits and _"))
    if not cells["source"]:
        faults.append((line, "the source is missing"))
    for name, most in LONGEST.items():
        if len(cells[name]) > most:
            faults.append((line, f"the {name} is longer than {most} characters"))
    value = _value(line, cells["value"], faults)
    if len(faults) > before or meeting is None:
        return None
    told = {name: cells[name] for name in ("measure", "group", "unit", "source")}
    return PastFigure(meeting_id=meeting.id, value=value, **told)


def _whole(line: int, cells: dict[str, str], name: str, faults: Faults) -> int | None:
    text = cells[name]
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) < 10000 and len(text) < 9:
        return int(text)
    faults.append((line, f"the {name} is {text!r}, which is no whole number from 1 to 9999"))
    return None


def _value(line: int, text: str, faults: Faults) -> float:
    try:
        value = float(text) if text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e12:
        faults.append((line, f"the value is {text!r}, which is no number such as 2374 or 31.6"))
    return value


def _keep(db: Database, figures: dict[_Key, PastFigure], slugs: dict[int, str]) -> Report:
    known = {_key(figure): figure for figure in db.scalars(select(PastFigure))}
    report = Report()
    for key, figure in figures.items():
        old = known.get(key)
        what = f"{slugs[figure.meeting_id]}: {figure.measure}{f' ({figure.group})' if figure.group else ''}"
        if old is None:
            db.add(figure)
            report.note(f"{what}: new, {figure.value:g} {figure.unit}".rstrip())
        elif (old.value, old.unit) != (figure.value, figure.unit):
            old.value, old.unit = figure.value, figure.unit
            report.note(f"{what}: changed, {figure.value:g} {figure.unit}".rstrip())
    db.flush()
    return report


@dataclass(frozen=True)
class Told:
    """A figure as it was published. `note` is what its source says about how exact it is; `source` the number of its source."""

    value: float
    is_share: bool
    note: str
    source: int


@dataclass
class Edition:
    """A meeting with what was published of it, by measure and group."""

    meeting: Meeting
    told: dict[tuple[str, str], list[Told]] = field(default_factory=dict)

    def of(self, measure: str, group: str = "") -> list[Told]:
        """What the sources say, which may be more than one number."""
        return self.told.get((measure, group), [])

    def broken_down(self, by: str, group: str) -> list[Told]:
        """What is known of a stakeholder group, region or gender, among all or among those onsite."""
        return self.of(f"by_{by}", group) + self.of(f"onsite_by_{by}", group)

    def is_onsite(self, by: str) -> bool:
        """Whether only those onsite were broken down so."""
        measures = {measure for measure, _ in self.told}
        return f"onsite_by_{by}" in measures and f"by_{by}" not in measures


@dataclass(frozen=True)
class Past:
    """Meetings of the series with published figures, oldest first, and the sources in the order of their numbers."""

    editions: list[Edition]
    sources: list[str]

    @property
    def measures(self) -> list[str]:
        """Those measures of `BESIDE` that are known of any meeting."""
        return [measure for measure in BESIDE if any(one.of(measure) for one in self.editions)]

    @property
    def most(self) -> float:
        """The largest number of people, to which others are drawn in proportion."""
        return max((told.value for one in self.editions for measure in PEOPLE for told in one.of(measure)), default=0)

    def groups(self, by: str) -> list[str]:
        """The stakeholder groups, regions or genders of which anything is known, as the list calls them."""
        names = (f"by_{by}", f"onsite_by_{by}")
        return list(dict.fromkeys(group for one in self.editions for measure, group in one.told if measure in names))

    def editions_with(self, by: str) -> list[Edition]:
        """The meetings of which anything is known by stakeholder group, region or gender."""
        return [one for one in self.editions if any(one.broken_down(by, group) for group in self.groups(by))]


def past_of(db: Database, meeting: Meeting) -> Past:
    """What was published of this meeting and of those before it."""
    rows = db.execute(
        select(PastFigure, Meeting).join(Meeting, Meeting.id == PastFigure.meeting_id).order_by(PastFigure.id)
    )
    earlier = [(figure, one) for figure, one in rows if _order(one) <= _order(meeting)]
    return side_by_side(sorted(earlier, key=lambda row: _order(row[1])))


def _order(meeting: Meeting) -> tuple[int, str]:
    """By number where there is one: in the demonstration an old meeting takes place today."""
    return meeting.number or meeting.first_day.year, meeting.first_day.isoformat()


def side_by_side(figures: Iterable[tuple[PastFigure, Meeting]]) -> Past:
    """The figures by meeting, in their order."""
    editions: dict[int, Edition] = {}
    sources: list[str] = []
    wanted = {*BESIDE, *(f"{kind}{by}" for by in BREAKDOWNS for kind in ("by_", "onsite_by_"))}
    for figure, meeting in figures:
        if figure.measure in wanted:
            if figure.source not in sources:
                sources.append(figure.source)
            is_share, note = _understood(figure.unit)
            told = Told(figure.value, is_share, note, sources.index(figure.source) + 1)
            edition = editions.setdefault(meeting.id, Edition(meeting))
            edition.told.setdefault((figure.measure, figure.group), []).append(told)
    return Past(list(editions.values()), sources)


def _understood(unit: str) -> tuple[bool, str]:
    """Whether a unit is per cent, and what it says besides what is counted: "people, 'more than'" says "more than"."""
    counted = re.split(r"[\s,;(]", unit, maxsplit=1)[0]
    return counted == "percent", unit[len(counted) :].strip(" ,;()").replace("'", "")
