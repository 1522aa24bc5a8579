"""The pages of the desk on which organisers write reminders, see who gets what, and send them."""

from dataclasses import asdict
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.problems import Faulty
from server.registration import reminders, words
from server.registration.addresses import reminder_page, reminder_step, reminders_page
from server.registration.letters import reminder_example
from server.registration.models import Registration, Reminder
from server.registration.queries import page_asked
from server.registration.reminder_form import LATER, NOW, ReminderForm, ScheduleForm, entered
from server.web.language import LANGUAGES, language_of
from server.web.page import Request, answer, kept_nowhere, page, see_other, show, show_again

STEPS = ("schedule", "stop", "remove")


def _meeting(request: Request, db: Database) -> Meeting:
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, Ability.MANAGE_REGISTRATION, meeting)
    return meeting


def _reminder(request: Request, db: Database) -> tuple[Meeting, Reminder]:
    meeting = _meeting(request, db)
    return meeting, reminders.reminder_by_id(db, meeting, request.path_params["id"])


def _facts(reminder: Reminder) -> dict[str, Any]:
    """What a program is told of a reminder."""
    instants = {name: getattr(reminder, name) for name in ("due_at", "sent_at", "stopped_at")}
    return {
        "id": reminder.id,
        "stage": reminder.stage,
        "edition": reminders.edition_of(reminder),
        "subject": reminder.subject,
        "body": reminder.body,
        "filters": reminder.filters,
        "sent_to": reminder.sent_to,
        **{name: moment.isoformat() if moment else None for name, moment in instants.items()},
    }


@page
def show_reminders(request: Request, db: Database) -> Response:
    """The reminders of a meeting, and a form for another one.

    It begins, if one likes, with what one has (`?like=3`), or with filters of the desk's list (`?state=pending`).
    """
    meeting = _meeting(request, db)
    found = reminders.reminders_of(db, meeting)
    if request.is_program:
        return kept_nowhere(answer({"reminders": [_facts(one) for one in found]}))
    like = next((one for one in found if str(one.id) == request.query_params.get("like")), None)
    form = _form_of(like) if like else ReminderForm(request.query_params)
    removed = "removed" in request.query_params
    listed = _list(meeting, found)
    return show(request, "registration/desk_reminders.html", form=form, removed=removed, like=like, **listed)


def _form_of(reminder: Reminder) -> ReminderForm:
    return ReminderForm(FormData([*entered(reminder)]))


def _list(meeting: Meeting, found: list[Reminder]) -> dict[str, Any]:
    return {
        "meeting": meeting,
        "reminders": found,
        "here": reminders_page(meeting.slug),
        "address_of": lambda reminder: reminder_page(meeting.slug, reminder.id),
        "words": words,
    }


@page
def submit_reminder(request: Request, db: Database) -> Response:
    """Makes a draft, whose page then shows who would get what."""
    meeting = _meeting(request, db)
    form = ReminderForm(request.data)
    if not form.validate():
        listed = _list(meeting, reminders.reminders_of(db, meeting))
        return show_again(request, "registration/desk_reminders.html", form, removed=False, like=None, **listed)
    reminder = reminders.write_reminder(db, request.person, meeting, form.wording(), request.now)
    if request.is_program:
        return answer(_facts(reminder), 201)
    return see_other(f"{reminder_page(meeting.slug, reminder.id)}?done=written")


@page
def show_reminder(request: Request, db: Database) -> Response:
    """A reminder as it reads in each language, and to whom it would go now, or what became of it."""
    meeting, reminder = _reminder(request, db)
    if not request.is_program:
        return _one(request, db, meeting, reminder, done=request.query_params.get("done", ""))
    shown = _page(request, db, meeting, reminder)
    told, outcome = shown["recipients"], shown["outcome"]
    letters = {tag: {"subject": made.subject, "text": made.text} for tag, made in shown["letters"].items()}
    facts = {**_facts(reminder), "letters": letters}
    if outcome is not None:
        facts["outcome"] = asdict(outcome)
    if told is not None:
        facts |= {"count": told.total, "languages": told.languages, "page": told.page, "pages": told.pages}
        facts["recipients"] = [_recipient(reminder, one) for one in told.rows]
    return kept_nowhere(answer(facts))


def _recipient(reminder: Reminder, one: Registration) -> dict[str, str]:
    facts = {name: getattr(one, name) for name in ("reference", "name", "email", "state")}
    return {**facts, "language": language_of(reminder.body, one.language)}


