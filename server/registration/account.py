"""The pages on which somebody takes along all that is held of their account, or has it erased with its registrations."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.models import Role
from server.meetings.queries import grants_of, roles_of_person
from server.outputs.addresses import output_page
from server.outputs.queries import signed_by
from server.people.models import Person
from server.problems import NotAllowed
from server.registration.addresses import ACCOUNT_DATA, ACCOUNT_ERASED, ERASE_ACCOUNT
from server.registration.erasing import erase_account
from server.registration.held import held_of_account
from server.registration.moving import PARTICIPANT
from server.registration.privacy import sent_along
from server.registration.queries import registrations_of
from server.remote.queries import webhooks_made_by, written_by
from server.schedule.addresses import live_page
from server.web import visit
from server.web.language import N_
from server.web.page import Request, answer, has_bearer, need_person, page, see_other, show


@page
def send_data(request: Request, db: Database) -> Response:
    """Everything that is held of whoever is signed in, as JSON."""
    person = need_person(request)
    held = held_of_account(db, person, request.settings, request.now)
    return sent_along(held | _written(db, person, request.settings.base_url), "plenary-account")


def _written(db: Database, person: Person, base_url: str) -> dict[str, Any]:
    """What somebody wrote for everybody, by where it stands."""
    return {
        "paragraphs": [
            {
                "at": f"{entry.at:%Y-%m-%dT%H:%M:%SZ}", "did": entry.op, "paragraph": f"p{entry.number}" if entry.number else "",
                "language": entry.lang, "address": base_url + live_page(session.meeting.slug, session.code),
            }
            for session, entry in written_by(db, person)
        ],
        "documents_signed_off": [
            {
                "at": f"{version.signed_at:%Y-%m-%dT%H:%M:%SZ}" if version.signed_at else None, "version": version.number,
                "as": version.signed_name,
                "address": base_url + output_page(version.output.meeting.slug, version.output.slug, version.number),
            }
            for version in signed_by(db, person)
        ],
        "webhooks": [{"at": f"{one.made_at:%Y-%m-%dT%H:%M:%SZ}", "label": one.label} for one in webhooks_made_by(db, person)],
    }  # fmt: skip


def _need_browser(request: Request) -> Person:
    """Who is signed in; raises NotAllowed for a program: with a token that got lost nobody should erase an account."""
    person: Person = need_person(request)
    if has_bearer(request.headers):
        raise NotAllowed(N_("An account is erased by its owner. Please sign in with a browser."))
    return person


@page
def show_erasing(request: Request, db: Database) -> Response:
    """Says what will be gone and what stays, or for which meetings another organiser is needed before."""
    person = _need_browser(request)
    roles = roles_of_person(db, person)
    return show(
        request,
        "registration/erase_account.html",
        registrations=registrations_of(db, person.email),
        roles=roles,
        last_at=[meeting for meeting, held in roles if Role.ORGANISER in held and _is_alone(db, meeting)],
        data=ACCOUNT_DATA,
        here=ERASE_ACCOUNT,
    )


def _is_alone(db: Database, meeting: Any) -> bool:
    return sum(grant.role == Role.ORGANISER for grant in grants_of(db, meeting)) == 1


@page
def submit_erasing(request: Request, db: Database) -> Response:
    """Erases the account and all its registrations, and signs this browser out."""
    erase_account(db, _need_browser(request), PARTICIPANT, request.now)
    visit.end(request)
    return answer({"status": "erased"}) if request.wants_json else see_other(ACCOUNT_ERASED)


@page
def show_erased(request: Request, db: Database) -> Response:
    """Says that it is done."""
    return show(request, "registration/account_erased.html")


ROUTES: list[BaseRoute] = [
    Route(ACCOUNT_DATA, send_data),
    Route(ERASE_ACCOUNT, show_erasing),
    Route(ERASE_ACCOUNT, submit_erasing, methods=["POST"]),
    Route(ACCOUNT_ERASED, show_erased),
]
