"""Versions: what publishing changes, and what it leaves byte for byte as it was."""

import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from lxml import etree
from sqlalchemy import event

from server.meetings.queries import meeting_by_slug
from server.people.actions import person_for
from server.schedule.history import PAGE
from server.schedule.models import Chosen, Entry, Part, Publication, SessionPerson
from server.schedule.queries import session_by_code
from server.schedule.versions import Told, change_log, version_numbers
from tests.makers import NOON, make_meeting, make_session
from tests.world import World, at, named_links_in, text_of

DESK = "/igf2014/desk/programme"
CODES = ("ws1", "ws2", "ws3")


@pytest.fixture
def organiser(plenary: World) -> httpx2.Client:
    """A program of an organiser, at a meeting with three sessions, published as a first version."""
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        for number, code in enumerate(CODES):
            make_session(db, meeting, code, starts_at=at(f"2014-09-02T{6 + 2 * number:02}:00:00+00:00"))
    client = plenary.program("olga@example.org", role="organiser")
    # brings the sessions that the makers made to where publishing leaves them
    change(client, "ws1", title_en="Session one")
    assert publish(client).json() == {"version": 2}
    return client


def rev(client: httpx2.Client, code: str) -> int:
    found = re.search(r'name="base"[^>]*value="(\d+)"', client.get(f"{DESK}/sessions/{code}").text)
    assert found
    return int(found.group(1))


FACTS = {"type": "workshop", "track": "human-rights", "language": "en", "room": "wr01", "day": "2014-09-02"}
STARTS = {"ws1": "09:00", "ws2": "11:00", "ws3": "13:00"}


def change(client: httpx2.Client, code: str, **facts: object) -> None:
    given = {
        **FACTS, "start": STARTS[code], "minutes": 90, "title_en": f"Session {code}",
        "person_part": ["chair", "rapporteur"], "person_name": ["Ada Chair", "Ray Porter"],
        "person_organisation": ["", ""], "person_group": ["", ""], "person_email": ["", ""],
        "base": rev(client, code), **facts,
    }  # fmt: skip
    answer = client.post(
        f"{DESK}/sessions/{code}", json={key: value for key, value in given.items() if value is not None}
    )
    assert answer.status_code == 303, answer.text


def step(client: httpx2.Client, code: str, name: str) -> None:
    answer = client.post(f"{DESK}/sessions/{code}/{name}", json={"base": rev(client, code)})
    assert answer.status_code == 200, answer.text


def publish(client: httpx2.Client, **facts: object) -> httpx2.Response:
    return client.post(f"{DESK}/publish", json={"note": "", "tell": True, **facts})


def entries(client: httpx2.Client, address: str = "/igf2014/schedule.ics") -> dict[str, str]:
    """Each VEVENT as it stands in the feed, by the code in its URL."""
    found = re.findall(r"BEGIN:VEVENT.*?END:VEVENT\r\n", client.get(address).text, re.S)
    return {
        one.replace("\r\n ", "").partition("/sessions/")[2].partition("/live")[0].split("\\n")[0]: one for one in found
    }


def value(entry: str, name: str) -> str:
    found = re.search(rf"^{name}[;:](.*)$", entry, re.M)
    assert found, entry
    return found.group(1).strip()


CHANGES: dict[str, Callable[[httpx2.Client], None]] = {
    "moved": lambda client: change(client, "ws2", day="2014-09-03"),
    "stretched": lambda client: change(client, "ws2", minutes=120),
    "renamed": lambda client: change(client, "ws2", title_en="Another name, with; commas \\ and more"),
    "in another room": lambda client: change(client, "ws2", room="main-hall"),
    "with other people": lambda client: change(client, "ws2", person_name=["Eve Chair", "Ray Porter"]),
    "of another type": lambda client: change(client, "ws2", type="open-forum"),
    "cancelled": lambda client: step(client, "ws2", "cancel"),
}
KINDS = {
    "moved": ["time"], "stretched": ["length"], "renamed": ["title"], "in another room": ["room"],
    "with other people": ["people"], "of another type": ["type"], "cancelled": ["cancelled"],
}  # fmt: skip


