"""The registrations that `benchmarks.registrations` looks at: people of all countries, with names in many scripts."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import insert

from server import clock
from server.database import Database
from server.meetings.models import Meeting
from server.registration.claiming import new_reference
from server.registration.countries import CODES
from server.registration.models import Attendance, Registration, StakeholderGroup, State, derived

#: Given names and family names as they are written where people are called so.
NAMES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("Ada", "Olu", "Zoë", "Ngozi", "Siobhán", "Karl"), ("Lovelace", "Okonkwo", "Müller", "O’Neill", "Straßer", "-")),
    (("Lütfi", "Ayşe", "İbrahim", "Çağla"), ("Kırdar", "Yılmaz", "Şahin", "Öztürk")),
    (("محمد", "فاطمة", "عبد الرحمن", "نور"), ("الحسيني", "بن علي", "الأنصاري", "قاسم")),
    (("健二", "さくら", "ゆうき", "美咲"), ("佐藤", "髙橋", "渡邉", "小林")),
    (("伟", "秀英", "小明", "丽"), ("王", "欧阳", "张", "陈")),
    (("민준", "서연"), ("김", "이")),
    (("आर्या", "मोहन", "लक्ष्मी"), ("शर्मा", "पटेल", "गुप्ता")),
    (("Иван", "Ольга", "Дмитро"), ("Петров", "Шевченко", "Ёлкина")),
    (("Γιώργος", "Ελένη"), ("Παπαδόπουλος", "Κωνσταντίνου")),
    (("Nguyễn Thị", "Đức"), ("Trần", "Phạm")),
    (("สมชาย", "มาลี"), ("ใจดี", "ศรีสุข")),
    (("אברהם", "נועה"), ("כהן", "לוי")),
)
ORGANISATIONS = (
    "UNESCO", "ITU", "Ministry of Communications", "総務省", "Universität zu Köln", "Öğrenci Derneği", "Internet Society Chapter",
    "وزارة الاتصالات", "中国互联网协会", "Access for All", "independent", "Сообщество открытых сетей", "Telecom & Sons <Ltd>", "=Formula Inc.",
)  # fmt: skip
#: How many of a hundred stand where.
STATES = {
    State.CONFIRMED: 70, State.WAITING: 12, State.PENDING: 5, State.CHECKED_IN: 5, State.WITHDRAWN: 5, State.OFFERED: 1,
    State.DECLINED: 2,
}  # fmt: skip
STRETCH = 1000


def make_registrations(db: Database, meeting: Meeting, many: int) -> None:
    """So many registrations at a meeting, the same people for the same number, which came in over the last eight weeks."""
    chance, now = Random(many), clock.now()
    countries = sorted(CODES)
    rows = [_row(meeting, number, chance, countries, now) for number in range(many)]
    for first in range(0, many, STRETCH):
        db.execute(insert(Registration), rows[first : first + STRETCH])


def _row(meeting: Meeting, number: int, chance: Random, countries: list[str], now: datetime) -> dict[str, object]:
    given, family = chance.choice(NAMES)
    state = chance.choices(list(STATES), list(STATES.values()))[0]
    onsite = state in (State.WAITING, State.OFFERED, State.CHECKED_IN) or chance.random() < 0.5
    came = now - timedelta(seconds=chance.randrange(56 * 24 * 3600))
    said = {
        "given_name": chance.choice(given),
        "family_name": chance.choice(family),
        "country": chance.choice(countries),
        "organisation": f"{chance.choice(ORGANISATIONS)} {number % 97}".removesuffix(" 0"),
        "stakeholder_group": chance.choice(list(StakeholderGroup)),
        "attendance": Attendance.ONSITE if onsite else Attendance.ONLINE,
        "gender": "",
        "first_time": chance.choice([None, True, False]),
        "public": chance.random() < 0.6,
    }
    return {
        **said,
        **derived(said),
        "meeting_id": meeting.id,
        "reference": f"{new_reference(meeting.short_name, meeting.slug).rpartition('-')[0]}-{number:06d}",
        "email": f"person{number}@example.org",
        "state": state,
        "turn": number + 1 if onsite else None,
        "registered_at": came,
        "changed_at": came,
        "opened_at": came if chance.random() < 0.8 else None,
        "language": chance.choice(["en", "en", "en", "ja"]),
    }
