"""What search engines and link previews are told: schema.org, Open Graph, and the one address of a page."""

import json
import re
from html import unescape
from typing import Any

import pytest

from server.meetings.models import Mode
from server.schedule.models import Part, SessionPerson, Status
from server.schedule.structured import LONGEST
from tests.makers import make_meeting, make_session
from tests.world import World

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either


def told(html: str) -> dict[str, Any]:
    """The data block of a page."""
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    found: dict[str, Any] = json.loads(block)
    return found


VENUE = {
    "@type": "Place",
    "name": "Lütfi Kırdar ICEC",
    "address": {
        "@type": "PostalAddress",
        "streetAddress": "Lütfi Kırdar ICEC",
        "addressLocality": "Istanbul",
        "addressCountry": "Turkey",
    },
}


def the_meeting(base: str) -> dict[str, Any]:
    return {
        "@type": "Event",
        "@id": f"{base}/igf2014",
        "url": f"{base}/igf2014",
        "name": "Ninth Annual Meeting of the Internet Governance Forum",
        "startDate": "2014-09-01",
        "endDate": "2014-09-05",
        "location": [VENUE, {"@type": "VirtualLocation", "url": f"{base}/igf2014/live"}],
    }


def test_a_session_is_told_whole(plenary: World) -> None:
    with plenary.store.writing() as db:
        session = make_session(db, make_meeting(db), description={"en": "Why *this* matters.\n\nMuch."})
        session.people.append(SessionPerson(position=3, part=Part.SPEAKER, name="Bo", organisation="Example Org"))
        session.people.append(SessionPerson(position=4, part=Part.ORGANISER, organisation="ISOC"))
    base = plenary.base_url
    page = f"{base}/igf2014/sessions/ws112"
    assert told(plenary.client().get("/igf2014/sessions/ws112").text) == {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": page,
        "url": page,
        "name": "Session ws112",
        "description": "Why this matters. Much.",
        "startDate": "2014-09-02T09:00:00+03:00",
        "endDate": "2014-09-02T10:30:00+03:00",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
        "location": [
            {**VENUE, "name": "Workshop Room 01, Lütfi Kırdar ICEC"},
            {"@type": "VirtualLocation", "url": f"{page}/live"},
        ],
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "performer": [
            {"@type": "Person", "name": "Ada Chair"},
            {"@type": "Person", "name": "Bo", "affiliation": {"@type": "Organization", "name": "Example Org"}},
        ],
        "contributor": [{"@type": "Person", "name": "Ray Porter"}],
        "organizer": [{"@type": "Organization", "name": "ISOC"}],
        "superEvent": the_meeting(base),
    }


def test_what_is_not_known_is_left_out_and_a_cancellation_is_told(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db, mode=Mode.VIRTUAL)
        make_session(db, meeting, "bare", starts_at=None, minutes=None, people=[], day=meeting.first_day)
        make_session(db, meeting, "off", status=Status.CANCELLED)
    client = plenary.client()
    bare = told(client.get("/igf2014/sessions/bare").text)
    assert bare["startDate"] == "2014-09-02"
    assert not {"endDate", "description", "performer", "contributor", "previousStartDate"} & set(bare)
    assert bare["organizer"] == [{"@type": "Organization", "name": "IGF 2014", "url": f"{plenary.base_url}/igf2014"}]
    assert bare["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    live = f"{plenary.base_url}/igf2014/sessions/bare/live"
    assert bare["location"] == [{"@type": "VirtualLocation", "url": live}]
    assert told(client.get("/igf2014/sessions/off").text)["eventStatus"] == "https://schema.org/EventCancelled"


def test_the_programme_tells_of_the_meeting_and_its_sessions(plenary: World) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db, theme={"en": "Connecting Continents"}, credit="IGF Secretariat")
        make_session(db, meeting, "one")
        make_session(db, meeting, "two")
    client, base = plenary.client(), plenary.base_url
    assert told(client.get("/igf2014/schedule").text) == {
        "@context": "https://schema.org",
        **the_meeting(base),
        "description": "Connecting Continents",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
        "isAccessibleForFree": True,
        "organizer": [{"@type": "Organization", "name": "IGF Secretariat", "url": f"{base}/igf2014"}],
        "subEvent": [{"@id": f"{base}/igf2014/sessions/{code}"} for code in ("one", "two")],
    }
    assert "ld+json" not in client.get("/igf2014/schedule?type=workshop").text


def test_whatever_people_write_stays_data(plenary: World) -> None:
    evil = "</script><script>alert(1)</script><!-- ' \" & \u2028"
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db), title={"en": evil}, description={"en": evil}, people=[(Part.CHAIR, evil)])
    html = plenary.client().get("/igf2014/sessions/ws112").text
    assert "<script>" not in html
    found = told(html)
    assert found["name"] == evil.replace("\u2028", "\n")
    assert found["performer"] == [{"@type": "Person", "name": evil.replace("\u2028", "\n")}]


def test_a_link_to_a_session_shows_what_it_is(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db), description={"en": "Long words. " * 100}, title={"en": 'A "title" & more'})
    html = plenary.client().get("/igf2014/sessions/ws112?tz=Asia/Tokyo&lang=en").text
    page = f"{plenary.base_url}/igf2014/sessions/ws112"
    metas = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', html))
    assert unescape(metas["og:title"]) == 'A "title" & more'
    assert (metas["og:url"], metas["og:type"], metas["og:site_name"]) == (page, "article", "IGF 2014")
    begins = "Tue, 2 Sept 2014, 09:00 (Istanbul time), Workshop Room 01. Long words. Long words."
    assert metas["og:description"] == metas["description"]
    assert metas["description"].startswith(begins)
    assert metas["description"].endswith("…")
    assert len(metas["description"]) <= LONGEST + 80
    assert f'<link rel="canonical" href="{page}">' in html


def test_the_address_of_a_filtered_programme_leaves_the_readers_zone_out(plenary: World) -> None:
    with plenary.store.writing() as db:
        make_session(db, make_meeting(db))
    html = unescape(plenary.client().get("/igf2014/schedule?tz=Asia/Tokyo&view=grid&type=workshop").text)
    assert f'<link rel="canonical" href="{plenary.base_url}/igf2014/schedule?type=workshop&view=grid">' in html
