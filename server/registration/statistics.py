"""The pages of the numbers: for everybody without small groups, at the desk as they are, and as a file."""

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.registration.addresses import desk_list, desk_statistics, statistics_file, statistics_page
from server.registration.composition import composition, registered_when
from server.registration.disclosure import LEAST
from server.registration.growth import Step, line_of, steps_of
from server.registration.models import Attendance
from server.registration.numbers import FEW, Numbers, Row, numbers_of
from server.registration.past_figures import PEOPLE, past_of
from server.registration.past_words import PAST_WORDS, in_order, past_name
from server.spreadsheet import Cell, csv_text
from server.web.page import Request, kept_nowhere, page, show


@page
def show_statistics(request: Request, db: Database) -> Response:
    """How many take part, by group, region, country and so on, and how many took part in earlier meetings."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    return show(request, "registration/statistics.html", **_about(db, meeting, exact=False))


@page
def show_desk_statistics(request: Request, db: Database) -> Response:
    """The same with every number as it is, for those who see the registrations anyway."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, Ability.SEE_REGISTRATIONS, meeting)
    shown = show(request, "registration/statistics.html", **_about(db, meeting, exact=True))
    return kept_nowhere(shown)


@page
def send_file(request: Request, db: Database) -> Response:
    """What the page for everybody tells, as CSV."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    numbers, steps = _counted(db, meeting, exact=False)
    headers = {"Content-Disposition": f'attachment; filename="{meeting.slug}-statistics.csv"'}
    return Response(csv_text(_lines(numbers, steps)), headers=headers, media_type="text/csv; charset=utf-8")


def _counted(db: Database, meeting: Meeting, *, exact: bool) -> tuple[Numbers, list[Step]]:
    numbers = numbers_of(composition(db, meeting), exact=exact)
    steps = steps_of(registered_when(db, meeting), meeting.timezone, exact=exact) if numbers.tables else []
    return numbers, steps


def _about(db: Database, meeting: Meeting, *, exact: bool) -> dict[str, Any]:
    """What the page shows."""
    numbers, steps = _counted(db, meeting, exact=exact)
    return {
        "meeting": meeting,
        "numbers": numbers,
        "steps": steps,
        "line": line_of(steps) if steps else None,
        "exact": exact,
        "least": LEAST,
        "past": past_of(db, meeting),
        "ours": _as_past(numbers),
        "names": {"words": PAST_WORDS, "of": past_name, "in_order": in_order, "people": PEOPLE},
        "public": statistics_page(meeting.slug),
        "desk": desk_statistics(meeting.slug),
        "list": desk_list(meeting.slug),
        "file": statistics_file(meeting.slug),
    }


def _as_past(numbers: Numbers) -> dict[str, Row]:
    """Our own counts under the names that published figures have, to stand below them."""
    if not numbers.tables:
        return {}
    ways = {row.key: row for table in numbers.tables if table.measure == "attendance" for row in table.rows}
    return {
        "onsite_participants": ways[Attendance.ONSITE],
        "remote_participants": ways[Attendance.ONLINE],
        "participants_total": Row("", "", numbers.total),
        "countries": Row("", "", numbers.countries),
    }


def _lines(numbers: Numbers, steps: list[Step]) -> Iterator[list[Cell]]:
    """A line for each number; what is kept back has the page's words in its place."""
    yield ["measure", "group", "name", "participants"]
    yield ["total", "", "", str(FEW) if numbers.total is None else numbers.total]
    if numbers.tables:
        yield ["countries", "", "", numbers.countries]
    for table in numbers.tables:
        for row in table.rows:
            yield [table.measure, row.key, row.name, row.words if row.count is None else row.count]
    for step in steps:
        yield ["registered", f"{step.first}/{step.last}", "", step.count]
        yield ["registered_so_far", str(step.last), "", step.so_far]


ROUTES: list[BaseRoute] = [
    Route("/{m}/statistics", show_statistics),
    Route("/{m}/statistics.csv", send_file),
    Route("/{m}/desk/statistics", show_desk_statistics),
]
