"""A filter picks sessions of a programme by what the address of a page or feed says, and says it back in one way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from server.folding import fold, fold_lines
from server.schedule.models import Session, SessionPerson

#: What one can filter by, in the order in which a canonical address has it.
NAMES = ("day", "type", "track", "room", "person", "q", "code", "status")
_HIDE = "hide."
#: Characters that count of what is sought: as many as the longest name has, which is an organisation's.
LONGEST_SOUGHT = 300
_TYPED = ("person", "q")
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Filter:
    """Values of one name are alternatives, different names must all fit, and what is hidden stays hidden."""

    shown: Values = field(default_factory=dict)
    hidden: Values = field(default_factory=dict)

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]]) -> "Filter":
        """From the pairs of a query string. Unknown names and empty values, which a form sends, say nothing."""
        shown: dict[str, set[str]] = {}
        hidden: dict[str, set[str]] = {}
        for key, value in pairs:
            name = key.removeprefix(_HIDE)
            value = value[:LONGEST_SOUGHT] if name in _TYPED else value
            given = (fold(value)[:LONGEST_SOUGHT] if name == "q" else value).strip()
            if name in NAMES and given:
                (shown if name == key else hidden).setdefault(name, set()).add(given)
        return cls(_ordered(shown), _ordered(hidden))

    def apply(self, sessions: Iterable[Session]) -> list[Session]:
        """Those that fit, in the order given."""
        return [session for session in sessions if self.fits(session)]

    def fits(self, session: Session) -> bool:
        """Whether it is one of those that are shown and none of those that are hidden."""
        shown, hidden = self._compared
        return all(_matches(session, name, values) for name, values in shown.items()) and not any(
            _matches(session, name, values) for name, values in hidden.items()
        )

    @cached_property
    def _compared(self) -> tuple[Values, Values]:
        """What is shown and hidden as sessions are compared with it: names folded once, and not for each session."""
        return _with_names_folded(self.shown), _with_names_folded(self.hidden)

    def pairs(self) -> list[tuple[str, str]]:
        """The same filter as pairs of a query string, always in one order."""
        shown = [(name, value) for name, values in self.shown.items() for value in values]
        hidden = [(_HIDE + name, value) for name, values in self.hidden.items() for value in values]
        return shown + hidden

    def query_string(self) -> str:
        """The one way to write this filter in an address; empty when it takes everything."""
        return urlencode(self.pairs())

    def replaced(self, name: str, *values: str) -> "Filter":
        """The same filter with these values for one name; none at all takes the name away."""
        others = [(key, value) for key, value in self.pairs() if key != name]
        return Filter.parse([*others, *((name, value) for value in values)])

    def values(self, name: str) -> tuple[str, ...]:
        """What is wanted under a name."""
        return self.shown.get(name, ())

    def __bool__(self) -> bool:
        return bool(self.shown or self.hidden)


def _ordered(values: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(values[name])) for name in NAMES if name in values}


def _with_names_folded(values: Values) -> Values:
    # a name of which nothing is left is nobody's, also where a session names nobody
    return {
        name: tuple(filter(None, map(fold, given))) if name == "person" else given for name, given in values.items()
    }


def _matches(session: Session, name: str, values: tuple[str, ...]) -> bool:
    if name == "q":
        text = searchable(session)
        return any(all(word in text for word in value.split()) for value in values)
    if name == "person":
        return not set(fold_lines(called(one) for one in session.people).split("\n")).isdisjoint(values)
    return _property(session, name) in values


def _property(session: Session, name: str) -> str | None:
    if name == "day":
        return session.day.isoformat() if session.day else None
    if name in ("code", "status"):
        return str(getattr(session, name))
    named = {"type": session.type, "track": session.track, "room": session.room}[name]
    return named.key if named else None


def called(one: SessionPerson) -> str:
    """What somebody named in the programme is called: by name, or as an organisation where no name is given."""
    return one.name or one.organisation


def searchable(session: Session) -> str:
    """Everything by which people look for a session, folded; a line each, so that no word runs over two of them."""
    texts = [session.title, session.description, session.type.name, session.track.name if session.track else {}]
    people = [text for one in session.people for text in (one.name, one.organisation)]
    pieces = [session.code, *(text for each in texts for text in each.values()), *people]
    return fold_lines(pieces)
