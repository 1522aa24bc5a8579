"""The board on which the programme is edited, each step of it, and the list of the last changes."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server import clock
from server.database import Database
from server.meetings.access import Ability, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.people.models import Person
from server.problems import Faulty
from server.schedule.addresses import desk_board, desk_session, desk_step
from server.schedule.board import board_of, cards_of
from server.schedule.clash_words import worded
from server.schedule.clashes import Clash, by_session
from server.schedule.drafting import Held, held, undo, whole_plan
from server.schedule.edits import EDIT_KINDS, last_edits
from server.schedule.facts import ends_of, usual_minutes
from server.schedule.forms import PlaceForm
from server.schedule.judging import audience_of, judged
from server.schedule.models import Edit, Programme, Status
from server.schedule.placing import park, place, remove, repeat, set_status, swap
from server.web.language import N_, gettext, pick
from server.web.page import Endpoint, Request, answer, page, see_other, show

#: Clashes of a session that its card on the board tells; its page tells them all.
TOLD = 5


def programme_desk(request: Request, db: Database) -> Meeting:
    """The meeting of a request by somebody who may change its programme; raises NotSignedIn, NotAllowed, NotFound."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, Ability.MANAGE_PROGRAMME, meeting)
    return meeting


def said(meeting: Meeting, plan: dict[str, Held], clash: Clash, code: str) -> str:
    """A clash in a sentence, as seen from one of its sessions."""

    def names(what: str, key: str) -> str:
        if what == "session":
            return f"{key.upper()} {pick(plan[key].planned.title)}" if key in plan else key.upper()
        parts: Sequence[Any] = meeting.rooms if what == "room" else meeting.tracks
        return next((pick(part.name) for part in parts if part.key == key), key)

    return worded(clash, code, names)


def _chosen_day(request: Request, meeting: Meeting) -> date:
    asked = request.query_params.get("day", "")
    today = clock.local(request.now, meeting.timezone).date()
    days = meeting.all_days
    return next((one for one in days if one.isoformat() == asked), today if today in days else days[0])


@page
def show_board(request: Request, db: Database) -> Response:
    """A day of the draft, what is parked, and what stands against it."""
    meeting = programme_desk(request, db)
    plan = whole_plan(db, meeting)
    clashes = judged(db, meeting, plan)
    ends = ends_of((one.planned for one in plan.values()), usual_minutes(meeting))
    cards = cards_of(meeting, plan, ends, by_session(clashes))
    programme = db.get(Programme, meeting.id)
    return show(
        request,
        "schedule/desk/board.html",
        meeting=meeting,
        board=board_of(meeting, _chosen_day(request, meeting), cards),
        cards=cards,
        pending=[card for card in cards if card.held.pending],
        blocking=[clash for clash in clashes if clash.blocks],
        clashes=[clash for clash in clashes if clash.waived is None],
        audience=audience_of(db, meeting),
        edits=programme.edits if programme else 0,
        last=last_edits(db, meeting, limit=1)[:1],
        version=programme.version if programme else 0,
        told=lambda card: [said(meeting, plan, clash, card.held.planned.code) for clash in card.clashes[:TOLD]],
        done=request.query_params.get("done", ""),
    )


@page
def show_state(request: Request, db: Database) -> Response:
    """How far the draft has got, for open boards: the number of the last edit, and what came after a number."""
    meeting = programme_desk(request, db)
    after = request.query_params.get("after", "")
    programme = db.get(Programme, meeting.id)
    number = programme.edits if programme else 0
    since = int(after) if after.isascii() and after.isdecimal() and len(after) < 10 else number
    told = last_edits(db, meeting, after=since) if since < number else []
    return answer({"edits": number, "meanwhile": [one.as_json() for one in reversed(told)]})


def _base(request: Request, name: str = "base") -> int:
    given = str(request.data.get(name) or "0")
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise Faulty(N_("Please check the fields named below."), errors={name: gettext(N_("A number is expected."))})
    return int(given)


def _done(request: Request, db: Database, meeting: Meeting, code: str, made: Edit | None) -> Response:
    """After an edit: to the board, at the session; a program learns the edit and how the session now stands."""
    if request.wants_json:
        plan = whole_plan(db, meeting)
        clashes = by_session(judged(db, meeting, plan)).get(code, [])
        facts = plan[code].planned.to_json() if code in plan else None
        return answer(
            {
                "edit": made.number if made else None,
                "rev": plan[code].rev if code in plan else None,
                "session": facts,
                "clashes": [
                    {
                        "rule": one.rule,
                        "severity": one.severity,
                        "waived": one.waived,
                        "says": said(meeting, plan, one, code),
                    }
                    for one in clashes
                ],
            }
        )
    day = str(request.data.get("back") or "")
    back = day if day in {one.isoformat() for one in meeting.all_days} else ""
    number = f"{'&' if back else '?'}done={made.number}" if made else ""
    return see_other(f"{desk_board(meeting.slug, back)}{number}#s-{code}")


