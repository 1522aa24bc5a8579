"""The pages of the registration desk: the list, the file, one registration."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from server.database import Database, Store
from server.meetings.access import Ability, may, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.registration import words
from server.registration.actions import correct, reinstate, send_letter_again, withdraw
from server.registration.addresses import desk_file, desk_list, desk_page, desk_step
from server.registration.countries import country_choices, region_of
from server.registration.forms import ChangeForm
from server.registration.models import Registration
from server.registration.queries import (
    Filters,
    page_asked,
    registration_by_reference,
    registrations,
    registrations_after,
)
from server.web.page import Request, answer, page, see_other, show, show_again

FILTERS = ("q", "state", "group", "attendance", "country")
COLUMNS = (
    "reference", "state", "email", "given_name", "family_name", "country", "organisation", "stakeholder_group",
    "attendance", "public", "language", "registered_at", "changed_at", "opened_at",
)  # fmt: skip
#: Rows of the file that are read at a time.
STRETCH = 500
#: With these a spreadsheet begins a formula (the wide forms too, once they are typed in by hand).
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


@page
def show_list(request: Request, db: Database) -> Response:
    """Everybody who registered, searched and filtered."""
    meeting = _meeting(request, db, Ability.SEE_REGISTRATIONS)
    filters = Filters.asked(request.query_params, *FILTERS)
    listing = registrations(db, meeting, filters, page_asked(request.query_params))
    return _kept_nowhere(
        show(
            request,
            "registration/desk_list.html",
            meeting=meeting,
            listing=listing,
            filters=filters,
            words=words,
            countries=country_choices(),
            file=desk_file(meeting.slug, **filters.given),
            here=desk_list(meeting.slug),
            address_of=lambda registration: desk_page(meeting.slug, registration.reference),
        )
    )


@page
def send_file(request: Request, db: Database) -> Response:
    """The list as CSV. It is read piece by piece, so a slow download holds no connection to the database."""
    meeting = _meeting(request, db, Ability.SEE_REGISTRATIONS)
    filters = Filters.asked(request.query_params, *FILTERS)
    headers = {"Content-Disposition": f'attachment; filename="{meeting.slug}-registrations.csv"'}
    lines = _lines(request.app.state.store, meeting, filters)
    return _kept_nowhere(StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8"))


async def _lines(store: Store, meeting: Meeting, filters: Filters) -> AsyncIterator[str]:
    yield _as_csv([COLUMNS])
    last = 0
    while found := await store.read(
        partial(registrations_after, meeting=meeting, filters=filters, after=last, most=STRETCH)
    ):
        yield _as_csv([_cell(getattr(one, name)) for name in COLUMNS] for one in found)
        last = found[-1].id


def _as_csv(rows: Iterable[Iterable[str]]) -> str:
    """Lines as RFC 4180 has them."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def _cell(value: Any) -> str:
    """A value as text, and never a formula: what people typed must not run in the organisers' spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


@page
def show_one(request: Request, db: Database) -> Response:
    """One registration, with all that is known of it."""
    meeting = _meeting(request, db, Ability.SEE_REGISTRATIONS)
    registration = registration_by_reference(db, meeting, request.path_params["reference"])
    may_change = may(db, request.person, Ability.CHANGE_REGISTRATIONS, meeting)
    done = request.query_params.get("done", "")
    about = _about(meeting, registration)
    return _kept_nowhere(show(request, "registration/desk_one.html", may_change=may_change, done=done, **about))


@page
def show_change(request: Request, db: Database) -> Response:
    """The form with what the person said."""
    meeting, registration = _to_change(request, db)
    form = ChangeForm(obj=registration, meeting=meeting)
    return _kept_nowhere(show(request, "registration/desk_change.html", form=form, **_about(meeting, registration)))


@page
def submit_change(request: Request, db: Database) -> Response:
    """Changes what the person said."""
    meeting, registration = _to_change(request, db)
    form = ChangeForm(request.data, meeting=meeting)
    if not form.validate():
        about = _about(meeting, registration)
        return _kept_nowhere(show_again(request, "registration/desk_change.html", form, **about))
    correct(registration, form.particulars(), request.now)
    return _done(request, registration, "changed")


@page
def submit_withdrawal(request: Request, db: Database) -> Response:
    """Withdraws somebody, who is told by letter."""
    _, registration = _to_change(request, db)
    withdraw(db, registration, request.now)
    return _done(request, registration, "withdrawn")


@page
def submit_reinstatement(request: Request, db: Database) -> Response:
    """Takes somebody back, who is told by letter."""
    _, registration = _to_change(request, db)
    reinstate(db, registration, request.now)
    return _done(request, registration, "reinstated")


@page
def submit_letter(request: Request, db: Database) -> Response:
    """Sends the letter with reference and link once more."""
    _, registration = _to_change(request, db)
    send_letter_again(db, registration, request.now)
    return _done(request, registration, "letter")


def _meeting(request: Request, db: Database, ability: Ability) -> Meeting:
    """The meeting of the address, once it is sure that the person may do this there."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, ability, meeting)
    return meeting


def _to_change(request: Request, db: Database) -> tuple[Meeting, Registration]:
    meeting = _meeting(request, db, Ability.CHANGE_REGISTRATIONS)
    return meeting, registration_by_reference(db, meeting, request.path_params["reference"])


def _about(meeting: Meeting, registration: Registration) -> dict[str, Any]:
    """What each page about one registration shows."""
    slug, reference = meeting.slug, registration.reference
    return {
        "meeting": meeting,
        "registration": registration,
        "words": words,
        "region": words.REGIONS[region_of(registration.country, registration.stakeholder_group)],
        "list": desk_list(slug),
        "own": desk_page(slug, reference),
        "steps": {name: desk_step(slug, reference, name) for name in ("change", "withdraw", "reinstate", "letter")},
    }


def _done(request: Request, registration: Registration, said: str) -> Response:
    if request.wants_json:
        return answer({"reference": registration.reference, "state": registration.state})
    return see_other(f"{desk_page(request.path_params['m'], registration.reference)}?done={said}")


def _kept_nowhere(response: Response) -> Response:
    """Pages with mail addresses stay in no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


ROUTES: list[BaseRoute] = [
    Route("/{m}/desk/registrations", show_list),
    Route("/{m}/desk/registrations.csv", send_file),
    Route("/{m}/desk/registrations/{reference}", show_one),
    Route("/{m}/desk/registrations/{reference}/change", show_change),
    Route("/{m}/desk/registrations/{reference}/change", submit_change, methods=["POST"]),
    Route("/{m}/desk/registrations/{reference}/withdraw", submit_withdrawal, methods=["POST"]),
    Route("/{m}/desk/registrations/{reference}/reinstate", submit_reinstatement, methods=["POST"]),
    Route("/{m}/desk/registrations/{reference}/letter", submit_letter, methods=["POST"]),
]
