"""The forms in which a session is planned: its facts, its people, its place, and what stands against it."""

import uuid
from typing import Any

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.models import Meeting
from server.people.actions import person_for
from server.people.models import Person
from server.problems import Conflict
from server.schedule.addresses import desk_session
from server.schedule.clashes import by_session
from server.schedule.desk import BOARD, programme_desk, said
from server.schedule.drafting import Held, held, whole_plan
from server.schedule.edits import last_edits
from server.schedule.forms import SessionForm
from server.schedule.judging import audience_of, judged
from server.schedule.people_lines import PeopleLines, PersonLine, part_names
from server.schedule.placing import add, change, next_code
from server.schedule.plan import Named, Planned
from server.web.language import gettext
from server.web.page import Request, page, see_other, show, show_again


def _lines(db: Database, planned: Planned) -> PeopleLines:
    """The people of a session as lines of the form, with the addresses of their accounts."""
    ids = [one.person for one in planned.people if one.person is not None]
    addresses: dict[int, str] = (
        dict(db.execute(select(Person.id, Person.email).where(Person.id.in_(ids))).all()) if ids else {}
    )
    return PeopleLines(
        [
            PersonLine(one.part, one.name, one.organisation, one.stakeholder_group, addresses.get(one.person or 0, ""))
            for one in planned.people
        ]
    )


def _named(db: Database, lines: PeopleLines, request: Request) -> tuple[Named, ...]:
    """The people of valid lines, in the order of parts as they were written; an address makes an account if need be."""
    return tuple(
        Named(
            one.part,
            one.name,
            one.organisation,
            one.group,
            person_for(db, one.email, request.now, name=one.name).id if one.email else None,
        )
        for one in lines.lines
    )


def _around(db: Database, meeting: Meeting, code: str | None) -> dict[str, Any]:
    """What the form's page shows beside the form."""
    plan = whole_plan(db, meeting)
    here: Held | None = plan.get(code) if code else None
    clashes = by_session(judged(db, meeting, plan)).get(code or "", [])
    return {
        "held": here,
        "clashes": [(clash, said(meeting, plan, clash, code or "")) for clash in clashes],
        "others": [one.planned for one in plan.values() if one.planned.code != code and one.planned.starts_at],
        "history": last_edits(db, meeting, limit=20, code=code) if code else [],
        "people_names": sorted({person.name for one in plan.values() for person in one.planned.people if person.name}),
        "chosen": audience_of(db, meeting).get(code or "", 0),
        "parts": part_names(),
    }


@page
def show_new(request: Request, db: Database) -> Response:
    """A form for a new session."""
    meeting = programme_desk(request, db)
    form = SessionForm(meeting=meeting, is_new=True, data={"language": "en"})
    lines = PeopleLines()
    return show(
        request, "schedule/desk/session.html", meeting=meeting, form=form, lines=lines, meanwhile=[],
        **_around(db, meeting, None),
    )  # fmt: skip


@page
def submit_new(request: Request, db: Database) -> Response:
    """Plans a new session."""
    meeting = programme_desk(request, db)
    form, lines = SessionForm(request.data, meeting=meeting, is_new=True), PeopleLines.read(request.data)
    plan = whole_plan(db, meeting)
    good = [form.validate(), lines.check()]
    if form.code.data in plan:
        form.code.errors = [*form.code.errors, gettext("Another session has this code.")]
        good.append(False)
    if not all(good):
        return _again(request, db, meeting, form, lines, None)
    facts = form.facts()
    kind = next(kind for kind in meeting.session_types if kind.key == facts["type"])
    code = form.code.data or next_code(kind.mark, plan)
    planned = Planned(code=code, uid=str(uuid.uuid4()), people=_named(db, lines, request), **facts)
    add(db, request.person, meeting, planned, request.now)
    return see_other(f"{desk_session(meeting.slug, code)}?saved=1")


@page
def show_session(request: Request, db: Database) -> Response:
    """A planned session, to change it; what stands against it; and what happened to it."""
    meeting = programme_desk(request, db)
    one = held(db, meeting, request.path_params["s"])
    form = SessionForm(meeting=meeting)
    form.fill_in(one.planned)
    form.see(one.rev)
    return show(
        request, "schedule/desk/session.html", meeting=meeting, form=form, lines=_lines(db, one.planned), meanwhile=[],
        saved="saved" in request.query_params, **_around(db, meeting, one.planned.code),
    )  # fmt: skip


@page
def submit_session(request: Request, db: Database) -> Response:
    """Plans the session otherwise. What was typed on an old state comes back, with what happened meanwhile."""
    meeting = programme_desk(request, db)
    before = held(db, meeting, request.path_params["s"]).planned
    form, lines = SessionForm(request.data, meeting=meeting), PeopleLines.read(request.data)
    form.code.data = before.code
    form.allow(before.day)
    if not all([form.validate(), lines.check()]):
        return _again(request, db, meeting, form, lines, before.code)
    facts = form.facts(before)
    planned = before.changed(**facts, people=_named(db, lines, request))
    try:
        with db.begin_nested():
            change(db, request.person, meeting, planned, form.base.data or 0, request.now)
    except Conflict as conflict:
        if request.wants_json:
            raise
        form.see(held(db, meeting, before.code).rev)  # whoever sends it again has read what happened
        return show(
            request, "schedule/desk/session.html", status=Conflict.status, meeting=meeting, form=form, lines=lines,
            meanwhile=conflict.extra.get("meanwhile", []), refused=conflict.worded(gettext),
            **_around(db, meeting, before.code),
        )  # fmt: skip
    return see_other(f"{desk_session(meeting.slug, before.code)}?saved=1")


def _again(
    request: Request, db: Database, meeting: Meeting, form: SessionForm, lines: PeopleLines, code: str | None
) -> Response:
    if not form.errors:  # the fault is in a line about somebody
        form.form_errors = [gettext("Please check the people: one of the lines has a fault.")]
    return show_again(
        request, "schedule/desk/session.html", form, meeting=meeting, lines=lines, meanwhile=[],
        **_around(db, meeting, code),
    )  # fmt: skip


ROUTES: list[BaseRoute] = [
    Route(f"{BOARD}/new", show_new),
    Route(f"{BOARD}/new", submit_new, methods=["POST"]),
    Route(f"{BOARD}/sessions/{{s}}", show_session),
    Route(f"{BOARD}/sessions/{{s}}", submit_session, methods=["POST"]),
]
