"""A letter's HTML is made of its text: the same words in the same order, whatever people wrote, and links only to ourselves."""

import email
import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from lxml.html import HtmlElement, HTMLParser

from server.letter_body import Block, Piece, blocks_of, set_body, to_html
from tests.world import text_of

pytestmark = pytest.mark.either

OURS = "https://igf.example"
LINK = f"{OURS}/registration/igf2014-a_b.c-D"
HOSTILE = [
    '"><script>alert(1)</script>',
    "</p></div></body>",
    "</title></style><!-- <![CDATA[ ]]> -->",
    "<!--[if mso]><table><![endif]-->",
    "&lt;b&gt; &amp; {{ 7 * 7 }} {% raw %}",
    "=cmd()",
    "\u202egnp.exe\u202c \u2066isolated",
    "👩🏽‍💻🏳️‍🌈",
    "x" * 200,
    "' onmouseover='alert(1)' style='x",
    '<a href="javascript:alert(1)">here</a> <img src=https://evil.example/pixel.gif>',
]
#: Words, controls, line ends, marks of ours and of HTML, in any order.
ANY_TEXT = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from([*HOSTILE, LINK, OURS, f"{OURS}.evil.example/", "\n", "\n\n", "\r\n", "\n- ", "\n  ", " ", "\x00", "。"]),
    ),
    max_size=12,
).map("".join)  # fmt: skip


def page_of(
    text: str, names: Mapping[str, str] | None = None, *, subject: str = "Welcome", lang: str = "en"
) -> HtmlElement:
    """The HTML as a parser sees it that forgives nothing."""
    made = to_html(subject, text, names or {}, base_url=OURS, lang=lang)
    return lxml_html.document_fromstring(made.encode(), parser=HTMLParser(recover=False, encoding="utf-8"))


def links_in(page: HtmlElement) -> list[tuple[str, str]]:
    """Each link as its words and its address."""
    return [(link.text_content(), link.get("href")) for link in page.iter("a")]


def links_of(text: str, names: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    return links_in(page_of(text, names))


def words_of(text: str) -> str:
    """What is read: no white space, no control characters, no marks of lists."""
    return "".join(re.sub(r"[\x00-\x1f\x7f-\x9f\s]", "", line.removeprefix("- ")) for line in lines_of(text))


def lines_of(text: str) -> list[str]:
    return re.split(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]", re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]", "", text))


def visible(page: HtmlElement) -> str:
    return words_of(page.find("body").text_content())


def shape(page: HtmlElement) -> list[str]:
    """The elements of the body, those of a letter that says one word apart."""
    return [element.tag for element in page.find("body").iter() if isinstance(element.tag, str)]


def message_of(text: str, names: Mapping[str, str] | None = None, *, lang: str = "en") -> EmailMessage:
    """A letter as it arrives: made, written as bytes and read again."""
    made = EmailMessage(SMTP)
    made["Message-ID"] = "<letter-1@igf.example>"
    set_body(made, "Welcome", text, names or {}, base_url=OURS, lang=lang)
    return email.message_from_bytes(made.as_bytes(), policy=default)


def html_in(letter: EmailMessage) -> str:
    found = letter.get_body(("html",))
    assert found is not None
    return str(found.get_content())


def test_paragraphs_lines_lists_and_what_is_set_in_are_told_apart() -> None:
    text = f"Hello,\n\nfirst\nsecond\n- one\n  more of it\n- two\n\nWS1: Title\n  moved\n  {OURS}/s\n{LINK}\n\nBye\n\n"
    assert blocks_of(text, {LINK: "See it", f"{OURS}/s": "See WS1"}, OURS) == [
        Block("lines", True, [[[Piece("Hello,")]]]),
        Block("lines", True, [[[Piece("first")], [Piece("second")]]]),
        Block("items", False, [[[Piece("one")], [Piece("more of it")]], [[Piece("two")]]]),
        Block("lines", True, [[[Piece("WS1: Title")]]]),
        Block("inset", False, [[[Piece("moved")], [Piece("See WS1", f"{OURS}/s")]]]),
        Block("button", False, [[[Piece("See it", LINK)]]]),
        Block("lines", True, [[[Piece("Bye")]]]),
    ]


