"""The pages on which somebody takes along all that a registration holds of them, or has it erased."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, require
from server.meetings.queries import meeting_by_slug
from server.registration.addresses import desk_list, desk_page, erased_page, own_page, own_step
from server.registration.erasing import erase, is_over
from server.registration.held import held_of_registration
from server.registration.models import By, Registration
from server.registration.moving import PARTICIPANT, Mover
from server.registration.own import registration_here
from server.registration.queries import registration_by_reference
from server.registration.states import State
from server.web.page import Request, answer, kept_nowhere, page, see_other, show


def sent_along(held: Mapping[str, Any], name: str) -> Response:
    """A file for its owner, that people can read as well as programs, and that is kept in no cache."""
    body = json.dumps(held, ensure_ascii=False, indent=2) + "\n"
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"', "Cache-Control": "no-store"}
    return Response(body, headers=headers, media_type="application/json; charset=utf-8")


@page(writes=True)
def send_data(request: Request, db: Database) -> Response:
    """Everything that is held of a registration, as JSON."""
    registration = registration_here(request, db)
    held = held_of_registration(db, registration, request.settings)
    return sent_along(held, registration.reference.lower())


@page(writes=True)
def show_erasing(request: Request, db: Database) -> Response:
    """Says what will be gone and what stays. Only a button does it: programs that look at mail open every link."""
    registration = registration_here(request, db)
    secret = request.path_params["secret"]
    about = {"data": own_step(secret, "data.json"), "own": own_page(secret)}
    return _asked(request, registration, "registration/erase.html", **about)


@page
def submit_erasing(request: Request, db: Database) -> Response:
    """Erases everything personal."""
    registration = registration_here(request, db)
    erase(db, registration, PARTICIPANT, request.now)
    return _erased(request, erased_page(registration.meeting.slug))


@page
def show_erased(request: Request, db: Database) -> Response:
    """Says that it is done, the same for everybody."""
    return show(request, "registration/erased.html", meeting=meeting_by_slug(db, request.path_params["m"]))


def _at_desk(request: Request, db: Database) -> Registration:
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, Ability.CHANGE_REGISTRATIONS, meeting)
    return registration_by_reference(db, meeting, request.path_params["reference"])


@page
def show_desk_erasing(request: Request, db: Database) -> Response:
    """Asks whether somebody is to be erased, and says what that means."""
    registration = _at_desk(request, db)
    own = desk_page(registration.meeting.slug, registration.reference)
    return _asked(request, registration, "registration/desk_erase.html", own=own)


@page
def submit_desk_erasing(request: Request, db: Database) -> Response:
    """Erases everything personal of somebody who asked the organisers for it."""
    registration = _at_desk(request, db)
    erase(db, registration, Mover(By.DESK, request.person.id), request.now)
    return _erased(request, desk_list(registration.meeting.slug, [("done", "erased")]))


def _asked(request: Request, registration: Registration, template: str, **about: Any) -> Response:
    leaves = not (
        registration.out or registration.state == State.CHECKED_IN or is_over(registration.meeting, request.now)
    )
    response = show(request, template, meeting=registration.meeting, registration=registration, leaves=leaves, **about)
    return kept_nowhere(response)


def _erased(request: Request, next_page: str) -> Response:
    return answer({"status": "erased"}) if request.wants_json else see_other(next_page)


ROUTES: list[BaseRoute] = [
    Route("/registration/{secret}/data.json", send_data),
    Route("/registration/{secret}/erase", show_erasing),
    Route("/registration/{secret}/erase", submit_erasing, methods=["POST"]),
    Route("/{m}/erased", show_erased),
    Route("/{m}/desk/registrations/{reference}/erase", show_desk_erasing),
    Route("/{m}/desk/registrations/{reference}/erase", submit_desk_erasing, methods=["POST"]),
]
