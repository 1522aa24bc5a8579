"""The pages behind somebody's private link: see, change, accept, withdraw, come back, another address, another link."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.limits import Limits
from server.meetings.queries import meeting_by_slug
from server.problems import Conflict, Faulty, NotFound
from server.registration import words
from server.registration.actions import accept, change, edition_of, open_link, renew_link, take_part_again, withdraw
from server.registration.addresses import own_file, own_page, own_step, register_page, registered_page
from server.registration.answers import field_labels, told_answers, unanswered
from server.registration.asking import Asking
from server.registration.attachments import count_files, sent_file
from server.registration.forms import AddressForm, ChangeForm
from server.registration.handed_in import file_of
from server.registration.line import admission_of
from server.registration.links import registration_behind, registration_to_confirm, secret_of
from server.registration.mailbox import ask_for_address, take_address
from server.registration.models import Registration
from server.registration.moving import PARTICIPANT
from server.registration.queries import history_of, place_in_line, reason_of, registration_of
from server.registration.questions import files_asked
from server.registration.retention import erased_on
from server.web.language import N_
from server.web.page import Request, answer, kept_nowhere, need_person, page, see_other, show, show_again

STEPS = ("change", "attendance", "accept", "withdraw", "return", "address", "new-link", "data.json", "erase")


def registration_here(request: Request, db: Database) -> Registration:
    """The registration behind the link, which a GET has now used. A HEAD is a program that looks whether it works.

    What a POST does may wait for others, and must not hold the registration before (`line.held_admission`).
    """
    try:
        registration = registration_behind(db, request.path_params["secret"], request.settings)
    except NotFound:
        request.limits.count(Limits.PER_GUESS, "registration", request.address)
        raise
    if request.method == "GET":
        open_link(registration, request.now)
    return registration


def _about(request: Request, registration: Registration) -> dict[str, Any]:
    """What each of these pages shows."""
    secret = request.path_params["secret"]
    return {
        "meeting": registration.meeting,
        "registration": registration,
        "steps": {name: own_step(secret, name) for name in STEPS},
        "own": own_page(secret),
        "edition": edition_of(registration),
        "words": words,
    }


def _done(request: Request, registration: Registration, said: str) -> Response:
    """Back to the registration, which says what was done; a program gets where it stands. The link was used, too."""
    open_link(registration, request.now)
    if request.wants_json:
        return answer({"reference": registration.reference, "state": registration.state})
    return see_other(f"{own_page(request.path_params['secret'])}?done={said}")


@page(writes=True)
def show_own(request: Request, db: Database) -> Response:
    """One's registration. To see it the first time shows that the address is one's own."""
    registration = registration_here(request, db)
    return kept_nowhere(
        show(
            request,
            "registration/own.html",
            done=request.query_params.get("done", ""),
            history=history_of(db, registration),
            place=place_in_line(db, registration),
            reason=reason_of(db, registration),
            answers=told_answers(db, registration, confidential=True),
            unanswered=unanswered(db, registration, request.now),
            labels=field_labels(db, registration.meeting),
            file_of=lambda number: own_file(request.path_params["secret"], number),
            kept_until=erased_on(admission_of(db, registration.meeting_id), registration.meeting),
            **_about(request, registration),
        )
    )


@page
def show_own_of_person(request: Request, db: Database) -> Response:
    """Leads who is signed in to their registration at this meeting, or to the form: their address is known to be theirs."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    registration = registration_of(db, meeting, need_person(request).email)
    if registration is None:
        return see_other(register_page(meeting.slug))
    return kept_nowhere(see_other(own_page(secret_of(registration, request.settings))))


def _form(request: Request, db: Database, registration: Registration, sent: Any = None, **more: Any) -> ChangeForm:
    admission = admission_of(db, registration.meeting_id)
    return ChangeForm(
        sent, meeting=registration.meeting, admission=admission, now=request.now, obj=registration, **more
    )


def _asking(request: Request, db: Database, registration: Registration) -> Asking:
    return Asking(db, registration.meeting, registration, now=request.now)


def _files_taken(request: Request, db: Database) -> int:
    """How many files the form may bring."""
    return files_asked(db, registration_here(request, db).meeting)


@page(writes=True)
def show_change(request: Request, db: Database) -> Response:
    """The form with what one said."""
    registration = registration_here(request, db)
    form = _form(request, db, registration, asking=_asking(request, db, registration))
    return kept_nowhere(show(request, "registration/change.html", form=form, **_about(request, registration)))


@page(files=_files_taken)
def submit_change(request: Request, db: Database) -> Response:
    """Says something else about oneself."""
    registration = registration_here(request, db)
    asking = _asking(request, db, registration)
    count_files(request)
    form = _form(request, db, registration, request.data, asking=asking)
    status, seen = 422, str(request.data.get("edition", ""))
    if form.validate():
        try:
            with db.begin_nested():  # what is refused leaves no trace, and what was typed comes back
                said = form.particulars(registration)
                change(db, registration, said, PARTICIPANT, request.now, answers=asking.answers(), seen=seen)
        except (Faulty, Conflict) as problem:
            if request.wants_json:
                raise
            form.blame(problem)
            status = problem.status
        else:
            return _done(request, registration, "changed")
    asking.keep_files(request.now)
    about = _about(request, registration)
    return kept_nowhere(show_again(request, "registration/change.html", form, status=status, **about))


