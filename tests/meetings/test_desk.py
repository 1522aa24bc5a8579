"""The desk at the front door: the meeting, its parts, its roles, and who may touch them."""

import re

import httpx2
import pytest

from server import clock
from server.meetings import letters
from server.meetings.models import Grant, Meeting, Role
from server.meetings.queries import meeting_by_slug
from server.people.actions import person_for
from server.schedule.actions import publish
from server.schedule.models import Programme
from tests.makers import make_meeting, make_session
from tests.world import World, link_in, named_links_in, text_of

ADA = "ada@example.org"
DESK = "/igf2014/desk"
PAGES = ("meeting", "tracks", "types", "rooms", "roles")


@pytest.fixture
def organiser(plenary: World) -> httpx2.Client:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting)
        publish(db, meeting, clock.now())
    return plenary.browser(ADA, role="organiser")


def the_meeting(plenary: World) -> Meeting:
    with plenary.store.reading() as db:
        meeting = meeting_by_slug(db, "igf2014")
        assert [meeting.tracks, meeting.session_types, meeting.rooms]
        return meeting


def version(plenary: World) -> int:
    with plenary.store.reading() as db:
        return db.query(Programme).one().version


def fields(page: httpx2.Response) -> dict[str, str]:
    """What the page's last form would send, as a browser would."""
    form = page.text.rpartition("<form")[2]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        marks = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if marks.get("type") != "checkbox" or " checked" in tag:
            sent[marks["name"]] = marks.get("value", "")
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected[^>]*value="([^"]*)"', body) or re.search(r'value="([^"]*)"', body)
        assert chosen
        sent[name] = chosen.group(1)
    return sent


def test_the_desk_shows_what_ones_roles_allow(plenary: World, organiser: httpx2.Client) -> None:
    def places(browser: httpx2.Client) -> list[str]:
        page = browser.get(DESK)
        assert page.status_code == 200
        return re.findall(r'<h3><a href="/igf2014/([^"]+)"', page.text)

    assert places(organiser) == [
        "desk/summaries", "desk/outputs", "desk/registrations", "desk/registration", "desk/reminders", "desk/programme",
        "schedule",
        "desk/meeting", "desk/tracks", "desk/types", "desk/rooms", "desk/roles", "desk/webhooks",
    ]  # fmt: skip
    assert places(plenary.browser("c@example.org", role="chair")) == ["desk/summaries", "desk/outputs", "schedule"]
    assert places(plenary.browser("r@example.org", role="rapporteur")) == ["desk/summaries", "desk/outputs", "schedule"]
    assert places(plenary.browser("d@example.org", role="desk")) == ["desk/registrations", "schedule"]
    assert places(plenary.browser("m@example.org", role="moderator")) == ["schedule"]


def test_who_has_no_role_is_kept_out_and_told_why(plenary: World, organiser: httpx2.Client) -> None:
    stranger, nobody = plenary.client(), plenary.browser("nobody@example.org")
    program = plenary.client(headers={"Authorization": "Bearer wrong"})
    for path in (DESK, *(f"{DESK}/{page}" for page in PAGES)):
        sent = stranger.get(path)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/sign-in?next={path.replace('/', '%2F')}")
        assert stranger.get(path, headers={"Accept": "application/json"}).status_code == 401
        refused = nobody.get(path)
        assert refused.status_code == 403
        assert "An organiser can grant them." in refused.text
        wrong = program.get(path)
        assert (wrong.status_code, wrong.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("role", ["chair", "rapporteur", "moderator", "desk"])
def test_only_organisers_change_the_meeting(plenary: World, organiser: httpx2.Client, role: str) -> None:
    room = the_meeting(plenary).rooms[0].id
    browser = plenary.browser(f"{role}@example.org", role=role)
    for path in (*PAGES, f"rooms/{room}", f"rooms/{room}/remove", "roles/take"):
        assert browser.post(f"{DESK}/{path}", data={"name_en": "Mine", "role": "organiser"}).status_code == 403
    for path in PAGES:
        assert browser.get(f"{DESK}/{path}").status_code == 403
    assert the_meeting(plenary).rooms[0].name == {"en": "Main Meeting Hall"}


def test_an_organiser_of_another_meeting_is_nobody_here(plenary: World, organiser: httpx2.Client) -> None:
    with plenary.store.writing() as db:
        make_meeting(db, "igf2015")
    other = plenary.browser("other@example.org", role="organiser", meeting="igf2015")
    room = the_meeting(plenary).rooms[0].id
    assert other.post(f"{DESK}/rooms/{room}/remove").status_code == 403
    assert other.post(f"/igf2015/desk/rooms/{room}/remove").status_code == 404
    assert other.get(f"/igf2015/desk/rooms/{room}").status_code == 404


def test_a_post_from_another_site_changes_nothing(plenary: World, organiser: httpx2.Client) -> None:
    answer = organiser.post(f"{DESK}/rooms", data={"name_en": "Evil"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert len(the_meeting(plenary).rooms) == 2


def test_every_fact_of_the_meeting_can_be_changed(plenary: World, organiser: httpx2.Client) -> None:
    facts = {
        "name_en": "New name", "name_ja": "新しい名前", "short_name": "IGF", "number": "10", "theme_en": "A <theme>",
        "theme_ja": "テーマ", "mode": "virtual", "city_en": "Izmir", "city_ja": "イズミル", "country_en": "Türkiye",
        "country_ja": "", "venue_en": "Hall", "venue_ja": "会場", "timezone": "Asia/Tokyo", "first_day": "2026-01-05",
        "days": "3", "track_label_en": "Strand", "track_label_ja": "系統", "credit": "Thanks",
    }  # fmt: skip
    saved = organiser.post(f"{DESK}/meeting", data=facts)
    assert (saved.status_code, saved.headers["location"]) == (303, f"{DESK}/meeting?saved=1")
    page = organiser.get(saved.headers["location"])
    assert "Saved." in page.text
    assert fields(page) == {name: value.replace("<", "&lt;").replace(">", "&gt;") for name, value in facts.items()}
    meeting = the_meeting(plenary)
    assert (meeting.has_day_zero, meeting.registration_open, meeting.country) == (False, False, {"en": "Türkiye"})
    assert [track.key for track in meeting.tracks] == ["human-rights", "trust"]


def test_saving_the_meeting_as_it_is_changes_nothing(plenary: World, organiser: httpx2.Client) -> None:
    def facts() -> dict[str, object]:
        meeting = the_meeting(plenary)
        return {column.name: getattr(meeting, column.name) for column in Meeting.__table__.columns}

    with plenary.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        meeting.city = {"en": "Istanbul", "ja": "イスタンブール", "tr": "İstanbul"}
        publish(db, meeting, clock.now())
    before, published = facts(), version(plenary)
    assert organiser.post(f"{DESK}/meeting", data=fields(organiser.get(f"{DESK}/meeting"))).status_code == 303
    assert (facts(), version(plenary)) == (before, published)


def test_faults_of_the_meeting_are_shown_beside_their_fields(plenary: World, organiser: httpx2.Client) -> None:
    sent = {**fields(organiser.get(f"{DESK}/meeting")), "timezone": "Mars/Olympus", "days": "61", "name_en": ""}
    answer = organiser.post(f"{DESK}/meeting", data=sent)
    assert answer.status_code == 422
    assert re.findall(r'class="fault" id="(\w+)-fault"', answer.text) == ["name_en", "timezone", "days"]
    assert 'value="Mars/Olympus"' in answer.text
    assert the_meeting(plenary).timezone == "Europe/Istanbul"


def test_what_the_programme_shows_is_published_at_once(plenary: World, organiser: httpx2.Client) -> None:
    before = version(plenary)
    room = the_meeting(plenary).rooms[1]
    organiser.post(f"{DESK}/rooms/{room.id}", data={"name_en": "Room Rumeli", "capacity": "120"})
    assert version(plenary) == before + 1
    assert "Room Rumeli" in plenary.client().get("/igf2014/schedule.ics").text.replace("\r\n ", "")
    organiser.post(f"{DESK}/rooms/{room.id}", data={"name_en": "Room Rumeli", "capacity": "120"})
    assert version(plenary) == before + 1


def test_a_track_can_be_added_moved_changed_and_removed(plenary: World, organiser: httpx2.Client) -> None:
    def tracks() -> list[tuple[int, str, dict[str, str]]]:
        return [(track.position, track.key, track.name) for track in the_meeting(plenary).tracks]

    human, trust = tracks()
    added = organiser.post(
        f"{DESK}/tracks", data={"name_en": "Émerging  Issues!", "name_ja": "新しい課題", "position": "1"}
    )
    assert (added.status_code, added.headers["location"]) == (303, f"{DESK}/tracks?saved=1")
    names = {"en": "Émerging Issues!", "ja": "新しい課題"}
    assert tracks() == [(1, "emerging-issues", names), (2, *human[1:]), (3, *trust[1:])]
    assert "Émerging Issues!" in organiser.get(f"{DESK}/tracks").text

    organiser.post(f"{DESK}/tracks", data={"name_en": "Emerging issues"})
    assert tracks()[3] == (4, "emerging-issues-2", {"en": "Emerging issues"})
    first, *_, last = [track.id for track in the_meeting(plenary).tracks]
    assert fields(organiser.get(f"{DESK}/tracks/{first}"))["name_ja"] == "新しい課題"
    organiser.post(f"{DESK}/tracks/{first}", data={"name_en": "Emerging", "position": "99"})
    assert tracks()[3] == (4, "emerging-issues", {"en": "Emerging"})
    organiser.post(f"{DESK}/tracks/{first}/remove")
    organiser.post(f"{DESK}/tracks/{last}/remove")
    assert tracks() == [human, trust]
    assert organiser.post(f"{DESK}/tracks/{last}/remove").status_code == 404


def test_a_name_without_latin_letters_gets_a_key_all_the_same(plenary: World, organiser: httpx2.Client) -> None:
    organiser.post(f"{DESK}/rooms", data={"name_en": "大会議室"})
    organiser.post(f"{DESK}/rooms", data={"name_en": "小会議室"})
    assert [room.key for room in the_meeting(plenary).rooms[2:]] == ["room", "room-2"]


def test_a_session_type_has_colour_mark_minutes_and_may_stand_alone(plenary: World, organiser: httpx2.Client) -> None:
    sent = {"name_en": "Lightning Talk", "colour": "amber", "mark": "LT", "usual_minutes": "20", "stands_alone": "y"}
    assert organiser.post(f"{DESK}/types", data=sent).status_code == 303
    made = the_meeting(plenary).session_types[-1]
    assert (made.key, made.colour, made.mark, made.usual_minutes, made.stands_alone, made.position) == (
        "lightning-talk", "amber", "LT", 20, True, 4,
    )  # fmt: skip
    assert fields(organiser.get(f"{DESK}/types/{made.id}")) == {**sent, "name_ja": "", "position": "4"}
    faulty = organiser.post(f"{DESK}/types", data={**sent, "colour": "beige", "mark": "LTLT", "usual_minutes": "0"})
    assert faulty.status_code == 422
    assert re.findall(r'class="fault" id="(\w+)-fault"', faulty.text) == ["colour", "mark", "usual_minutes"]


@pytest.mark.parametrize(
    "stream", ["javascript:alert(1)", "ftp://x.example", "https://", "//x.example", "https://a b", 'https://x"y']
)
def test_a_stream_is_a_web_address(plenary: World, organiser: httpx2.Client, stream: str) -> None:
    answer = organiser.post(f"{DESK}/rooms", data={"name_en": "Hall", "stream": stream})
    assert answer.status_code == 422
    assert 'id="stream-fault"' in answer.text
    assert len(the_meeting(plenary).rooms) == 2
    good = organiser.post(f"{DESK}/rooms", data={"name_en": "Hall", "stream": "https://live.example/hall?x=1"})
    assert good.status_code == 303
    assert the_meeting(plenary).rooms[-1].stream == "https://live.example/hall?x=1"


def test_what_sessions_use_is_not_removed(plenary: World, organiser: httpx2.Client) -> None:
    meeting = the_meeting(plenary)
    used = {"rooms": meeting.rooms[1], "tracks": meeting.tracks[0], "types": meeting.session_types[1]}
    for kind, part in used.items():
        answer = organiser.post(f"{DESK}/{kind}/{part.id}/remove")
        assert answer.status_code == 409
        assert "cannot be removed: there are sessions with it." in answer.text
    after = the_meeting(plenary)
    assert [len(after.rooms), len(after.tracks), len(after.session_types)] == [2, 2, 3]
    assert organiser.post(f"{DESK}/rooms/{meeting.rooms[0].id}/remove").status_code == 303
    assert [(room.position, room.key) for room in the_meeting(plenary).rooms] == [(1, "wr01")]


def test_a_role_is_given_by_mail_address_and_the_letter_signs_in(plenary: World, organiser: httpx2.Client) -> None:
    given = organiser.post(f"{DESK}/roles", data={"email": " Ray@Example.org", "role": "rapporteur"})
    assert (given.status_code, given.headers["location"]) == (303, f"{DESK}/roles?saved=1")
    [letter] = plenary.mail("ray@example.org")
    assert letter["Subject"] == "Your role at IGF 2014"
    assert "Rapporteur – Ninth Annual Meeting" in text_of(letter)
    assert named_links_in(letter) == {"Open the page to sign in": link_in(letter)}
    ray = plenary.client()
    entered = ray.post(link_in(letter))
    assert (entered.status_code, entered.headers["location"]) == (303, DESK)
    assert ray.get(DESK).status_code == 200
    assert "ray@example.org" in organiser.get(f"{DESK}/roles").text

    organiser.post(f"{DESK}/roles", data={"email": "ray@example.org", "role": "rapporteur"})
    organiser.post(f"{DESK}/roles", data={"email": "zoe@example.org", "role": "desk"})
    assert len(plenary.mail("zoe@example.org")) == 1  # sent in order, so a second letter to Ray would have left
    assert len(plenary.mail("ray@example.org")) == 1


def test_faults_of_a_role_are_shown(plenary: World, organiser: httpx2.Client) -> None:
    answer = organiser.post(f"{DESK}/roles", data={"email": "nonsense", "role": "king"})
    assert answer.status_code == 422
    assert re.findall(r'class="fault" id="(\w+)-fault"', answer.text) == ["email", "role"]


def grants(plenary: World) -> list[tuple[str, str]]:
    with plenary.store.reading() as db:
        return sorted((grant.person.email, grant.role) for grant in db.query(Grant))


def test_a_role_is_taken_away_but_not_the_last_organisers(plenary: World, organiser: httpx2.Client) -> None:
    ben = plenary.browser("ben@example.org", role="organiser")
    with plenary.store.writing() as db:
        ids = {address: person_for(db, address, clock.now()).id for address in (ADA, "ben@example.org")}
    for sent in (
        {"person": "x"},
        {"person": str(ids[ADA]), "role": "desk"},
        {"person": "9" * 40, "role": "organiser"},
        {},
    ):
        assert organiser.post(f"{DESK}/roles/take", data=sent).status_code == 303
    assert grants(plenary) == [(ADA, "organiser"), ("ben@example.org", "organiser")]

    taken = organiser.post(
        f"{DESK}/roles/take", data={"person": str(ids["ben@example.org"]), "role": Role.ORGANISER.value}
    )
    assert taken.status_code == 303
    assert ben.get(DESK).status_code == 403
    last = organiser.post(f"{DESK}/roles/take", data={"person": str(ids[ADA]), "role": Role.ORGANISER.value})
    assert last.status_code == 409
    assert "A meeting needs an organiser." in last.text
    assert grants(plenary) == [(ADA, "organiser")]


def test_a_role_that_is_taken_away_before_the_letter_leaves_sends_none(
    plenary: World, organiser: httpx2.Client
) -> None:
    with plenary.store.writing() as db:
        ids = {"person_id": person_for(db, "eve@example.org", clock.now()).id, "meeting_id": 1, "role": "chair"}
    composer = letters.composers(plenary.settings)["meetings.invited"]
    with plenary.store.writing() as db:
        assert composer(db, ids, clock.now()) is None
