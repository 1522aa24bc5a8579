"""Feeds at the front door: the same bytes until something is published, and nothing sent twice."""

import re
import threading
from datetime import timedelta

import pytest
import vobject

from server.meetings.queries import meeting_by_slug
from server.schedule.actions import publish
from server.schedule.feeds import PLACE, Feed, Shelf, Wanted
from server.schedule.filters import Filter
from server.schedule.models import Programme, Status
from server.schedule.queries import session_by_code
from tests.makers import NOON, make_meeting, make_session
from tests.world import World, at

FORMS = ("ics", "json", "xml")
LATER = at("2014-09-01T12:00Z")


@pytest.fixture
def meeting(plenary: World) -> World:
    """A programme of four in version 1."""
    with plenary.store.writing() as db:
        made = make_meeting(db)
        make_session(db, made, "ws1", title={"en": "One", "ja": "一"})
        make_session(db, made, "ws2", starts_at=at("2014-09-03T06:00Z"))
        make_session(db, made, "of1", type=made.session_types[2], track=made.tracks[1], room=made.rooms[0])
        make_session(db, made, "ws3", starts_at=None, minutes=None)
        publish(db, made, NOON)
    return plenary


def codes(text: str) -> list[str]:
    return [re.findall(r"\nURL:\S+/sessions/(\w+)\r", part)[0] for part in parts(text).values()]


def parts(text: str) -> dict[str, str]:
    """Each entry of a calendar, unfolded, by its UID."""
    found = re.findall(r"BEGIN:VEVENT.*?END:VEVENT", text.replace("\r\n ", ""), re.S)
    return {re.findall(r"UID:(\S+)", part)[0]: part for part in found}