@page
def submit_attendance(request: Request, db: Database) -> Response:
    """Takes part onsite instead of online, or the other way round; everything else stays as it is."""
    registration = registration_here(request, db)
    form = _form(request, db, registration)
    wanted = str(request.data.get("attendance", ""))
    if wanted not in form.ways:
        raise Faulty(
            N_("Please check the fields named below."), errors={"attendance": N_("Please choose one of those offered.")}
        )
    change(db, registration, {"attendance": wanted}, PARTICIPANT, request.now)
    return _done(request, registration, "changed")


@page
def submit_acceptance(request: Request, db: Database) -> Response:
    """Takes the place that is offered."""
    registration = registration_here(request, db)
    accept(db, registration, PARTICIPANT, request.now)
    return _done(request, registration, "accepted")


@page
def submit_withdrawal(request: Request, db: Database) -> Response:
    """Does not take part after all."""
    registration = registration_here(request, db)
    withdraw(db, registration, PARTICIPANT, request.now)
    return _done(request, registration, "withdrawn")


@page
def submit_return(request: Request, db: Database) -> Response:
    """Takes part again, from the end of the line."""
    registration = registration_here(request, db)
    take_part_again(db, registration, request.now)
    return _done(request, registration, "returned")


@page(writes=True)
def show_address(request: Request, db: Database) -> Response:
    """A form for another mail address."""
    registration = registration_here(request, db)
    return kept_nowhere(show(request, "registration/address.html", form=AddressForm(), **_about(request, registration)))


@page
def submit_address(request: Request, db: Database) -> Response:
    """Has a link mailed to another address. The answer does not tell whether that address is registered, too."""
    registration = registration_here(request, db)
    form = AddressForm(request.data)
    if not form.validate():
        return kept_nowhere(show_again(request, "registration/address.html", form, **_about(request, registration)))
    request.limits.count(Limits.PER_MAILBOX, "registration address", form.address)
    ask_for_address(db, registration, form.address, request.now)
    return _done(request, registration, "address")


def _waiting(request: Request, db: Database) -> Registration:
    try:
        return registration_to_confirm(db, request.path_params["secret"], request.settings, request.now)
    except NotFound:
        request.limits.count(Limits.PER_GUESS, "registration address", request.address)
        raise


@page
def show_confirming(request: Request, db: Database) -> Response:
    """Says which address would count from now on. Only a button does it: programs that look at mail open every link."""
    registration = _waiting(request, db)
    return kept_nowhere(
        show(request, "registration/confirm_address.html", meeting=registration.meeting, registration=registration)
    )


@page
def submit_confirming(request: Request, db: Database) -> Response:
    """The address counts from now on, and leads on to the registration by its new link."""
    registration = _waiting(request, db)
    take_address(db, registration, request.now)
    if request.wants_json:
        return answer({"reference": registration.reference, "state": registration.state})
    return kept_nowhere(see_other(f"{own_page(secret_of(registration, request.settings))}?done=address-taken"))


@page(writes=True)
def send_own_file(request: Request, db: Database) -> Response:
    """A file that one has handed in."""
    registration = registration_here(request, db)
    _, file = file_of(db, registration, request.path_params["id"])
    return sent_file(registration, file)


@page
def submit_new_link(request: Request, db: Database) -> Response:
    """Has a new link mailed; whoever else has the old one is not led to the new one."""
    registration = registration_here(request, db)
    request.limits.count(Limits.PER_MAILBOX, "registration link", registration.email)
    renew_link(db, registration, PARTICIPANT, request.now)
    if request.wants_json:
        return answer({"reference": registration.reference, "state": registration.state})
    return see_other(f"{registered_page(registration.meeting.slug)}?link=new")


ROUTES: list[BaseRoute] = [
    Route("/{m}/registration", show_own_of_person),
    Route("/registration/address/{secret}", show_confirming),
    Route("/registration/address/{secret}", submit_confirming, methods=["POST"]),
    Route("/registration/{secret}", show_own),
    Route("/registration/{secret}/change", show_change),
    Route("/registration/{secret}/change", submit_change, methods=["POST"]),
    Route("/registration/{secret}/files/{id:int}", send_own_file),
    Route("/registration/{secret}/attendance", submit_attendance, methods=["POST"]),
    Route("/registration/{secret}/accept", submit_acceptance, methods=["POST"]),
    Route("/registration/{secret}/withdraw", submit_withdrawal, methods=["POST"]),
    Route("/registration/{secret}/return", submit_return, methods=["POST"]),
    Route("/registration/{secret}/address", show_address),
    Route("/registration/{secret}/address", submit_address, methods=["POST"]),
    Route("/registration/{secret}/new-link", submit_new_link, methods=["POST"]),
]
