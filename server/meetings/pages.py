"""The pages of the series: a meeting's home, the list of meetings, a new meeting."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server import clock
from server.database import Database
from server.meetings import desk
from server.meetings.actions import make_meeting
from server.meetings.addresses import desk as desk_address
from server.meetings.forms import NewMeetingForm
from server.meetings.models import Meeting, Role
from server.meetings.queries import all_meetings, current_meeting, meeting_by_slug, roles_of_person
from server.outputs.queries import published_outputs
from server.people.models import Person
from server.problems import NotAllowed
from server.registration.queries import participant_count
from server.schedule.queries import next_up, on_now, session_count
from server.web.language import N_
from server.web.page import Request, need_person, page, see_other, show, show_again

#: Cards of sessions to come on a home page.
NEXT_UP = 6


@page
def show_current(request: Request, db: Database) -> Response:
    """The home of the meeting that people mean when they name none."""
    meeting = current_meeting(db, request.now.date())
    if meeting is None:
        return show(request, "meetings/none.html")
    return _home(request, db, meeting)


@page
def show_home(request: Request, db: Database) -> Response:
    """The home of a meeting."""
    return _home(request, db, meeting_by_slug(db, request.path_params["m"]))


def _home(request: Request, db: Database, meeting: Meeting) -> Response:
    zone = request.query_params.get("tz", "")
    return show(
        request,
        "meetings/home.html",
        meeting=meeting,
        on_now=on_now(db, meeting, request.now),
        next_up=next_up(db, meeting, request.now, NEXT_UP),
        session_count=session_count(db, meeting),
        participant_count=participant_count(db, meeting),
        outputs=published_outputs(db, meeting),
        reader_zone=zone if clock.is_zone(zone) else None,
    )


@page
def show_meetings(request: Request, db: Database) -> Response:
    """Every meeting of the series: those to come first, then those that were."""
    meetings = all_meetings(db)
    today = request.now.date()
    ahead = [meeting for meeting in reversed(meetings) if meeting.last_day >= today]
    past = [meeting for meeting in meetings if meeting.last_day < today]
    makes = request.person is not None and _is_organiser(db, request.person)
    return show(request, "meetings/list.html", ahead=ahead, past=past, makes=makes)


def _is_organiser(db: Database, person: Person) -> bool:
    return any(Role.ORGANISER in roles for _, roles in roles_of_person(db, person))


def _require_organiser(request: Request, db: Database) -> None:
    if not _is_organiser(db, need_person(request)):
        raise NotAllowed(N_("Only somebody who is an organiser of a meeting can make another one."))


@page
def show_new(request: Request, db: Database) -> Response:
    """The form for a new meeting."""
    _require_organiser(request, db)
    form = NewMeetingForm(data={"timezone": "UTC", "days": 4})
    return show(request, "meetings/new.html", form=form, zones=desk.zones())


@page
def submit_new(request: Request, db: Database) -> Response:
    """Makes a meeting; whoever makes it is its organiser."""
    _require_organiser(request, db)
    form = NewMeetingForm(request.data, taken={meeting.slug for meeting in all_meetings(db)})
    if not form.validate():
        return show_again(request, "meetings/new.html", form, zones=desk.zones())
    meeting = make_meeting(db, request.person, form.slug.data or "", form.facts())
    return see_other(f"{desk_address(meeting.slug)}?made=1")


ROUTES: list[BaseRoute] = [
    Route("/", show_current),
    Route("/meetings", show_meetings),
    Route("/meetings/new", show_new),
    Route("/meetings/new", submit_new, methods=["POST"]),
    *desk.ROUTES,
    Route("/{m}", show_home),
]
