"""Markdown as people write it, made into HTML that cannot harm and into plain text."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "a", "code", "pre", "blockquote", "ul", "ol", "li",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


def _is_safe_link(url: str) -> bool:
    """An absolute link with a scheme we take; anything else stays the plain text it was written as."""
    scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", url, re.I)
    return bool(scheme and scheme.group(1).lower() in _SCHEMES)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": False})
    parser.enable(["table", "strikethrough", "linkify"]).disable("image")
    parser.validateLink = _is_safe_link  # type: ignore[method-assign]
    return parser


_MARKDOWN = _parser()


@lru_cache(maxsize=4096)
def to_html(text: str) -> str:
    """Safe HTML of CommonMark without raw HTML.

    Headings start at h3, for pages own h1 and h2, and none is more than one step below the one before it.
    """
    tokens = _MARKDOWN.parse(text)
    _step_down(tokens)
    for token in tokens:
        token.children = _without_empty_links(token.children) if token.children else token.children
    rendered = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        rendered, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener nofollow ugc"
    )
    return clean.strip()


def _step_down(tokens: list[Token]) -> None:
    level = 2
    for token in tokens:
        if token.type == "heading_open":
            level = min(int(token.tag[1]) + 2, level + 1, 6)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"


def _without_empty_links(tokens: list[Token]) -> list[Token]:
    """`[words]()` leads nowhere, so it is words; the parser does not ask about it as it does about other links."""
    kept: list[Token] = []
    opened: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            opened.append(bool(token.attrGet("href")))
        leads = opened.pop() if token.type == "link_close" else opened[-1] if token.type == "link_open" else True
        kept += [token] if leads else []
    return kept


def to_plain(text: str) -> str:
    """The text as one would read it out: marks gone, blank lines and list dashes kept."""
    lines: list[str] = []
    prefix = ""
    for token in _MARKDOWN.parse(text):
        if token.type == "list_item_open":
            prefix = "- "
        elif token.type in ("inline", "fence", "code_block"):
            body = "".join(_words(child) for child in token.children) if token.children else token.content
            lines.append(prefix + body.strip("\n"))
            prefix = ""
        elif token.type in ("paragraph_close", "heading_close") and not token.hidden:
            lines.append("")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _words(token: object) -> str:
    kind = getattr(token, "type", "")
    if kind in ("softbreak", "hardbreak"):
        return "\n"
    return str(getattr(token, "content", ""))
