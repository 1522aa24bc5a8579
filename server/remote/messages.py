"""The live protocol on one screen: every message a follower can receive, as `docs/live.md` explains them.

The same types give the JSON Schemas of `/asyncapi.json`.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

SUBPROTOCOL = "plenary.live.1"
PING_EVERY = 25.0

Status = Literal["waiting", "live", "closed", "published"]


class T(TypedDict):
    """A paragraph in another language. `of` is the revision it translates: it is behind when that is not the newest.

    One with an empty `text` has been taken away.
    """

    lang: str
    of: int
    rev: int
    text: str
    html: str
    by: str
    at: str


class ShownParagraph(TypedDict):
    """A paragraph as it now stands. `html` is safe; `text` is the Markdown it was made from.

    `translations` come with a snapshot; in events they come one by one, and an edit leaves those held as they are.
    """

    id: str
    rev: int
    text: str
    html: str
    lang: str
    by: str
    at: str
    state: Literal["shown"]
    translations: NotRequired[list[T]]


class RetractedParagraph(TypedDict):
    """A paragraph that was taken back: it keeps its id and place, its words are gone, in every language."""

    id: str
    rev: int
    lang: str
    by: str
    at: str
    state: Literal["retracted"]
    reason: str


P = ShownParagraph | RetractedParagraph


class ParagraphEvent(TypedDict):
    """One write to a paragraph; each raises its `rev`. Apply it only when `rev` is above the one held."""

    offset: int
    op: Literal["append", "edit", "retract", "restore"]
    paragraph: P


class StatusEvent(TypedDict):
    """The summary's status changed."""

    offset: int
    op: Literal["status"]
    status: Status


class MoveEvent(TypedDict):
    """A paragraph now stands before another one, or at the end. Its revision stays."""

    offset: int
    op: Literal["move"]
    id: str
    before: str | None


class TranslateEvent(TypedDict):
    """A paragraph in another language was written, changed or taken away; it replaces the one of that language."""

    offset: int
    op: Literal["translate"]
    id: str
    translation: T


LogEvent = ParagraphEvent | StatusEvent | MoveEvent | TranslateEvent


class SnapshotMessage(TypedDict):
    """The whole summary at `offset`. It replaces everything the reader holds and may come at any time."""

    type: Literal["snapshot"]
    channel: Literal["summary"]
    epoch: str
    offset: int
    status: Status
    paragraphs: list[P]


#: The events `from` to `to`, without a gap. With nothing new, `events` is empty and `from` is `to` + 1.
#: (Written in the functional way because `from` is a word of Python.)
EventsMessage = TypedDict(
    "EventsMessage",
    {
        "type": Literal["events"],
        "channel": Literal["summary"],
        "epoch": str,
        "from": int,
        "to": int,
        "events": list[LogEvent],
    },
)


class PresenceMessage(TypedDict):
    """How many follow this session now; at most one a second."""

    type: Literal["presence"]
    followers: int


class PingMessage(TypedDict):
    """A sign of life every 25 s. A reader whose cursor is behind `heads` has missed something and comes back."""

    type: Literal["ping"]
    heads: dict[str, str]


class StandingMessage(TypedDict):
    """Whether the server hears at once of what is written. While it does not, what comes may come late; none is lost.

    A reader may take it to be so until told otherwise.
    """

    type: Literal["standing"]
    live: bool


class ByeMessage(TypedDict):
    """The server is about to close; come back after a random pause between the two (milliseconds)."""

    type: Literal["bye"]
    retry_ms: list[int]


MESSAGES: dict[str, tuple[Any, str]] = {
    "snapshot": (SnapshotMessage, "The whole summary"),
    "events": (EventsMessage, "What has been written since"),
    "presence": (PresenceMessage, "How many follow"),
    "ping": (PingMessage, "A sign of life, with the newest cursor"),
    "standing": (StandingMessage, "Whether what is written comes at once"),
    "bye": (ByeMessage, "The server is closing"),
}


def encode(message: Mapping[str, Any]) -> str:
    """A message as it crosses the socket: JSON without needless spaces, people's texts unescaped."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=64)
def without_html(body: str) -> str:
    """A message without the `html` of its texts, for a bad line; the same for all who ask for the same."""

    def plain(found: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in found.items() if name != "html"}

    return encode(json.loads(body, object_hook=plain))


def presence(followers: int) -> str:
    """A presence message."""
    return encode({"type": "presence", "followers": followers})


def ping(cursor: str) -> str:
    """A ping message."""
    return encode({"type": "ping", "heads": {"summary": cursor}})


def standing(live: bool) -> str:
    """A standing message."""
    return encode({"type": "standing", "live": live})


def bye() -> str:
    """A bye message that spreads those who return over some seconds."""
    return encode({"type": "bye", "retry_ms": [500, 8000]})


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of one message."""
    return TypeAdapter(MESSAGES[name][0]).json_schema()
