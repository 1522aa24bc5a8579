"""Who may do what with a document: every role with every action, and strangers."""

import httpx2
import pytest

from server import clock
from server.meetings.actions import grant_role
from server.meetings.models import Role
from server.meetings.queries import meeting_by_slug
from server.outputs.queries import rights_of
from server.people.actions import person_for
from server.schedule.models import Part
from server.schedule.queries import session_by_code
from tests.makers import make_session
from tests.outputs.office import DESK, DOCUMENT, REVIEW, Office

#: No engine does this differently.
pytestmark = pytest.mark.either

EDITING = {"read", "review", "edit", "refresh", "discard", "correction"}
#: What each may do; whoever chairs another session has no part in this one.
ALLOWED = {
    "organiser": {"list", *EDITING, "sign-off", "publish"},
    "rapporteur": {"list", *EDITING},
    "chair": {"list", *EDITING, "sign-off"},
    "chair of another": {"list"},
    "moderator": {"list"},
    "desk": {"list"},
    "participant": set(),
}


def member(office: Office, role: str) -> httpx2.Client:
    """Somebody of the meeting, as a program."""
    if role == "chair":
        return office.chair
    granted = None if role == "participant" else role.partition(" ")[0]
    return office.plenary.program(f"{role.replace(' ', '-')}@example.org", role=granted)


def ask(office: Office, who: httpx2.Client, what: str) -> httpx2.Response:
    """Try it; the answer of somebody who is let in may be anything but a refusal for want of a role."""
    if what == "list":
        return who.get(DESK)
    if what == "read":
        return who.get(REVIEW)
    if what == "edit":
        return who.post(REVIEW, json={"edition": "none", "title": "T", "lang": "en"})
    return who.post(f"{REVIEW}/{what}", json={"edition": "none", "correction": "", "choice": "keep"})


@pytest.mark.parametrize("role", ALLOWED)
def test_each_role_may_do_what_the_table_says_and_nothing_else(office: Office, role: str) -> None:
    office.write("A paragraph.")
    office.start()
    who = member(office, role)
    before = office.edition()
    actions = ["list", *sorted(EDITING), "sign-off", "publish"]
    refused = {what for what in actions if ask(office, who, what).status_code == 403}
    assert set(actions) - refused == ALLOWED[role]
    assert office.edition() == before


def test_strangers_are_asked_to_sign_in(office: Office) -> None:
    office.write("A paragraph.")
    office.start()
    actions = ["list", *sorted(EDITING), "sign-off", "publish"]
    program = office.plenary.client(headers={"Accept": "application/json"})
    assert {ask(office, program, what).status_code for what in actions} == {401}
    for address in (DESK, REVIEW, f"{DESK}/there-is-none"):
        sent = office.public.get(address)
        assert (sent.status_code, sent.headers["location"].partition("?")[0]) == (303, "/sign-in")
    posted = [office.public.post(f"{REVIEW}/{what}", data={}) for what in ("review", "sign-off", "publish", "discard")]
    assert {answer.status_code for answer in posted} == {303}


def test_somebody_of_another_meeting_has_no_say(office: Office) -> None:
    office.write("A paragraph.")
    office.start()
    stranger = office.plenary.program("someone@example.org")
    assert ask(office, stranger, "publish").status_code == 403


def test_no_draft_is_public_under_any_address(office: Office) -> None:
    office.write("Not for the public yet.")
    office.start()
    hidden = [DOCUMENT, f"{DOCUMENT}.md", f"{DOCUMENT}.txt", f"{DOCUMENT}/v1", f"{DOCUMENT}/v1.md", f"{DOCUMENT}/v0"]
    for who in (office.public, office.organiser):
        assert {who.get(address).status_code for address in hidden} == {404}
    assert office.act(office.chair, "sign-off").status_code == 200
    assert {office.public.get(address).status_code for address in hidden} == {404}
    assert "Session ws112" not in office.public.get("/igf2014/outputs").text
    assert office.act(office.organiser, "publish").status_code == 200
    assert {office.public.get(address).status_code for address in hidden[:5]} == {200}
    assert office.rapporteur.post(f"{REVIEW}/correction", json={"correction": "A secret name"}).status_code == 201
    later = [f"{DOCUMENT}/v2", f"{DOCUMENT}/v2.md", f"{DOCUMENT}/v2.txt", f"{DOCUMENT}.pdf", f"{DOCUMENT}/v1.html"]
    assert {office.public.get(address).status_code for address in later} == {404}
    assert "A secret name" not in office.public.get(DOCUMENT).text
    assert office.public.get("/igf2014/outputs/ws999").status_code == 404
    assert office.public.get("/igf1999/outputs").status_code == 404


def test_whoever_has_the_chairs_role_stands_in_where_the_programme_names_no_account(office: Office) -> None:
    with office.plenary.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        make_session(db, meeting, "ws7", people=[(Part.CHAIR, "No Account")])
        people = {name: person_for(db, f"{name}@example.org", clock.now()) for name in ("ada", "olga", "kim", "ray")}
        grant_role(db, people["kim"], Role.CHAIR, meeting)
        db.flush()
        signs = {
            code: {
                name
                for name, person in people.items()
                if rights_of(db, person, session_by_code(db, meeting, code)).signs
            }
            for code in ("ws7", "ws112")
        }
    assert signs == {"ws7": {"ada", "kim"}, "ws112": {"ada"}}


def test_an_organiser_who_is_named_as_chair_signs_off_as_chair(office: Office) -> None:
    with office.plenary.store.writing() as db:
        session = session_by_code(db, meeting_by_slug(db, "igf2014"), "ws112")
        olga = person_for(db, "olga@example.org", clock.now())
        assert rights_of(db, olga, session).signs_for_chair
        session.people[0].person_id = olga.id
        db.flush()
        rights = rights_of(db, olga, session)
    assert (rights.signs, rights.signs_for_chair) == (True, False)
