"""The pages of the registration desk about one registration; the list of all is in `roster`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, may, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.people.queries import names_of
from server.problems import Conflict, Faulty, NotFound
from server.registration import words
from server.registration.actions import accept, edition_of, send_letter_again
from server.registration.addresses import desk_file_of, desk_list, desk_page, desk_step
from server.registration.answers import field_labels, told_answers
from server.registration.asking import Asking
from server.registration.attachments import count_files, sent_file
from server.registration.countries import region_of
from server.registration.deciding import (
    approve,
    check_in,
    correct,
    decline,
    reinstate,
    reorder,
    undo_check_in,
    withdraw_for,
)
from server.registration.filters import Filters
from server.registration.forms import ChangeForm, PlaceForm, ReasonForm
from server.registration.handed_in import file_of
from server.registration.line import admission_of
from server.registration.models import By, Registration
from server.registration.moving import Mover
from server.registration.queries import (
    history_of,
    place_in_line,
    registration_by_reference,
    waiting_count,
)
from server.registration.questions import files_asked
from server.web.form import PlainForm
from server.web.language import N_
from server.web.page import Request, answer, kept_nowhere, page, see_other, show, show_again


@page
def show_one(request: Request, db: Database) -> Response:
    """One registration, with all that is known of it and everything that was done with it."""
    meeting = _meeting(request, db, Ability.SEE_REGISTRATIONS)
    registration = registration_by_reference(db, meeting, request.path_params["reference"])
    may_change = may(db, request.person, Ability.CHANGE_REGISTRATIONS, meeting)
    done = request.query_params.get("done", "")
    return _one(request, db, registration, may_change=may_change, done=done, form=ReasonForm())


def _one(request: Request, db: Database, registration: Registration, **more: Any) -> Response:
    history = history_of(db, registration)
    status = 422 if more["form"].errors else 200
    return kept_nowhere(
        show(
            request,
            "registration/desk_one.html",
            status=status,
            history=history,
            people=names_of(db, {entry.person_id for entry in history if entry.person_id}),
            place=place_in_line(db, registration),
            waiting=waiting_count(db, registration.meeting),
            answers=told_answers(db, registration, confidential=_sees_confidential(request, db, registration)),
            labels=field_labels(db, registration.meeting),
            file_of=lambda number: desk_file_of(registration.meeting.slug, registration.reference, number),
            **_about(request, registration),
            **more,
        )
    )


@page
def show_change(request: Request, db: Database) -> Response:
    """The form with what the person said."""
    registration = _to_change(request, db)
    about = _about(request, registration)
    form = _form(request, db, registration)
    return kept_nowhere(show(request, "registration/desk_change.html", form=form, **about))


def _files_taken(request: Request, db: Database) -> int:
    """How many files the form may bring."""
    return files_asked(db, _to_change(request, db).meeting)


@page(files=_files_taken)
def submit_change(request: Request, db: Database) -> Response:
    """Changes what the person said."""
    registration = _to_change(request, db)
    count_files(request)
    form = _form(request, db, registration, request.data)
    status, seen = 422, str(request.data.get("edition", ""))
    if form.validate():
        try:
            with db.begin_nested():  # what is refused leaves no trace, and what was typed comes back
                said, answers = form.particulars(registration), form.asking.answers()
                correct(db, registration, said, _mover(request), request.now, answers=answers, seen=seen)
        except (Faulty, Conflict) as problem:
            if request.wants_json:
                raise
            form.blame(problem)
            status = problem.status
        else:
            return _done(request, registration, "changed")
    form.asking.keep_files(request.now)
    about = _about(request, registration)
    return kept_nowhere(show_again(request, "registration/desk_change.html", form, status=status, **about))


def _form(request: Request, db: Database, registration: Registration, sent: Any = None) -> ChangeForm:
    admission = admission_of(db, registration.meeting_id)
    seen = _sees_confidential(request, db, registration)
    asking = Asking(db, registration.meeting, registration, now=request.now, confidential=seen, at_desk=True)
    return ChangeForm(
        sent, meeting=registration.meeting, admission=admission, now=request.now, obj=registration, asking=asking
    )


def _sees_confidential(request: Request, db: Database, registration: Registration) -> bool:
    """Whether answers to confidential questions are for whoever asks."""
    return may(db, request.person, Ability.MANAGE_REGISTRATION, registration.meeting)


@page
def send_file(request: Request, db: Database) -> Response:
    """A file that somebody has handed in; to a confidential question only for organisers."""
    meeting = _meeting(request, db, Ability.SEE_REGISTRATIONS)
    registration = registration_by_reference(db, meeting, request.path_params["reference"])
    question, file = file_of(db, registration, request.path_params["id"])
    if question.confidential:
        require(db, request.person, Ability.MANAGE_REGISTRATION, meeting)
    return sent_file(registration, file)


#: What is done with one registration without asking anything, by its word in the address and in what is said afterwards.
PLAIN_STEPS: dict[str, Callable[[Database, Registration, Mover, datetime], None]] = {
    "approve": approve,
    "accept": accept,
    "reinstate": reinstate,
    "check-in": check_in,
    "undo-check-in": undo_check_in,
    "letter": send_letter_again,
}
REASONED_STEPS: dict[str, Callable[..., None]] = {"decline": decline, "withdraw": withdraw_for}


@page
def submit_step(request: Request, db: Database) -> Response:
    """Does one of the steps with a registration; the person is told by letter where it stands then."""
    registration = _to_change(request, db)
    step = request.path_params["step"]
    if step in PLAIN_STEPS:
        PLAIN_STEPS[step](db, registration, _mover(request), request.now)
    elif step in REASONED_STEPS:
        form = ReasonForm(request.data)
        if not form.validate():
            return _refused(request, db, registration, form)
        REASONED_STEPS[step](db, registration, _mover(request), request.now, reason=form.reason.data or "")
    else:
        raise NotFound(N_("There is no page at this address."))
    return _done(request, registration, step)


@page
def submit_place(request: Request, db: Database) -> Response:
    """Lets somebody stand elsewhere in the waiting list, for a reason."""
    registration = _to_change(request, db)
    form = PlaceForm(request.data)
    if not form.validate():
        return _refused(request, db, registration, form)
    reorder(db, registration, form.position.data or 1, _mover(request), request.now, reason=form.reason.data or "")
    return _done(request, registration, "line")


def _refused(request: Request, db: Database, registration: Registration, form: PlainForm) -> Response:
    if request.wants_json:
        form.checked()
    return _one(request, db, registration, may_change=True, done="", form=form)


def _meeting(request: Request, db: Database, ability: Ability) -> Meeting:
    """The meeting of the address, once it is sure that the person may do this there."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, ability, meeting)
    return meeting


