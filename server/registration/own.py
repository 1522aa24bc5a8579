"""The pages behind somebody's private link: see, change, withdraw, come back, renew the link."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.limits import Limits
from server.problems import NotFound
from server.registration import words
from server.registration.actions import change, open_link, renew_link, take_part_again, withdraw
from server.registration.addresses import own_page, own_step, registered_page
from server.registration.forms import ChangeForm
from server.registration.links import registration_behind
from server.registration.models import Registration
from server.web.page import Request, answer, page, see_other, show, show_again


def _registration(request: Request, db: Database) -> Registration:
    """The registration behind the link, which has now been used. A HEAD is a program that looks whether it works."""
    try:
        registration = registration_behind(db, request.path_params["secret"], request.settings)
    except NotFound:
        request.limits.count(Limits.PER_GUESS, "registration", request.address)
        raise
    if request.method != "HEAD":
        open_link(registration, request.now)
    return registration


def _about(request: Request, registration: Registration) -> dict[str, Any]:
    """What each of these pages shows."""
    secret = request.path_params["secret"]
    return {
        "meeting": registration.meeting,
        "registration": registration,
        "steps": {name: own_step(secret, name) for name in ("change", "withdraw", "return", "new-link")},
        "own": own_page(secret),
        "words": words,
    }


def _done(request: Request, registration: Registration, said: str) -> Response:
    """Back to the registration, which says what was done; a program gets where it stands."""
    if request.wants_json:
        return answer({"reference": registration.reference, "state": registration.state})
    return see_other(f"{own_page(request.path_params['secret'])}?done={said}")


def _kept_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@page(writes=True)
def show_own(request: Request, db: Database) -> Response:
    """One's registration. To see it the first time shows that the address is one's own."""
    registration = _registration(request, db)
    done = request.query_params.get("done", "")
    return _kept_nowhere(show(request, "registration/own.html", done=done, **_about(request, registration)))


@page(writes=True)
def show_change(request: Request, db: Database) -> Response:
    """The form with what one said."""
    registration = _registration(request, db)
    form = ChangeForm(obj=registration, meeting=registration.meeting)
    return _kept_nowhere(show(request, "registration/change.html", form=form, **_about(request, registration)))


@page
def submit_change(request: Request, db: Database) -> Response:
    """Says something else about oneself."""
    registration = _registration(request, db)
    form = ChangeForm(request.data, meeting=registration.meeting)
    if not form.validate():
        return _kept_nowhere(show_again(request, "registration/change.html", form, **_about(request, registration)))
    change(registration, form.particulars(), request.now)
    return _done(request, registration, "changed")


@page
def submit_withdrawal(request: Request, db: Database) -> Response:
    """Does not take part after all."""
    registration = _registration(request, db)
    withdraw(db, registration, request.now)
    return _done(request, registration, "withdrawn")


@page
def submit_return(request: Request, db: Database) -> Response:
    """Takes part again."""
    registration = _registration(request, db)
    take_part_again(db, registration, request.now)
    return _done(request, registration, "returned")


@page
def submit_new_link(request: Request, db: Database) -> Response:
    """Has a new link mailed; whoever else has the old one is not led to the new one."""
    registration = _registration(request, db)
    request.limits.count(Limits.PER_MAILBOX, "registration link", registration.email)
    renew_link(db, registration, request.now)
    if request.wants_json:
        return answer({"reference": registration.reference, "state": registration.state})
    return see_other(f"{registered_page(registration.meeting.slug)}?link=new")


ROUTES: list[BaseRoute] = [
    Route("/registration/{secret}", show_own),
    Route("/registration/{secret}/change", show_change),
    Route("/registration/{secret}/change", submit_change, methods=["POST"]),
    Route("/registration/{secret}/withdraw", submit_withdrawal, methods=["POST"]),
    Route("/registration/{secret}/return", submit_return, methods=["POST"]),
    Route("/registration/{secret}/new-link", submit_new_link, methods=["POST"]),
]
