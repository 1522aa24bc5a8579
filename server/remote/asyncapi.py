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
                name: {"name": name, "summary": summary, "payload": _bundled(name)}
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


def _bundled(name: str) -> dict[str, Any]:
    """A schema that refers only into itself, so that each payload can be used on its own."""
    prefix = f"#/components/messages/{name}/payload/$defs/"
    return dict(_with_refs(schema_of(name), prefix))


def _with_refs(part: Any, prefix: str) -> Any:
    if isinstance(part, dict):
        return {
            key: value.replace("#/$defs/", prefix) if key == "$ref" else _with_refs(value, prefix)
            for key, value in part.items()
        }
    return [_with_refs(item, prefix) for item in part] if isinstance(part, list) else part
