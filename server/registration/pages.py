"""The pages for everybody: registering, who takes part, and the numbers."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.idempotency import once
from server.limits import Limits
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.problems import TooMany
from server.registration import desk, own, words
from server.registration.actions import need_open, register
from server.registration.addresses import registered_page
from server.registration.countries import country_choices
from server.registration.forms import RegistrationForm
from server.registration.numbers import numbers_of
from server.registration.queries import (
    Filters,
    composition,
    listed_countries,
    listed_participants,
    page_asked,
    participant_count,
)
from server.tokens import hashed
from server.web import language
from server.web.page import Request, answer, page, see_other, show, show_again


def _meeting(request: Request, db: Database) -> Meeting:
    return meeting_by_slug(db, request.path_params["m"])


@page
def show_form(request: Request, db: Database) -> Response:
    """The form, or that registration is closed."""
    meeting = _meeting(request, db)
    form = RegistrationForm(meeting=meeting, email=request.person.email if request.person else "")
    return show(request, "registration/form.html", meeting=meeting, form=form)


@page
def submit_form(request: Request, db: Database) -> Response:
    """Registers. The answer does not tell whether the address was registered before."""
    meeting = _meeting(request, db)
    need_open(meeting)
    form = RegistrationForm(request.data, meeting=meeting)
    if not form.validate():
        return show_again(request, "registration/form.html", form, meeting=meeting)

    def act() -> dict[str, str]:
        register(
            db,
            meeting,
            form.address,
            form.particulars(),
            language=language.current.get(),
            tell_again=_in_moderation(request, form.address),
            now=request.now,
        )
        return {"status": "accepted"}

    # The address is part of the scope: two people whose programs both chose the key "1" are two people.
    scope = f"register:{meeting.id}:{hashed(form.address)}"
    accepted = once(db, scope, request.headers.get("idempotency-key"), act, request.now)
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
    filters = Filters.asked(request.query_params, "q", "group", "country")
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


@page
def show_statistics(request: Request, db: Database) -> Response:
    """How many take part, by group, region, attendance and country."""
    meeting = _meeting(request, db)
    numbers = numbers_of(composition(db, meeting))
    return show(request, "registration/statistics.html", meeting=meeting, numbers=numbers)


ROUTES: list[BaseRoute] = [
    Route("/{m}/register", show_form),
    Route("/{m}/register", submit_form, methods=["POST"]),
    Route("/{m}/registered", show_registered),
    Route("/{m}/participants", show_participants),
    Route("/{m}/statistics", show_statistics),
    *own.ROUTES,
    *desk.ROUTES,
]
