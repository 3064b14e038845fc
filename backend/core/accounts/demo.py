"""The log-ins that come with the demo. Their password is public by design."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts.passwords import hash_password
from backend.core.database.tables import User
from backend.domain.workflow import Role

DEMO_PASSWORD = "tiny-steps"


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """One person of the demo."""

    email: str
    name: str
    roles: tuple[Role, ...]


DEMO_LOGINS = (
    DemoLogin("annotator@demo.local", "Anna Annotator", (Role.ANNOTATOR,)),
    DemoLogin("inspector@demo.local", "Ines Inspector", (Role.INSPECTOR,)),
    DemoLogin("maintainer@demo.local", "Mara Maintainer", (Role.MAINTAINER,)),
    DemoLogin("admin@demo.local", "Ada Admin", (Role.ADMIN,)),
    DemoLogin("annotator2@demo.local", "Aron Annotator", (Role.ANNOTATOR,)),
    DemoLogin("inspector2@demo.local", "Imre Inspector", (Role.INSPECTOR,)),
)


def create_demo_users(session: Session) -> dict[str, User]:
    """Add the demo's people where they do not exist yet.

    Returns:
        All of them by e-mail.
    """
    emails = [login.email for login in DEMO_LOGINS]
    users = {
        user.email: user for user in session.scalars(select(User).where(User.email.in_(emails)))
    }
    missing = [login for login in DEMO_LOGINS if login.email not in users]
    if not missing:
        return users
    password_hash = hash_password(DEMO_PASSWORD)  # public anyhow: one computation for all
    for login in missing:
        users[login.email] = User(
            email=login.email,
            name=login.name,
            password_hash=password_hash,
            roles=[role.value for role in login.roles],
            is_demo=True,
        )
        session.add(users[login.email])
    session.flush()
    return users