@pytest.mark.parametrize("how", CHANGES)
def test_only_the_changed_session_is_another_in_the_feed(plenary: World, organiser: httpx2.Client, how: str) -> None:
    before = entries(organiser)
    assert set(before) == set(CODES)
    CHANGES[how](organiser)
    assert entries(organiser) == before
    assert publish(organiser).json() == {"version": 3}
    after = entries(organiser)
    assert {code: entry for code, entry in after.items() if code != "ws2"} == {
        code: entry for code, entry in before.items() if code != "ws2"
    }
    assert value(after["ws2"], "UID") == value(before["ws2"], "UID")
    assert int(value(after["ws2"], "SEQUENCE")) == int(value(before["ws2"], "SEQUENCE")) + 1
    assert value(after["ws2"], "LAST-MODIFIED") >= value(before["ws2"], "LAST-MODIFIED")
    page = plenary.client().get("/igf2014/schedule/changes").text
    section = page[page.index('id="v3"') : page.index('id="v2"')]
    labels = re.findall(r'<span class="tag">([^<]+)</span>', section)
    assert [label.lower() for label in labels] == KINDS[how]
    assert "ws2" in section.lower()


def test_what_takes_place_again_is_the_same_session_still(organiser: httpx2.Client) -> None:
    first = entries(organiser)["ws2"]
    step(organiser, "ws2", "cancel")
    publish(organiser)
    cancelled = entries(organiser)["ws2"]
    assert value(cancelled, "STATUS") == "CANCELLED"
    step(organiser, "ws2", "uncancel")
    publish(organiser)
    again = entries(organiser)["ws2"]
    assert value(again, "STATUS") == "CONFIRMED"
    assert value(again, "UID") == value(first, "UID")
    assert int(value(again, "SEQUENCE")) == int(value(first, "SEQUENCE")) + 2


def test_a_feed_is_new_only_for_who_is_shown_something_new(organiser: httpx2.Client) -> None:
    mine, other = "/igf2014/schedule.ics?code=ws2", "/igf2014/schedule.ics?code=ws3"
    tags = {address: organiser.get(address).headers["etag"] for address in (mine, other)}
    change(organiser, "ws2", day="2014-09-03")
    publish(organiser)
    asked = {address: organiser.get(address, headers={"If-None-Match": tag}) for address, tag in tags.items()}
    assert {address: answer.status_code for address, answer in asked.items()} == {mine: 200, other: 304}


def test_an_empty_version_is_refused(organiser: httpx2.Client) -> None:
    refused = publish(organiser)
    assert refused.status_code == 409
    assert "nothing to publish" in refused.json()["detail"]
    step(organiser, "ws1", "cancel")
    step(organiser, "ws1", "uncancel")
    assert publish(organiser).status_code == 409


def test_nobody_publishes_what_they_have_not_seen(plenary: World, organiser: httpx2.Client) -> None:
    change(organiser, "ws2", day="2014-09-03")
    seen = organiser.get(f"{DESK}/state").json()["edits"]
    other = plenary.program("otto@example.org", role="organiser")
    step(other, "ws3", "cancel")
    refused = publish(organiser, seen=seen)
    assert refused.status_code == 409
    assert "otto" in refused.json()["detail"]
    assert "Cancelled" not in organiser.get("/igf2014/sessions/ws3", headers={"Accept": "text/html"}).text
    assert publish(organiser, seen=seen + 1).status_code == 200


def test_every_page_and_form_shows_the_version_at_one_moment(plenary: World, organiser: httpx2.Client) -> None:
    stranger = plenary.client()
    addresses = [
        f"/igf2014/{part}" for part in ("schedule", "schedule.ics", "schedule.json", "schedule.xml", "sessions/ws2")
    ]
    for address in addresses:
        stranger.get(address)  # whatever is kept is kept now
    change(organiser, "ws2", title_en="Brandnewtitle")
    assert [address for address in addresses if "Brandnewtitle" in stranger.get(address).text] == []
    publish(organiser)
    assert [address for address in addresses if "Brandnewtitle" in stranger.get(address).text] == addresses


