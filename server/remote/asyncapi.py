"""The live protocol described in AsyncAPI 3.0, made from the message types themselves."""

from typing import Any
from urllib.parse import urlsplit

from server import VERSION
from server.remote.messages import MESSAGES, SUBPROTOCOL, schema_of

_CURSOR = "A position `EPOCH:OFFSET`: the reader holds everything up to and including it."


def describe(base_url: str) -> dict[str, Any]:
    """The AsyncAPI document; `base_url` is the server's public address."""
    host = urlsplit(base_url)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Plenary live summaries",
            "version": VERSION,
            "description": (
                "A session's summary as it is written. The socket only speaks: anything a client sends closes it "
                f"with 1008. The subprotocol `{SUBPROTOCOL}` is optional. 1012 means restarting and 4008 too slow; "
                "in both cases come back with the cursor. Ignore types, members and ops you do not know, but count "
                "the offset of an unknown op."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {"here": {"host": host.netloc, "protocol": "wss" if host.scheme == "https" else "ws"}},
        "channels": {"summary": _channel()},
        "operations": {
            "follow": {
                "action": "send",
                "channel": {"$ref": "#/channels/summary"},
                "messages": [{"$ref": f"#/channels/summary/messages/{name}"} for name in MESSAGES],
            }
        },
        "components": {
            "messages": {
                name: {"name": name, "summary": summary, "payload": _whole(name)}
                for name, (_, summary) in MESSAGES.items()
            }
        },
    }


def _channel() -> dict[str, Any]:
    return {
        "address": "/{meeting}/sessions/{session}/live/ws",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in MESSAGES},
        "parameters": {
            "meeting": {"description": "The meeting's slug."},
            "session": {"description": "The session's code."},
        },
        "bindings": {
            "ws": {
                "query": {"type": "object", "properties": {"after": {"type": "string", "description": _CURSOR}}},
                "bindingVersion": "0.1.0",
            }
        },
    }


def _whole(name: str) -> Any:
    """A schema without references, so that a program can take a payload out of the document and use it alone."""
    schema = schema_of(name)
    return _filled_in({key: value for key, value in schema.items() if key != "$defs"}, schema.get("$defs", {}))


def _filled_in(part: Any, parts: dict[str, Any]) -> Any:
    if isinstance(part, dict):
        if "$ref" in part:
            return _filled_in(parts[part["$ref"].removeprefix("#/$defs/")], parts)
        return {key: _filled_in(value, parts) for key, value in part.items()}
    return [_filled_in(item, parts) for item in part] if isinstance(part, list) else part
