"""Markdown as people write it: what it becomes, and what it never can become."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.markdown import to_html, to_plain

REL = 'rel="noopener nofollow ugc"'


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("Plain words.", "<p>Plain words.</p>"),
        ("*so* and **so**", "<p><em>so</em> and <strong>so</strong></p>"),
        ("# Title\n\n#### Deep", "<h3>Title</h3>\n<h4>Deep</h4>"),
        ("## Deep at once\n\n# Title", "<h3>Deep at once</h3>\n<h3>Title</h3>"),
        ("[words]() and *[more]()*", "<p>words and <em>more</em></p>"),
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"),
        ("see https://igf.example/x", f'<p>see <a href="https://igf.example/x" {REL}>https://igf.example/x</a></p>'),
        ("[a](https://igf.example 'T')", f'<p><a href="https://igf.example" title="T" {REL}>a</a></p>'),
        ("[us](mailto:us@igf.example)", f'<p><a href="mailto:us@igf.example" {REL}>us</a></p>'),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <b onclick='x()'>b</b>", "<p>a &lt;b onclick='x()'&gt;b&lt;/b&gt;</p>"),
        ("<style>*{}</style>", "<p>&lt;style&gt;*{}&lt;/style&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](JaVaScRiPt:alert(1))", "<p>[x](JaVaScRiPt:alert(1))</p>"),
        ("[x](data:text/html,hi)", "<p>[x](data:text/html,hi)</p>"),
        ("[x](/a/path)", "<p>[x](/a/path)</p>"),
        ("[x](//other.example)", "<p>[x](//other.example)</p>"),
        ("インターネット", "<p>インターネット</p>"),
        ("", ""),
    ],
)
def test_markdown_becomes(written: str, html: str) -> None:
    assert to_html(written) == html


def test_a_picture_stays_text() -> None:
    assert "<img" not in to_html("![cat](https://pictures.example/cat.png)")


def test_a_link_inside_a_reference_is_judged_the_same() -> None:
    assert "<a" not in to_html("[x][1]\n\n[1]: javascript:alert(1)")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("# Title\n\n*so* and **so**\nnext line", "Title\n\nso and so\nnext line"),
        ("- one\n- two\n\nafter", "- one\n- two\nafter"),
        ("[words](https://igf.example)", "words"),
        ("`code`", "code"),
        ("", ""),
    ],
)
def test_markdown_reads_as_plain_text(written: str, plain: str) -> None:
    assert to_plain(written) == plain


class Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


HARMLESS = {
    "p", "br", "hr", "strong", "em", "s", "a", "code", "pre", "blockquote", "ul", "ol", "li",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
SPITEFUL = st.lists(
    st.sampled_from(
        ["<script>", "</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:x'>", "[x](", "javascript:", ")",
         "![", "](", "<svg/onload=x>", "&#106;avascript:", "\t", "\n", "\n\n", "`", "```", "# ", "- ", "> ", "|", "--",
         "https://a.example/", "\"onmouseover=x", "<!--", "-->", "<![CDATA[", "\\", "mailto:a@b.example", "<", ">", "\0"]
    ) | st.text(max_size=8),
    max_size=14,
).map("".join)  # fmt: skip


@given(SPITEFUL)
def test_nothing_written_can_harm_a_reader(written: str) -> None:
    seen = Seen(to_html(written))
    assert seen.tags <= HARMLESS
    assert seen.attributes <= {"href", "title", "start", "rel"}
    assert all(link.lower().startswith(("http://", "https://", "mailto:")) for link in seen.links)
    to_plain(written)
