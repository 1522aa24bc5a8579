"""What a letter says, twice in the same words: as plain text, and as HTML made of that text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from server.web.render import render

#: Bytes of a line in a letter, its end included.
LONGEST_LINE = 998
#: What ends a line somewhere in the world (Unicode 5.8), and what no letter may carry (RFC 2045 2.8).
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
#: What an address is written with (RFC 3986 2), and what stands behind one in a sentence or in brackets.
_IN_ADDRESS = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]"
_BEHIND = ".,:;!?)]'*"

Kind = Literal["lines", "inset", "items", "button"]


@dataclass(frozen=True)
class Piece:
    """A piece of a line: words, or a link when it has an address."""

    words: str
    address: str = ""


Line = list[Piece]


@dataclass(frozen=True)
class Block:
    """Lines that belong together. A block that `opens` follows a blank line; another stays close to the one above.

    The rows of a list are its items; everything else has one row.
    """

    kind: Kind
    opens: bool
    rows: list[list[Line]]


def set_body(
    message: EmailMessage, subject: str, text: str, names: Mapping[str, str], *, base_url: str, lang: str
) -> None:
    """Give a message its words as multipart/alternative, the plainest first (RFC 2046 5.1.4).

    `names` has what a link, standing alone in its line, is called in the HTML, by its address.
    """
    text = _clean(text)
    html = to_html(subject, text, names, base_url=base_url, lang=lang)
    message.set_content(text, cte=_encoding(text))
    # By their content, a letter that is made again has the same bytes, and nobody can write the line that ends a part.
    message.make_alternative("=_" + sha256(f"{message['Message-ID']}{text}{html}".encode()).hexdigest()[:40])
    message.add_alternative(html, subtype="html", cte=_encoding(html))
    message["Content-Transfer-Encoding"] = "8bit"  # as wide as what it holds (RFC 2045 6.4)
    message["Content-Language"] = lang  # setting the content takes away headers that speak of it


def to_html(subject: str, text: str, names: Mapping[str, str], *, base_url: str, lang: str) -> str:
    """A page that says what the text says. All of it is words, save that addresses of ours are links."""
    found = blocks_of(_clean(text), names, base_url)
    return render("letter.html", subject=in_one_line(subject), blocks=found, lang=lang)


def in_one_line(subject: str) -> str:
    """A subject as a header or a title can carry it.

    What looks like an encoded word (RFC 2047 2) is kept from being one: Python decodes it, and writes the line ends
    that come out of it into the header, where another header then begins.
    """
    return " ".join(_clean(subject).replace("=?", "= ?").split())


def blocks_of(text: str, names: Mapping[str, str], base_url: str) -> list[Block]:
    """The text as paragraphs, lists (`- ` before an item), lines set in by two spaces, and buttons."""
    made: list[Block] = []
    opens = True
    for line in text.split("\n"):
        if not line.strip():
            opens = True
            continue
        pieces = _pieces(line, names, base_url)
        kind = _kind(line, pieces)
        last = made[-1].kind if made and not opens else None
        if last == "items" and kind == "items":
            made[-1].rows.append([pieces])
        elif (last, kind) in _GOES_ON:
            made[-1].rows[-1].append(pieces)
        else:
            made.append(Block(kind, opens, [[pieces]]))
        opens = False
    return made


#: After which kind of block a line goes on with it; lines set in under an item are the item's.
_GOES_ON = {("lines", "lines"), ("inset", "inset"), ("items", "inset")}


def _kind(line: str, pieces: Line) -> Kind:
    if line.startswith("- "):
        return "items"
    if line.startswith("  "):
        return "inset"
    return "button" if any(piece.address and piece.words != piece.address for piece in pieces) else "lines"


def _pieces(line: str, names: Mapping[str, str], base_url: str) -> Line:
    line = line.removeprefix("- ").strip()
    made, at = [], 0
    for found in _addresses(base_url).finditer(line):
        address = found.group().rstrip(_BEHIND)
        if address[len(base_url) :][:1] not in ("", "/", "?", "#"):
            continue  # another host, or another port, whose name begins with ours
        words = names.get(address, address) if address == line else address
        made += [Piece(line[at : found.start()]), Piece(words, address)]
        at = found.start() + len(address)
    return [piece for piece in (*made, Piece(line[at:])) if piece.words]


@lru_cache
def _addresses(base_url: str) -> re.Pattern[str]:
    """What begins like an address of ours, and is no part of a longer one."""
    return re.compile(rf"(?<![\w/.:?=&@%+-]){re.escape(base_url)}{_IN_ADDRESS}*", re.ASCII)


def _clean(text: str) -> str:
    """The text with one kind of line end and without control characters."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def _encoding(text: str) -> str:
    """As it stands, so that a link can be copied from the file, unless a line is too long to travel (RFC 5322 2.1.1)."""
    return "8bit" if max(map(len, text.encode().split(b"\n"))) < LONGEST_LINE else "quoted-printable"
