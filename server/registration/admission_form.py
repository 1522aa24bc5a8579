"""What organisers enter about how their meeting registers: dates, places, approval, offers, what is asked and kept."""

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from wtforms import BooleanField, Field, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from server.meetings.models import Meeting
from server.registration.models import Admission
from server.registration.places import organisation_key
from server.registration.words import GROUPS
from server.web.form import InstantField, SeveralField, TextsForm, choices, trimmed, whole_number
from server.web.language import LANGUAGES, gettext, lazy

MOST_PLACES = 1_000_000
MOST_ORGANISATIONS = 500
_LONGEST_LINE = 300
_OWN_NUMBER = re.compile(r"(?P<name>.+?)\s*[=:：＝]\s*(?P<number>\d{1,7})")


class AdmissionForm(TextsForm):
    """How a meeting registers. An empty number is no limit."""

    TEXTS = ("notice",)

    registration_open = BooleanField(lazy("Registration is open"))
    opens_at = InstantField(lazy("It opens at"), [Optional()], description=lazy("Empty: it is open already."))
    closes_at = InstantField(lazy("It closes at"), [Optional()], description=lazy("Empty: it stays open."))
    onsite_until = InstantField(
        lazy("Last moment to register to come onsite"),
        [Optional()],
        description=lazy("Who has registered by then can still change. Online it goes on."),
    )
    onsite = whole_number(lazy("Places onsite"), 0, MOST_PLACES, hint=lazy("In all. Empty: without limit."))
    organisation = whole_number(
        lazy("Places onsite for each organisation"),
        0,
        MOST_PLACES,
        hint=lazy("Such as 2 for two representatives each. Who is with none is not limited by this."),
    )
    organisations = TextAreaField(
        lazy("Organisations with a number of their own"),
        [Optional(), Length(max=50_000)],
        filters=[trimmed],
        description=lazy("One in a line, such as: Host Country = 50. Case, accents and marks do not matter."),
        render_kw={"rows": 4, "spellcheck": "false"},
    )
    approved_groups = SeveralField(lazy("Registrations in these groups need approval"), choices=choices(GROUPS))
    offer_hours = whole_number(
        lazy("Hours for which a place that has come free is offered"),
        1,
        24 * 60,
        hint=lazy("Empty: who is next gets it at once, without being asked."),
    )
    asks_gender = BooleanField(lazy("Ask for the gender, which nobody needs to say"))
    asks_first_time = BooleanField(lazy("Ask whether it is the first time"))
    notice_en = TextAreaField(
        lazy("Privacy notice in English"),
        [Optional(), Length(max=5000)],
        filters=[trimmed],
        description=lazy(
            "Who is responsible for the data, why it is needed and who sees it. It stands below the form."
        ),
    )
    notice_ja = TextAreaField(lazy("Privacy notice in Japanese"), [Optional(), Length(max=5000)], filters=[trimmed])
    keep_days = whole_number(
        lazy("Days after the meeting after which everything personal is erased"),
        1,
        3650,
        hint=lazy(
            "Empty: never by itself. What is counted stays. A day that is over already erases within the hour, for good."
        ),
    )

    def validate_closes_at(self, field: Field) -> None:
        """It closes after it opens."""
        if field.data and self.opens_at.data and field.data <= self.opens_at.data:
            raise ValidationError(gettext("It has to close after it opens."))

    def validate_organisations(self, field: Field) -> None:
        """Each line names an organisation and a number, each organisation once."""
        known: dict[str, int] = {}
        for number, line in enumerate(field.data.splitlines(), 1):
            if not line.strip():
                continue
            found = _OWN_NUMBER.fullmatch(" ".join(line[:_LONGEST_LINE].split()))
            key = organisation_key(found["name"]) if found else ""
            if not found or not key or len(found["name"]) > 200:
                raise ValidationError(
                    gettext("Line %(line)d: it has to look like “Host Country = 50”.") % {"line": number}
                )
            if key in known:
                words = gettext("Line %(line)d: this organisation stands in line %(other)d already.")
                raise ValidationError(words % {"line": number, "other": known[key]})
            known[key] = number
        if len(known) > MOST_ORGANISATIONS:
            raise ValidationError(gettext("There can be at most %(n)d of them.") % {"n": MOST_ORGANISATIONS})

    def show(self, meeting: Meeting, admission: Admission) -> None:
        """Fill in what is so."""
        self.registration_open.data = meeting.registration_open
        self.opens_at.data, self.closes_at.data = meeting.registration_opens_at, meeting.registration_closes_at
        for name in _PLAIN:
            self[name].data = getattr(admission, name)
        self.approved_groups.data = list(admission.approved_groups)
        self.organisations.data = "\n".join(f"{name} = {number}" for name, number in admission.organisations.items())
        self.fill("notice", admission.notice)
        for group in GROUPS:
            self[f"places-{group}"].data = admission.groups.get(group)

    @property
    def of_meeting(self) -> dict[str, Any]:
        """What was entered that the meeting itself knows."""
        return {
            "registration_open": self.registration_open.data,
            "registration_opens_at": self.opens_at.data,
            "registration_closes_at": self.closes_at.data,
        }

    @property
    def of_admission(self) -> dict[str, Any]:
        """What was entered about registering."""
        own = (
            _OWN_NUMBER.fullmatch(" ".join(line[:_LONGEST_LINE].split()))
            for line in (self.organisations.data or "").splitlines()
        )
        groups = {group: self[f"places-{group}"].data for group in GROUPS}
        return {
            **{name: self[name].data for name in _PLAIN},
            "groups": {group: number for group, number in groups.items() if number is not None},
            "organisations": {found["name"]: int(found["number"]) for found in own if found},
            "approved_groups": [group for group in GROUPS if group in (self.approved_groups.data or [])],
            "notice": self.texts("notice"),
        }


for _group, _words in GROUPS.items():
    setattr(AdmissionForm, f"places-{_group}", whole_number(_words, 0, MOST_PLACES))

_PLAIN = ("onsite", "organisation", "onsite_until", "offer_hours", "asks_gender", "asks_first_time", "keep_days")


def facts_of(meeting: Meeting, admission: Admission) -> dict[str, Any]:
    """How a meeting registers, by the names of the form's fields: what a program is told, it can send back changed."""
    return {
        "registration_open": meeting.registration_open,
        "opens_at": _said(meeting.registration_opens_at),
        "closes_at": _said(meeting.registration_closes_at),
        **{name: _said(getattr(admission, name)) for name in _PLAIN},
        **{f"places-{group}": admission.groups.get(group) for group in GROUPS},
        "organisations": "\n".join(f"{name} = {number}" for name, number in admission.organisations.items()),
        "approved_groups": list(admission.approved_groups),
        **{f"notice_{tag}": admission.notice.get(tag, "") for tag in LANGUAGES},
    }


def edition_of(meeting: Meeting, admission: Admission) -> str:
    """A mark of how a meeting registers: it is another once somebody has changed anything of it."""
    return hashlib.sha256(json.dumps(facts_of(meeting, admission), sort_keys=True).encode()).hexdigest()[:16]


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
