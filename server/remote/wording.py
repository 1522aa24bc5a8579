"""Which of a paragraph's texts a reader sees: the original, another language, or both beside each other."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from babel import Locale, UnknownLocaleError

from server.remote.messages import P, T

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)


class Choice(NamedTuple):
    """What a reader asked for; without a language it is the original. Written `original`, `ja` or `both:ja`."""

    lang: str = ""
    both: bool = False

    def __str__(self) -> str:
        return f"both:{self.lang}" if self.both else self.lang or "original"


ORIGINAL = Choice()


class Words(NamedTuple):
    """One text as it is shown. `standing` says what the reader must know of it.

    `behind`: translates an earlier wording. `missing`: the original, because there is no translation. `translation`:
    stands below the original.
    """

    lang: str
    text: str
    standing: Literal["", "behind", "missing", "translation"] = ""


def parse_choice(text: str | None) -> Choice | None:
    """The choice in a text; None for anything that is none."""
    if text == "original":
        return ORIGINAL
    both, _, lang = (text or "").rpartition(":")
    if both in ("", "both") and _TAG.fullmatch(lang):
        return Choice(lang, both == "both")
    return None


def own_name(lang: str) -> str:
    """What speakers of a language call it; the tag where nobody knows."""
    try:
        name = Locale.parse(lang, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        return lang
    return name[:1].upper() + name[1:] if name else lang


def languages_of(paragraphs: Iterable[P]) -> list[str]:
    """The languages one can choose: those that something is translated into."""
    return sorted({one["lang"] for p in paragraphs if p["state"] == "shown" for one in p.get("translations", [])})


def texts_of(p: P, choice: Choice, languages: list[str]) -> list[Words]:
    """What is shown of a paragraph that was not retracted.

    In a language that nothing is translated into yet, everything is the original, and no paragraph need say so.
    """
    assert p["state"] == "shown"
    original = Words(p["lang"], p["text"])
    if not choice.lang or _same(choice.lang, p["lang"]) or not any(_same(choice.lang, one) for one in languages):
        return [original]
    found = next((one for one in p.get("translations", []) if _same(one["lang"], choice.lang)), None)
    if found is None:
        return [original._replace(standing="missing")]
    behind = found["of"] < p["rev"]
    if choice.both:
        return [original, Words(found["lang"], found["text"], "behind" if behind else "translation")]
    return [Words(found["lang"], found["text"], "behind" if behind else "")]


def as_text(p: P, choice: Choice, languages: list[str]) -> str:
    """A paragraph as plain text."""
    if p["state"] == "retracted":
        return f"[{p['id']} was withdrawn: {p['reason']}]"
    notes = {"behind": "\n[translates an earlier wording]", "missing": "\n[not translated]"}
    return "\n\n".join(one.text + notes.get(one.standing, "") for one in texts_of(p, choice, languages))


def with_translations(p: P, translations: list[T]) -> P:
    """A paragraph as a snapshot has it."""
    return {**p, "translations": translations} if translations and p["state"] == "shown" else p


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()
