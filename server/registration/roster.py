"""The pages of the registration desk with everybody who registered: the list, what is done with many, the files."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from os import SEEK_END
from tempfile import TemporaryFile
from typing import IO, Any

import structlog
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from server import clock
from server.database import Database, Store
from server.idempotency import answer_known, once
from server.meetings.access import Ability, may, require, roles_of
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.registration import words
from server.registration.addresses import desk_bulk, desk_file, desk_list, desk_page
from server.registration.bulk import PIECE, Outcome, do_with_all, do_with_these
from server.registration.bulk_form import ACTIONS, MOVELESS, REASONED, BulkForm
from server.registration.columns import header, rows_of, stretches, widths
from server.registration.countries import country_choices
from server.registration.desk import PLAIN_STEPS, REASONED_STEPS
from server.registration.filters import Filters
from server.registration.list_head import LINKS, heads, said, states
from server.registration.listing import (
    Order,
    places_in_line,
    registration_ids,
    registrations,
    registrations_by_reference,
)
from server.registration.models import By, Question
from server.registration.moving import Mover
from server.registration.queries import page_asked
from server.registration.questions import questions_of
from server.spreadsheet import Cell, csv_text, workbook
from server.tokens import new_token
from server.web.page import Request, answer, kept_nowhere, page, see_other, show, show_again

log = structlog.get_logger()

CHUNK = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _meeting(request: Request, db: Database, ability: Ability = Ability.SEE_REGISTRATIONS) -> Meeting:
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, ability, meeting)
    return meeting


def _narrowed(given: Any) -> tuple[Filters, Order]:
    """To what the list is narrowed and how it is sorted, by an address or a form."""
    return Filters.asked(given.multi_items()), Order.asked(given.get("sort", ""))


@page
def show_list(request: Request, db: Database) -> Response:
    """Everybody who registered, searched, filtered and sorted."""
    about = _about(request, db, _meeting(request, db), request.query_params)
    return kept_nowhere(show(request, "registration/desk_list.html", form=BulkForm(key=new_token()), **about))


def _about(request: Request, db: Database, meeting: Meeting, given: Any) -> dict[str, Any]:
    """What the page of the list shows besides the form under it."""
    filters, order = _narrowed(given)
    listing = registrations(db, meeting, filters, order, page_asked(given))
    narrowed = [*filters.pairs, *order.pairs]
    kept = [*narrowed, *([("page", str(listing.page))] if listing.page > 1 else [])]
    return {
        "meeting": meeting,
        "listing": listing,
        "places": places_in_line(db, meeting, [one.id for one in listing.rows]),
        "may_change": may(db, request.person, Ability.CHANGE_REGISTRATIONS, meeting),
        "filters": filters,
        "order": order,
        "narrowed": narrowed,
        "kept": kept,
        "heads": heads(meeting, filters, order),
        "states": states(db, meeting, filters, order),
        "words": words,
        "links": LINKS,
        "countries": country_choices(),
        "list": desk_list(meeting.slug),
        "bulk": desk_bulk(meeting.slug),
        "piece": PIECE,
        "files": {form: desk_file(meeting.slug, form, narrowed) for form in ("csv", "xlsx")},
        "address_of": lambda registration: desk_page(meeting.slug, registration.reference, kept),
    }


@page
def submit_bulk(request: Request, db: Database) -> Response:
    """Does one thing with many registrations, those that are ticked or all that fit; asks again before the latter."""
    meeting = _meeting(request, db, Ability.CHANGE_REGISTRATIONS)
    form = BulkForm(request.data)
    if not form.validate():
        about = _about(request, db, meeting, request.data)
        return kept_nowhere(show_again(request, "registration/desk_list.html", form, **about))
    program = request.is_program
    if form.all.data and not form.sure.data and not program:
        return _asked_again(request, db, meeting, form)
    key = request.headers.get("idempotency-key") or form.key.data or new_token()
    outcome = once(db, _scope(request, meeting), key, partial(_done, request, db, meeting, form), request.now)
    if request.wants_json:
        return answer({name: outcome[name] for name in ("done", "skipped", "left", "after")})
    filters, order = _narrowed(request.data)
    return see_other(desk_bulk(meeting.slug, [("done", key), *filters.pairs, *order.pairs]))


def _scope(request: Request, meeting: Meeting) -> str:
    return f"bulk:{meeting.id}:{request.person.id}"


def _done(request: Request, db: Database, meeting: Meeting, form: BulkForm) -> dict[str, Any]:
    """Does it, and gives what came of it as it is kept."""
    action, reason = form.action.data, form.reason.data or ""
    mover = Mover(By.DESK, request.person.id)
    more = {"reason": reason} if action in REASONED else {}
    steps: dict[str, Callable[..., None]] = {**PLAIN_STEPS, **REASONED_STEPS}
    step = partial(steps[action], mover=mover, now=request.now, **more)
    with_whom: Callable[..., Outcome] = partial(do_with_these, references=form.reference.data or [])
    if form.all.data:
        filters, _ = _narrowed(request.data)
        with_whom = partial(do_with_all, filters=filters, count=form.count.data or 0, after=form.after.data or "")
    outcome = with_whom(db, meeting, step=step, moves=action not in MOVELESS, now=request.now)
    return {**asdict(outcome), "action": action, "reason": reason if outcome.left else ""}


def _asked_again(request: Request, db: Database, meeting: Meeting, form: BulkForm) -> Response:
    """The question whether it is really to be done with all that fit, and with how many that is."""
    about = _about(request, db, meeting, request.data)
    return kept_nowhere(
        show(
            request, "registration/desk_bulk.html", form=form, said=said(about["filters"]), actions=ACTIONS,
            reasoned=form.action.data in REASONED, back=desk_list(meeting.slug, about["kept"]), **about,
        )
    )  # fmt: skip


@page
def show_bulk(request: Request, db: Database) -> Response:
    """What came of something that was done with many: with whom it was done, with whom not and why, what is left."""
    meeting = _meeting(request, db, Ability.CHANGE_REGISTRATIONS)
    outcome = answer_known(db, _scope(request, meeting), request.query_params.get("done", ""))
    filters, order = _narrowed(request.query_params)
    narrowed = [*filters.pairs, *order.pairs]
    if outcome is None:
        return see_other(desk_list(meeting.slug, narrowed))
    named = registrations_by_reference(db, meeting, [one["reference"] for one in outcome["skipped"]])
    return kept_nowhere(
        show(
            request, "registration/desk_bulk_done.html", meeting=meeting, outcome=outcome, action=ACTIONS[outcome["action"]],
            states=Counter(one["state"] for one in outcome["done"]), named=named, words=words, narrowed=narrowed,
            key=new_token(), piece=PIECE, back=desk_list(meeting.slug, narrowed), bulk=desk_bulk(meeting.slug),
            address_of=lambda reference: desk_page(meeting.slug, reference, narrowed),
        )
    )  # fmt: skip


@page
def send_csv(request: Request, db: Database) -> Response:
    """The list as CSV. It is read piece by piece, so a slow download holds no connection to the database."""
    meeting, ids, questions = _asked_for(request, db, "csv")
    lines = _lines(request.app.state.store, meeting, ids, questions)
    return _file(StreamingResponse(lines, media_type="text/csv; charset=utf-8"), meeting, "csv")


async def _lines(
    store: Store, meeting: Meeting, ids: Sequence[int], questions: Sequence[Question]
) -> AsyncIterator[str]:
    yield csv_text([header(questions)])
    for some in stretches(ids):
        yield csv_text(await store.read(partial(rows_of, meeting=meeting, ids=some, questions=questions)))


@page
def send_workbook(request: Request, db: Database) -> Response:
    """The list as a workbook, whole before the first byte of it leaves; its times are those of the venue."""
    meeting, ids, questions = _asked_for(request, db, "xlsx")
    # It has no name: whatever happens, it is gone when nobody holds it any more.
    file = TemporaryFile()  # noqa: SIM115 (the answer goes on reading it)
    with workbook(file, "Registrations", header(questions), widths(questions)) as add_row:
        for some in stretches(ids):
            for row in rows_of(db, meeting, some, questions):
                add_row([_at_venue(cell, meeting.timezone) for cell in row])
    size = file.seek(0, SEEK_END)
    response = StreamingResponse(_chunks(file), media_type=XLSX, headers={"Content-Length": str(size)})
    return _file(response, meeting, "xlsx")


def _at_venue(cell: Cell, zone: str) -> Cell:
    return clock.local(cell, zone) if isinstance(cell, datetime) else cell


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _asked_for(request: Request, db: Database, form: str) -> tuple[Meeting, list[int], list[Question]]:
    """Whose rows and which questions a file is to have. That somebody took it is in the log: who and how much, no names."""
    meeting = _meeting(request, db)
    filters, order = _narrowed(request.query_params)
    ids = registration_ids(db, meeting, filters, order)
    roles = sorted(role.value for role in roles_of(db, request.person, meeting))
    log.info(
        "registrations taken", form=form, meeting=meeting.slug, person=request.person.id, roles=roles, rows=len(ids)
    )
    sees_all = may(db, request.person, Ability.MANAGE_REGISTRATION, meeting)
    return meeting, ids, [one for one in questions_of(db, meeting) if sees_all or not one.confidential]


def _file(response: Response, meeting: Meeting, form: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{meeting.slug}-registrations.{form}"'
    return kept_nowhere(response)


ROUTES: list[BaseRoute] = [
    Route("/{m}/desk/registrations", show_list),
    Route("/{m}/desk/registrations.csv", send_csv),
    Route("/{m}/desk/registrations.xlsx", send_workbook),
    Route("/{m}/desk/registrations/bulk", show_bulk),
    Route("/{m}/desk/registrations/bulk", submit_bulk, methods=["POST"]),
]
