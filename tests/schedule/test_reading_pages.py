"""The views of the programme, what moved lately, times in every zone, and the booklet."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from server import clock
from server.database import Database
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.schedule.facts import End, frame_of, planned_of, public_facts
from server.schedule.models import Entry, Part, Publication, Session, SessionPerson, Status
from server.schedule.queries import recent_changes
from server.schedule.recent import news
from tests.makers import make_meeting, make_session
from tests.schedule.test_pages import rows, words
from tests.world import World, at

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either


def section(html: str, heading: str) -> str:
    """What stands below a heading of the second level, up to the next section."""
    below = re.split(rf"<h2[^>]*>{re.escape(heading)}(?:</h2>|(?= ?<))", html)[1]
    return words(below.partition("</section>")[0])


def make_version(
    db: Database, meeting: Meeting, number: int, when: datetime, changed: dict[str, tuple[list[str], dict[str, Any]]]
) -> None:
    """A version, with what changed in it and how the session's facts were, where they were not as they are now."""
    db.add(Publication(meeting_id=meeting.id, number=number, published_at=when, note="", frame=frame_of(meeting)))
    db.flush()
    for session in db.query(Session).filter_by(meeting_id=meeting.id):
        if session.code in changed:
            kinds, other = changed[session.code]
            facts = public_facts(planned_of(session), End(session.ends_at, session.end_is_estimate)) | other
            db.add(Entry(meeting_id=meeting.id, number=number, code=session.code, facts=facts, kinds=kinds))
    db.flush()


# The views -------------------------------------------------------------------------------------------------------


def test_rooms_have_a_heading_each_with_their_sessions_by_day(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "hall", room=meeting.rooms[0])
        make_session(db, meeting, "two", starts_at=at("2014-09-03T06:00Z"))
        make_session(db, meeting, "one")
        make_session(db, meeting, "nowhere", room=None)
    html = plenary.client().get("/igf2014/schedule?view=rooms").text
    assert list(rows(html)) == ["hall", "one", "two", "nowhere"]
    assert re.findall(r'<h[23] [^>]*(?:id="room-|class="day")[^>]*>(.*?)</h[23]>', html) == [
        "Main Meeting Hall", "Day 1 · Tue 2 Sept",
        'Workshop Room 01 <small class="muted">Rumeli Ground Floor</small>', "Day 1 · Tue 2 Sept", "Day 2 · Wed 3 Sept",
        "Room to be announced", "Day 1 · Tue 2 Sept",
    ]  # fmt: skip


def test_tracks_have_a_heading_each_and_what_has_none_comes_last(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "without", track=None)
        make_session(db, meeting, "trust", track=meeting.tracks[1])
        make_session(db, meeting, "rights")
    client = plenary.client()
    html = client.get("/igf2014/schedule?view=tracks").text
    assert list(rows(html)) == ["rights", "trust", "without"]
    assert re.findall(r'<h2 id="track-[\w-]+">(.*?)</h2>', html) == [
        "Internet and Human Rights", "Enhancing Digital Trust", "Other sessions",
    ]  # fmt: skip
    with plenary.store.writing() as db:
        trackless = make_meeting(db, "other")
        make_session(db, trackless, track=None)
        trackless.tracks = []
    assert "By track" not in client.get("/other/schedule").text


