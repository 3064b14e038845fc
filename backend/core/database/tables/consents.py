"""What families agreed to, as entries that are only ever added."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.consents import ConsentScope


class InfantConsent(WithId, WithCreatedAt, Base):
    """One entry for an infant; the latest counts. Scope ``none`` is a withdrawal.

    ``document`` refers to the signed paper by the archive's own number, never by a name.
    """

    __tablename__ = "infant_consents"
    __table_args__ = (
        enum_column_check("scope", ConsentScope),
        Index("ix_infant_consents_infant_id_id", "infant_id", "id"),
    )

    infant_id: Mapped[int] = mapped_column(ForeignKey("infants.id", ondelete="CASCADE"))
    scope: Mapped[str] = mapped_column(ENUM_TEXT)
    given_on: Mapped[date] = mapped_column(Date)
    document: Mapped[str] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(Text)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
