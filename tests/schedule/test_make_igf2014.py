"""The script that makes the demonstration's programme file invents nothing."""

import runpy
from pathlib import Path
from typing import Any

import yaml

from server.schedule.reading import read_programme

SCRIPT = Path(__file__).parents[2] / "demo" / "make_igf2014.py"


def source(**facts: Any) -> dict[str, Any]:
    session = {
        "id": "ws1", "type": "open_forum", "title": "Rights: how", "title_ja": None, "date": "2014-09-02",
        "start": "09:00", "end": "10:30", "time_status": "given", "day_part": "morning", "room": "main",
        "sub_theme": "rights", "format": None, "duration_min": 60, "capacity_building": True, "tags": ["a"],
        "organisers": [{"name": "", "organisation": "UNESCO", "stakeholder_group": "civil_society"}],
        "moderators": [{"name": "Ada", "organisation": ""}],
    }  # fmt: skip
    return {
        "edition": {
            "number": 9, "year": 2014, "name_en": "Ninth", "city_en": "Istanbul", "country_en": "Turkey",
            "theme_en": "Continents", "venue": "ICEC", "timezone": "Europe/Istanbul",
        },
        "days": [{"index": 0, "date": "2014-09-01"}, {"index": 1, "date": "2014-09-02"}],
        "sub_themes": [{"key": "rights", "name_en": "Rights", "name_ja": "人権"}],
        "session_types": [{"key": "open_forum", "name_en": "Open Forum", "name_ja": ""}],
        "rooms": [{"key": "main", "name": "Main Hall", "location": ""}],
        "sessions": [session | facts],
    }  # fmt: skip


def written(**facts: Any) -> Any:
    text = runpy.run_path(str(SCRIPT))["written"](source(**facts))
    read_programme(text)
    return yaml.safe_load(text)["sessions"][0]


def test_a_session_is_carried_over_in_our_words() -> None:
    assert written() == {
        "code": "ws1",
        "title": "Rights: how",
        "type": "open-forum",
        "track": "human-rights",
        "room": "main-hall",
        "day": "2014-09-02",
        "part_of_day": "morning",
        "start": "09:00",
        "end": "10:30",
        "tags": ["a", "capacity building"],
        "people": [
            {"part": "moderator", "name": "Ada"},
            {"part": "organiser", "organisation": "UNESCO", "stakeholder_group": "civil-society"},
        ],
    }


def test_a_time_that_was_not_found_is_not_made_up() -> None:
    assert {"start", "end"} - written(time_status="unknown").keys() == {"start", "end"}
    assert written(time_status="start_given")["start"] == "09:00"
    assert written(time_status="start_given")["minutes"] == 60
    nothing = written(time_status="unknown", date=None, room=None, sub_theme=None, duration_min=None, day_part=None)
    assert nothing.keys() == {"code", "title", "type", "tags", "people"}
