"""Markdown that leaves this server says in any other program what it says here, and does nothing there."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from server import markdown

_CODE = r"(?P<code>(?<!`)(`+)(?!`).*?(?<!`)\2(?!`))"
_LINK = r"(?P<link><(?:https?://|mailto:)[^\s<>]*>)"
_KEPT = re.compile(rf"{_CODE}|{_LINK}|(?P<escaped>\\.)|(?P<mark><|!(?=\[))", re.S)
_SCHEMES = ("http:", "https:", "mailto:")


def _liberal() -> MarkdownIt:
    """A program that knows no caution: it takes raw HTML, pictures and any address."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


_LIBERAL = _liberal()


def tamed(text: str) -> str:
    """The text with raw HTML, pictures and odd addresses escaped, and an open code block closed.

    What is left as it was still reads as it was written; where in doubt more is escaped than needed.
    """
    escaped = _escaped_marks(text)
    for candidate in (text, escaped, _closed(text), _closed(escaped)):
        if _is_tame(candidate):
            return candidate
    plain = re.sub(r"([\\`*_\[\]<>#|~!&])", r"\\\1", markdown.to_plain(text))
    return plain if _is_tame(plain) else re.sub(r"(?m)^[ \t]+", "", plain)


def _escaped_marks(text: str) -> str:
    return _KEPT.sub(lambda found: "\\" + found["mark"] if found["mark"] else found[0], text)


def _closed(text: str) -> str:
    fences = [token.markup for token in _LIBERAL.parse(text) if token.type == "fence"]
    return f"{text}\n{fences[-1]}" if fences else text


def _is_tame(text: str) -> bool:
    """Whether it holds nothing active, and what follows it is not drawn into it."""
    named: dict[str, dict[str, dict[str, str]]] = {}
    tokens = _LIBERAL.parse(f"{text}\n\nEND", named)
    end = [token for token in tokens if token.type == "inline"][-1:]
    ends_well = bool(end) and end[0].content == "END" and end[0].level == 1
    addresses = [one["href"] for one in named.get("references", {}).values()]
    return ends_well and all(map(_is_safe, addresses)) and not any(map(_is_active, _every(tokens)))


def _every(tokens: list[Token]) -> list[Token]:
    return tokens + [child for token in tokens for child in token.children or []]


def _is_active(token: Token) -> bool:
    if token.type in ("html_block", "html_inline", "image"):
        return True
    return token.type == "link_open" and not _is_safe(str(token.attrs.get("href", "")))


def _is_safe(address: str) -> bool:
    return address.lower().startswith(_SCHEMES)
