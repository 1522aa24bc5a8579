"""Secrets: random ones that are stored hashed, and derived ones that are not stored at all."""

import base64
import hashlib
import hmac
import secrets

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def new_token() -> str:
    """A secret for a link or a program: 43 letters, digits, `-` and `_` (256 bits)."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """How a random secret is kept. It has 256 bits, so a plain hash is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


def short_code(length: int = 8) -> str:
    """A code a person can read out over the telephone: no 0/o, no 1/i/l."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def seal(secret: str, kind: str, handle: str, generation: int) -> str:
    """The secret part of an address that must be shown again: `handle_mac`.

    Nothing is stored; raising the generation revokes every address given out before.
    """
    return f"{handle}_{_mac(secret, kind, handle, generation)}"


def handle_of(sealed: str) -> str:
    """The handle in a sealed secret, to look the thing up by; proves nothing yet."""
    return sealed.partition("_")[0]


def is_sealed(sealed: str, secret: str, kind: str, generation: int) -> bool:
    """Whether the secret was made by `seal` for this generation."""
    return hmac.compare_digest(sealed.encode(), seal(secret, kind, handle_of(sealed), generation).encode())


def derived(secret: str, kind: str, handle: str, generation: int) -> bytes:
    """A secret of 256 bits for somebody else's use; nothing is stored, and raising the generation makes another."""
    return hmac.digest(secret.encode(), f"{kind}:{handle}:{generation}".encode(), "sha256")


def _mac(secret: str, kind: str, handle: str, generation: int) -> str:
    return base64.b32encode(derived(secret, kind, handle, generation)[:20]).decode().lower()