def test_old_versions_stay_readable(plenary: World, organiser: httpx2.Client) -> None:
    change(organiser, "ws2", title_en="Another title", room="main-hall", day="2014-09-03")
    publish(organiser, note="We moved to the hall")
    old, new = (plenary.client().get(f"/igf2014/schedule/v/{number}").text for number in (2, 3))
    assert ("Session ws2" in old, "Another title" in old, "Main Meeting Hall" in old) == (True, False, False)
    assert ("Session ws2" in new, "Another title" in new, "Main Meeting Hall" in new) == (False, True, True)
    assert "We moved to the hall" in new
    assert plenary.client().get("/igf2014/schedule/v/9").status_code == 404
    assert "Session ws2" in plenary.client().get("/igf2014/schedule/v/2?view=grid").text


def test_a_version_from_before_a_room_was_renamed_still_has_its_old_name(
    plenary: World, organiser: httpx2.Client
) -> None:
    room = re.search(r"/igf2014/desk/rooms/(\d+)", organiser.get("/igf2014/desk/rooms").text.replace("main", ""))
    assert room
    rooms = re.findall(r'href="/igf2014/desk/rooms/(\d+)"', organiser.get("/igf2014/desk/rooms").text)
    assert organiser.post(f"/igf2014/desk/rooms/{rooms[1]}", json={"name_en": "Room of Roses"}).status_code == 303
    page = plenary.client().get("/igf2014/schedule/changes").text
    assert page.count("Room of Roses") == 3
    assert "Workshop Room 01" in plenary.client().get("/igf2014/schedule/v/2").text
    assert "Room of Roses" in plenary.client().get("/igf2014/schedule").text


def test_a_room_with_drafts_in_it_is_not_removed(organiser: httpx2.Client) -> None:
    change(organiser, "ws2", room="main-hall")
    rooms = re.findall(r'href="/igf2014/desk/rooms/(\d+)"', organiser.get("/igf2014/desk/rooms").text)
    refused = organiser.post(f"/igf2014/desk/rooms/{rooms[0]}/remove", json={})
    assert refused.status_code == 409
    assert "WS2" in refused.json()["detail"]


