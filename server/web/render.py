"""Templates: Jinja with translations, dates and people's texts, for pages and letters alike."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import dates, numbers
from babel.core import get_global
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from server import clock, markdown
from server.web import language

SERVER = Path(__file__).resolve().parent.parent
STATIC = SERVER / "static" if (SERVER / "static").is_dir() else SERVER.parent / "static"
#: Zones that are an offset, whose signs are those of POSIX: hours to the west of Greenwich.
_OFFSET = re.compile(r"Etc/GMT(?P<sign>[+-])(?P<hours>[1-9]\d?)")
FEATURES = ("people", "meetings", "schedule", "registration", "remote", "outputs")


@lru_cache(maxsize=1)
def static_version() -> str:
    """A name for the present state of every static file, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def static(path: str) -> str:
    """The address of a static file, by content."""
    return f"/static/{static_version()}/{path}"


def text(texts: Mapping[str, str] | None) -> Markup:
    """A text that exists in several languages, in a `span` that names the language where it is not the page's."""
    tag = language.language_of(texts)
    words = escape(language.pick(texts))
    if tag == language.current.get() or not words:
        return words
    return Markup('<span lang="{}" dir="{}">{}</span>').format(tag, language.direction(tag), words)


def html(words: str) -> Markup:
    """Markdown as safe HTML."""
    return Markup(markdown.to_html(words))  # noqa: S704 (to_html sanitises)


def written(words: str, tag: str) -> Markup:
    """What somebody wrote in language `tag`, as safe HTML in a `div` that names the language."""
    return Markup('<div lang="{}" dir="{}">{}</div>').format(tag, language.direction(tag), html(words))


def day(value: date, style: str = "full") -> str:
    """A date in words: `full` with weekday and year, `long` without weekday, or a CLDR skeleton such as `MMMEd`."""
    if style in ("full", "long", "medium", "short"):
        return dates.format_date(value, style, locale=language.locale())
    return dates.format_skeleton(style, value, locale=language.locale())


def days(first: date, last: date) -> str:
    """A stretch of days: `2–5 September 2014`."""
    words = dates.format_interval(first, last, skeleton="yMMMd", locale=language.locale())
    for short, whole in {
        day(one, "MMM"): dates.format_date(one, "MMMM", language.locale()) for one in (first, last)
    }.items():
        words = words.replace(short, whole)  # CLDR has intervals with short months only
    return words


def hour(moment: datetime, zone: str) -> str:
    """The wall-clock time in a zone, always with 24 hours, as programmes of international meetings have it."""
    return clock.local(moment, zone).strftime("%H:%M")


def number(value: float) -> str:
    """A number with the language's own separators."""
    return numbers.format_decimal(value, locale=language.locale())


def percent(share: float) -> str:
    """A share of 1 as the language writes per cent, to a tenth: `37.4%`."""
    locale = language.locale()
    return numbers.format_percent(share, locale.percent_formats[None].pattern.replace("##0", "##0.#"), locale)


def zone_name(zone: str) -> str:
    """What people call a time zone: `Istanbul time`; UTC is only `UTC`, and `Etc/GMT-1` is an hour ahead of it: `UTC+1`."""
    if plain := _OFFSET.fullmatch(zone):
        return f"UTC{'−' if plain['sign'] == '+' else '+'}{plain['hours']}"
    canonical = get_global("zone_aliases").get(zone, zone)
    known = language.locale().time_zones
    named = [known[name]["city"] for name in (canonical, *_older_names(canonical)) if "city" in known.get(name, {})]
    city = named[0] if named else canonical.rpartition("/")[2].replace("_", " ")
    return city if city == "UTC" else language.gettext("%(city)s time") % {"city": city}


@lru_cache
def _older_names(canonical: str) -> list[str]:
    """What else a zone is or was called: CLDR keeps the city of Asia/Kolkata under Asia/Calcutta."""
    return [name for name, now in get_global("zone_aliases").items() if now == canonical]


def country_name(code: str) -> str:
    """The name of a country (ISO 3166-1 alpha-2) in the current language."""
    return str(language.locale().territories.get(code, code))


def _loader() -> ChoiceLoader:
    folders = {name: FileSystemLoader(SERVER / name / "templates") for name in FEATURES}
    return ChoiceLoader([PrefixLoader(folders), FileSystemLoader(SERVER / "templates")])


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The one Jinja environment. `registration/form.html` is `server/registration/templates/form.html`."""
    made = Environment(
        loader=_loader(),
        autoescape=lambda name: not (name or "").endswith(".txt"),  # noqa: S701 (letters are plain text)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        static=static,
        languages=language.LANGUAGES,
        direction=language.direction,
        language_name=language.language_name,
        language_of=language.language_of,
        family_name_first=language.family_name_first,
        current_language=language.current.get,
    )
    made.filters.update(
        text=text,
        pick=language.pick,
        written=written,
        html=html,
        day=day,
        hour=hour,
        local=clock.local,
        number=number,
        percent=percent,
        zone_name=zone_name,
        country_name=country_name,
    )
    made.globals["days"] = days
    return made


def render(template: str, **context: Any) -> str:
    """A template in the current language."""
    return environment().get_template(template).render(**context)
