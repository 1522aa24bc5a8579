"""The pages on clashes: what stands against the plan, how strict the rules are, and hours in which something cannot be."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.models import Meeting
from server.problems import NotFound
from server.schedule.addresses import desk_step
from server.schedule.clash_words import RULE_NAMES, SEVERITY_NAMES
from server.schedule.clashes import Clash
from server.schedule.desk import BOARD, programme_desk, said
from server.schedule.drafting import whole_plan
from server.schedule.forms import HoursForm, WaiverForm, rules_entered, rules_form
from server.schedule.judging import judged, rules_of
from server.schedule.ruling import (
    absences_of,
    close_room,
    closures_of,
    forget_hours,
    note_absence,
    set_rules,
    take_waiver_back,
    waive,
)
from server.web.language import N_
from server.web.page import Request, page, see_other, show, show_again


def _clashes(db: Database, meeting: Meeting) -> dict[str, Any]:
    plan = whole_plan(db, meeting)
    found = judged(db, meeting, plan)

    def sides(clash: Clash) -> list[Any]:
        return [plan[code].planned for code in clash.sides]

    order = sorted(found, key=lambda clash: (clash.waived is not None, not clash.blocks))
    return {
        "found": [(clash, said(meeting, plan, clash, clash.code), sides(clash)) for clash in order],
        "blocking": sum(clash.blocks for clash in found),
        "open": sum(clash.waived is None for clash in found),
        "rule_names": RULE_NAMES,
        "severity_names": SEVERITY_NAMES,
    }


@page
def show_clashes(request: Request, db: Database) -> Response:
    """Every clash, each with a link to mend it and a form to waive it."""
    meeting = programme_desk(request, db)
    return show(request, "schedule/desk/clashes.html", meeting=meeting, form=WaiverForm(), **_clashes(db, meeting))


@page
def submit_waiver(request: Request, db: Database) -> Response:
    """Waives a clash with a reason."""
    meeting = programme_desk(request, db)
    form = WaiverForm(request.data)
    if not form.validate():
        return show_again(
            request, "schedule/desk/clashes.html", form, meeting=meeting, **_clashes(db, meeting)
        )  # fmt: skip
    waive(db, request.person, meeting, form.case.data or "", form.reason.data or "", request.now)
    return see_other(desk_step(meeting.slug, "clashes"))


@page
def submit_waiver_back(request: Request, db: Database) -> Response:
    """Lets a clash count again."""
    meeting = programme_desk(request, db)
    take_waiver_back(db, meeting, str(request.data.get("case") or ""))
    return see_other(desk_step(meeting.slug, "clashes"))


@page
def show_rules(request: Request, db: Database) -> Response:
    """How strict each rule is."""
    meeting = programme_desk(request, db)
    form = rules_form(rules_of(db, meeting))
    saved = "saved" in request.query_params
    return show(request, "schedule/desk/rules.html", meeting=meeting, form=form, rule_names=RULE_NAMES, saved=saved)


@page
def submit_rules(request: Request, db: Database) -> Response:
    """Changes how strict they are."""
    meeting = programme_desk(request, db)
    form = rules_form(rules_of(db, meeting), request.data)
    if not form.validate():
        return show_again(
            request, "schedule/desk/rules.html", form, meeting=meeting, rule_names=RULE_NAMES, saved=False
        )  # fmt: skip
    set_rules(db, meeting, rules_entered(form))
    return see_other(f"{desk_step(meeting.slug, 'rules')}?saved=1")


def _hours(db: Database, meeting: Meeting) -> dict[str, Any]:
    names = {one.name for held in whole_plan(db, meeting).values() for one in held.planned.people if one.name}
    return {
        "closures": closures_of(db, meeting),
        "absences": absences_of(db, meeting),
        "people_names": sorted(names),
        "closure_form": HoursForm(meeting=meeting, of_person=False, prefix="closure-"),
        "absence_form": HoursForm(meeting=meeting, of_person=True, prefix="absence-"),
    }


@page
def show_hours(request: Request, db: Database) -> Response:
    """Closed hours of rooms and times when people cannot come, with forms for more."""
    meeting = programme_desk(request, db)
    saved = "saved" in request.query_params
    return show(request, "schedule/desk/hours.html", meeting=meeting, form=None, saved=saved, **_hours(db, meeting))


@page
def submit_hours(request: Request, db: Database) -> Response:
    """Adds closed hours of a room, or hours in which somebody cannot come."""
    meeting, kind = programme_desk(request, db), _kind(request)
    of_person = kind == "absences"
    which = "absence" if of_person else "closure"
    form = HoursForm(request.data, meeting=meeting, of_person=of_person, prefix=f"{which}-")
    if not form.validate():
        shown = {**_hours(db, meeting), f"{which}_form": form}
        return show_again(request, "schedule/desk/hours.html", form, meeting=meeting, saved=False, **shown)
    starts_at, ends_at = form.stretch()
    if of_person:
        note_absence(db, meeting, form.name.data or "", starts_at, ends_at, form.reason.data or "")
    else:
        room_id = int(form.what.data) if form.what.data else None
        close_room(db, meeting, room_id, starts_at, ends_at, form.reason.data or "")
    return see_other(f"{desk_step(meeting.slug, 'hours')}?saved=1")


def _kind(request: Request) -> str:
    kind: str = request.path_params["kind"]
    if kind not in ("closures", "absences"):
        raise NotFound(N_("There is no page at this address."))
    return kind


@page
def submit_hours_removed(request: Request, db: Database) -> Response:
    """Takes a closure or an absence away."""
    meeting = programme_desk(request, db)
    forget_hours(db, meeting, _kind(request), request.path_params["id"])
    return see_other(f"{desk_step(meeting.slug, 'hours')}?saved=1")


ROUTES: list[BaseRoute] = [
    Route(f"{BOARD}/clashes", show_clashes),
    Route(f"{BOARD}/clashes/waive", submit_waiver, methods=["POST"]),
    Route(f"{BOARD}/clashes/count", submit_waiver_back, methods=["POST"]),
    Route(f"{BOARD}/rules", show_rules),
    Route(f"{BOARD}/rules", submit_rules, methods=["POST"]),
    Route(f"{BOARD}/hours", show_hours),
    Route(f"{BOARD}/hours/{{kind}}", submit_hours, methods=["POST"]),
    Route(f"{BOARD}/hours/{{kind}}/{{id:int}}/remove", submit_hours_removed, methods=["POST"]),
]