@pytest.mark.parametrize("form", FORMS)
def test_two_gets_are_byte_identical_and_the_second_can_be_spared(meeting: World, form: str) -> None:
    client = meeting.client()
    first = client.get(f"/igf2014/schedule.{form}")
    second = client.get(f"/igf2014/schedule.{form}")
    assert first.status_code == 200
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]+-gzip"', tag)
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        spared = client.get(f"/igf2014/schedule.{form}", headers={"If-None-Match": known})
        assert (spared.status_code, spared.content, spared.headers["etag"]) == (304, b"", tag)
        assert spared.headers["vary"] == "Accept-Encoding"
    assert client.get(f"/igf2014/schedule.{form}", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("form", FORMS)
def test_each_encoding_has_a_tag_of_its_own_and_the_same_content(meeting: World, form: str) -> None:
    client = meeting.client()
    packed = client.get(f"/igf2014/schedule.{form}", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    plain = client.get(f"/igf2014/schedule.{form}", headers={"Accept-Encoding": "identity"})
    refusing = client.get(f"/igf2014/schedule.{form}", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content == refusing.content
    assert packed.headers["etag"] != plain.headers["etag"] == refusing.headers["etag"]
    assert int(plain.headers["content-length"]) == len(plain.content)


def test_a_feed_says_what_it_is_and_depends_on_nothing_but_its_address(meeting: World) -> None:
    client = meeting.client()
    plain = client.get("/igf2014/schedule.ics")
    client.get("/igf2014/schedule?lang=ja")  # leaves a cookie
    other = client.get("/igf2014/schedule.ics", headers={"Accept-Language": "ja", "Host": "elsewhere.example"})
    assert plain.content == other.content
    for answer in (plain, other):
        chosen = {
            name: answer.headers[name]
            for name in ("content-type", "vary", "cache-control", "access-control-allow-origin", "content-disposition")
        }
        assert chosen == {
            "content-type": "text/calendar; charset=utf-8",
            "vary": "Accept-Encoding",
            "cache-control": "public, no-cache",
            "access-control-allow-origin": "*",
            "content-disposition": 'inline; filename="igf2014.ics"',
        }
        assert "set-cookie" not in answer.headers
    bare = meeting.client()
    bare.headers.pop("accept")
    assert bare.get("/igf2014/schedule.ics").status_code == 200
    assert client.get("/igf2014/schedule.json").headers["content-type"] == "application/json"
    assert client.get("/igf2014/schedule.xml").headers["content-type"] == "application/xml; charset=utf-8"


def test_head_tells_the_same_without_the_bytes(meeting: World) -> None:
    client = meeting.client()
    full, head = client.get("/igf2014/schedule.ics"), client.head("/igf2014/schedule.ics")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "last-modified", "content-type", "content-length"):
        assert head.headers[name] == full.headers[name]


def test_a_date_is_enough_to_be_spared(meeting: World) -> None:
    client = meeting.client()
    modified = client.get("/igf2014/schedule.ics").headers["last-modified"]
    assert modified == "Mon, 01 Sep 2014 09:00:00 GMT"
    asked = {
        given: client.get("/igf2014/schedule.ics", headers={"If-Modified-Since": given}).status_code
        for given in (modified, "Mon, 01 Sep 2014 08:59:59 GMT", "yesterday", "Mon, 99 Sep 2014")
    }
    assert list(asked.values()) == [304, 200, 200, 200]
    both = {"If-Modified-Since": modified, "If-None-Match": '"other"'}
    assert client.get("/igf2014/schedule.ics", headers=both).status_code == 200


def test_a_move_a_new_name_and_a_cancellation_touch_only_that_session(meeting: World) -> None:
    client = meeting.client()
    changes = [{"starts_at": at("2014-09-02T10:00Z")}, {"title": {"en": "Renamed"}}, {"status": Status.CANCELLED}]
    for number, change in enumerate(changes, 1):
        before = client.get("/igf2014/schedule.ics")
        with meeting.store.writing() as db:
            made = meeting_by_slug(db, "igf2014")
            session = session_by_code(db, made, "ws1")
            for name, value in change.items():
                setattr(session, name, value)
            publish(db, made, LATER + timedelta(hours=number))
            uid = session.uid
        after = client.get("/igf2014/schedule.ics", headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        old, new = parts(before.text), parts(after.text)
        assert {key for key in new if new[key] != old[key]} == {uid} <= set(old) == set(new)
        assert f"SEQUENCE:{number}\r\n" in new[uid]
        assert f"DTSTAMP:20140901T{12 + number}0000Z\r\n" in new[uid]
        assert after.headers["last-modified"] == f"Mon, 01 Sep 2014 {12 + number}:00:00 GMT"
    assert "STATUS:CANCELLED" in new[uid]


def test_what_is_not_published_is_not_seen(meeting: World) -> None:
    with meeting.store.writing() as db:
        made = make_meeting(db, "igf2015", short_name="IGF 2015")
        make_session(db, made, "secret")
        db.delete(db.get_one(Programme, made.id))
    client = meeting.client()
    for form in FORMS:
        answer = client.get(f"/igf2015/schedule.{form}")
        assert answer.status_code == 200
        assert "secret" not in answer.text
    assert client.get("/igf2015/sessions/secret").status_code == 404
    assert client.get("/igf2015/sessions/secret.ics").status_code == 404


QUERIES = [
    "", "type=workshop", "type=workshop&type=open-forum", "track=trust", "room=main-hall", "day=2014-09-03", "q=ONE", "code=ws1&code=of1",
    "hide.type=workshop", "type=workshop&hide.day=2014-09-02", "type=nonsense", "colour=blue", "q=%E4%B8%80", "hide.code=ws2&lang=ja", "type=&q=",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_the_page_and_every_feed_take_the_same_filters(meeting: World, query: str) -> None:
    client = meeting.client()
    calendar = client.get(f"/igf2014/schedule.ics?{query}").text
    days = client.get(f"/igf2014/schedule.json?{query}").json()["schedule"]["conference"]["days"]
    in_json = {entry["url"].rpartition("/")[2] for day in days for held in day["rooms"].values() for entry in held}
    in_xml = set(re.findall("<slug>igf2014-(\\w+)</slug>", client.get(f"/igf2014/schedule.xml?{query}").text))
    for view in ("list", "grid"):
        shown = client.get(f"/igf2014/schedule?view={view}&{query}").text.partition('class="tabs"')[2]
        on_page = set(re.findall(r'<h3[^>]*><a href="/igf2014/sessions/(\w+)"', shown))
        assert on_page - {"ws3"} == in_json == in_xml == set(codes(calendar))


def test_a_feed_is_named_after_its_filter_and_says_where_it_and_its_page_are(meeting: World) -> None:
    text = meeting.client().get("/igf2014/schedule.ics?type=workshop&hide.room=wr01&lang=ja&alarm=15&x=y").text
    read = vobject.readOne(text)
    base = meeting.base_url
    assert read.contents["name"][0].value == read.contents["x-wr-calname"][0].value
    assert read.contents["name"][0].value.startswith("IGF 2014 – ワークショップ／")
    plain = text.replace("\r\n ", "")
    assert f"SOURCE;VALUE=URI:{base}/igf2014/schedule.ics?type=workshop&hide.room=wr01&lang=ja&alarm=15\r\n" in plain
    assert f"\r\nURL:{base}/igf2014/schedule?type=workshop&hide.room=wr01\r\n" in plain


def test_a_feed_comes_in_the_language_its_address_names(meeting: World) -> None:
    client = meeting.client()
    assert "SUMMARY:[WS] 一\r\n" in client.get("/igf2014/schedule.ics?lang=ja").text
    assert "SUMMARY:[WS] One\r\n" in client.get("/igf2014/schedule.ics?lang=xx").text
    assert '"title":"一"' in client.get("/igf2014/schedule.json?lang=ja").text


def test_it_rings_only_when_the_address_says_so(meeting: World) -> None:
    client = meeting.client()
    assert client.get("/igf2014/schedule.ics?alarm=15").text.count("TRIGGER:-PT15M") == 3
    for silent in ("", "?alarm=", "?alarm=0", "?alarm=soon"):
        assert "VALARM" not in client.get(f"/igf2014/schedule.ics{silent}").text


def test_one_session_is_a_calendar_of_its_own_and_fills_the_readers_time(meeting: World) -> None:
    client = meeting.client()
    answer = client.get("/igf2014/sessions/ws1.ics")
    read = vobject.readOne(answer.text)
    assert codes(answer.text) == ["ws1"]
    assert (read.vevent.transp.value, read.contents["name"][0].value) == ("OPAQUE", "IGF 2014 – One")
    assert answer.headers["content-disposition"] == 'inline; filename="igf2014-ws1.ics"'
    whole = parts(client.get("/igf2014/schedule.ics").text)
    assert parts(answer.text).keys() <= whole.keys()
    assert "VEVENT" not in client.get("/igf2014/sessions/ws3.ics").text
    missing = client.get("/igf2014/sessions/nothing.ics")
    assert (missing.status_code, "etag" in missing.headers) == (404, False)


def test_an_unknown_form_or_meeting_is_not_there(meeting: World) -> None:
    client = meeting.client()
    for path in ("/igf2014/schedule.txt", "/igf1999/schedule.ics", "/igf1999/sessions/ws1.ics"):
        assert client.get(path).status_code == 404


def test_addresses_that_mean_the_same_are_one_feed() -> None:
    one = Wanted.parse("ics", [("type", "b"), ("type", "a"), ("x", "y"), ("lang", "en"), ("alarm", "0")])
    other = Wanted.parse("ics", [("type", "a"), ("type", "b"), ("type", "a")])
    assert one == other
    assert Wanted("ics", Filter(), "ws1") == Wanted.parse("ics", [("type", "a")], "ws1")


def made(size: int) -> Feed:
    return Feed(b"x" * size, "tag", NOON, "text/plain")


def test_a_feed_is_made_once_however_many_ask_at_the_same_time() -> None:
    shelf, started, calls = Shelf(), threading.Barrier(8), []

    def ask() -> None:
        started.wait()
        shelf.get("key", lambda: calls.append(1) or made(1))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]


def test_a_shelf_keeps_what_was_asked_for_last_and_no_more_than_it_has_room_for() -> None:
    shelf, calls = Shelf(room=2000 + 3 * PLACE), []

    def ask(key: str) -> None:
        shelf.get(key, lambda: calls.append(key) or made(300))

    for key in "abcabdac":
        ask(key)
    assert "".join(calls) == "abcdc"


def test_a_fault_is_told_and_not_kept() -> None:
    shelf = Shelf()

    def fail() -> Feed:
        raise ValueError

    with pytest.raises(ValueError):
        shelf.get("key", fail)
    assert shelf.get("key", lambda: made(1)).body == b"x"
