"""The pages of the desk on which organisers send what is written to other organisations: webhooks."""

import secrets
from typing import Any

from anyio import from_thread
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.meetings.access import Ability, require
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.outside import Answer
from server.remote import webhooks
from server.remote.addresses import webhook_page, webhooks_page
from server.remote.courier import Courier, fault_of
from server.remote.models import Webhook
from server.remote.parcel import Parcel, as_text, encoded
from server.remote.standing import in_words, places_of, standings, webhook_by_id, webhooks_of
from server.remote.webhook_form import ALL, BEGINNING, NewWebhookForm, WebhookForm
from server.schedule.models import Session
from server.schedule.queries import programme_sessions, session_by_code
from server.web.language import pick
from server.web.page import Request, answer, kept_nowhere, page, see_other, show, show_again


def _meeting(request: Request, db: Database) -> Meeting:
    meeting = meeting_by_slug(db, request.path_params["m"])
    require(db, request.person, Ability.MANAGE_WEBHOOKS, meeting)
    return meeting


def _webhook(request: Request, db: Database) -> tuple[Meeting, Webhook]:
    meeting = _meeting(request, db)
    return meeting, webhook_by_id(db, meeting, request.path_params["id"])


def _new_form(request: Request, sessions: list[Session]) -> NewWebhookForm:
    offered = {one.code: f"{one.code.upper()} {pick(one.title)}" for one in sessions}
    return NewWebhookForm(request.data, sessions=offered, local=request.settings.webhooks_local)


def _list(db: Database, meeting: Meeting, sessions: list[Session]) -> dict[str, Any]:
    codes = {one.id: one.code for one in sessions}
    found = webhooks_of(db, meeting)
    return {"webhooks": found, "standings": standings(db, meeting), "codes": codes, "in_words": in_words}


@page
def show_webhooks(request: Request, db: Database) -> Response:
    """The webhooks of a meeting and how they stand, and a form for another one."""
    meeting = _meeting(request, db)
    sessions = programme_sessions(db, meeting)
    form, removed = _new_form(request, sessions), "removed" in request.query_params
    listed = _list(db, meeting, sessions)
    return show(request, "remote/webhooks.html", meeting=meeting, form=form, removed=removed, **listed)


@page
def submit_webhook(request: Request, db: Database) -> Response:
    """Makes a webhook and shows its secret. It is kept nowhere, so this answer is no redirect."""
    meeting = _meeting(request, db)
    sessions = programme_sessions(db, meeting)
    form = _new_form(request, sessions)
    if not form.validate():
        listed = _list(db, meeting, sessions)
        return show_again(request, "remote/webhooks.html", form, meeting=meeting, removed=False, **listed)
    session = session_by_code(db, meeting, form.session.data) if form.session.data != ALL else None
    webhook = webhooks.make_webhook(
        db, request.person, meeting, form.label.data or "", form.url.data or "", session,
        from_beginning=form.begin.data == BEGINNING, now=request.now,
    )  # fmt: skip
    return _show_secret(request, meeting, webhook, renewed=False)


def _show_secret(request: Request, meeting: Meeting, webhook: Webhook, *, renewed: bool) -> Response:
    secret = as_text(webhooks.secret_of(webhook, request.settings))
    if request.is_program:
        shown = answer({**_facts(webhook), "secret": secret}, 200 if renewed else 201)
    else:
        context = {"meeting": meeting, "webhook": webhook, "secret": secret, "renewed": renewed}
        shown = show(request, "remote/webhook_secret.html", status=200 if renewed else 201, **context)
    return kept_nowhere(shown)


def _facts(webhook: Webhook) -> dict[str, Any]:
    return {"id": webhook.id, "label": webhook.label, "url": webhook.url, "active": webhook.active}


def _page(request: Request, db: Database, meeting: Meeting, webhook: Webhook) -> dict[str, Any]:
    """What the page of one webhook shows besides its form."""
    session = db.get_one(Session, webhook.session_id) if webhook.session_id else None
    standing = standings(db, meeting).get(webhook.id)
    places = places_of(db, webhook)
    return {
        "meeting": meeting, "webhook": webhook, "session": session, "standing": standing, "places": places,
        "in_words": in_words, "overlap_until": webhooks.overlap_until(webhook, request.now), "tried": None, "now": request.now,
    }  # fmt: skip


