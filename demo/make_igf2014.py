"""Writes `igf2014.yaml` beside it from a `programme.json` of researched facts about IGF 2014.

    python demo/make_igf2014.py path/to/programme.json

Nothing is invented: a session whose time, room or day was not found has none. The same input gives the same bytes.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

TARGET = Path(__file__).with_name("igf2014.yaml")
TIME = re.compile(r"\d\d:\d\d|\d{4}-\d\d-\d\d")
CREDIT = "Internet Governance Forum Secretariat, UN DESA"

#: key in the source: (Japanese name where the source has none, colour, mark, usual minutes, stands alone)
TYPES = {
    "main": ("", "red", "M", 180, True),
    "workshop": ("", "blue", "WS", 90, False),
    "open_forum": ("", "green", "OF", 60, False),
    "bpf": ("", "purple", "BPF", 90, False),
    "dynamic_coalition": ("", "teal", "DC", 90, False),
    "ceremony": ("式典", "amber", "C", 60, True),
    "orientation": ("オリエンテーション", "olive", "OR", 90, False),
    "open_mic": ("オープンマイク", "orange", "MIC", 60, True),
    "host_country": ("開催国セッション", "pink", "HC", 90, False),
    "pre_event": ("プレイベント（0日目）", "grey", "PRE", 90, False),
    "side_meeting": ("サイドミーティング", "indigo", "SM", 60, False),
    "flash": ("フラッシュセッション", "amber", "FL", 30, False),
}
TRACKS = {"rights": "human-rights", "cir": "critical-resources"}
ROOMS = {"main": "main-hall"}
#: What the source notes about a session and its readers want to know.
DESCRIPTIONS = {
    "pre7": "Constituent General Assembly.",
    "of2": "To end by 18:00.",
    "mic1": "Before the closing ceremony, about 75 minutes.",
}


def programme(source: dict[str, Any]) -> dict[str, Any]:
    """The programme file that says what the source says."""
    edition = source["edition"]
    days = [day["date"] for day in source["days"] if day["index"] > 0]
    return {
        "meeting": {
            "slug": f"igf{edition['year']}",
            "number": edition["number"],
            "name": {"en": edition["name_en"], "ja": f"第{edition['number']}回インターネット・ガバナンス・フォーラム"},
            "short_name": f"IGF {edition['year']}",
            "theme": texts(edition, "theme"),
            "mode": "hybrid",
            "city": texts(edition, "city"),
            "country": texts(edition, "country"),
            "venue": edition["venue"],
            "timezone": edition["timezone"],
            "first_day": days[0],
            "days": len(days),
            "day_zero": True,
            "track_label": {"en": "Sub-theme", "ja": "サブテーマ"},
            "registration_open": True,
            "credit": CREDIT,
        },
        "tracks": [{"key": track(one["key"]), "name": texts(one, "name")} for one in source["sub_themes"]],
        "session_types": [session_type(one) for one in source["session_types"]],
        "rooms": [room_part(one) for one in source["rooms"]],
        "sessions": [session(one) for one in source["sessions"]],
    }


def texts(one: dict[str, Any], field: str) -> dict[str, str]:
    """A text in the languages the source has it in."""
    return {tag: one[f"{field}_{tag}"] for tag in ("en", "ja") if one.get(f"{field}_{tag}")}


def track(key: str | None) -> str | None:
    """Our key of a sub-theme."""
    return TRACKS.get(key or "", key)


def session_type(one: dict[str, Any]) -> dict[str, Any]:
    """A session type with its looks and usual length."""
    japanese, colour, mark, minutes, alone = TYPES[one["key"]]
    return present(
        key=one["key"].replace("_", "-"),
        name=texts(one | {"name_ja": one["name_ja"] or japanese}, "name"),
        colour=colour,
        mark=mark,
        usual_minutes=minutes,
        stands_alone=alone,
    )


def room_part(one: dict[str, Any]) -> dict[str, Any]:
    """A room; how many people fit in is not known of any."""
    return present(key=ROOMS.get(one["key"], one["key"]), name=one["name"], place=one["location"])


def session(one: dict[str, Any]) -> dict[str, Any]:
    """A session with what is known of it."""
    start = one["start"] if one["time_status"] in ("given", "start_given") else None
    end = one["end"] if one["time_status"] == "given" else None
    return present(
        code=one["id"],
        title={"en": one["title"], "ja": one["title_ja"]} if one["title_ja"] else one["title"],
        description=DESCRIPTIONS.get(one["id"]),
        type=one["type"].replace("_", "-"),
        track=track(one["sub_theme"]),
        room=ROOMS.get(one["room"], one["room"]),
        day=one["date"],
        part_of_day=one["day_part"],
        start=start,
        end=end,
        minutes=None if end else one["duration_min"],
        format=one["format"],
        tags=[*one["tags"], *(["capacity building"] if one["capacity_building"] else [])],
        people=[
            *(person("moderator", who) for who in one["moderators"]),
            *(person("organiser", who) for who in one["organisers"]),
        ],
    )


def person(part: str, who: dict[str, Any]) -> dict[str, Any]:
    """Somebody named in the programme, or an organisation."""
    group = (who.get("stakeholder_group") or "").replace("_", "-")
    return present(part=part, name=who["name"], organisation=who["organisation"], stakeholder_group=group)


def present(**fields: Any) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], False)}


class Writer(yaml.SafeDumper):
    """Writes YAML as one would by hand: lists of words and small mappings on a line, a blank line between parts."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent the items of a list."""
        super().increase_indent(flow, False)


class Inline(dict[str, Any]):
    """A mapping to be written on one line."""


class Quoted(str):
    """A day or time in quotes: some readers of YAML take 11:00 for a number of minutes."""

    __slots__ = ()


class Words(list[Any]):
    """A list to be written on one line."""


_YAML = "tag:yaml.org,2002:"
Writer.add_representer(Inline, lambda writer, it: writer.represent_mapping(_YAML + "map", it, flow_style=True))
Writer.add_representer(Words, lambda writer, it: writer.represent_sequence(_YAML + "seq", it, flow_style=True))
Writer.add_representer(Quoted, lambda writer, it: writer.represent_scalar(_YAML + "str", it, style="'"))


def laid_out(value: Any) -> Any:
    """The same values with small things on a line and times in quotes."""
    if isinstance(value, dict):
        small = all(isinstance(inner, str) for inner in value.values()) and (
            set(value) <= {"en", "ja"} or "part" in value
        )
        return (Inline if small else dict)((name, laid_out(inner)) for name, inner in value.items())
    if isinstance(value, list):
        words = all(isinstance(inner, str) for inner in value)
        return Words(value) if words else [laid_out(inner) for inner in value]
    return Quoted(value) if isinstance(value, str) and TIME.fullmatch(value) else value


def written(source: dict[str, Any]) -> str:
    """The text of the programme file."""
    lines = [
        "# The programme of the ninth Internet Governance Forum (Istanbul, 2014), as far as public pages tell it.",
        "# Names, titles, days, times and rooms are facts; what was not found is left out. Stakeholder groups are as",
        "# the sources state them, or follow from the kind of organisation.",
        f"# Credit: {CREDIT}.",
        "# Written by make_igf2014.py; docs/programme-file.md describes the format.",
    ]
    for name, part in laid_out(programme(source)).items():
        lines.append("")
        text = yaml.dump({name: part}, Dumper=Writer, allow_unicode=True, sort_keys=False, width=100_000)
        items = text.splitlines()
        for number, line in enumerate(items):
            if name == "sessions" and line.startswith("  - ") and number > 1:
                lines.append("")
            lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(written(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "utf-8")
