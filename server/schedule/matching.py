"""Matches a foreign file with what is planned: each session and part with the one that is meant, or with none yet."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, count
from typing import Any
from zoneinfo import ZoneInfo

from server import markdown
from server.folding import fold
from server.meetings.models import COLOURS
from server.meetings.parts import key_for
from server.schedule.foreign import Foreign, ForeignPart
from server.schedule.foreign_entry import ForeignSession
from server.schedule.incoming import Frame, Incoming, NewPart
from server.schedule.models import Part
from server.schedule.plan import Named, Planned
from server.schedule.words import clean
from server.web import language
from server.web.language import gettext

#: The type of a session whose file names none.
PLAIN_TYPE = ForeignPart("Session")
#: Letters of a title that go into the code of a session that has no number.
LETTERS_OF_A_CODE = 40
_KINDS = {"tracks": "track", "types": "type", "rooms": "room"}


def matched(foreign: Foreign, frame: Frame, planned: Sequence[Planned], namespace: uuid.UUID) -> Incoming:
    """What the file would make of the programme; the same file again makes nothing of it.

    Of a session that is planned already only what the file tells is set. `namespace` is that of uids made from guids
    that are none. It knows of no other meeting, where the uid of a new session may be taken.
    """
    known = _recognised(foreign.sessions, planned)
    parts = {kind: _parts(kind, foreign, frame, known) for kind in _KINDS}
    keys = {kind: {name: key for name, (key, _) in found.items()} for kind, found in parts.items()}
    codes = _codes(foreign.sessions, planned, known)
    repeated = {one.code: one.code for one in planned} | {one.ours: codes[one.origin] for one in foreign.sessions}
    zone = ZoneInfo(foreign.timezone or frame.timezone)
    facts = {
        one.origin: _facts(one, known.get(one.origin), keys, repeated, zone) | {"code": codes[one.origin]}
        for one in foreign.sessions
    }
    uids = _uids(foreign.sessions, known, namespace, {one.uid for one in planned})
    new = [Planned(uid=uid, origin=origin, **facts[origin]) for origin, uid in uids.items()]
    changed = [after for origin, one in known.items() if (after := one.changed(**facts[origin])) != one]
    stayed = {one.code for one in known.values()}
    return Incoming(
        sessions=(*new, *changed),
        parts=tuple(part for found in parts.values() for _, part in found.values() if part),
        gone=tuple(one.code for one in planned if one.origin and not one.cancelled and one.code not in stayed),
        notes=foreign.notes + tuple(_days_outside(foreign, frame)),
    )


def _recognised(sessions: Iterable[ForeignSession], planned: Sequence[Planned]) -> dict[str, Planned]:
    """The planned session that each of the file's is, by the latter's origin: none is two."""
    found: dict[str, Planned] = {}
    left = {one.code: one for one in planned}
    ways: list[tuple[Callable[[Planned], str], Callable[[ForeignSession], str]]] = [
        (lambda one: one.origin, lambda session: session.origin),
        (lambda one: one.origin, lambda session: session.number),
        (lambda one: one.uid, lambda session: session.guid.lower()),
        (lambda one: one.code, lambda session: session.ours),
    ]
    for ours, theirs in ways:
        by_name = {name: one for one in left.values() if (name := ours(one))}
        for session in sessions:
            one = by_name.get(theirs(session))
            if one is not None and one.code in left and session.origin not in found:
                found[session.origin] = left.pop(one.code)
    return found


def _parts(
    kind: str, foreign: Foreign, frame: Frame, known: Mapping[str, Planned]
) -> dict[str, tuple[str, NewPart | None]]:
    """Each part of the file by its name there: the key it has here, and what is to be made where there is none."""
    here: Mapping[str, Mapping[str, str]] = getattr(frame, kind)
    listed: list[ForeignPart] = list(getattr(foreign, kind))
    if kind == "types" and any("type" not in one.facts and one.origin not in known for one in foreign.sessions):
        listed.append(PLAIN_TYPE)
    by_name = {fold(text): key for key, name in reversed(list(here.items())) for text in name.values() if fold(text)}
    found: dict[str, tuple[str, NewPart | None]] = {}
    taken, used = set(here), set[str]()
    for part in listed:
        key = _key_here(part, here, by_name)
        if part.key and key in used:  # our own file has two of this name
            key = None
        made = None
        if key is None:
            key = part.key if part.key and part.key not in taken else key_for(part.name, taken, kind[:-1])
            facts = dict(part.facts)
            if kind == "types" and not part.key:
                facts = _facts_of_type(
                    part, foreign, len(taken), {one.facts.get("mark") for _, one in found.values() if one}
                )
            made = NewPart(kind, key, dict(part.names) or {"en": part.name}, facts)
            by_name.setdefault(fold(part.name), key)
        taken.add(key)
        used.add(key)
        found.setdefault(part.name, (key, made))
    return found


def _key_here(part: ForeignPart, here: Mapping[str, Mapping[str, str]], by_name: Mapping[str, str]) -> str | None:
    """By its names in any language, else by its key; where two have one name here the key decides."""
    names = {fold(text) for text in (part.name, *part.names.values())}
    if part.key in here and names & {fold(text) for text in here[part.key].values()}:
        return part.key
    for name in (fold(part.name), *sorted(names)):
        if name in by_name:
            return by_name[name]
    return next((key for key in (part.key, part.name) if key in here), None)


def _facts_of_type(part: ForeignPart, foreign: Foreign, index: int, marks: Collection[Any]) -> dict[str, Any]:
    """What the programme shows of a type and no file tells: its colour, its mark and how long it usually takes."""
    lengths = Counter(
        minutes
        for one in foreign.sessions
        if one.facts.get("type", PLAIN_TYPE.name) == part.name and (minutes := one.facts.get("minutes"))
    )
    initials = "".join(word[0] for word in part.name.split() if word[0].isalnum())[:3]
    letters = "".join(letter for letter in part.name if letter.isalnum())
    choices = [choice.upper()[:3] for choice in (initials, letters[:2], letters[:3]) if choice]
    return {
        "colour": list(COLOURS)[index % len(COLOURS)],
        "mark": next((choice for choice in choices if choice not in marks), choices[0] if choices else ""),
        "usual_minutes": max(5, max(lengths, key=lambda minutes: (lengths[minutes], -minutes), default=90)),
    }


def _codes(
    sessions: Iterable[ForeignSession], planned: Iterable[Planned], known: Mapping[str, Planned]
) -> dict[str, str]:
    """The code of each session by its origin: the one it has, else its own, else a short one from number or title."""
    codes = {origin: one.code for origin, one in known.items()}
    taken = {one.code for one in planned}
    counted: dict[str, int] = {}
    for session in sessions:
        if session.origin not in codes:
            name = f"s{session.number}" if session.number.isdecimal() else session.title[:LETTERS_OF_A_CODE]
            is_free = session.ours and session.ours not in taken
            codes[session.origin] = session.ours if is_free else key_for(session.ours or name, taken, "s", counted)
            taken.add(codes[session.origin])
    return codes


def _uids(
    sessions: Iterable[ForeignSession], known: Collection[str], namespace: uuid.UUID, taken: set[str]
) -> dict[str, str]:
    """The uid of each new session by its origin: its guid if that is one and nobody else's, else one made from it."""
    uids: dict[str, str] = {}
    for session in sessions:
        if session.origin not in known:
            made = (str(uuid.uuid5(namespace, session.origin + "/" * number)) for number in count())
            uids[session.origin] = next(one for one in chain(_uid_in(session.guid), made) if one not in taken)
            taken.add(uids[session.origin])
    return uids


