"""The programme's addresses described in OpenAPI 3.1, made from the facts themselves."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from server import VERSION
from server.schedule.filters import NAMES
from server.schedule.programme_json import ProgrammeFacts, SessionFacts

_WHAT = {
    "day": ("A day of the programme", "2014-09-02"),
    "type": ("The key of a session type", "workshop"),
    "track": ("The key of a track", "human-rights"),
    "room": ("The key of a room", "main-hall"),
    "person": ("Somebody named in the session", "Ada Chair"),
    "q": ("Words that stand in it, however they are spelt", "privacy"),
    "code": ("The code of a session", "ws112"),
    "status": ("Whether it takes place: confirmed or cancelled", "cancelled"),
}
_FORMS = {
    "ics": ("text/calendar", "iCalendar (RFC 5545, RFC 7986), to subscribe to"),
    "json": ("application/json", "c3voc schedule JSON, for conference software"),
    "xml": ("application/xml", "frab XML, for conference software"),
    "atom": ("application/atom+xml", "what changed from version to version (RFC 4287)"),
}
_MEETING = {"$ref": "#/components/parameters/meeting"}
_SESSION = {"$ref": "#/components/parameters/session"}
_FILTERS = [{"$ref": f"#/components/parameters/{name}"} for name in (*NAMES, *(f"hide.{name}" for name in NAMES))]
_LANGUAGE = {"$ref": "#/components/parameters/lang"}


def openapi(base_url: str) -> dict[str, Any]:
    """The OpenAPI document; `base_url` is the server's public address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plenary programme",
            "version": VERSION,
            "description": (
                "The published programme, for everybody: no key, no cookie, from a page of any site. Two GETs with no "
                "publication between give the same bytes: come back with `If-None-Match`. Filters of one name are "
                "alternatives, different names must all fit, and `hide.` takes away. A value that is not known selects "
                "nothing, and a name that is not known is ignored. Ignore members that you do not know."
            ),
        },
        "servers": [{"url": base_url}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(ProgrammeFacts, SessionFacts),
            "parameters": {**_places(), **_filters(), "lang": _language()},
            "responses": {
                "same": {"description": "Nothing has changed since the version that `If-None-Match` names."},
                "none": {
                    "description": "There is no such meeting or session.",
                    "content": {"application/problem+json": {"schema": {"type": "object"}}},
                },
            },
        },
    }


def _paths() -> dict[str, Any]:
    programme, session = "/{meeting}/sessions.json", "/{meeting}/sessions/{session}.json"
    paths = {
        programme: _get("sessions", "The sessions as plain facts", "application/json", ProgrammeFacts, _FILTERS),
        session: _get("session", "One session as plain facts", "application/json", SessionFacts, [_SESSION]),
    }
    for form, (media_type, summary) in _FORMS.items():
        given = [*_FILTERS, _LANGUAGE]
        paths[f"/{{meeting}}/schedule.{form}"] = _get(f"schedule_{form}", summary, media_type, None, given)
    summary = "One session as iCalendar"
    paths["/{meeting}/sessions/{session}.ics"] = _get(
        "session_ics", summary, "text/calendar", None, [_SESSION, _LANGUAGE]
    )
    return paths


def _get(
    name: str, summary: str, media_type: str, facts: type[BaseModel] | None, parameters: list[dict[str, str]]
) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{facts.__name__}"} if facts else {}
    header = {"description": "The name of exactly these bytes.", "schema": {"type": "string"}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [_MEETING, *parameters],
            "responses": {
                "200": {
                    "description": summary,
                    "headers": {"ETag": header},
                    "content": {media_type: {"schema": schema} if schema else {}},
                },
                "304": {"$ref": "#/components/responses/same"},
                "404": {"$ref": "#/components/responses/none"},
            },
        }
    }


def _schemas(*facts: type[BaseModel]) -> dict[str, Any]:
    made = models_json_schema(
        [(one, "serialization") for one in facts], ref_template="#/components/schemas/{model}"
    )[1]  # fmt: skip
    schemas: dict[str, Any] = made["$defs"]
    return schemas


def _places() -> dict[str, Any]:
    what = {"meeting": ("The meeting's slug.", "igf2014"), "session": ("The session's code.", "ws112")}
    word = {"type": "string", "pattern": "^[a-z0-9-]+$"}
    return {
        name: {"name": name, "in": "path", "required": True, "description": said, "schema": word, "example": example}
        for name, (said, example) in what.items()
    }


def _filters() -> dict[str, Any]:
    shown = {name: _filter(name, f"{_WHAT[name][0]}.", _WHAT[name][1]) for name in NAMES}
    hidden = {f"hide.{name}": _filter(f"hide.{name}", f"To hide: {_WHAT[name][0]}.", _WHAT[name][1]) for name in NAMES}
    return {**shown, **hidden}


def _filter(name: str, description: str, example: str) -> dict[str, Any]:
    schema = {"type": "array", "items": {"type": "string"}}
    return {
        "name": name,
        "in": "query",
        "description": description,
        "explode": True,
        "schema": schema,
        "example": [example],
    }


def _language() -> dict[str, Any]:
    said = "The language of names and titles; English where it is not given, whatever the browser prefers."
    return {"name": "lang", "in": "query", "description": said, "schema": {"type": "string"}, "example": "ja"}
