"""The pages of the desk on which organisers change a meeting: its facts, its parts, who serves at it."""

from functools import lru_cache
from zoneinfo import available_timezones

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, abilities_of, require, roles_of
from server.meetings.actions import (
    add_part,
    change_meeting,
    change_part,
    invite_to_role,
    remove_part,
    take_role,
)
from server.meetings.addresses import desk_meeting, desk_parts, desk_roles
from server.meetings.forms import GrantForm, MeetingForm, PartForm, RoomForm, TrackForm, TypeForm
from server.meetings.models import Meeting, Role
from server.meetings.parts import KINDS, Kind, Part
from server.meetings.queries import grants_of, meeting_by_slug
from server.problems import NotFound
from server.registration.queries import pending_count, waiting_count
from server.web import language
from server.web.language import N_
from server.web.page import Request, page, see_other, show, show_again

FORMS: dict[str, type[PartForm]] = {"tracks": TrackForm, "types": TypeForm, "rooms": RoomForm}


@lru_cache(maxsize=1)
def zones() -> list[str]:
    """The IANA time zones that are named after places, to choose from."""
    return ["UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))]


def _meeting(request: Request, db: Database, ability: Ability = Ability.MANAGE_MEETING) -> Meeting:
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, ability, meeting)
    return meeting


@page
def show_desk(request: Request, db: Database) -> Response:
    """What this person's roles allow them to do here."""
    meeting = _meeting(request, db, Ability.SEE_DESK)
    roles = sorted(roles_of(db, request.person, meeting), key=list(Role).index)
    abilities = abilities_of(db, request.person, meeting)
    registers = Ability.SEE_REGISTRATIONS in abilities
    return show(
        request, "meetings/desk.html", meeting=meeting, roles=roles, abilities=abilities, Ability=Ability,
        made="made" in request.query_params, pending=pending_count(db, meeting) if registers else 0,
        waiting=waiting_count(db, meeting) if registers else 0,
    )  # fmt: skip


@page
def show_meeting(request: Request, db: Database) -> Response:
    """The facts of the meeting, to change them."""
    meeting = _meeting(request, db)
    form = MeetingForm(obj=meeting)
    for name in MeetingForm.TEXTS:
        form.fill(name, getattr(meeting, name))
    return show(request, "meetings/desk_meeting.html", meeting=meeting, form=form, zones=zones(), saved=_saved(request))


@page
def submit_meeting(request: Request, db: Database) -> Response:
    """Changes the facts of the meeting."""
    meeting = _meeting(request, db)
    form = MeetingForm(request.data)
    if not form.validate():
        return show_again(request, "meetings/desk_meeting.html", form, meeting=meeting, zones=zones(), saved=False)
    change_meeting(db, meeting, form.facts(), request.now)
    return see_other(f"{desk_meeting(meeting.slug)}?saved=1")


def _saved(request: Request) -> bool:
    return "saved" in request.query_params


def _kind(request: Request) -> Kind:
    kind = KINDS.get(request.path_params["kind"])
    if kind is None:
        raise NotFound(N_("There is no page at this address."))
    return kind


def _part(request: Request, meeting: Meeting) -> Part:
    parts = _kind(request).of(meeting)
    found = next((part for part in parts if part.id == request.path_params["id"]), None)
    if found is None:
        raise NotFound(N_("There is nothing at this address any more. It may have been removed."))
    return found


@page
def show_parts(request: Request, db: Database) -> Response:
    """All tracks, session types or rooms, and a form for another one."""
    meeting, kind = _meeting(request, db), _kind(request)
    form = FORMS[kind.name]()
    return show(
        request, "meetings/desk_parts.html", meeting=meeting, kind=kind.name, parts=kind.of(meeting), form=form,
        saved=_saved(request),
    )  # fmt: skip


