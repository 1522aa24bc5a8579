"""The pages of a schedule of one's own: sessions chosen with or without an account, and their private calendar."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database import Database
from server.limits import Limits
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.people.addresses import local_path, sign_in_page
from server.problems import Faulty, NotFound
from server.schedule import addresses
from server.schedule.choice import chosen_zone
from server.schedule.choosing import (
    choose,
    clashes_among,
    drop,
    need_published,
    published_codes,
    renew_feed,
    revoke_feed,
)
from server.schedule.feeds import Wanted, called, private_feed
from server.schedule.filters import Filter
from server.schedule.grouping import by_day
from server.schedule.links import feed_behind, path_of
from server.schedule.models import Session
from server.schedule.queries import chosen_codes, private_feed_of, programme_sessions
from server.schedule.subscribing import feed_links
from server.web import language, visit
from server.web.language import N_
from server.web.page import Request, answer, kept_nowhere, need_person, page, see_other, show
from server.web.sending import FOR_ONE, open_page, sent


def chosen_by(request: Request, db: Database, meeting: Meeting) -> set[str]:
    """The codes of the sessions that the reader has chosen: their account, or the browser of a stranger, knows them."""
    if request.person is not None:
        return chosen_codes(db, request.person, meeting)
    return set(visit.kept(request).get(meeting.slug, ()))


@page
def show_my_schedule(request: Request, db: Database) -> Response:
    """What one has chosen, by day, and the ways to take it along."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    mine = chosen_by(request, db, meeting)
    sessions = [one for one in programme_sessions(db, meeting) if one.code in mine] if mine else []
    if request.person is None:
        visit.keep(request, visit.kept(request))  # whoever looks at it now and then does not lose it
    answered = show(
        request,
        "schedule/my_schedule.html",
        meeting=meeting,
        mine=mine,
        by_day=by_day(sessions),
        clashes=clashes_among(sessions),
        reader_zone=chosen_zone(request.query_params.get("tz")),
        now=request.now,
        shared=_shared_feed(request, meeting, sessions),
        sign_in=sign_in_page(addresses.my_schedule(meeting.slug)),
        **_private_feed(request, db, meeting),
    )
    return kept_nowhere(answered)


def _shared_feed(request: Request, meeting: Meeting, sessions: list[Session]) -> dict[str, str]:
    """The programme's feed of exactly these sessions, which is nobody's own: it stays as it is."""
    picked = Filter.parse([("code", one.code) for one in sessions])
    wanted = Wanted("ics", picked, None, language.current.get())
    name = called(meeting, language.gettext("chosen sessions"))
    return feed_links(request.settings.base_url, addresses.programme_feed(meeting.slug, "ics"), wanted.query, name) | {
        "page": f"{addresses.programme_page(meeting.slug)}?{picked.query_string()}"
    }


def _private_feed(request: Request, db: Database, meeting: Meeting) -> dict[str, Any]:
    """The private calendar, if the reader has an account; without an address it has been revoked or never been."""
    kept = private_feed_of(db, request.person, meeting) if request.person is not None else None
    path = path_of(kept, request.settings) if kept is not None else ""
    wanted = Wanted("ics", Filter(), None, language.current.get())
    name = called(meeting, language.gettext("my schedule"))
    links = feed_links(request.settings.base_url, path, wanted.query, name) if path else None
    return {"private": links, "revoked": kept is not None and kept.revoked}


@page
def submit_choice(request: Request, db: Database) -> Response:
    """Chooses sessions, or drops them, and leads back to where they stand."""
    meeting = meeting_by_slug(db, request.path_params["m"])
    chosen, dropped = ([str(code) for code in request.data.getlist(name)] for name in ("choose", "drop"))
    if not chosen and not dropped:
        raise Faulty(N_("Say which session to choose or to drop."))
    if request.person is not None:
        choose(db, request.person, meeting, chosen, request.now)
        drop(db, request.person, meeting, dropped, request.now)
    else:
        _keep_in_browser(request, db, meeting, chosen, dropped)
    if request.is_program:
        return answer({"chosen": sorted(chosen_by(request, db, meeting))})
    back = local_path(str(request.data.get("back", "")), addresses.my_schedule(meeting.slug))
    return see_other(f"{back.partition('#')[0]}#choose-{quote((chosen + dropped)[-1], safe='')}")


def _keep_in_browser(request: Request, db: Database, meeting: Meeting, chosen: list[str], dropped: list[str]) -> None:
    known = published_codes(db, meeting)
    need_published(known, chosen)
    kept = visit.kept(request)
    codes = dict.fromkeys([*kept.get(meeting.slug, ()), *chosen])
    visit.keep(request, kept | {meeting.slug: [code for code in codes if code in known and code not in dropped]})


@page
def submit_feed(request: Request, db: Database) -> Response:
    """Revokes the private calendar, or gives it another address."""
    person = need_person(request)
    meeting = meeting_by_slug(db, request.path_params["m"])
    action = request.data.get("action")
    if action == "revoke":
        revoke_feed(db, person, meeting)
    elif action == "renew":
        renew_feed(db, person, meeting, request.now)
    else:
        raise Faulty(N_("Say whether to revoke the private calendar or to renew its address."))
    if request.is_program:
        links = _private_feed(request, db, meeting)["private"]
        return answer({"address": links["https"] if links else None})
    return see_other(f"{addresses.my_schedule(meeting.slug)}#calendar")


@open_page
def show_private_feed(request: Request, db: Database) -> Response:
    """The private calendar, to whoever has its address: a calendar program cannot sign in."""
    try:
        kept = feed_behind(db, request.path_params["secret"], request.settings)
    except NotFound:
        request.limits.count(Limits.PER_GUESS, "calendar", request.address)
        raise
    wanted = Wanted.parse("ics", request.query_params.multi_items())
    made = private_feed(db, kept, wanted, request.settings.base_url, path_of(kept, request.settings))
    return sent(request, made, f"{kept.meeting.slug}-my-schedule.ics", FOR_ONE)


ROUTES: list[BaseRoute] = [
    Route("/{m}/my-schedule", show_my_schedule),
    Route("/{m}/my-schedule", submit_choice, methods=["POST"]),
    Route("/{m}/my-schedule/feed", submit_feed, methods=["POST"]),
    Route("/calendar/{secret}.ics", show_private_feed),
]
