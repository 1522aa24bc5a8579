"""Languages: which one this request is answered in, and texts that exist in several."""

from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import negotiate_locale
from babel.support import LazyProxy, NullTranslations, Translations

#: Languages offered, each with its own name for itself.
LANGUAGES = {"en": "English", "ja": "日本語"}
DEFAULT = "en"
#: Whose dates and numbers a language uses where it has several: an international meeting writes "2 September".
_CUSTOMS = {"en": "en_GB"}
#: Languages that say the family name first (CLDR, personNames).
_FAMILY_FIRST = frozenset(["hu", "ja", "km", "ko", "mn", "si", "ta", "te", "vi", "yue", "zh"])
_LOCALES = Path(__file__).resolve().parent.parent / "locale"

#: The language in which the work at hand is done: a request's, or a letter's.
current: ContextVar[str] = ContextVar("language", default=DEFAULT)


@lru_cache
def catalogue(language: str) -> NullTranslations:
    """The translations into `language`; English needs none."""
    return Translations.load(_LOCALES, [language])


def gettext(message: str) -> str:
    """The message in the current language."""
    return catalogue(current.get()).gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """The message for `n` things in the current language."""
    return catalogue(current.get()).ngettext(one, many, n)


def lazy(message: str) -> str:
    """A message that is translated when it is shown, for labels that are made once."""
    return LazyProxy(gettext, message, enable_cache=False)  # type: ignore[return-value]


def N_(message: str) -> str:
    """Mark a message for the catalogue; it is translated later, where it is shown."""
    return message


def negotiate(asked: str | None, kept: str | None, accept: str) -> str:
    """The language to answer in: the one asked for, else the one kept, else the best of Accept-Language."""
    for choice in (asked, kept):
        if choice in LANGUAGES:
            return choice
    wanted = [tag.replace("-", "_") for tag in _accepted(accept)]
    return negotiate_locale(wanted, list(LANGUAGES)) or DEFAULT


def _accepted(header: str) -> list[str]:
    """Language tags of Accept-Language, most wanted first (RFC 9110 12.5.4)."""
    ranked = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
        except ValueError:
            quality = 0.0
        if tag.strip() and quality > 0:
            ranked.append((-quality, tag.strip()))
    return [tag for _, tag in sorted(ranked, key=lambda pair: pair[0])]


def locale(language: str | None = None) -> Locale:
    """Babel's locale of a language, by default the current one."""
    tag = language or current.get()
    return Locale.parse(_CUSTOMS.get(tag, tag))


def language_name(tag: str) -> str:
    """What a language is called in the current one: `Chinese (Traditional)`; one that nobody knows is its tag."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(locale()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def direction(language: str) -> str:
    """`rtl` or `ltr`, for the `dir` of a text; a language nobody knows is `auto`, so that the text decides."""
    try:
        return str(Locale.parse(language, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "auto"


def family_name_first() -> bool:
    """Whether the current language says the family name before the given name."""
    return current.get() in _FAMILY_FIRST


def pick(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """The text in the wanted language, else in English, else in whichever there is."""
    return (texts or {}).get(language_of(texts, language), "")


def language_of(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """The language of the text that `pick` gives."""
    given = [tag for tag, text in (texts or {}).items() if text]
    for choice in (language or current.get(), DEFAULT):
        if choice in given:
            return choice
    return given[0] if given else DEFAULT
