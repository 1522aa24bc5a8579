"""What a file of registrations has in each column."""

from collections.abc import Iterator, Mapping, Sequence

from server.database import Database
from server.meetings.models import Meeting
from server.registration.answers import answers_of
from server.registration.countries import region_of
from server.registration.listing import places_in_line, registrations_by_id
from server.registration.models import Question, Registration
from server.spreadsheet import Cell

#: What stands in a registration as it is.
_PLAIN = (
    "reference", "state", "email", "given_name", "family_name", "country", "organisation", "stakeholder_group",
    "attendance", "public", "language", "registered_at", "changed_at", "opened_at", "gender", "first_time", "offer_until",
)  # fmt: skip
#: The columns of every meeting. Programs read them by these names: others come after them.
COLUMNS = (*_PLAIN, "place_in_line", "region")
_WIDTHS = {
    "email": 32,
    "organisation": 32,
    "given_name": 20,
    "family_name": 20,
    "reference": 18,
    "stakeholder_group": 20,
}
#: Rows that are read at a time.
STRETCH = 500


def header(questions: Sequence[Question]) -> list[str]:
    """The names of the columns: those of every meeting, and one for each question of this one."""
    return [*COLUMNS, *(f"answer_{question.key}" for question in questions)]


def widths(questions: Sequence[Question]) -> list[float]:
    """How wide the columns are in a workbook, in characters."""
    return [_WIDTHS.get(name, 16) for name in header(questions)]


def rows_of(db: Database, meeting: Meeting, ids: Sequence[int], questions: Sequence[Question]) -> list[list[Cell]]:
    """A stretch of the file: these registrations in this order, but for who was erased meanwhile."""
    places = places_in_line(db, meeting, ids)
    found = registrations_by_id(db, ids)
    answers = answers_of(db, ids, questions)
    return [_row(one, places.get(one.id), answers.get(one.id, {}), questions) for one in found]


def stretches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """So many at a time as are read at once."""
    for first in range(0, len(ids), STRETCH):
        yield ids[first : first + STRETCH]


def _row(one: Registration, place: int | None, answers: Mapping[int, str], questions: Sequence[Question]) -> list[Cell]:
    said: list[Cell] = [getattr(one, name) for name in _PLAIN]
    region = region_of(one.country, one.stakeholder_group)
    return [*said, place, region, *(answers.get(question.id, "") for question in questions)]
