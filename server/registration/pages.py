"""The pages for everybody: registering, and who takes part."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.idempotency import once
from server.limits import Limits
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.problems import Conflict, TooMany
from server.registration import (
    account,
    admitting,
    desk,
    own,
    privacy,
    questioning,
    reminding,
    roster,
    statistics,
    words,
)
from server.registration.actions import need_open, register
from server.registration.addresses import own_at, registered_page
from server.registration.asking import Asking
from server.registration.attachments import count_files
from server.registration.countries import country_choices
from server.registration.erasing import answers_scope
from server.registration.filters import PUBLIC_NAMES, Filters
from server.registration.forms import RegistrationForm
from server.registration.line import admission_of, places_of
from server.registration.listing import listed_countries, listed_participants
from server.registration.queries import page_asked, participant_count, registration_of, waiting_count
from server.registration.questions import files_asked
from server.web import language
from server.web.page import Request, answer, page, see_other, show, show_again


def _meeting(request: Request, db: Database) -> Meeting:
    return meeting_by_slug(db, request.path_params["m"])


def _form(request: Request, db: Database, meeting: Meeting, sent: Any = None, **given: Any) -> RegistrationForm:
    return RegistrationForm(sent, meeting=meeting, admission=admission_of(db, meeting.id), now=request.now, **given)


def _about(request: Request, db: Database, meeting: Meeting) -> dict[str, Any]:
    """What the form's page shows besides the form."""
    admission = admission_of(db, meeting.id)
    return {
        "meeting": meeting,
        "admission": admission,
        "full": places_of(db, admission, ()).free == 0,
        "waiting": waiting_count(db, meeting),
        "approved": [words.GROUPS[group] for group in admission.approved_groups],
        "known": registration_of(db, meeting, request.person.email) if request.person else None,
        "own": own_at(meeting.slug),
        "words": words,
    }


@page
def show_form(request: Request, db: Database) -> Response:
    """The form, or that registration is closed."""
    meeting = _meeting(request, db)
    email = request.person.email if request.person else ""
    form = _form(request, db, meeting, email=email, asking=Asking(db, meeting, now=request.now))
    return show(request, "registration/form.html", form=form, **_about(request, db, meeting))


def _files_taken(request: Request, db: Database) -> int:
    """How many files the form may bring; nobody's are read where nobody can register."""
    meeting = _meeting(request, db)
    need_open(meeting, request.now)
    return files_asked(db, meeting)


@page(files=_files_taken)
def submit_form(request: Request, db: Database) -> Response:
    """Registers. The answer does not tell whether the address was registered before."""
    meeting = _meeting(request, db)
    need_open(meeting, request.now)
    asking = Asking(db, meeting, now=request.now)
    count_files(request)
    form = _form(request, db, meeting, request.data, asking=asking)
    if not form.validate():
        asking.keep_files(request.now)
        return show_again(request, "registration/form.html", form, **_about(request, db, meeting))

    def act() -> dict[str, str]:
        register(
            db,
            meeting,
            form.address,
            form.particulars(),
            language=language.current.get(),
            answers=asking.answers(),
            tell_again=_in_moderation(request, form.address),
            now=request.now,
        )
        return {"status": "accepted"}

    scope = answers_scope(meeting, form.address)
    try:
        with db.begin_nested():  # what is refused leaves no trace, and what was typed comes back
            accepted = once(db, scope, request.headers.get("idempotency-key"), act, request.now)
    except Conflict as problem:
        if request.wants_json:
            raise
        form.blame(problem)
        asking.keep_files(request.now)
        return show_again(request, "registration/form.html", form, status=409, **_about(request, db, meeting))
    return answer(accepted, 202) if request.wants_json else see_other(registered_page(meeting.slug))


def _in_moderation(request: Request, address: str) -> bool:
    """Whether the mailbox may get one more letter that a stranger caused. To say so aloud would tell the stranger."""
    try:
        request.limits.count(Limits.PER_MAILBOX, "registration", address)
    except TooMany:
        return False
    return True


@page
def show_registered(request: Request, db: Database) -> Response:
    """What happens next, the same for everybody."""
    return show(request, "registration/registered.html", meeting=_meeting(request, db))


@page
def show_participants(request: Request, db: Database) -> Response:
    """Those who consented to be listed."""
    meeting = _meeting(request, db)
    filters = Filters.asked(request.query_params.multi_items(), PUBLIC_NAMES)
    countries = listed_countries(db, meeting)
    return show(
        request,
        "registration/participants.html",
        meeting=meeting,
        listing=listed_participants(db, meeting, filters, page_asked(request.query_params)),
        filters=filters,
        groups=words.GROUPS,
        countries=country_choices(frozenset(countries)),
        listed=sum(countries.values()),
        all=participant_count(db, meeting),
    )


ROUTES: list[BaseRoute] = [
    Route("/{m}/register", show_form),
    Route("/{m}/register", submit_form, methods=["POST"]),
    Route("/{m}/registered", show_registered),
    Route("/{m}/participants", show_participants),
    *account.ROUTES,  # before those that begin with a meeting
    *privacy.ROUTES,
    *own.ROUTES,
    *questioning.ROUTES,
    *admitting.ROUTES,
    *roster.ROUTES,
    *desk.ROUTES,
    *reminding.ROUTES,
    *statistics.ROUTES,
]