@page
def submit_part(request: Request, db: Database) -> Response:
    """Adds a track, session type or room."""
    meeting, kind = _meeting(request, db), _kind(request)
    form = FORMS[kind.name](request.data)
    if not form.validate():
        return show_again(
            request, "meetings/desk_parts.html", form, meeting=meeting, kind=kind.name, parts=kind.of(meeting),
            saved=False,
        )  # fmt: skip
    add_part(db, meeting, kind, form.facts(), form.position.data, request.now)
    return see_other(f"{desk_parts(meeting.slug, kind.name)}?saved=1")


@page
def show_part(request: Request, db: Database) -> Response:
    """One track, session type or room, to change it."""
    meeting, kind = _meeting(request, db), _kind(request)
    part = _part(request, meeting)
    form = FORMS[kind.name](obj=part)
    for name in form.TEXTS:
        form.fill(name, getattr(part, name))
    return show(request, "meetings/desk_part.html", meeting=meeting, kind=kind.name, part=part, form=form)


@page
def submit_part_changed(request: Request, db: Database) -> Response:
    """Changes it."""
    meeting, kind = _meeting(request, db), _kind(request)
    part = _part(request, meeting)
    form = FORMS[kind.name](request.data)
    if not form.validate():
        return show_again(request, "meetings/desk_part.html", form, meeting=meeting, kind=kind.name, part=part)
    position = form.position.data or part.position
    change_part(db, meeting, kind, part, form.facts(), position, request.now)
    return see_other(f"{desk_parts(meeting.slug, kind.name)}?saved=1")


@page
def submit_part_removed(request: Request, db: Database) -> Response:
    """Takes it away, unless sessions have it."""
    meeting, kind = _meeting(request, db), _kind(request)
    remove_part(db, meeting, kind, _part(request, meeting), request.now)
    return see_other(f"{desk_parts(meeting.slug, kind.name)}?saved=1")


@page
def show_roles(request: Request, db: Database) -> Response:
    """Who has which role, and a form to give one."""
    meeting = _meeting(request, db)
    grants = grants_of(db, meeting)
    return show(
        request, "meetings/desk_roles.html", meeting=meeting, grants=grants, form=GrantForm(), Role=Role,
        saved=_saved(request),
    )  # fmt: skip


@page
def submit_role(request: Request, db: Database) -> Response:
    """Gives a role to the owner of a mail address, who gets a letter."""
    meeting = _meeting(request, db)
    form = GrantForm(request.data)
    if not form.validate():
        return show_again(
            request, "meetings/desk_roles.html", form, meeting=meeting, grants=grants_of(db, meeting), Role=Role,
            saved=False,
        )  # fmt: skip
    invite_to_role(db, form.email.data or "", Role(form.role.data), meeting, language.current.get(), request.now)
    return see_other(f"{desk_roles(meeting.slug)}?saved=1")


@page
def submit_role_taken(request: Request, db: Database) -> Response:
    """Takes a role away."""
    meeting = _meeting(request, db)
    asked = (request.data.get("person"), request.data.get("role"))
    for grant in grants_of(db, meeting):
        if (str(grant.person_id), grant.role) == asked:
            take_role(db, grant.person_id, Role(grant.role), meeting)
    return see_other(f"{desk_roles(meeting.slug)}?saved=1")


ROUTES: list[BaseRoute] = [
    Route("/{m}/desk", show_desk),
    Route("/{m}/desk/meeting", show_meeting),
    Route("/{m}/desk/meeting", submit_meeting, methods=["POST"]),
    Route("/{m}/desk/roles", show_roles),
    Route("/{m}/desk/roles", submit_role, methods=["POST"]),
    Route("/{m}/desk/roles/take", submit_role_taken, methods=["POST"]),
    Route("/{m}/desk/{kind}", show_parts),
    Route("/{m}/desk/{kind}", submit_part, methods=["POST"]),
    Route("/{m}/desk/{kind}/{id:int}", show_part),
    Route("/{m}/desk/{kind}/{id:int}", submit_part_changed, methods=["POST"]),
    Route("/{m}/desk/{kind}/{id:int}/remove", submit_part_removed, methods=["POST"]),
]
