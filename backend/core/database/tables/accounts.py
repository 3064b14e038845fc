"""People, their browser log-ins and their API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, LargeBinary, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.tokens import TokenScope
from backend.domain.workflow import Role

_ROLES = ", ".join(f"'{r.value}'" for r in Role)


class User(WithId, WithCreatedAt, Base):
    """A person. ``is_demo`` marks the log-ins that come with the demo."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(f"roles <@ ARRAY[{_ROLES}]::varchar[]", name="roles_known"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    is_demo: Mapped[bool] = mapped_column(server_default=text("false"))

    @property
    def scope(self) -> TokenScope:
        """How far this request reaches: all the way, but for one that comes with a lesser token."""
        scope: TokenScope = self.__dict__.get("_scope", TokenScope.MAINTAIN)
        return scope

    def limit_to(self, scope: TokenScope) -> None:
        """Let this request reach no further; the stored roles stay as they are."""
        self.__dict__["_scope"] = scope


class PersonalSetting(Base):
    """What a person set for themselves, by part: keys, looks. Checked when it is written."""

    __tablename__ = "personal_settings"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    parts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LoginSession(WithId, WithCreatedAt, Base):
    """A browser log-in; the cookie's secret is stored as its SHA-256."""

    __tablename__ = "login_sessions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime]
    user: Mapped[User] = relationship(lazy="raise")


class ApiToken(WithId, WithCreatedAt, Base):
    """A token for scripts; stored as its SHA-256, shown once. Without an end it lasts for ever."""

    __tablename__ = "api_tokens"
    __table_args__ = (enum_column_check("scope", TokenScope),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    prefix: Mapped[str] = mapped_column(String(16))
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scope: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'maintain'"))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="raise")