def test_an_address_alone_in_its_line_is_a_button_when_it_has_a_name_and_else_shows_itself() -> None:
    named, plain = page_of(f"Open it:\n\n{LINK}", {LINK: "See your registration"}), page_of(f"Open it:\n\n{LINK}")
    assert links_in(named) == [("See your registration", LINK)]
    assert links_in(plain) == [(LINK, LINK)]
    assert (len(named.findall(".//table")), len(plain.findall(".//table"))) == (1, 0)
    assert visible(named) == "Openit:Seeyourregistration"


def test_an_address_in_a_sentence_shows_itself_also_when_it_has_a_name() -> None:
    assert links_of(f"Programme: {LINK}", {LINK: "See it"}) == [(LINK, LINK)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Look at {}.", "Look ({}).", "{}, or not", "{}: here", "ここ（{}）。", "{}。", "{}、または", "アドレスは{}です", "“{}”", "{}?", "<{}>",
        "[{}]", "{}...",
    ],
)  # fmt: skip
@pytest.mark.parametrize("address", [LINK, OURS, f"{OURS}/sign-in?next=%2Figf2014&a=1", f"{OURS}/igf2014#day-2"])
def test_what_stands_around_an_address_is_no_part_of_it(sentence: str, address: str) -> None:
    page = page_of(sentence.format(address))
    assert links_in(page) == [(address, address)]
    assert visible(page) == words_of(sentence.format(address))


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/", "https://igf.example.evil.example/", "https://igf.example:8443/", "https://igf.example@evil.example/",
        "https://igf.example-evil.example", "http://igf.example/", "javascript:alert(1)", "data:text/html,x", "//igf.example/x",
        "https://igf.examples/", "https://evil.example/?to=https://igf.example/x", "xhttps://igf.example/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_ours_stays_words(address: str) -> None:
    for text in (address, f"See {address} now", f"  {address}", f"- {address}"):
        page = page_of(text, {address: "Click here"})
        assert links_in(page) == []
        assert visible(page) == words_of(text)


@pytest.mark.parametrize("words", HOSTILE)
def test_what_people_write_stays_words(words: str) -> None:
    harmless = page_of("a title\n\nsee", subject="a title")
    page = page_of(f"{words}\n\nsee", subject=words)
    assert shape(page) == shape(harmless)
    assert visible(page) == words_of(f"{words}see")
    assert page.findtext("head/title") == " ".join(words.split())
    assert page.find("body/div").get("aria-label") == " ".join(words.split())
    named = page_of(LINK, {LINK: words})
    assert links_in(named) == [(words, LINK)]


@given(ANY_TEXT, st.sampled_from(["en", "ja", "ar", "tlh", ""]))
def test_any_text_makes_sound_html_of_the_same_words(text: str, lang: str) -> None:
    page = page_of(text, subject=text, lang=lang)
    assert visible(page) == words_of(text)
    assert all(address == OURS or address.startswith(f"{OURS}/") for _, address in links_in(page))
    assert {element.tag for element in page.find("body").iter() if isinstance(element.tag, str)} <= {
        "body", "div", "p", "br", "a", "ul", "li",
    }  # fmt: skip


@given(ANY_TEXT)
def test_any_text_arrives_in_both_parts(text: str) -> None:
    letter = message_of(text)
    assert words_of(text_of(letter)) == words_of(text)
    page = lxml_html.document_fromstring(html_in(letter))
    assert visible(page) == words_of(text)
    raw = letter.as_bytes(policy=SMTP)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\0" not in raw


