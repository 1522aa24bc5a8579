"""The catalogues: every text that people read is in them, in every language offered, and what is compiled is fresh."""

import re
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from server.web.language import DEFAULT, LANGUAGES

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = ROOT / "server"
OTHERS = sorted(set(LANGUAGES) - {DEFAULT})
Text = str | tuple[str, ...]


def texts_in_code() -> dict[Text, str]:
    """Every text of the code and of the templates, with a place where it stands; as `make translations` finds them."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {mapping["pattern"]: {name: str(value) for name, value in mapping.items()} for mapping in mappings}
    found = extract_from_dir(SERVER, methods, options, {**DEFAULT_KEYWORDS, "lazy": None})
    return {text: f"server/{path}:{line}" for path, line, text, _, _ in found}


def catalogue(language: str) -> Catalog:
    with folder(language).joinpath("messages.po").open("rb") as file:
        return read_po(file, locale=language)


def folder(language: str) -> Path:
    return SERVER / "locale" / language / "LC_MESSAGES"


def plain(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def in_words(message: Message) -> list[str]:
    """A message's translations: one, or one for each plural form of the language."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def placeholders(text: str) -> list[str]:
    return sorted(set(re.findall(r"%\(\w+\)[a-z]|%[^(\s]", text.replace("%%", ""))))


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def test_the_texts_are_found() -> None:
    """Otherwise nothing below would mean anything."""
    texts = {plain(text) for text in texts_in_code()}
    assert len(texts) > 200
    assert {"Not found", "Please sign in to go on.", "There is no page at this address."} <= texts


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_in_the_catalogue(language: str) -> None:
    known = {plain(message.id) for message in messages(language)}
    assert {place: plain(text) for text, place in texts_in_code().items() if plain(text) not in known} == {}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str) -> None:
    open_ = [plain(message.id) for message in messages(language) if message.fuzzy or not all(in_words(message))]
    assert open_ == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_placeholders_of_its_text(language: str) -> None:
    wrong = [
        (plain(message.id), words)
        for message in messages(language)
        for words in in_words(message)
        if words and placeholders(words) not in [placeholders(text) for text in _forms(message)]
    ]
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_has_nothing_that_nobody_says(language: str) -> None:
    said = {plain(text) for text in texts_in_code()}
    assert [plain(message.id) for message in messages(language) if plain(message.id) not in said] == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_fresh(language: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    assert folder(language).joinpath("messages.mo").read_bytes() == compiled.getvalue()


def _forms(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)