def _one(request: Request, db: Database, meeting: Meeting, reminder: Reminder, **more: Any) -> Response:
    """The page of one reminder, with forms as they are or as they came back."""
    context = {
        "form": _form_of(reminder),
        "plan": ScheduleForm(meta={"zone": meeting.timezone}, when=LATER, at=reminder.due_at),
        "done": "",
        **_page(request, db, meeting, reminder),
        **more,
    }
    return kept_nowhere(show(request, "registration/desk_reminder.html", **context))


def _page(request: Request, db: Database, meeting: Meeting, reminder: Reminder) -> dict[str, Any]:
    """What is shown of one reminder: until it is sent, who would get it; then, what became of its letters."""
    open_yet = reminder.stage in reminders.CHANGEABLE
    tags = [tag for tag in LANGUAGES if tag in reminder.body]
    return {
        "meeting": meeting,
        "reminder": reminder,
        "edition": reminders.edition_of(reminder),
        "recipients": reminders.recipients(db, reminder, page_asked(request.query_params)) if open_yet else None,
        "outcome": None if open_yet else reminders.outcome(db, reminder),
        "letters": {tag: reminder_example(db, reminder, meeting, tag, request.settings) for tag in tags},
        "language_for": lambda registration: language_of(reminder.body, registration.language),
        "audience": _form_of(reminder).audience(),
        "list": reminders_page(meeting.slug),
        "own": reminder_page(meeting.slug, reminder.id),
        "steps": {name: reminder_step(meeting.slug, reminder.id, name) for name in STEPS},
        "words": words,
    }


@page
def submit_reminder_changed(request: Request, db: Database) -> Response:
    """Words it otherwise, or sends it to others."""
    meeting, reminder = _reminder(request, db)
    form = ReminderForm(request.data)
    if not form.validate():
        if request.is_program:
            form.checked()
        return _one(request, db, meeting, reminder, status=422, form=form)
    reminders.change_reminder(db, reminder, form.wording(), edition=form.edition.data or "")
    return _done(request, meeting, reminder, "changed")


@page
def submit_reminder_scheduled(request: Request, db: Database) -> Response:
    """Sends it, at once or at an instant, as it was seen."""
    meeting, reminder = _reminder(request, db)
    plan = ScheduleForm(request.data, meta={"zone": meeting.timezone})
    if plan.validate():
        at, edition = plan.at.data if plan.when.data != NOW else None, plan.edition.data or ""
        try:
            reminders.schedule(db, reminder, at, edition=edition, now=request.now)
        except Faulty as fault:
            if request.is_program:
                raise
            plan.blame(fault)
        else:
            return _done(request, meeting, reminder, "scheduled" if at else "sent")
    elif request.is_program:
        plan.checked()
    return _one(request, db, meeting, reminder, status=422, plan=plan)


@page
def submit_reminder_stopped(request: Request, db: Database) -> Response:
    """Sends it to nobody, or to nobody else."""
    meeting, reminder = _reminder(request, db)
    reminders.stop(db, reminder, request.now)
    return _done(request, meeting, reminder, "stopped")


@page
def submit_reminder_removed(request: Request, db: Database) -> Response:
    """Throws away what was not sent."""
    meeting, reminder = _reminder(request, db)
    facts = _facts(reminder)
    reminders.remove_reminder(db, reminder)
    return answer(facts) if request.is_program else see_other(f"{reminders_page(meeting.slug)}?removed=1")


def _done(request: Request, meeting: Meeting, reminder: Reminder, said: str) -> Response:
    if request.is_program:
        return answer(_facts(reminder))
    return see_other(f"{reminder_page(meeting.slug, reminder.id)}?done={said}")


_LIST = "/{m}/desk/reminders"
_ONE = f"{_LIST}/{{id:int}}"
ROUTES: list[BaseRoute] = [
    Route(_LIST, show_reminders),
    Route(_LIST, submit_reminder, methods=["POST"]),
    Route(_ONE, show_reminder),
    Route(_ONE, submit_reminder_changed, methods=["POST"]),
    Route(f"{_ONE}/schedule", submit_reminder_scheduled, methods=["POST"]),
    Route(f"{_ONE}/stop", submit_reminder_stopped, methods=["POST"]),
    Route(f"{_ONE}/remove", submit_reminder_removed, methods=["POST"]),
]
