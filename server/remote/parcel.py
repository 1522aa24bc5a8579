"""A parcel is one event of a log as a webhook gets it: what it says, and a signature that shows who sent it.

Headers and signature are those of Standard Webhooks, for which receivers find libraries in every language.
"""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server import VERSION
from server.remote import messages

#: What a signing secret begins with, so that people and programs see what it is.
PREFIX = "whsec_"


@dataclass(frozen=True)
class Parcel:
    """What is posted, under an `id` that stays the same however often it is tried."""

    id: str
    url: str
    body: bytes
    secrets: tuple[bytes, ...]

    def headers(self, now: datetime) -> dict[str, str]:
        """The headers of one try. Each of the secrets has signed, so that a new one can be put in place in peace."""
        stamp = str(int(now.timestamp()))
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"Plenary/{VERSION}",
            "webhook-id": self.id,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(signature(secret, self.id, stamp, self.body) for secret in self.secrets),
        }


def signature(secret: bytes, parcel_id: str, stamp: str, body: bytes) -> str:
    """A signature of version 1: HMAC-SHA256 of id, time and body, with dots between."""
    signed = hmac.digest(secret, f"{parcel_id}.{stamp}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(signed).decode()


def as_text(secret: bytes) -> str:
    """A secret as people copy it."""
    return PREFIX + base64.b64encode(secret).decode()


def encoded(content: Mapping[str, Any]) -> bytes:
    """What a parcel says, in JSON."""
    return messages.encode(content).encode()
