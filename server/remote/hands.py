"""Whose hands are on a summary: who may write it, who else is at it, and the organisers' lock (contract, section 6)."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, may, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.people.models import Person
from server.problems import NotAllowed
from server.remote import actions, addresses
from server.remote.company import LOOKS_ON, be_gone, be_there, company_of
from server.remote.forms import HereForm, LockForm
from server.remote.queries import may_write, summary_of
from server.schedule.models import Session
from server.schedule.queries import session_by_code
from server.web.language import N_
from server.web.page import Request, answer, need_person, page, see_other
from server.web.watch import be_quiet


def writer_of(request: Request, db: Database) -> tuple[Meeting, Session, Person]:
    """Where, and the person who may write there; raises NotSignedIn or NotAllowed."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    session = session_by_code(db, meeting, request.path_params["s"])
    person: Person = need_person(request)
    if not may_write(db, person, session, meeting):
        raise NotAllowed(N_("The summary of this session is written by its rapporteur, its chair and the organisers."))
    return meeting, session, person


def back(request: Request, meeting: Meeting, session: Session, facts: dict[str, Any]) -> Response:
    """Programs get the facts; a browser goes back to where it writes, and to the paragraph changed."""
    if request.is_program:
        return answer(facts)
    place = f"#{facts['id']}" if "id" in facts else ""
    return see_other(addresses.writing_page(meeting.slug, session.code) + place)


def hands_on(request: Request, db: Database, session: Session, tab: str = "") -> dict[str, Any]:
    """Who else is there, and who may write at present: what every page of a writer says."""
    summary = summary_of(db, session)
    locks = may(db, request.person, Ability.LOCK_SUMMARY, session.meeting)
    return {
        "summary": summary,
        "company": company_of(db, request.person, session, tab, now=request.now),
        "hears": request.app.state.hub.hears,
        "locks": locks,
        "locked_out": bool(summary.locked_by) and not locks,
    }


@page
def submit_here(request: Request, db: Database) -> Response:
    """An open page says that it is there, and hears who else is."""
    be_quiet(request.scope)
    _, session, person = writer_of(request, db)
    form = HereForm(request.data)
    form.checked()
    tab = str(form.tab.data)
    if form.gone.data:
        be_gone(db, person, session, tab)
    else:
        number = LOOKS_ON if form.number.data is None else form.number.data
        be_there(db, person, session, tab, number, now=request.now)
    there = hands_on(request, db, session, tab)
    others = [one.facts() for one in there["company"]]
    return answer({"others": others, "locked_by": there["summary"].locked_by, "locked_out": there["locked_out"]})


@page
def submit_lock(request: Request, db: Database) -> Response:
    """Let only organisers write, or everybody again."""
    meeting, session, person = writer_of(request, db)
    require(db, person, Ability.LOCK_SUMMARY, meeting)
    form = LockForm(request.data)
    form.checked()
    return back(request, meeting, session, {"locked_by": actions.lock_summary(db, person, session, locked=form.locks)})


ROUTES: list[BaseRoute] = [
    Route("/{m}/sessions/{s}/live/lock", submit_lock, methods=["POST"]),
    Route("/{m}/desk/sessions/{s}/summary/here", submit_here, methods=["POST"]),
]
