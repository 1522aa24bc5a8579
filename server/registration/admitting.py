"""The page of the desk on which organisers say how their meeting registers, and see how it stands."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, require
from server.meetings.actions import take_turn
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.problems import Conflict
from server.registration import words
from server.registration.addresses import admission_page, desk_list
from server.registration.admission_form import AdmissionForm, edition_of, facts_of
from server.registration.deciding import change_admission, change_registration_dates
from server.registration.line import admission_of, held_admission
from server.registration.models import Admission
from server.registration.queries import onsite_counts
from server.web.language import N_
from server.web.page import Request, answer, kept_nowhere, page, see_other, show

MEANWHILE = N_("Somebody else has changed this meanwhile. What you typed is below; what is so now stands beside it.")


def _meeting(request: Request, db: Database) -> Meeting:
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, Ability.MANAGE_REGISTRATION, meeting)
    return meeting


def _shown(
    request: Request, db: Database, meeting: Meeting, admission: Admission, form: AdmissionForm, **more: Any
) -> Response:
    made = show(
        request,
        "registration/desk_admission.html",
        meeting=meeting,
        admission=admission,
        form=form,
        edition=edition_of(meeting, admission),
        counts=onsite_counts(db, meeting),
        words=words,
        here=admission_page(meeting.slug),
        list_of=lambda **filters: desk_list(meeting.slug, [*filters.items()]),
        **{"saved": False, "now": None, **more},
    )
    return kept_nowhere(made)


def _told(db: Database, meeting: Meeting, admission: Admission) -> Response:
    """How the meeting registers, for a program, with how many places are given at this moment."""
    counts = {state: dict(groups) for state, groups in onsite_counts(db, meeting).items()}
    edition = edition_of(meeting, admission)
    return answer({**facts_of(meeting, admission), "edition": edition, "onsite_by_state": counts})


@page
def show_admission(request: Request, db: Database) -> Response:
    """How the meeting registers, to change it, and how many places are given."""
    meeting = _meeting(request, db)
    admission = admission_of(db, meeting.id)
    if request.is_program:
        return _told(db, meeting, admission)
    form = AdmissionForm(meta={"zone": meeting.timezone})
    form.show(meeting, admission)
    return _shown(request, db, meeting, admission, form, saved="saved" in request.query_params)


@page
def submit_admission(request: Request, db: Database) -> Response:
    """Changes it. Who has a place keeps it; who waits for one that there is now gets it."""
    meeting = _meeting(request, db)
    form = AdmissionForm(request.data, meta={"zone": meeting.timezone})
    program = request.is_program
    if program:
        form.checked()
    take_turn(db, meeting)  # before the admission, as everybody who changes a meeting
    admission = held_admission(db, meeting.id)
    if not form.validate():
        return _shown(request, db, meeting, admission, form, status=422)
    edition = edition_of(meeting, admission)
    if request.data.get("edition", edition if program else "") != edition:
        if program:
            raise Conflict(MEANWHILE, extra={"edition": edition, **facts_of(meeting, admission)})
        now = AdmissionForm(meta={"zone": meeting.timezone})
        now.show(meeting, admission)
        return _shown(request, db, meeting, admission, form, status=409, now=now)
    if form.of_meeting != {name: getattr(meeting, name) for name in form.of_meeting}:
        change_registration_dates(db, meeting, form.of_meeting, request.now)
    change_admission(db, meeting, form.of_admission, request.now)
    if program:
        return _told(db, meeting, admission)
    return see_other(f"{admission_page(meeting.slug)}?saved=1")


ROUTES: list[BaseRoute] = [
    Route("/{m}/desk/registration", show_admission),
    Route("/{m}/desk/registration", submit_admission, methods=["POST"]),
]