def test_everybody_named_is_listed_once_with_their_sessions_and_parts(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        one = make_session(db, meeting, "one", people=[(Part.CHAIR, "Zoë Zander"), (Part.SPEAKER, "Zoë Zander")])
        one.people.append(SessionPerson(position=3, part=Part.ORGANISER, organisation="Ärzte ohne Grenzen"))
        one.people[0].organisation = "Example Org"
        make_session(db, meeting, "two", room=None, starts_at=None, minutes=None, people=[(Part.SPEAKER, "ZOE ZANDER")])
        make_session(db, meeting, "three", people=[(Part.MODERATOR, "山田太郎")])
    client = plenary.client()
    html = client.get("/igf2014/schedule?view=people").text
    assert re.findall(r'<h2 id="letter-\w+">(.*?)</h2>', html) == ["A", "Z", "Other letters"]
    assert section(html, "A") == (
        "Ärzte ohne Grenzen organisation Session one Session organiser, Tue 2 Sept, 09:00–10:30 , Workshop Room 01"
    )
    assert section(html, "Z").startswith(
        "Zoë Zander Example Org Session one Chair, Speaker, Tue 2 Sept, 09:00–10:30 , Workshop Room 01 "
        "Session two Speaker, Time to be announced"
    )
    address = unescape(re.findall(r'href="([^"]+)">Zoë Zander', html)[0])
    found = client.get(address).text
    assert list(rows(found)) == ["one", "two"]
    assert "2 sessions: Zoë Zander" in words(found)
    assert client.get(f"{address.replace('schedule', 'schedule.ics')}").text.count("BEGIN:VEVENT") == 1
    alone = client.get("/igf2014/schedule?view=people&person=zoe+zander").text
    assert re.findall(r'<h2 id="letter-\w+">(.*?)</h2>', alone) == ["Z"]
    page = client.get("/igf2014/sessions/one").text
    assert 'href="/igf2014/schedule?person=Zo%C3%AB%20Zander">Zoë Zander</a>' in page


def test_at_the_door_of_each_room_stands_what_is_on_and_what_is_next(plenary: World) -> None:
    now = clock.now()
    soon = now + timedelta(hours=3)
    with plenary.store.writing() as db:
        meeting = make_meeting(db, first_day=now.date(), timezone="UTC")
        hall = meeting.rooms[0]
        make_session(db, meeting, "on", room=hall, starts_at=now - timedelta(minutes=30))
        make_session(db, meeting, "off", starts_at=now - timedelta(minutes=30), status=Status.CANCELLED)
        make_session(db, meeting, "soon", starts_at=soon)
        make_session(db, meeting, "later", starts_at=soon + timedelta(hours=2))
        make_session(db, meeting, "past", room=None, starts_at=now - timedelta(days=3))
    html = plenary.client().get("/igf2014/schedule?view=now").text
    main = section(html, "Main Meeting Hall")
    assert re.fullmatch(r"On now \d\d:\d\d.* Session on Follow live : Session on Next Nothing more in this room.", main)
    other = section(html, "Workshop Room 01")
    assert re.search(r"On now .* Session off Cancelled Next .* Session soon$", other)
    assert "Nothing is on just now" not in html
    assert html.count('<section aria-labelledby="door-') == 2
    assert html.index('class="doors"') < html.index('<form class="filters"')


def test_when_nothing_is_on_it_is_said_when_it_goes_on(plenary: World) -> None:
    day = clock.now().date() + timedelta(days=30)
    start = datetime(day.year, day.month, day.day, 6, 0, tzinfo=UTC)
    with plenary.store.writing() as db:
        meeting = make_meeting(db, first_day=day)
        make_session(db, meeting, starts_at=start)
        make_session(db, make_meeting(db, "over"))
    client = plenary.client()
    page = words(client.get("/igf2014/schedule?view=now").text)
    assert re.search(r"Nothing is on just now\. The next session begins on \w{3} \d{1,2} \w+ at 09:00\.", page)
    assert "Nothing is on just now. There are no more sessions." in words(client.get("/over/schedule?view=now").text)


@pytest.mark.parametrize("view", ["list", "grid", "now", "rooms", "tracks", "people", "nonsense"])
def test_each_view_takes_the_same_filters_and_leads_to_the_others(plenary: World, view: str) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "one")
        make_session(db, meeting, "two", type=meeting.session_types[2], people=[(Part.SPEAKER, "Bo Other")])
    client = plenary.client()
    html = client.get(f"/igf2014/schedule?view={view}&type=workshop&tz=Asia/Tokyo").text
    assert "Session two" not in html
    assert ("Session one" in html) == (view != "now")  # it was years ago
    known = ["grid", "now", "rooms", "tracks", "people"]
    steps = html.partition('<nav class="views"')[2].partition("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', unescape(steps)) == [
        "/igf2014/schedule?type=workshop&tz=Asia%2FTokyo",
        *(f"/igf2014/schedule?type=workshop&view={one}&tz=Asia%2FTokyo" for one in known),
    ]
    assert 'href="/igf2014/schedule/booklet?type=workshop"' in html
    nothing = words(client.get(f"/igf2014/schedule?view={view}&type=nonsense").text)
    assert "No session fits all of these choices." in nothing


