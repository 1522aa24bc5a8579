"""The columns of a programme table: what each is called, and what it says of a session."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter, ValidationError

from server.folding import fold
from server.schedule.foreign_entry import fit
from server.schedule.incoming import Frame
from server.schedule.models import Part
from server.schedule.plan import Named, Planned
from server.schedule.programme_file import Language
from server.schedule.wall_times import written, written_end
from server.spreadsheet import LONGEST_CELL, Cell
from server.web.language import DEFAULT, LANGUAGES, pick

#: The columns in which people are named, and as what.
PEOPLE = {
    "chair": Part.CHAIR, "moderator": Part.MODERATOR, "online moderator": Part.ONLINE_MODERATOR,
    "rapporteur": Part.RAPPORTEUR, "speakers": Part.SPEAKER, "organisers": Part.ORGANISER,
}  # fmt: skip
#: The columns that may be there once for each language, `title:ja`, and without one are in English.
TEXTS = ("title", "description")
_BEFORE = ("code", "status", "type", "track", "room", "day", "start", "end", "minutes")
_BETWEEN = ("language", "format", "tags", *PEOPLE)
_AFTER = ("expected", "buffer", "repeats")
ALONE = frozenset((*_BEFORE, *_BETWEEN, *_AFTER))
BETWEEN_SEVERAL = "; "
_LANGUAGE: TypeAdapter[str] = TypeAdapter(Language)


@dataclass(frozen=True)
class Listed:
    """Tracks, types or rooms: what each is called in a table, by key, and the key of what people may write for it."""

    names: Mapping[str, str]
    keys: Mapping[str, str]

    @classmethod
    def of(cls, parts: Mapping[str, Mapping[str, str]]) -> "Listed":
        """Any name in any language, however it is spelt, means a part if no other is called so; a key always does."""
        meant: dict[str, set[str]] = defaultdict(set)
        for key, texts in parts.items():
            for text in texts.values():
                meant[fold(text)].add(key)
        keys = {text: min(found) for text, found in meant.items() if text and len(found) == 1}
        keys |= {fold(key): key for key in parts}
        called = {key: one_cell(pick(texts, DEFAULT)) for key, texts in parts.items()}
        return cls({key: text if keys.get(fold(text)) == key else key for key, text in called.items()}, keys)

    def key(self, text: str) -> str | None:
        """The key of the part that is meant, if one is."""
        return self.keys.get(fold(text))


@dataclass(frozen=True)
class Words:
    """What the cells of a table may speak of: the days and the zone, and the parts under the column that names them."""

    timezone: str
    days: tuple[date, ...]
    parts: Mapping[str, Listed]

    @classmethod
    def of(cls, frame: Frame) -> "Words":
        """Those of a meeting's frame."""
        parts = {"type": frame.types, "track": frame.tracks, "room": frame.rooms}
        listed = {column: Listed.of(found) for column, found in parts.items()}
        return cls(frame.timezone, tuple(map(date.fromisoformat, frame.days)), listed)


def columns(sessions: Iterable[Planned]) -> list[str]:
    """The header of a table of these sessions: with a title and a description in each language that we offer or they use."""
    tags = {tag for one in sessions for texts in (one.title, one.description) for tag in texts}
    spoken = [*LANGUAGES, *sorted(tags - set(LANGUAGES))]
    titles, descriptions = ([text_column(name, tag) for tag in spoken] for name in TEXTS)
    return [*_BEFORE, *titles, *_BETWEEN, *descriptions, *_AFTER]


def text_column(name: str, tag: str) -> str:
    """What the column of a text in a language is called: `title`, `title:ja`."""
    return name if tag == DEFAULT else f"{name}:{tag}"


def cells(one: Planned, words: Words) -> dict[str, Cell]:
    """What the table says of a session, by column."""
    start, zone = one.starts_at, words.timezone
    found: dict[str, Cell] = {
        "code": one.code,
        "status": one.status,
        **{column: listed.names.get(key := getattr(one, column) or "", key) for column, listed in words.parts.items()},
        "day": one.day or "",
        "start": written(start, one.day, zone) if start else "",
        "end": written_end(start, one.minutes, zone) if start and one.minutes else "",
        "minutes": "" if one.minutes is None else one.minutes,
        "language": one.language,
        "format": one.format,
        "tags": several(map(one_of_several, one.tags)),
        **{column: several(shown(who) for who in one.people if who.part == part) for column, part in PEOPLE.items()},
        "expected": "" if one.expected is None else one.expected,
        "buffer": one.buffer or "",
        "repeats": one.repeats,
    }
    for name in TEXTS:
        found |= {text_column(name, tag): text for tag, text in getattr(one, name).items()}
    return {column: one_cell(cell) if isinstance(cell, str) else cell for column, cell in found.items()}


def one_cell(text: str) -> str:
    """The text as a cell has room for it."""
    return fit(text).strip()[:LONGEST_CELL]


def several(texts: Iterable[str]) -> str:
    """Several people or tags in one cell."""
    return BETWEEN_SEVERAL.join(texts)


def one_of_several(text: str) -> str:
    """One of several in a cell: on one line, and without what stands between two."""
    return " ".join(fit(text).replace(";", ",").split())


def shown(who: Named) -> str:
    """Somebody in a cell: `Ada Chair (Example Org)`, `Ada Chair`, `(Example Org)`."""
    name, organisation = one_of_several(who.name), one_of_several(who.organisation)
    return f"{name} ({organisation})".strip() if organisation else name


def header(names: Sequence[str]) -> list[str]:
    """What the cells of a header mean, by place: a column's own name however it is spelt, or nothing for one not known."""
    return [_meant(name) for name in names]


def _meant(name: str) -> str:
    plain, colon, tag = name.partition(":")
    plain = fold(plain.replace("_", " ").replace("-", " "))
    if plain in TEXTS:
        main, hyphen, rest = (tag.strip() or DEFAULT).replace("_", "-").partition("-")
        try:
            return text_column(plain, _LANGUAGE.validate_python(main.lower() + hyphen + rest))
        except ValidationError:
            return ""
    return plain if plain in ALONE and not colon else ""