@page
def show_webhook(request: Request, db: Database) -> Response:
    """One webhook: how it stands in each log, and what can be done with it."""
    meeting, webhook = _webhook(request, db)
    done = request.query_params.get("done", "")
    return show(
        request, "remote/webhook.html", form=WebhookForm(obj=webhook), done=done, **_page(request, db, meeting, webhook)
    )


@page
def submit_webhook_changed(request: Request, db: Database) -> Response:
    """Calls it otherwise, or sends it elsewhere."""
    meeting, webhook = _webhook(request, db)
    form = WebhookForm(request.data, local=request.settings.webhooks_local)
    if not form.validate():
        return show_again(request, "remote/webhook.html", form, done="", **_page(request, db, meeting, webhook))
    webhooks.change_webhook(db, webhook, form.label.data or "", form.url.data or "", request.now)
    return _back(request, meeting, webhook, "changed")


def _back(request: Request, meeting: Meeting, webhook: Webhook, done: str) -> Response:
    if request.is_program:
        return answer(_facts(webhook))
    return see_other(f"{webhook_page(meeting.slug, webhook.id)}?done={done}")


@page
def submit_webhook_paused(request: Request, db: Database) -> Response:
    """Sends it nothing until it is resumed."""
    meeting, webhook = _webhook(request, db)
    webhooks.pause(webhook)
    return _back(request, meeting, webhook, "paused")


@page
def submit_webhook_resumed(request: Request, db: Database) -> Response:
    """Sends again, beginning with what it has missed."""
    meeting, webhook = _webhook(request, db)
    webhooks.resume(db, webhook, request.now)
    return _back(request, meeting, webhook, "resumed")


@page
def submit_another_try(request: Request, db: Database) -> Response:
    """Sends what is due at once, whatever pause was kept."""
    meeting, webhook = _webhook(request, db)
    webhooks.try_again(db, webhook, request.now)
    return _back(request, meeting, webhook, "tried")


@page
def submit_new_secret(request: Request, db: Database) -> Response:
    """Makes another secret and shows it, once."""
    meeting, webhook = _webhook(request, db)
    webhooks.renew_secret(webhook, request.now)
    return _show_secret(request, meeting, webhook, renewed=True)


@page
def submit_webhook_removed(request: Request, db: Database) -> Response:
    """Takes it away."""
    meeting, webhook = _webhook(request, db)
    facts = _facts(webhook)
    webhooks.remove_webhook(db, webhook)
    return answer(facts) if request.is_program else see_other(f"{webhooks_page(meeting.slug)}?removed=1")


@page(writes=False)
def submit_trial(request: Request, db: Database) -> Response:
    """Sends a parcel that says nothing, and shows what came back."""
    meeting, webhook = _webhook(request, db)
    parcel_id = f"test:{secrets.token_hex(8)}"
    body = encoded({"type": "test", "id": parcel_id, "meeting": meeting.slug})
    keys = webhooks.signing_secrets(webhook, request.settings, request.now)
    db.close()  # an answer may take ten seconds: no connection to the database is held meanwhile
    courier: Courier = request.app.state.courier
    tried: Answer = from_thread.run(courier.try_out, Parcel(parcel_id, webhook.url, body, keys))
    said = "" if tried.is_good else in_words(fault_of(tried))
    if request.is_program:
        return answer({"delivered": tried.is_good, "status": tried.status or None, "detail": said})
    meeting, webhook = _webhook(request, db)
    context = {**_page(request, db, meeting, webhook), "tried": tried, "said": said}
    return show(request, "remote/webhook.html", form=WebhookForm(obj=webhook), done="", **context)


_LIST = "/{m}/desk/webhooks"
_ONE = f"{_LIST}/{{id:int}}"
ROUTES: list[BaseRoute] = [
    Route(_LIST, show_webhooks),
    Route(_LIST, submit_webhook, methods=["POST"]),
    Route(_ONE, show_webhook),
    Route(_ONE, submit_webhook_changed, methods=["POST"]),
    Route(f"{_ONE}/test", submit_trial, methods=["POST"]),
    Route(f"{_ONE}/retry", submit_another_try, methods=["POST"]),
    Route(f"{_ONE}/pause", submit_webhook_paused, methods=["POST"]),
    Route(f"{_ONE}/resume", submit_webhook_resumed, methods=["POST"]),
    Route(f"{_ONE}/secret", submit_new_secret, methods=["POST"]),
    Route(f"{_ONE}/remove", submit_webhook_removed, methods=["POST"]),
]
