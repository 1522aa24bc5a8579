"""Where a sign-in link may lead."""

from urllib.parse import urljoin, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from server.people.addresses import ACCOUNT, local_path


def test_pages_of_this_server_are_kept() -> None:
    for path in ("/", "/igf2014/desk", "/igf2014/schedule?day=2014-09-02&q=a%20b#now", "/.//x"):
        assert local_path(path) == path


def test_everything_else_becomes_the_account_page() -> None:
    for path in (None, "", "x", "//x", "/\\x", "\\x", "/\n/x", "/\t/x", "/\x00", "https://x", " /x", "/" + "a" * 600):
        assert local_path(path) == ACCOUNT


@given(st.text(alphabet="/\\.:@?#a \t\n%\x7f\u2028é", max_size=12))
def test_no_text_leads_away(text: str) -> None:
    there = urlsplit(urljoin("https://plenary.example/sign-in/x", local_path(text)))
    assert (there.scheme, there.netloc) == ("https", "plenary.example")
