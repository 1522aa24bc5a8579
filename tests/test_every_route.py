"""Who may use which address: every route with every role, and a role at one meeting at another."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import httpx2
import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from server import clock
from server.app import routes
from server.meetings.access import ROLES, Ability
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.outputs.actions import prepare_correction, publish, sign_off, start_review
from server.people.actions import invite, make_token, person_for
from server.registration.links import confirming_link, secret_of
from server.registration.models import Answer, AnswerFile, Question
from server.registration.reminders import Wording, write_reminder
from server.remote.actions import append_paragraph, set_status
from server.remote.models import SummaryStatus
from server.remote.webhooks import make_webhook
from server.schedule.actions import private_feed_for
from server.schedule.actions import publish as publish_programme
from server.schedule.links import path_of
from server.schedule.models import Part
from tests.makers import make_meeting, make_registration, make_session
from tests.remote.follower import Follower
from tests.world import World

#: Who asks. The chair is named in the programme; another chair has the role and chairs another session. The program
#: holds a token of an organiser; the neighbour is the organiser of another meeting.
ACTORS = (
    "stranger", "participant", "organiser", "chair", "another chair", "rapporteur", "moderator", "desk", "program",
    "neighbour",
)  # fmt: skip

ALL = frozenset(ACTORS)
PEOPLE = ALL - {"stranger"}
#: With a token that got lost nobody should be able to make lasting ones.
BROWSERS = PEOPLE - {"program"}
ORGANISERS = frozenset({"organiser", "program"})
ANY_ORGANISERS = ORGANISERS | {"neighbour"}
TEAM = ORGANISERS | {"chair", "another chair", "rapporteur", "moderator", "desk"}
REGISTRARS = ORGANISERS | {"desk"}
EDITORS = ORGANISERS
WRITERS = ORGANISERS | {"chair", "rapporteur"}
SIGNERS = ORGANISERS | {"chair"}

LIVE = "/{m}/sessions/{s}/live"
REVIEW = "/{m}/desk/outputs/{slug}"
ENTRY = "/{m}/desk/registrations/{reference}"
OWN = "/registration/{secret}"
QUESTIONS = "/{m}/desk/registration/questions"
HOOK = "/{m}/desk/webhooks/{id}"
REMINDER = "/{m}/desk/reminders/{id}"
BOARD = "/{m}/desk/programme"
#: Who may use each address. A new address must be added here, with those whom it is for.
MAY: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/"): ALL,
    ("GET", "/{path}/"): ALL,
    ("POST", "/{path}/"): ALL,
    ("GET", "/static/{path}"): ALL,
    ("GET", "/healthz"): ALL,
    ("GET", "/readyz"): ALL,
    ("GET", "/metrics"): ALL,  # of this machine: tests/web/test_health.py says who else
    ("GET", "/asyncapi.json"): ALL,
    ("GET", "/sign-in"): ALL,
    ("POST", "/sign-in"): ALL,
    ("GET", "/sign-in/{secret}"): ALL,
    ("POST", "/sign-in/{secret}"): ALL,
    ("GET", "/sign-out"): ALL,
    ("POST", "/sign-out"): ALL,
    ("GET", "/account"): PEOPLE,
    ("POST", "/account"): PEOPLE,
    ("GET", "/account/tokens"): ALL,  # only leads to the account page
    ("POST", "/account/tokens"): BROWSERS,
    ("POST", "/account/tokens/{id}/revoke"): BROWSERS,
    ("POST", "/account/end-other-visits"): BROWSERS,
    ("GET", "/account/data.json"): PEOPLE,
    ("GET", "/account/erase"): BROWSERS,
    ("POST", "/account/erase"): BROWSERS,
    ("GET", "/account/erased"): ALL,
    ("GET", "/meetings"): ALL,
    ("GET", "/meetings/new"): ANY_ORGANISERS,
    ("POST", "/meetings/new"): ANY_ORGANISERS,
    ("GET", "/{m}"): ALL,
    ("GET", "/{m}/live"): ALL,
    ("GET", "/{m}/schedule"): ALL,
    ("GET", "/{m}/schedule/booklet"): ALL,
    ("GET", "/{m}/schedule.{form}"): ALL,
    ("GET", "/{m}/my-schedule"): ALL,
    ("POST", "/{m}/my-schedule"): ALL,
    ("POST", "/{m}/my-schedule/feed"): PEOPLE,
    ("GET", "/calendar/{secret}.ics"): ALL,
    ("GET", "/{m}/sessions/{s}"): ALL,
    ("GET", "/{m}/sessions/{s}.ics"): ALL,
    ("GET", "/{m}/sessions/{s}.json"): ALL,
    ("GET", "/{m}/sessions.json"): ALL,
    ("GET", "/openapi.json"): ALL,
    ("GET", LIVE): ALL,
    ("GET", f"{LIVE}.txt"): ALL,
    ("GET", f"{LIVE}.json"): ALL,
    ("GET", f"{LIVE}/events"): ALL,
    ("GET", f"{LIVE}/screen"): ALL,
    ("GET", f"{LIVE}/embed"): ALL,
    ("WEBSOCKET", f"{LIVE}/ws"): ALL,
    ("POST", f"{LIVE}/paragraphs"): WRITERS,
    ("POST", f"{LIVE}/paragraphs/{{p}}"): WRITERS,
    ("POST", f"{LIVE}/paragraphs/{{p}}/retract"): WRITERS,
    ("POST", f"{LIVE}/paragraphs/{{p}}/restore"): WRITERS,
    ("POST", f"{LIVE}/paragraphs/{{p}}/move"): WRITERS,
    ("POST", f"{LIVE}/paragraphs/{{p}}/translations/{{lang}}"): WRITERS,
    ("POST", f"{LIVE}/lock"): ORGANISERS,
    ("POST", f"{LIVE}/status"): WRITERS,
    ("GET", "/{m}/outputs"): ALL,
    ("GET", "/{m}/outputs/{slug}"): ALL,
    ("GET", "/{m}/outputs/{slug}.{form}"): ALL,
    ("GET", "/{m}/outputs/{slug}/v{number}"): ALL,
    ("GET", "/{m}/outputs/{slug}/v{number}.{form}"): ALL,
    ("GET", "/{m}/register"): ALL,
    ("POST", "/{m}/register"): ALL,
    ("GET", "/{m}/registered"): ALL,
    ("GET", "/{m}/participants"): ALL,
    ("GET", "/{m}/statistics"): ALL,
    ("GET", "/{m}/statistics.csv"): ALL,
    ("GET", "/{m}/desk/statistics"): REGISTRARS,
    ("GET", OWN): ALL,  # whoever has the link
    ("GET", f"{OWN}/change"): ALL,
    ("POST", f"{OWN}/change"): ALL,
    ("POST", f"{OWN}/attendance"): ALL,
    ("POST", f"{OWN}/accept"): ALL,
    ("POST", f"{OWN}/withdraw"): ALL,
    ("GET", f"{OWN}/address"): ALL,
    ("POST", f"{OWN}/address"): ALL,
    ("GET", "/registration/address/{secret}"): ALL,
    ("POST", "/registration/address/{secret}"): ALL,
    ("GET", "/{m}/registration"): PEOPLE,
    ("POST", f"{OWN}/return"): ALL,
    ("POST", f"{OWN}/new-link"): ALL,
    ("GET", f"{OWN}/data.json"): ALL,
    ("GET", f"{OWN}/erase"): ALL,
    ("GET", "/{m}/erased"): ALL,
    ("GET", f"{ENTRY}/erase"): REGISTRARS,
    ("GET", "/{m}/desk"): TEAM,
    ("GET", "/{m}/desk/summaries"): TEAM,
    ("GET", "/{m}/desk/sessions/{s}/summary"): WRITERS,
    ("GET", "/{m}/desk/sessions/{s}/summary/{p}"): WRITERS,
    ("GET", "/{m}/desk/sessions/{s}/summary/{p}/translations"): WRITERS,
    ("GET", "/{m}/desk/sessions/{s}/summary/{p}/history"): WRITERS,
    ("POST", "/{m}/desk/sessions/{s}/summary/here"): WRITERS,
    ("GET", "/{m}/desk/outputs"): TEAM,
    ("GET", REVIEW): WRITERS,
    ("POST", REVIEW): WRITERS,
    ("POST", f"{REVIEW}/review"): WRITERS,
    ("POST", f"{REVIEW}/refresh"): WRITERS,
    ("POST", f"{REVIEW}/correction"): WRITERS,
    ("POST", f"{REVIEW}/discard"): WRITERS,
    ("POST", f"{REVIEW}/sign-off"): SIGNERS,
    ("POST", f"{REVIEW}/publish"): ORGANISERS,
    ("GET", "/{m}/desk/registrations"): REGISTRARS,
    ("GET", "/{m}/desk/registrations.csv"): REGISTRARS,
    ("GET", "/{m}/desk/registrations.xlsx"): REGISTRARS,
    ("GET", "/{m}/desk/registrations/bulk"): REGISTRARS,
    ("POST", "/{m}/desk/registrations/bulk"): REGISTRARS,
    ("GET", ENTRY): REGISTRARS,
    ("GET", f"{ENTRY}/change"): REGISTRARS,
    ("POST", f"{ENTRY}/change"): REGISTRARS,
    ("POST", f"{ENTRY}/line"): REGISTRARS,
    ("POST", f"{ENTRY}/{{step}}"): REGISTRARS,
    ("GET", f"{OWN}/files/{{id}}"): ALL,
    ("GET", f"{ENTRY}/files/{{id}}"): REGISTRARS,
    ("GET", QUESTIONS): ORGANISERS,
    ("POST", QUESTIONS): ORGANISERS,
    ("GET", f"{QUESTIONS}/{{id}}"): ORGANISERS,
    ("POST", f"{QUESTIONS}/{{id}}"): ORGANISERS,
    ("POST", f"{QUESTIONS}/{{id}}/remove"): ORGANISERS,
    ("GET", "/{m}/desk/registration"): ORGANISERS,
    ("POST", "/{m}/desk/registration"): ORGANISERS,
    ("GET", "/{m}/desk/meeting"): ORGANISERS,
    ("POST", "/{m}/desk/meeting"): ORGANISERS,
    ("GET", "/{m}/desk/roles"): ORGANISERS,
    ("POST", "/{m}/desk/roles"): ORGANISERS,
    ("POST", "/{m}/desk/roles/take"): ORGANISERS,
    ("GET", "/{m}/desk/webhooks"): ORGANISERS,
    ("POST", "/{m}/desk/webhooks"): ORGANISERS,
    ("GET", HOOK): ORGANISERS,
    ("POST", HOOK): ORGANISERS,
    ("POST", f"{HOOK}/test"): ORGANISERS,
    ("POST", f"{HOOK}/retry"): ORGANISERS,
    ("POST", f"{HOOK}/pause"): ORGANISERS,
    ("POST", f"{HOOK}/resume"): ORGANISERS,
    ("POST", f"{HOOK}/secret"): ORGANISERS,
    ("POST", f"{HOOK}/remove"): ORGANISERS,
    ("GET", "/{m}/desk/reminders"): ORGANISERS,
    ("POST", "/{m}/desk/reminders"): ORGANISERS,
    ("GET", REMINDER): ORGANISERS,
    ("POST", REMINDER): ORGANISERS,
    ("POST", f"{REMINDER}/schedule"): ORGANISERS,
    ("POST", f"{REMINDER}/stop"): ORGANISERS,
    ("POST", f"{REMINDER}/remove"): ORGANISERS,
    ("GET", BOARD): EDITORS,
    ("GET", f"{BOARD}/state"): EDITORS,
    ("GET", f"{BOARD}/edits"): EDITORS,
    ("POST", f"{BOARD}/undo"): EDITORS,
    ("POST", f"{BOARD}/swap"): EDITORS,
    ("GET", f"{BOARD}/new"): EDITORS,
    ("POST", f"{BOARD}/new"): EDITORS,
    ("GET", f"{BOARD}/sessions/{{s}}"): EDITORS,
    ("POST", f"{BOARD}/sessions/{{s}}"): EDITORS,
    ("POST", f"{BOARD}/sessions/{{s}}/place"): EDITORS,
    ("POST", f"{BOARD}/sessions/{{s}}/park"): EDITORS,
    ("POST", f"{BOARD}/sessions/{{s}}/cancel"): EDITORS,
    ("POST", f"{BOARD}/sessions/{{s}}/uncancel"): EDITORS,
    ("POST", f"{BOARD}/sessions/{{s}}/repeat"): EDITORS,
    ("POST", f"{BOARD}/sessions/{{s}}/remove"): EDITORS,
    ("GET", f"{BOARD}/clashes"): EDITORS,
    ("POST", f"{BOARD}/clashes/waive"): EDITORS,
    ("POST", f"{BOARD}/clashes/count"): EDITORS,
    ("GET", f"{BOARD}/rules"): EDITORS,
    ("POST", f"{BOARD}/rules"): EDITORS,
    ("GET", f"{BOARD}/hours"): EDITORS,
    ("POST", f"{BOARD}/hours/{{kind}}"): EDITORS,
    ("POST", f"{BOARD}/hours/{{kind}}/{{id}}/remove"): EDITORS,
    ("GET", f"{BOARD}/publish"): EDITORS,
    ("POST", f"{BOARD}/publish"): EDITORS,
    ("GET", f"{BOARD}/file"): EDITORS,
    ("POST", f"{BOARD}/file"): EDITORS,
    ("POST", f"{BOARD}/file/take"): EDITORS,
    ("POST", f"{BOARD}/file/discard"): EDITORS,
    ("GET", f"{BOARD}/sessions.{{form}}"): EDITORS,
    ("GET", "/{m}/schedule/changes"): ALL,
    ("GET", "/{m}/schedule/v/{number}"): ALL,
    ("GET", "/{m}/desk/{kind}"): ORGANISERS,
    ("POST", "/{m}/desk/{kind}"): ORGANISERS,
    ("GET", "/{m}/desk/{kind}/{id}"): ORGANISERS,
    ("POST", "/{m}/desk/{kind}/{id}"): ORGANISERS,
    ("POST", "/{m}/desk/{kind}/{id}/remove"): ORGANISERS,
    # Afterwards there is no registration any more, so these two come after all that need one.
    ("POST", f"{ENTRY}/erase"): REGISTRARS,
    ("POST", f"{OWN}/erase"): ALL,
}
#: These end or change the very visit that asks, so they come last.
LAST = [
    ("POST", "/account/end-other-visits"), ("POST", "/account/erase"), ("POST", "/sign-out"), ("POST", "/sign-in/{secret}"),
]  # fmt: skip


def served() -> Iterator[tuple[str, str]]:
    """Every method and address that the server takes."""
    for route in routes():
        yield from _of(route)


def _of(route: BaseRoute) -> Iterator[tuple[str, str]]:
    if isinstance(route, WebSocketRoute):
        yield "WEBSOCKET", route.path_format
    elif isinstance(route, Mount):
        yield "GET", route.path_format
    else:
        assert isinstance(route, Route)
        yield from ((method, route.path_format) for method in sorted((route.methods or set()) - {"HEAD"}))


def test_every_address_says_who_may_use_it() -> None:
    assert sorted(MAY) == sorted(served())


def test_the_groups_are_those_of_the_roles_table() -> None:
    """The page on roles (docs/access.md) is compared with the same table elsewhere."""

    def who(*abilities: Ability) -> set[str]:
        return {role.value for role in Role if ROLES[role] & set(abilities)} | {"program"}

    assert who(Ability.SEE_DESK) | {"another chair"} == TEAM
    assert who(Ability.MANAGE_MEETING) == who(Ability.PUBLISH_OUTPUTS) == who(Ability.MANAGE_WEBHOOKS) == ORGANISERS
    assert who(Ability.LOCK_SUMMARY) == who(Ability.MANAGE_REGISTRATION) == ORGANISERS
    assert who(Ability.MANAGE_PROGRAMME) == EDITORS
    assert who(Ability.SEE_REGISTRATIONS) == who(Ability.CHANGE_REGISTRATIONS) == REGISTRARS
    assert who(Ability.WRITE_ANY_SUMMARY, Ability.WRITE_OWN_SUMMARY) == WRITERS
    assert who(Ability.EDIT_OUTPUTS, Ability.SIGN_OFF_OWN) == WRITERS
    assert who(Ability.SIGN_OFF_OWN, Ability.SIGN_OFF_FOR_CHAIR) == SIGNERS


class Town:
    """A meeting in which there is one of everything, and another meeting beside it."""

    def __init__(self, plenary: World) -> None:
        self.plenary = plenary
        now = clock.now()
        with plenary.store.writing() as db:
            meeting = make_meeting(db)
            make_meeting(db, "igf2015")
            people = {
                name: person_for(db, f"{name.replace(' ', '-')}@example.org", now, name=name.title()) for name in ACTORS
            }
            for name in ("organiser", "chair", "rapporteur", "moderator", "desk"):
                grant_role(db, people[name], Role(name), meeting)
            grant_role(db, people["program"], Role.ORGANISER, meeting)
            grant_role(db, people["another chair"], Role.CHAIR, meeting)
            session = make_session(db, meeting, people=[(Part.CHAIR, "Chair"), (Part.RAPPORTEUR, "Rapporteur")])
            session.people[0].person_id = people["chair"].id
            other = make_session(db, meeting, "ws113", people=[(Part.CHAIR, "Another Chair")])
            other.people[0].person_id = people["another chair"].id
            publish_programme(db, meeting, now)
            append_paragraph(db, people["rapporteur"], session, "What was said.", "en", now=now)
            set_status(db, people["rapporteur"], session, SummaryStatus.CLOSED, now=now)
            output = start_review(db, people["rapporteur"], session, now=now)
            edition = output.versions[0].mark
            sign_off(db, people["chair"], output, edition=edition, name="Chair", for_chair=False, now=now)
            publish(db, people["organiser"], output, edition=edition, now=now)
            prepare_correction(db, people["rapporteur"], output, "A slip of the pen.", now=now)
            registration = make_registration(
                db, meeting, new_email="ada@new.example", new_email_until=now + timedelta(days=1)
            )
            question = Question(meeting_id=meeting.id, key="photo", position=1, kind="file", label={"en": "Photo"})
            db.add(question)
            db.flush()
            db.add(Answer(registration_id=registration.id, question_id=question.id, value="a.png", at=now))
            paper = {"name": "a.png", "content_type": "image/png", "content": b"png", "size": 3, "at": now}
            db.add(AnswerFile(registration_id=registration.id, question_id=question.id, **paper))
            _, link = invite(db, "guest@example.org", "/", now)
            make_token(db, people["organiser"], "test", now)
            hook = "https://[2001:db8::1]/"  # an address of which everybody knows that nobody is there
            make_webhook(db, people["organiser"], meeting, "Others", hook, None, from_beginning=False, now=now)
            wording = Wording({"en": "Soon"}, {"en": "It begins soon."}, {})
            write_reminder(db, people["organiser"], meeting, wording, now)
            self.given = {
                "m": meeting.slug, "s": session.code, "slug": output.slug, "reference": registration.reference,
                "id": str(meeting.rooms[0].id), "kind": "rooms", "p": "p1", "lang": "ja", "number": "1",
                "secret": secret_of(registration, plenary.settings), "path": "igf2014", "step": "approve",
            }  # fmt: skip
            self.link = link
            self.confirming = confirming_link(registration, plenary.settings).rpartition("/")[2]
            feed = private_feed_for(db, people["participant"], meeting, now)
            self.calendar = path_of(feed, plenary.settings).removeprefix("/calendar/").removesuffix(".ics")

    def client(self, actor: str) -> httpx2.Client:
        """A browser (or the program) of an actor."""
        if actor == "stranger":
            return self.plenary.client()
        if actor == "program":
            return self.plenary.program("program@example.org")
        at = {"role": "organiser", "meeting": "igf2015"} if actor == "neighbour" else {}
        return self.plenary.browser(f"{actor.replace(' ', '-')}@example.org", **at)

    def address(self, path: str, /, **other: str) -> str:
        """A path with what there is in this town."""
        form = "ics" if "schedule" in path else "csv" if "programme" in path else "md"
        number = "2" if "/schedule/v/" in path else self.given["number"]
        kind = "closures" if "programme/hours" in path else self.given["kind"]
        given = {**self.given, "form": form, "number": number, "kind": kind, **other}
        if path.startswith("/sign-in/"):
            given["secret"] = self.link
        if path.startswith("/registration/address/"):
            given["secret"] = other.get("secret", self.confirming)
        if path.startswith("/calendar/"):
            given["secret"] = other.get("secret", self.calendar)
        if path.startswith("/static/"):
            given["path"] = "x/css/plenary.css"
        return path.format_map(given)


@pytest.fixture
def town(plenary: World) -> Town:
    return Town(plenary)


def ask(client: httpx2.Client, method: str, address: str) -> httpx2.Response:
    """Ask without reading to the end: a stream has none."""
    with client.stream(method, address, data={} if method == "POST" else None) as answer:
        return answer


def is_let_in(answer: httpx2.Response) -> bool:
    """Whether the answer is anything but a refusal for want of a role."""
    assert answer.status_code < 500
    is_sent_to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=")
    return answer.status_code not in (401, 403) and not is_sent_to_sign_in


@pytest.mark.either
@pytest.mark.parametrize("actor", ACTORS)
def test_each_is_let_in_where_the_table_says_and_nowhere_else(town: Town, actor: str) -> None:
    client = town.client(actor)
    asked = [key for key in MAY if key not in LAST and key[0] != "WEBSOCKET"] + LAST
    let_in = {(method, path) for method, path in asked if is_let_in(ask(client, method, town.address(path)))}
    assert let_in == {key for key in asked if actor in MAY[key]}


@pytest.mark.either
@pytest.mark.parametrize("actor", ["organiser", "stranger"])
def test_what_one_may_read_is_there(town: Town, actor: str) -> None:
    client = town.client(actor)
    mine = [path for method, path in MAY if method == "GET" and actor in MAY[method, path]]
    answers = {path: ask(client, "GET", town.address(path)).status_code for path in mine}
    elsewhere = {"/{m}/registration": 303, "/account/tokens": 303, "/{m}/desk/registrations/bulk": 303, "/{path}/": 307}
    elsewhere |= {"/sign-in": 303} if actor == "organiser" else {}
    assert answers == {path: elsewhere.get(path, 200) for path in mine}


def test_a_follower_needs_no_account(town: Town) -> None:
    follower = Follower(town.plenary)
    assert follower.next()["type"] == "snapshot"
    follower.close()


def test_nothing_of_one_meeting_is_found_under_the_address_of_another(town: Town) -> None:
    client = town.client("neighbour")
    things = ("{s}", "{slug}", "{reference}", "{p}", "{id}")
    asked = [
        (method, path)
        for method, path in MAY
        if path.startswith("/{m}") and any(thing in path for thing in things) and method != "WEBSOCKET"
    ]
    found = {key: ask(client, key[0], town.address(key[1], m="igf2015")).status_code for key in asked}
    assert found == dict.fromkeys(asked, 404)
    assert len(found) > 30


def test_a_role_is_needed_even_to_learn_what_is_not_there(town: Town) -> None:
    missing = {"reference": "IGF2014-NONE", "id": "999999", "kind": "nothing"}
    client = town.client("neighbour")
    asked = [key for key in MAY if any(f"{{{name}}}" in key[1] for name in missing) and key[1].startswith("/{m}")]
    answers = {key: ask(client, key[0], town.address(key[1], **missing)).status_code for key in asked}
    assert answers == dict.fromkeys(asked, 403)


@pytest.mark.parametrize("change", ["first letter", "last letter", "no seal", "another kind", "an older generation"])
def test_a_private_link_that_is_not_quite_right_leads_nowhere(town: Town, change: str) -> None:
    secret = town.given["secret"]
    handle, _, seal = secret.partition(".")
    wrong = {
        "first letter": f"{'x' + handle[1:]}.{seal}",
        "last letter": secret[:-1] + ("a" if secret[-1] != "a" else "b"),
        "no seal": f"{handle}.",
        "another kind": town.link,
        "an older generation": secret,
    }[change]
    client = town.client("stranger")
    if change == "an older generation":
        assert client.post(f"/registration/{secret}/new-link").status_code == 303
    own = [(method, path) for method, path in MAY if path.startswith(OWN)]
    answers = {key: ask(client, key[0], town.address(key[1], secret=wrong)).status_code for key in own}
    assert answers == dict.fromkeys(own, 404)


#: What breaks programs that do not expect it: nothing, very much, not text, no number, another script.
ODD = ["%00", "%ff%ed%a0%80%0d%0aX:%20y", "9" * 5000, "%25s%25(n)d'\"<b>%E2%80%AE..%2f..", "-1"]


def test_whatever_stands_in_an_address_it_is_no_fault_of_ours(town: Town) -> None:
    client = town.client("organiser")
    for (method, path), odd in product(MAY, ODD):
        if method == "WEBSOCKET" or "{" not in path or (method, path) in LAST:
            continue
        for name in [name for name in (*town.given, "form") if f"{{{name}}}" in path]:
            answer = ask(client, method, town.address(path, **{name: odd}))
            assert answer.status_code < 500, (method, path, name, odd)
            assert "x" not in answer.headers


NAMES = ("lang", "tz", "q", "day", "hide.q", "code", "view", "page", "group", "country", "after", "wait", "alarm",
         "into", "refresh", "text", "quiet", "theme", "keys", "next", "done", "sent", "saved", "link", "state", "attendance",
         "region", "language", "since", "until", "sort")  # fmt: skip


@pytest.mark.parametrize("value", [*ODD, "nan", "-inf", "1e999", "0", "9999-12-31", "0001-01-01"])
def test_whatever_stands_in_a_query_it_is_no_fault_of_ours(town: Town, value: str) -> None:
    client = town.client("organiser")
    cursor = httpx2.URL(town.address(f"{LIVE}.json"))
    stands = client.get(str(cursor)).json()
    query = "&".join(f"{name}={value[:300]}" for name in NAMES)
    for method, path in MAY:
        if method == "GET" and "events" not in path:
            assert ask(client, "GET", f"{town.address(path)}?{query}").status_code < 500, path
    waiting = f"{cursor}?after={stands['epoch']}:{stands['offset']}&wait={value[:300]}"
    if value in ("nan", "-inf", "0", "-1"):
        assert client.get(waiting, timeout=5).json()["events"] == []
