"""People for tests, and how they log in."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from sqlalchemy.orm import Session

from backend.core.accounts import secrets
from backend.core.database.tables import ApiToken, User
from backend.domain.workflow import Role

_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    """A name that no other row has."""
    return f"{prefix}-{next(_numbers)}-{uuid.uuid4().hex[:6]}"


def make_user(
    session: Session, *roles: Role, name: str | None = None, password_hash: str = "unusable"
) -> User:
    """A person; an annotator unless roles are given. Logs in by :func:`bearer` only."""
    name = name or unique("person")
    user = User(
        email=f"{unique('user')}@example.org",
        name=name,
        password_hash=password_hash,
        roles=[role.value for role in roles or (Role.ANNOTATOR,)],
        is_active=True,
        is_demo=False,
    )
    session.add(user)
    session.flush()
    return user


def make_annotator(session: Session, **options: Any) -> User:
    """A person who corrects joints."""
    return make_user(session, Role.ANNOTATOR, **options)


def make_inspector(session: Session, **options: Any) -> User:
    """A person who inspects joints and boxes."""
    return make_user(session, Role.INSPECTOR, **options)


def make_maintainer(session: Session, **options: Any) -> User:
    """A person who imports, assigns, runs models and exports."""
    return make_user(session, Role.MAINTAINER, **options)


def bearer(session: Session, user: User) -> dict[str, str]:
    """Headers that log a person in by an API token; commit before the first request."""
    token = secrets.new_token()
    session.add(
        ApiToken(
            user_id=user.id,
            name=unique("token"),
            prefix=secrets.shown_prefix(token),
            secret_sha256=secrets.digest(token),
        )
    )
    session.flush()
    return {"Authorization": f"Bearer {token}"}
