"""The addresses of the account pages."""


def sign_in_link(base_url: str, secret: str) -> str:
    """The link that a letter or an invitation carries."""
    return f"{base_url}/sign-in/{secret}"
