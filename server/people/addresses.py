"""The addresses of the account pages."""

from urllib.parse import quote

ACCOUNT = "/account"
SIGN_IN = "/sign-in"
#: As long as `SignInLink.next` is wide.
LONGEST_NEXT = 500


def sign_in_link(base_url: str, secret: str) -> str:
    """The link that a letter or an invitation carries."""
    return f"{base_url}/sign-in/{secret}"


def sign_in_page(next_page: str) -> str:
    """The sign-in page, from which one goes on to `next_page`."""
    return f"{SIGN_IN}?next={quote(next_page, safe='')}"


def local_path(text: str | None, otherwise: str = ACCOUNT) -> str:
    """`text` when it is a page of this server, else the account page or another one.

    A link that signs in must not send people elsewhere: browsers take `//host`, `/\\host` and `/<tab>/host`
    for another site (WHATWG URL 4.4 drops tabs and newlines, and reads a backslash as a slash).
    """
    path = text or ""
    plain = path.isprintable() and "\\" not in path and " " not in path
    if not plain or not path.startswith("/") or path.startswith("//") or len(path) > LONGEST_NEXT:
        return otherwise
    return path