def test_the_changes_are_an_atom_feed(plenary: World, organiser: httpx2.Client) -> None:
    change(organiser, "ws2", title_en="Title <b> & more")
    publish(organiser, note="A note <script>")
    answer = plenary.client().get("/igf2014/schedule.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    names = {"a": "http://www.w3.org/2005/Atom"}
    feed = etree.fromstring(answer.content)
    assert [entry.findtext("a:title", namespaces=names) for entry in feed.iterfind("a:entry", names)] == [
        "Version 3: 1 session changed", "Version 2",
    ]  # fmt: skip
    content = feed.findtext("a:entry/a:content", namespaces=names)
    assert content is not None
    assert "&lt;script&gt;" in content
    assert "WS2 Title &lt;b&gt; &amp; more" in content
    again = plenary.client().get("/igf2014/schedule.atom", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    other = plenary.client().get("/igf2014/schedule.atom?code=ws3").text
    assert "WS2" not in other


@pytest.fixture
def named(plenary: World, organiser: httpx2.Client) -> httpx2.Client:
    """The sessions name people with accounts, and somebody has chosen two of them."""
    with plenary.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        for code, address in (("ws1", "ada@example.org"), ("ws2", "ada@example.org"), ("ws2", "ray@example.org")):
            session = session_by_code(db, meeting, code)
            person = person_for(db, address, NOON)
            session.people.append(
                SessionPerson(position=9, part=Part.SPEAKER, name=address.partition("@")[0], person_id=person.id)
            )
            db.flush()
        for code in ("ws2", "ws3"):
            chooser = person_for(db, "chloe@example.org", NOON, language="ja")
            db.add(Chosen(person_id=chooser.id, session_id=session_by_code(db, meeting, code).id, at=NOON))
    return organiser


def test_those_affected_get_one_letter_each_also_when_a_version_only_cancels(
    plenary: World, named: httpx2.Client
) -> None:
    step(named, "ws2", "cancel")
    step(named, "ws1", "cancel")
    publish(named, note="Sorry")
    letters = plenary.mail(at_least=3)
    assert sorted(letter["To"] for letter in letters) == ["ada@example.org", "chloe@example.org", "ray@example.org"]
    by_address = {letter["To"]: letter for letter in letters}
    ada, ray = text_of(by_address["ada@example.org"]), text_of(by_address["ray@example.org"])
    assert ("WS1" in ada, "WS2" in ada, "Cancelled" in ada, "Sorry" in ada) == (True, True, True, True)
    assert ("WS1" in ray, "WS2" in ray) == (False, True)
    assert named_links_in(by_address["ada@example.org"]) == {
        "See WS1": "/igf2014/sessions/ws1", "See WS2": "/igf2014/sessions/ws2",
    }  # fmt: skip


def test_who_publishes_can_leave_the_letters_out(plenary: World, named: httpx2.Client) -> None:
    step(named, "ws2", "cancel")
    publish(named, tell=False)
    assert list((plenary.folder / "mail").glob("*.eml")) == []


def test_who_is_taken_out_of_a_session_hears_of_it(plenary: World, named: httpx2.Client) -> None:
    change(named, "ws2")  # without the two speakers
    publish(named)
    assert sorted(letter["To"] for letter in plenary.mail(at_least=3)) == [
        "ada@example.org", "chloe@example.org", "ray@example.org",
    ]  # fmt: skip


@pytest.fixture
def history(organiser: httpx2.Client) -> httpx2.Client:
    """Six versions in which sessions change, stay as they are, are cancelled, or all change with a room."""
    change(organiser, "ws2", title_en="Second", day="2014-09-03")
    publish(organiser)
    change(organiser, "ws1", title_en="First")
    change(organiser, "ws3", room="main-hall")
    publish(organiser, note="A note")
    rooms = re.findall(r'href="/igf2014/desk/rooms/(\d+)"', organiser.get("/igf2014/desk/rooms").text)
    assert organiser.post(f"/igf2014/desk/rooms/{rooms[0]}", json={"name_en": "Hall of Roses"}).status_code == 303
    step(organiser, "ws2", "cancel")
    publish(organiser)
    return organiser


@pytest.mark.parametrize("code", [None, *CODES, "nobody"])
@pytest.mark.parametrize("all_of_first", [False, True])
def test_some_versions_are_told_as_the_whole_log_tells_them(
    plenary: World, history: httpx2.Client, code: str | None, all_of_first: bool
) -> None:
    with plenary.store.reading() as db:
        meeting = meeting_by_slug(db, "igf2014")
        there = version_numbers(db, meeting)
        assert len(there) >= 5

        def log(**wanted: object) -> list[Told]:
            return change_log(db, meeting, code=code, all_of_first=all_of_first, **wanted)  # type: ignore[arg-type]

        whole = log()
        assert [one.number for one in whole] == version_numbers(db, meeting, code)
        for some in range(2 ** len(there)):
            wanted = {number for place, number in enumerate(there) if some >> place & 1}
            assert log(numbers={*wanted, 99}) == [one for one in whole if one.number in wanted]
        for newest in range(len(there) + 2):
            assert log(newest=newest) == whole[:newest]


def test_how_many_questions_the_log_asks_depends_on_nothing(plenary: World, history: httpx2.Client) -> None:
    with plenary.store.reading() as db:
        meeting = meeting_by_slug(db, "igf2014")
        for wanted, asked in (({}, 2), ({"numbers": [3]}, 2), ({"numbers": [2, 3, 4, 5]}, 2), ({"newest": 3}, 3)):
            statements: list[str] = []

            def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any, to: list[str] = statements) -> None:
                to.append(statement)

            event.listen(plenary.store.engine, "before_cursor_execute", look)
            change_log(db, meeting, **wanted)  # type: ignore[arg-type]
            event.remove(plenary.store.engine, "before_cursor_execute", look)
            assert len(statements) == asked, wanted


def test_one_version_is_told_without_reading_what_the_others_were(plenary: World, history: httpx2.Client) -> None:
    with plenary.store.reading() as db:
        meeting = meeting_by_slug(db, "igf2014")
        read: list[object] = []
        event.listen(db, "loaded_as_persistent", lambda _db, one: read.append(one))
        change_log(db, meeting, numbers=[4])
    assert {one.number for one in read if isinstance(one, Publication)} == {3, 4}
    assert {(one.code, one.number) for one in read if isinstance(one, Entry)} == {
        ("ws1", 2), ("ws1", 4), ("ws3", 2), ("ws3", 4),
    }  # fmt: skip


@pytest.fixture
def long_history(plenary: World, organiser: httpx2.Client) -> int:
    """Versions that fill two pages of the log and begin a third; returns the last."""
    last = 2 * PAGE + 3
    with plenary.store.writing() as db:
        meeting = meeting_by_slug(db, "igf2014")
        before = db.get_one(Publication, (meeting.id, 2))
        entry = db.get_one(Entry, (meeting.id, "ws2", 2))
        for number in range(3, last + 1):
            db.add(Publication(meeting_id=meeting.id, number=number, published_at=NOON, frame=before.frame))
            db.flush()
            facts = entry.facts | {"title": {"en": f"Title {number}"}}
            db.add(Entry(meeting_id=meeting.id, code="ws2", number=number, facts=facts, kinds=["title"]))
    return last


def shown(client: httpx2.Client, address: str) -> list[int]:
    return [int(number) for number in re.findall(r'<h2 id="v(\d+)">', client.get(address).text)]


def test_a_long_change_log_has_pages(plenary: World, long_history: int) -> None:
    stranger, address = plenary.client(), "/igf2014/schedule/changes"
    everything = list(range(long_history, 1, -1))
    pages = [shown(stranger, f"{address}?page={number}") for number in (1, 2, 3)]
    assert pages == [everything[:PAGE], everything[PAGE : 2 * PAGE], everything[2 * PAGE :]]
    assert shown(stranger, address) == shown(stranger, f"{address}?page=none") == pages[0]
    assert shown(stranger, f"{address}?page=99") == pages[2]
    assert ["The first version on record" in stranger.get(f"{address}?page={number}").text for number in (1, 2, 3)] == [
        False, False, True,
    ]  # fmt: skip
    of_one = stranger.get(f"{address}?code=ws2&page=2")
    assert 'href="?code=ws2&amp;page=3"' in of_one.text
    assert shown(stranger, f"{address}?code=ws2") == pages[0]
    assert len(re.findall("<entry>", stranger.get("/igf2014/schedule.atom").text)) == 20


def test_each_version_leads_to_where_the_log_tells_of_it(plenary: World, long_history: int) -> None:
    stranger = plenary.client()
    for number in (long_history, long_history - PAGE, 2):
        page = stranger.get(f"/igf2014/schedule/v/{number}").text
        (log,) = re.findall(rf'href="(/igf2014/schedule/changes[^"#]*)#v{number}"', page)
        assert number in shown(stranger, log)


def test_history_is_kept_for_strangers_until_something_is_published(plenary: World, organiser: httpx2.Client) -> None:
    stranger = plenary.client()
    addresses = ("/igf2014/schedule/changes", "/igf2014/schedule/v/2")
    tags = {address: stranger.get(address).headers["etag"] for address in addresses}
    for address, tag in tags.items():
        again = stranger.get(address, headers={"If-None-Match": tag})
        assert again.status_code == 304
        kept = stranger.get(address)
        assert (kept.status_code, kept.headers["etag"]) == (200, tag)
        assert '<html lang="ja"' in stranger.get(address, headers={"Accept-Language": "ja"}).text
    change(organiser, "ws2", title_en="Brandnewtitle")
    publish(organiser)
    assert "Brandnewtitle" in stranger.get(addresses[0]).text
    assert "Brandnewtitle" not in stranger.get(addresses[1]).text


def test_history_shown_to_somebody_signed_in_is_never_given_to_others(plenary: World, organiser: httpx2.Client) -> None:
    olga, stranger = plenary.browser("olga@example.org"), plenary.client()
    for address in ("/igf2014/schedule/changes", "/igf2014/schedule/v/2") * 2:
        assert "Sign out" in olga.get(address).text
        assert "Sign out" not in stranger.get(address).text
