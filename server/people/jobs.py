"""What comes due by itself with accounts: links and visits whose time is over are forgotten."""

from server.people.models import SignInLink, Visit
from server.sweeping import sweep

JOBS = [
    sweep("sign-in links", SignInLink, lambda now: SignInLink.expires_at <= now),
    sweep("visits", Visit, lambda now: Visit.expires_at <= now),
]
