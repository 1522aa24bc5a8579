"""What states, groups, regions and ways to attend are called."""

from server.registration.models import Attendance, By, Gender, HistoryKind, Stage, StakeholderGroup, State
from server.web.language import lazy

STATES: dict[str, str] = {
    State.CONFIRMED: lazy("Confirmed"),
    State.WAITING: lazy("On the waiting list"),
    State.OFFERED: lazy("A place is offered"),
    State.PENDING: lazy("Waiting for approval"),
    State.DECLINED: lazy("Declined"),
    State.WITHDRAWN: lazy("Withdrawn"),
    State.CHECKED_IN: lazy("Checked in"),
}

GROUPS: dict[str, str] = {
    StakeholderGroup.GOVERNMENT: lazy("Government"),
    StakeholderGroup.INTERGOVERNMENTAL: lazy("Intergovernmental organisation"),
    StakeholderGroup.CIVIL_SOCIETY: lazy("Civil society"),
    StakeholderGroup.PRIVATE_SECTOR: lazy("Private sector"),
    StakeholderGroup.TECHNICAL_COMMUNITY: lazy("Technical community"),
    StakeholderGroup.PRESS: lazy("Press and media"),
}

ATTENDANCES: dict[str, str] = {
    Attendance.ONSITE: lazy("Onsite"),
    Attendance.ONLINE: lazy("Online"),
}

REGIONS: dict[str, str] = {
    "african": lazy("African States"),
    "asia-pacific": lazy("Asia-Pacific States"),
    "eastern-european": lazy("Eastern European States"),
    "latin-american-caribbean": lazy("Latin American and Caribbean States"),
    "western-european-others": lazy("Western European and other States"),
    "intergovernmental": lazy("Intergovernmental organisations (in no regional group)"),
    "none": lazy("In no regional group"),
}

GENDERS: dict[str, str] = {
    Gender.WOMAN: lazy("Woman"),
    Gender.MAN: lazy("Man"),
    Gender.OTHER: lazy("Another"),
}

#: What was done, as its history says.
HISTORY: dict[str, str] = {
    HistoryKind.REGISTERED: lazy("Registered"),
    HistoryKind.AGAIN: lazy("The form was filled in again; nothing changed"),
    HistoryKind.RETURNED: lazy("Takes part again"),
    HistoryKind.CHANGED: lazy("Changed"),
    HistoryKind.APPROVED: lazy("Approved"),
    HistoryKind.DECLINED: lazy("Declined"),
    HistoryKind.PLACE_GIVEN: lazy("A place came free"),
    HistoryKind.PLACE_OFFERED: lazy("A place was offered"),
    HistoryKind.ACCEPTED: lazy("Took the place"),
    HistoryKind.LAPSED: lazy("The offer ran out"),
    HistoryKind.WITHDRAWN: lazy("Withdrawn"),
    HistoryKind.REINSTATED: lazy("Taken back"),
    HistoryKind.CHECKED_IN: lazy("Checked in at the venue"),
    HistoryKind.CHECK_IN_UNDONE: lazy("Check-in undone"),
    HistoryKind.LINE_MOVED: lazy("Moved in the waiting list"),
    HistoryKind.ADDRESS_CHANGED: lazy("Mail address changed"),
    HistoryKind.LINK_RENEWED: lazy("New private link"),
    HistoryKind.LETTER_AGAIN: lazy("Letter sent again"),
}

#: How far a reminder has got.
STAGES: dict[str, str] = {
    Stage.DRAFT: lazy("Draft"),
    Stage.SCHEDULED: lazy("Scheduled"),
    Stage.LEAVING: lazy("Being sent"),
    Stage.SENT: lazy("Sent"),
    Stage.STOPPED: lazy("Stopped"),
}

MOVERS: dict[str, str] = {
    By.PARTICIPANT: lazy("The participant"),
    By.DESK: lazy("The organisers"),
    By.RULE: lazy("By itself"),
}

#: What is asked of everybody, as the history names it.
FIELDS: dict[str, str] = {
    "given_name": lazy("Given name"),
    "family_name": lazy("Family name"),
    "country": lazy("Country or area"),
    "organisation": lazy("Organisation"),
    "stakeholder_group": lazy("Stakeholder group"),
    "attendance": lazy("Attendance"),
    "gender": lazy("Gender"),
    "first_time": lazy("First time"),
    "public": lazy("Listed among the participants"),
}
