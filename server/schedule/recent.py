"""News: what moved lately, said of a session wherever it is shown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from server import clock
from server.schedule.comparing import Kind
from server.schedule.models import Session
from server.web.language import N_, gettext
from server.web.render import day as day_words

#: For how long a change is news.
LATELY = timedelta(days=7)
_WORDS: dict[Kind, str] = {
    Kind.ADDED: N_("Added on %(day)s"),
    Kind.CANCELLED: N_("Cancelled on %(day)s"),
    Kind.UNCANCELLED: N_("Reinstated on %(day)s"),
    Kind.TIME: N_("New time since %(day)s"),
    Kind.LENGTH: N_("New length since %(day)s"),
    Kind.ROOM: N_("New room since %(day)s"),
}

#: For the code of a session: number and instant of each version in which it changed, oldest first, and what changed.
Changes = Mapping[str, Sequence[tuple[int, datetime, Sequence[str]]]]


def news(changes: Changes, sessions: Iterable[Session], zone: str) -> dict[str, list[str]]:
    """What to say about each session that moved, by code, in the current language; days are those of the zone.

    A kind of change is told once, with the last day; of a cancellation and its opposite, the one that holds.
    """
    return {one.code: words for one in sessions if (words := _words(changes.get(one.code, ()), one.cancelled, zone))}


def _words(versions: Sequence[tuple[int, datetime, Sequence[str]]], cancelled: bool, zone: str) -> list[str]:
    last = {kind: published_at for _, published_at, kinds in versions for kind in kinds}
    last.pop(Kind.UNCANCELLED if cancelled else Kind.CANCELLED, None)
    if Kind.TIME in last:  # who looks at the new time sees its end
        last.pop(Kind.LENGTH, None)
    return [
        gettext(words) % {"day": day_words(clock.local(last[kind], zone).date(), "MMMEd")}
        for kind, words in _WORDS.items()
        if kind in last
    ]