@pytest.mark.parametrize(
    ("lang", "direction"), [("en", "ltr"), ("ja", "ltr"), ("ar", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("ur", "rtl")]
)
def test_the_page_says_its_language_and_direction_also_where_a_mail_program_keeps_the_body_only(
    lang: str, direction: str
) -> None:
    page = page_of(f"Hello\n\n{LINK}", lang=lang)
    inside = page.find("body/div")
    assert [(one.get("lang"), one.get("dir")) for one in (page, inside)] == [(lang, direction)] * 2
    assert page.find(".//a").get("dir") == "ltr"  # an address is read from the left in every language
    assert message_of("Hello", lang=lang)["Content-Language"] == lang


def test_a_letter_has_its_text_first_and_then_html() -> None:
    letter = message_of("Hello\n\nありがとう\n", lang="ja")
    assert letter.get_content_type() == "multipart/alternative"
    parts = [
        (part.get_content_type(), part.get_content_charset(), part["Content-Transfer-Encoding"])
        for part in letter.iter_parts()
    ]
    assert parts == [("text/plain", "utf-8", "8bit"), ("text/html", "utf-8", "8bit")]
    assert letter["Content-Transfer-Encoding"] == "8bit"
    assert text_of(letter).splitlines() == ["Hello", "", "ありがとう"]
    assert letter.defects == []


def test_a_mail_server_that_takes_only_ascii_gets_the_same_words() -> None:
    letter = message_of("Hello\n\nありがとう\n", lang="ja")
    narrow = email.message_from_bytes(letter.as_bytes(policy=SMTP.clone(cte_type="7bit")), policy=default)
    assert narrow.as_bytes().isascii()
    assert text_of(narrow).split() == text_of(letter).split()
    assert html_in(narrow).split() == html_in(letter).split()


def test_a_letter_fetches_nothing_and_is_small() -> None:
    text = "\n\n".join(["A sentence such as the ones that letters have, of some words."] * 12 + [LINK])
    made = to_html("Welcome", text, {LINK: "See your registration"}, base_url=OURS, lang="en")
    assert not re.search(r"<(img|link|script|iframe|object|form|video|svg)|url\(|@import|@font-face|\bsrc=", made)
    assert len(made.encode()) < 5_000


def test_the_same_letter_has_the_same_bytes_and_no_line_of_it_ends_a_part() -> None:
    first, again, other = message_of("Hello"), message_of("Hello"), message_of("Hello!")
    assert first.as_bytes() == again.as_bytes()
    assert first.get_boundary() != other.get_boundary()
    quoting = f"--{first.get_boundary()}--\n\nBuy this"
    assert text_of(message_of(quoting)).splitlines() == quoting.splitlines()


def relative_luminance(colour: str) -> float:
    """Of `#rrggbb` or `#rgb` (WCAG 2.2)."""
    whole = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_links_and_buttons_can_be_read_in_light_and_dark() -> None:
    made = to_html("Welcome", LINK, {LINK: "See it"}, base_url=OURS, lang="en")
    light, dark = made.split("@media (prefers-color-scheme: dark)")
    dark, button = dark.split("</style>")

    def colour(css: str, rule: str) -> str:
        found = re.search(rf"{rule}(#[0-9a-f]+)", css)
        assert found, rule
        return found.group(1)

    pairs = [
        (colour(light, r"body {[^}]*background: "), colour(light, r"body {[^}]* color: ")),
        (colour(light, r"body {[^}]*background: "), colour(light, r"\.letter a { color: ")),
        (colour(dark, r"body { background: "), colour(dark, r"body {[^}]* color: ")),
        (colour(dark, r"body { background: "), colour(dark, r"\.letter a { color: ")),
        (colour(dark, r"button td { background: "), colour(dark, r"button a { color: ")),
        (colour(button, r"<td style=\"background: "), colour(button, r" color: ")),
    ]
    for pair in pairs:
        darker, lighter = sorted(map(relative_luminance, pair))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, pair
