"""Reading and writing people, log-ins and tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, any_, bindparam, delete, func, literal, select, update
from sqlalchemy.orm import Session

from backend.core.database.tables import ApiToken, LoginSession, User
from backend.domain.workflow import Role

_VALID = ApiToken.revoked_at.is_(None) & (
    ApiToken.expires_at.is_(None) | (ApiToken.expires_at > func.now())
)


def user_by_email(session: Session, email: str) -> User | None:
    """The person with this e-mail, in lower case."""
    return session.scalar(select(User).where(User.email == email))


def all_users(session: Session) -> Sequence[User]:
    """Everybody, active first, by name."""
    return session.scalars(select(User).order_by(User.is_active.desc(), User.name, User.id)).all()


def demo_users(session: Session) -> Sequence[User]:
    """The active people of the demo, in the order of their creation."""
    return session.scalars(select(User).where(User.is_demo, User.is_active).order_by(User.id)).all()


def _has_role(role: Role) -> ColumnElement[bool]:
    return literal(role.value) == any_(User.roles)


def lock_active_admins(session: Session) -> Sequence[int]:
    """Ids of all active admins, locked so that two of them cannot dismiss each other at once."""
    return session.scalars(
        select(User.id)
        .where(User.is_active, _has_role(Role.ADMIN))
        .order_by(User.id)
        .with_for_update()
    ).all()


def hold_user(session: Session, user_id: int) -> None:
    """Hold a person until the transaction ends, so that their tabs come one after the other.

    Others, and rows that only name the person, do not wait.
    """
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def first_active_with_role(session: Session, role: Role) -> User | None:
    """The longest-known active person with a role."""
    return session.scalar(
        select(User).where(User.is_active, _has_role(role)).order_by(User.id).limit(1)
    )


def login_by_secret(session: Session, digest: bytes) -> tuple[LoginSession, User] | None:
    """A log-in that has not expired, with its active person."""
    row = session.execute(
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(
            LoginSession.secret_sha256 == digest,
            LoginSession.expires_at > func.now(),
            User.is_active,
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def extend_logins(session: Session, ends: Mapping[int, datetime]) -> None:
    """Move the ends of log-ins, by id; never shortens one, leaves out rows that are locked."""
    rows = session.scalars(
        select(LoginSession)
        .where(LoginSession.id.in_(ends))
        .order_by(LoginSession.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    for row in rows:
        row.expires_at = max(row.expires_at, ends[row.id])
    session.flush()


def delete_login(session: Session, digest: bytes) -> None:
    """End one log-in."""
    session.execute(delete(LoginSession).where(LoginSession.secret_sha256 == digest))


def delete_logins_of(session: Session, user_id: int, keep: bytes | None = None) -> None:
    """End all log-ins of a person, except the one whose digest is ``keep``."""
    condition = LoginSession.user_id == user_id
    if keep is not None:
        condition &= LoginSession.secret_sha256 != keep
    session.execute(delete(LoginSession).where(condition))


def delete_expired_logins(session: Session) -> None:
    """Forget log-ins that ended by themselves."""
    session.execute(delete(LoginSession).where(LoginSession.expires_at <= func.now()))


class TokenOf(NamedTuple):
    """A token in use, with its active person."""

    id: int
    scope: str
    last_used_at: datetime | None
    user: User


# Asked with each request: one statement that is made once, and no row more than it needs.
_TOKEN = (
    select(ApiToken.id, ApiToken.scope, ApiToken.last_used_at, User)
    .join(User, User.id == ApiToken.user_id)
    .where(ApiToken.secret_sha256 == bindparam("digest"), _VALID, User.is_active)
)


def token_by_secret(session: Session, digest: bytes) -> TokenOf | None:
    """A token that was not revoked, with its active person."""
    row = session.execute(_TOKEN, {"digest": digest}).one_or_none()
    return None if row is None else TokenOf(*row)


def touch_tokens(session: Session, uses: Mapping[int, datetime]) -> None:
    """Note when tokens were used, by id; leaves out rows that are locked."""
    rows = session.scalars(
        select(ApiToken)
        .where(ApiToken.id.in_(uses))
        .order_by(ApiToken.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    for row in rows:
        row.last_used_at = max(row.last_used_at or uses[row.id], uses[row.id])
    session.flush()


def tokens_of(session: Session, user_id: int) -> Sequence[ApiToken]:
    """A person's valid tokens, newest first."""
    return session.scalars(
        select(ApiToken).where(ApiToken.user_id == user_id, _VALID).order_by(ApiToken.id.desc())
    ).all()


def all_tokens(session: Session) -> Sequence[tuple[ApiToken, User]]:
    """Everybody's valid tokens with their owners, newest first."""
    rows = session.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(_VALID)
        .order_by(ApiToken.id.desc())
    )
    return [(token, user) for token, user in rows]


def revoke_tokens_of(session: Session, user_id: int, now: datetime) -> None:
    """Revoke all of a person's tokens."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_tokens_named(session: Session, user_id: int, name: str, now: datetime) -> None:
    """Revoke a person's tokens of one name."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.name == name, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
