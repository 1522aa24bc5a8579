"""The roll: everybody who is named in a programme, people and organisations, with what they do in which session."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from server.folding import fold
from server.schedule.filters import called
from server.schedule.models import Part, Session


@dataclass(frozen=True)
class Appearance:
    """A session in which somebody is named, and the parts they have in it, in the order of parts."""

    session: Session
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Listed:
    """Somebody named in the programme: whoever is written alike, but for case and accents, is one.

    An organisation is one that stands for itself, where no name is given.
    """

    name: str
    is_organisation: bool
    organisations: list[str] = field(default_factory=list)
    appearances: list[Appearance] = field(default_factory=list)


def roll(sessions: Iterable[Session], only: Collection[str] = ()) -> list[Listed]:
    """Everybody by name as it is written, with their sessions in the order given; or `only` those called so."""
    wanted = {fold(name) for name in only}
    listed: dict[tuple[str, bool], Listed] = {}
    for session in sessions:
        for one in session.people:
            key = (fold(called(one)), not one.name)
            if key[0] and (not wanted or key[0] in wanted):
                _note(listed.setdefault(key, Listed(called(one), not one.name)), session, one.part, one.organisation)
    return [listed[key] for key in sorted(listed)]


def _note(entry: Listed, session: Session, part: str, organisation: str) -> None:
    if not entry.appearances or entry.appearances[-1].session is not session:
        entry.appearances.append(Appearance(session))
    parts = entry.appearances[-1].parts
    if Part(part) not in parts:
        parts[:] = [known for known in Part if known in (*parts, Part(part))]
    if organisation and not entry.is_organisation and organisation not in entry.organisations:
        entry.organisations.append(organisation)


def by_letter(entries: Iterable[Listed]) -> list[tuple[str, list[Listed]]]:
    """The entries under the Latin letter they begin with, and last, under '', those that begin with none."""
    groups: dict[str, list[Listed]] = {}
    for entry in entries:
        first = fold(entry.name)[:1].upper()
        groups.setdefault(first if "A" <= first <= "Z" else "", []).append(entry)
    return [(letter, groups[letter]) for letter in sorted(groups, key=lambda letter: (not letter, letter))]
