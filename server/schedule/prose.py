"""HTML that other software keeps in descriptions, made into the Markdown that is written here."""

import re
from html.parser import HTMLParser

_LOOKS_LIKE_HTML = re.compile(
    r"</?(a|abbr|b|blockquote|br|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|small|span|strong|sub|sup|table|td|th|tr|u|ul)"
    r"(\s[^<>]*)?/?>|&(amp|lt|gt|quot|nbsp|#\d+|#x[0-9a-f]+);",
    re.IGNORECASE,
)
#: The parser takes quadratic time for some texts: one with more than this is taken as it stands.
MOST_TAGS, LONGEST = 1000, 50_000
_ITEM = re.compile(r" *(-|1\.) ")
_DEEPEST = 5
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_BLOCKS = {"p", "div", "table", "tr", "blockquote", "section", "article", "pre", "hr", "dl", "dt", "dd"}
_LISTS = {"ul", "ol"}
_SILENT = {"script", "style", "head", "title"}


def markdown_of(text: str) -> str:
    """The text as Markdown. One without HTML is Markdown already, or plain text, which reads as the same."""
    if text.count("<") > MOST_TAGS or len(text) > LONGEST or not _LOOKS_LIKE_HTML.search(text):
        return text.strip()
    reader = _Reader()
    try:
        reader.feed(text)
        reader.close()
    except AssertionError:  # what the parser says of some declarations that are none
        return text.strip()
    # a line that is indented, and begins no item of a list, would be a block of code
    lines = "".join(reader.written).split("\n")
    kept = "\n".join(line.rstrip() if _ITEM.match(line) else line.strip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


class _Reader(HTMLParser):
    """Writes Markdown while it goes through HTML, however badly that is nested."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._lists: list[str] = []
        self._links: list[str] = []
        self._marks: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _MARKS:
            self._marks.append(tag)
            self._write(_MARKS[tag])
        elif tag == "br":
            self._write("\\\n")
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")
            self._write("[" if self._links[-1] else "")
        elif tag == "img":
            self._write(dict(attrs).get("alt") or "")
        else:
            self._open_block(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in self._marks:
            self._marks.remove(tag)
            self._write(_MARKS[tag])
        elif tag == "a" and self._links:
            address = self._links.pop()
            self._write(f"]({address.strip()})" if address else "")
        elif tag in _LISTS and self._lists:
            self._lists.pop()
            self._write("" if self._lists else "\n\n")
        elif tag in _BLOCKS or re.fullmatch("h[1-6]", tag):
            self._write("\n\n")

    def handle_data(self, data: str) -> None:
        self._write(data)

    def _open_block(self, tag: str) -> None:
        if tag in _LISTS:
            self._lists.append(tag)
            self._write("" if len(self._lists) > 1 else "\n\n")
        elif tag == "li":
            depth = min(max(0, len(self._lists) - 1), _DEEPEST)
            self._write("\n" + "   " * depth + ("1. " if self._lists[-1:] == ["ol"] else "- "))
        elif re.fullmatch("h[1-6]", tag):
            self._write("\n\n" + "#" * int(tag[1]) + " ")
        elif tag in _BLOCKS:
            self._write("\n\n")
        elif tag in ("td", "th"):
            self._write(" ")

    def _write(self, words: str) -> None:
        if not self._silent:
            self.written.append(words)