# Times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "start", "minutes", "reader", "shown"),
    [
        # Across midnight a session stays on the day on which it begins.
        ("Europe/Istanbul", "2014-09-02", "2014-09-02T20:30Z", 60, None, "23:30 – Wed 3 Sept, 00:30"),
        ("Europe/Istanbul", "2014-09-02", "2014-09-02T20:30Z", 60, "UTC", "23:30 – Wed 3 Sept, 00:30 20:30–21:30 UTC"),
        # The night in which the clock is put back: two hours from half past midnight to half past one.
        ("Europe/London", "2014-10-26", "2014-10-25T23:30Z", 120, "UTC", "00:30–01:30 Sat 25 Oct, 23:30 – Sun 26 Oct, 01:30 UTC"),
        # The night in which it is put forward: an hour from half past one to half past three.
        ("America/New_York", "2014-03-09", "2014-03-09T06:30Z", 60, "UTC", "01:30–03:30 06:30–07:30 UTC"),
        # The reader's clock shows the same at the beginning and another hour at the end.
        ("Europe/London", "2014-10-26", "2014-10-25T23:30Z", 120, "Africa/Lagos", "00:30–01:30 00:30–02:30 Lagos time"),
        ("Asia/Kathmandu", "2014-09-02", "2014-09-01T18:15Z", 90, "Asia/Tokyo", "00:00–01:30 03:15–04:45 Tokyo time"),
        ("Asia/Kathmandu", "2014-09-02", "2014-09-02T03:15Z", 90, "UTC", "09:00–10:30 03:15–04:45 UTC"),
        ("Pacific/Apia", "2014-09-02", "2014-09-01T20:00Z", 90, "Pacific/Pago_Pago", "09:00–10:30 Mon 1 Sept, 09:00–10:30 Pago Pago time"),
        ("Europe/Istanbul", "2014-09-02", "2014-09-02T06:00Z", 90, "Pacific/Kiritimati", "09:00–10:30 20:00–21:30 Kiritimati time"),
    ],
)  # fmt: skip
def test_times_are_right_across_midnight_and_where_clocks_change(
    plenary: World, zone: str, day: str, start: str, minutes: int, reader: str | None, shown: str
) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db, timezone=zone, first_day=date.fromisoformat(day), days=1, has_day_zero=False)
        make_session(db, meeting, starts_at=at(start), minutes=minutes, day=date.fromisoformat(day))
    html = plenary.client().get(f"/igf2014/schedule?day={day}" + (f"&tz={reader}" if reader else "")).text
    assert rows(html)["ws112"].partition(" Session ws112")[0].replace("(", "").replace(")", "") == shown


def test_day_zero_is_a_day_like_the_others(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "before", starts_at=at("2014-09-01T06:00Z"))
        make_session(db, meeting, "first")
    client = plenary.client()
    html = client.get("/igf2014/schedule").text
    assert list(rows(html)) == ["before", "first"]
    assert 'href="/igf2014/schedule?day=2014-09-01">Day 0 · Mon 1 Sept</a>' in html
    for view in ("list", "rooms", "tracks"):
        zero = client.get(f"/igf2014/schedule?day=2014-09-01&view={view}").text
        assert list(rows(zero)) == ["before"]
        assert "Day 0 · Mon 1 Sept" in words(zero)
    assert "Session before" in client.get("/igf2014/schedule?day=2014-09-01&view=grid").text


# What moved lately -----------------------------------------------------------------------------------------------


def moved_programme(plenary: World) -> datetime:
    """Five sessions, of which four changed three days ago and one ten days ago; gives the instant of three days ago."""
    then = clock.now() - timedelta(days=3)
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        for code in ("moved", "new", "again", "still", "older"):
            make_session(db, meeting, code, room=meeting.rooms[0])
        make_session(db, meeting, "off", status=Status.CANCELLED)
        was = {"starts_at": "2014-09-02T04:00:00+00:00", "ends_at": "2014-09-02T05:30:00+00:00", "room": "wr01"}
        first: dict[str, tuple[list[str], dict[str, Any]]] = {
            code: (["added"], {}) for code in ("again", "still", "older", "off")
        }
        make_version(db, meeting, 1, then - timedelta(days=30), first | {"moved": (["added"], was)})
        make_version(db, meeting, 2, then - timedelta(days=7), {"older": (["time"], {})})
        changed: dict[str, tuple[list[str], dict[str, Any]]] = {
            "moved": (["time", "length", "room"], {}), "new": (["added"], {}), "off": (["cancelled"], {}),
            "again": (["uncancelled"], {}), "still": (["text"], {}),
        }  # fmt: skip
        make_version(db, meeting, 3, then, changed)
    return then