@page
def submit_place(request: Request, db: Database) -> Response:
    """Places a session in a room, at a time, for a length: dropped, stretched, or entered."""
    meeting = programme_desk(request, db)
    code = request.path_params["s"]
    before = held(db, meeting, code).planned
    form = PlaceForm(request.data, meeting=meeting)
    form.allow(before.day)
    form.checked()
    entered = form.place()
    if "minutes" not in request.data:
        entered["minutes"] = before.minutes
    made = place(db, request.person, meeting, code, **entered, base=_base(request), now=request.now)
    return _done(request, db, meeting, code, made)


Step = Callable[[Database, Person, Meeting, str, int, datetime], Edit | None]


def _stepping(step: Step) -> Endpoint:
    """An endpoint for a step with one session that needs nothing but how it was seen."""

    @page
    def submit_step(request: Request, db: Database) -> Response:
        meeting = programme_desk(request, db)
        code = request.path_params["s"]
        made = step(db, request.person, meeting, code, _base(request), request.now)
        return _done(request, db, meeting, code, made)

    return submit_step


def _cancel(db: Database, person: Person, meeting: Meeting, code: str, base: int, now: datetime) -> Edit | None:
    return set_status(db, person, meeting, code, Status.CANCELLED, base, now)


def _uncancel(db: Database, person: Person, meeting: Meeting, code: str, base: int, now: datetime) -> Edit | None:
    return set_status(db, person, meeting, code, Status.CONFIRMED, base, now)


STEPS: dict[str, Step] = {"park": park, "cancel": _cancel, "uncancel": _uncancel, "remove": remove}


@page
def submit_repeat(request: Request, db: Database) -> Response:
    """Plans to hold a session once more, and shows the new one to be placed."""
    meeting = programme_desk(request, db)
    again = repeat(db, request.person, meeting, request.path_params["s"], request.now)
    if request.wants_json:
        return _done(request, db, meeting, again, None)
    return see_other(desk_session(meeting.slug, again))


@page
def submit_swap(request: Request, db: Database) -> Response:
    """Lets two sessions have each other's place."""
    meeting = programme_desk(request, db)
    one, other = (str(request.data.get(name) or "") for name in ("one", "other"))
    bases = {one: _base(request, "one_base")}
    # the plain form cannot know how the other session stood when the page was made: the person chose it by its name
    bases[other] = _base(request, "other_base") if "other_base" in request.data else held(db, meeting, other).rev
    made = swap(db, request.person, meeting, bases, request.now)
    return _done(request, db, meeting, one, made)


@page
def show_edits(request: Request, db: Database) -> Response:
    """The last changes of the draft, each with a button to take it back."""
    meeting = programme_desk(request, db)
    return show(
        request, "schedule/desk/edits.html", meeting=meeting, edits=last_edits(db, meeting), kinds=EDIT_KINDS,
        taken="taken" in request.query_params,
    )  # fmt: skip


@page
def submit_undo(request: Request, db: Database) -> Response:
    """Takes a change back."""
    meeting = programme_desk(request, db)
    made = undo(db, request.person, meeting, _base(request, "number"), request.now)
    code = next(iter(made.after))
    if request.wants_json or request.data.get("back"):
        return _done(request, db, meeting, code, made)
    return see_other(f"{desk_step(meeting.slug, 'edits')}?taken=1")


BOARD = "/{m}/desk/programme"
ROUTES: list[BaseRoute] = [
    Route(BOARD, show_board),
    Route(f"{BOARD}/state", show_state),
    Route(f"{BOARD}/edits", show_edits),
    Route(f"{BOARD}/undo", submit_undo, methods=["POST"]),
    Route(f"{BOARD}/swap", submit_swap, methods=["POST"]),
    Route(f"{BOARD}/sessions/{{s}}/place", submit_place, methods=["POST"]),
    Route(f"{BOARD}/sessions/{{s}}/repeat", submit_repeat, methods=["POST"]),
    *(Route(f"{BOARD}/sessions/{{s}}/{name}", _stepping(step), methods=["POST"]) for name, step in STEPS.items()),
]
