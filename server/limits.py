"""Counters of who sent how much, kept where every process sees them."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from server.database import Record


class Counted(Record):
    """How often something was counted under a key, until a moment from which it begins anew."""

    __tablename__ = "counted"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)