def test_what_moved_in_the_last_week_is_marked_in_words(plenary: World) -> None:
    then = moved_programme(plenary)
    with plenary.store.reading() as db:
        meeting = meeting_by_slug(db, "igf2014")
        changes = recent_changes(db, meeting, clock.now() - timedelta(days=7))
        expected = {
            "moved": ["time", "length", "room"], "new": ["added"], "off": ["cancelled"], "again": ["uncancelled"],
            "still": ["text"],
        }  # fmt: skip
        assert changes == {code: [(3, then, kinds)] for code, kinds in expected.items()}
        said = news(changes, list(db.query(Session)), "UTC")
    pattern = {"moved": ["New time since ", "New room since "], "new": ["Added on "], "off": ["Cancelled on "],
               "again": ["Reinstated on "]}  # fmt: skip
    day = said["new"][0].removeprefix("Added on ")
    assert said == {code: [f"{words}{day}" for words in begin] for code, begin in pattern.items()}
    client = plenary.client()
    for view in ("list", "rooms", "tracks"):
        shown = rows(client.get(f"/igf2014/schedule?view={view}").text)
        assert {code: "since" in row or " on " in row for code, row in shown.items()} == {
            code: code in pattern for code in ("moved", "new", "again", "still", "older", "off")
        }
    for view in ("list", "grid", "people"):
        html = client.get(f"/igf2014/schedule?view={view}").text
        assert "New room since" in html
        assert "4 sessions changed in the last week" in words(html)


def test_a_page_tells_what_a_session_was_before(plenary: World) -> None:
    moved_programme(plenary)
    client = plenary.client()
    html = client.get("/igf2014/sessions/moved").text
    before = section(html, "What changed in the last week")
    assert "Time Tue 2 Sept, 07:00–08:30 → is now Tue 2 Sept, 09:00–10:30" in before
    assert "Room Workshop Room 01, Rumeli Ground Floor → is now Main Meeting Hall" in before
    assert 'href="/igf2014/schedule/changes"' in html
    assert '"previousStartDate": "2014-09-02T07:00:00+03:00"' in html
    assert "EventRescheduled" in html
    assert "What changed in the last week" not in client.get("/igf2014/sessions/older").text


def test_the_first_version_is_no_news(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting)
        make_version(db, meeting, 1, clock.now() - timedelta(days=1), {"ws112": (["added"], {})})
        assert recent_changes(db, meeting, clock.now() - timedelta(days=7)) == {}
    assert "in the last week" not in plenary.client().get("/igf2014/schedule").text


# A session's other times, and the booklet -------------------------------------------------------------------------


def test_a_session_that_is_held_again_leads_to_its_other_times(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "first")
        make_session(db, meeting, "second", repeats="first", starts_at=at("2014-09-03T06:00Z"))
        make_session(db, meeting, "third", repeats="first", starts_at=at("2014-09-04T06:00Z"), room=None)
    client = plenary.client()

    def others(code: str) -> list[str]:
        html = client.get(f"/igf2014/sessions/{code}").text
        return re.findall(r"/sessions/(\w+)", html.partition("<dt>Also held at</dt>")[2].partition("<dt>")[0])

    assert {code: others(code) for code in ("first", "second", "third")} == {
        "first": ["second", "third"], "second": ["first", "third"], "third": ["first", "second"],
    }  # fmt: skip
    page = words(client.get("/igf2014/sessions/first").text)
    assert "Also held at Wed 3 Sept, 09:00–10:30 , Workshop Room 01 Thu 4 Sept, 09:00–10:30" in page


def test_the_booklet_holds_the_sessions_with_what_they_are_about_and_two_indexes(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "one", description={"en": "Why *this* matters."})
        make_session(db, meeting, "two", room=None, starts_at=None, minutes=None, status=Status.CANCELLED)
        make_session(db, meeting, "three", type=meeting.session_types[2])
    client = plenary.client()
    html = client.get("/igf2014/schedule/booklet").text
    assert re.findall(r'<article class="booklet-session[^>]* id="(\w+)"', html) == ["one", "three", "two"]
    assert "<em>this</em>" in html
    assert (
        section(html, "Rooms")
        == "Workshop Room 01 Rumeli Ground Floor Tue 2 Sept ONE , THREE Room to be announced Day to be announced TWO"
    )
    assert section(html, "People and organisations") == "Ada Chair ONE , THREE , TWO Ray Porter ONE , THREE , TWO"
    page = words(html)
    assert "Chair: Ada Chair Rapporteur: Ray Porter" in page
    assert "(version 1). All times are Istanbul time." in page
    part = client.get("/igf2014/schedule/booklet?type=open-forum").text
    assert re.findall(r'<article class="booklet-session[^>]* id="(\w+)"', part) == ["three"]
    assert "Open Forum" in words(part)
    with plenary.store.writing() as db:
        make_meeting(db, "empty")
    assert "The programme is not published yet" in words(client.get("/empty/schedule/booklet").text)