def _uid_in(guid: str) -> Iterable[str]:
    try:
        yield str(uuid.UUID(guid))
    except ValueError:
        return


def _facts(
    session: ForeignSession,
    before: Planned | None,
    keys: Mapping[str, Mapping[str, str]],
    repeated: Mapping[str, str],
    zone: ZoneInfo,
) -> dict[str, Any]:
    """The facts of `Planned` that the file tells."""
    facts = dict(session.facts)
    for kind, name in _KINDS.items():
        if facts.get(name):
            facts[name] = keys[kind][facts[name]]
    if before is None:
        facts.setdefault("type", keys["types"].get(PLAIN_TYPE.name))
    if "starts_at" in facts:
        start: datetime = facts["starts_at"]
        facts["starts_at"] = (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(UTC)
    for name in ("title", "description"):
        if isinstance(facts.get(name), str):
            facts[name] = _in_languages(facts[name], facts.get("language"), before, name)
    if "people" in facts and before is not None:
        facts["people"] = _people(facts["people"], before.people, whole=bool(session.ours))
    if facts.get("repeats"):
        facts["repeats"] = repeated.get(facts["repeats"], "")
    return facts


def _in_languages(text: str, tag: str | None, before: Planned | None, name: str) -> dict[str, str]:
    """The text beside those in other languages. One that is there already, if only as an export shows it, stays."""
    texts: dict[str, str] = dict(getattr(before, name)) if before else {}
    if text in texts.values() or any(text in _plain(one) for one in texts.values()):
        return texts
    spoken = [each for each in (tag, before.language if before else None) if each]
    slot = next((each for each in spoken if each in texts), None) or (
        language.language_of(texts, language.DEFAULT) if texts else [*spoken, language.DEFAULT][0]
    )
    return texts | {slot: text}


def _plain(text: str) -> tuple[str, str]:
    """A text as it may have been exported."""
    return clean(text).strip(), clean(markdown.to_plain(clean(text)))


def _people(told: Sequence[Named], before: Sequence[Named], *, whole: bool) -> tuple[Named, ...]:
    """The people of a session that is known. Who is known keeps account and role; and who has a role that no such file
    can tell stays, unless it is a `whole` one of our own."""
    if whole:
        left = list(before)
        return tuple(_linked(one, left) for one in told)
    by_name = {fold(one.name or one.organisation): one for one in told}
    stayed = [
        replace(one, name=said.name if one.name else "", organisation=said.organisation or one.organisation)
        if (said := by_name.get(fold(one.name or one.organisation)))
        else one
        for one in before
        if fold(one.name or one.organisation) in by_name or one.part != Part.SPEAKER
    ]
    there = {fold(one.name or one.organisation) for one in before}
    return (*stayed, *(one for one in told if fold(one.name or one.organisation) not in there))


def _linked(one: Named, left: list[Named]) -> Named:
    """Somebody with the account of the first who is left of those named in the same way."""
    for who in left:
        if replace(who, person=None) == one:
            left.remove(who)
            return who
    return one


def _days_outside(foreign: Foreign, frame: Frame) -> Iterable[str]:
    days = {day.isoformat() for one in foreign.sessions if (day := one.facts.get("day"))} - set(frame.days)
    if days:
        yield gettext("There are sessions on days that the meeting does not have: %(days)s") % {
            "days": ", ".join(sorted(days))
        }
