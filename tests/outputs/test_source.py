"""Markdown that leaves: nothing in it acts, and what is harmless stays as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from server.outputs.source import tamed

PIECES = [
    "<script>", "</div>", "<!--", "-->", "<![CDATA[", "<b>", "![x](http://a/b)", "[x](javascript:y)", "[x](/y)", "[x]",
    "[x]: javascript:y", "[x]: http://z", "```", "~~~", "`", "``", "\\", "\n", "\n\n", "    ", "> ", "- ", "1. ", "#",
    "*", "_", "word", " ", "<http://a.b>", "<a@b.c>", "&lt;", "|", "<?", "é", "\t",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Plain *words* and **strong** ones, a [link](https://example.org/a_b) and `code < 3`.",
        "1. one\n2. two\n\n   more of two",
        "> said\n\n```\n<b>\n```",
        "5 > 3 and 3 \\< 5",
        "段落 <https://example.org>",
    ],
)
def test_what_is_harmless_stays_as_it_was_written(text: str) -> None:
    assert tamed(text) == text


def test_what_would_act_is_escaped_and_the_rest_keeps_its_form() -> None:
    assert tamed("*a* <b>x</b> `<i>`") == "*a* \\<b>x\\</b> `<i>`"
    assert tamed("![a](http://x/y) *b*") == "\\![a](http://x/y) *b*"
    assert tamed("```\nopen") == "```\nopen\n```"
    assert tamed("[a](javascript:b)") == "\\[a\\](javascript:b)"


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_nothing_acts_and_nothing_that_follows_is_drawn_in(text: str) -> None:
    liberal = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    liberal.validateLink = lambda url: True  # type: ignore[method-assign]
    html = liberal.render(f"{tamed(text)}\n\n*END*")
    assert html.endswith("<p><em>END</em></p>\n")
    tokens = [child for token in liberal.parse(tamed(text)) for child in [token, *(token.children or [])]]
    acting = [token for token in tokens if token.type in ("html_inline", "html_block", "image")]
    links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    assert acting == []
    assert [link for link in links if not link.lower().startswith(("http:", "https:", "mailto:"))] == []