def _mover(request: Request) -> Mover:
    return Mover(By.DESK, request.person.id)


def _to_change(request: Request, db: Database) -> Registration:
    meeting = _meeting(request, db, Ability.CHANGE_REGISTRATIONS)
    return registration_by_reference(db, meeting, request.path_params["reference"])


def _way_back(request: Request) -> list[tuple[str, str]]:
    """What of the address leads back to the list as it was narrowed, sorted and leafed through."""
    asked = request.query_params
    return [*Filters.asked(asked.multi_items()).pairs, *((name, asked.get(name, "")) for name in ("sort", "page"))]


def _about(request: Request, registration: Registration) -> dict[str, Any]:
    """What each page about one registration shows."""
    meeting, back = registration.meeting, _way_back(request)
    slug, reference = meeting.slug, registration.reference
    names = ("change", *PLAIN_STEPS, *REASONED_STEPS, "line", "erase")
    return {
        "meeting": meeting,
        "registration": registration,
        "edition": edition_of(registration),
        "words": words,
        "region": words.REGIONS[region_of(registration.country, registration.stakeholder_group)],
        "list": desk_list(slug, back),
        "own": desk_page(slug, reference, back),
        "steps": {name: desk_step(slug, reference, name, back) for name in names},
    }


def _done(request: Request, registration: Registration, said: str) -> Response:
    if request.wants_json:
        return answer({"reference": registration.reference, "state": registration.state})
    return see_other(desk_page(request.path_params["m"], registration.reference, [("done", said), *_way_back(request)]))


ROUTES: list[BaseRoute] = [
    Route("/{m}/desk/registrations/{reference}", show_one),
    Route("/{m}/desk/registrations/{reference}/change", show_change),
    Route("/{m}/desk/registrations/{reference}/change", submit_change, methods=["POST"]),
    Route("/{m}/desk/registrations/{reference}/files/{id:int}", send_file),
    Route("/{m}/desk/registrations/{reference}/line", submit_place, methods=["POST"]),
    Route("/{m}/desk/registrations/{reference}/{step}", submit_step, methods=["POST"]),
]
