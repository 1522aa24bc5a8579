"""What states, groups, regions and ways to attend are called."""

from server.registration.models import Attendance, StakeholderGroup, State
from server.web.language import lazy

STATES: dict[str, str] = {
    State.CONFIRMED: lazy("Confirmed"),
    State.WAITING: lazy("On the waiting list"),
    State.OFFERED: lazy("A place is offered"),
    State.PENDING: lazy("Waiting for approval"),
    State.WITHDRAWN: lazy("Withdrawn"),
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
