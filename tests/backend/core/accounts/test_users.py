"""People: who may add and change them, and the last admin."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from backend.core.accounts import service
from backend.core.accounts.demo import DEMO_LOGINS, DEMO_PASSWORD, create_demo_users
from backend.core.accounts.passwords import hash_password, verify_password
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.database.tables import AuditEntry, User
from backend.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.domain.workflow import Role
from tests.factories import bearer, make_user, unique


@pytest.fixture
def admin(session: Session) -> User:
    """The only active admin."""
    session.execute(update(User).values(is_active=False))
    return make_user(session, Role.ADMIN)


def test_an_admin_adds_a_person_who_can_then_log_in(client: TestClient, committed: Session) -> None:
    headers = bearer(committed, make_user(committed, Role.ADMIN))
    committed.commit()
    email = f"{unique('New')}@Example.org"
    body = {"email": email, "name": " Nora ", "password": "long enough", "roles": ["inspector"]}
    answer = client.post("/api/v1/users", json=body, headers=headers)
    assert answer.status_code == 201
    assert answer.json()["email"] == email.lower()
    assert answer.json()["name"] == "Nora"
    login = client.post("/api/v1/auth/login", json={"email": email, "password": "long enough"})
    assert login.json()["roles"] == ["inspector"]


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.INSPECTOR, Role.MAINTAINER])
def test_nobody_else_may_add_people(session: Session, role: Role) -> None:
    with pytest.raises(Forbidden, match="add people"):
        service.create_user(
            session,
            make_user(session, role),
            email="x@example.org",
            name="X",
            password="long enough",
            roles=[Role.ADMIN],
        )


def test_an_email_can_be_used_once_whatever_its_case(session: Session, admin: User) -> None:
    facts: dict[str, Any] = {"name": "X", "password": "long enough", "roles": [Role.ANNOTATOR]}
    service.create_user(session, admin, email="twice@example.org", **facts)
    with pytest.raises(Conflict, match="exists already"):
        service.create_user(session, admin, email="Twice@example.org", **facts)


@pytest.mark.parametrize("email", ["", "no-at", "@example.org", "a@", "a b@example.org"])
def test_strange_emails_are_refused(session: Session, email: str) -> None:
    with pytest.raises(InvalidInput, match="not an e-mail"):
        service.create_user(
            session, None, email=email, name="X", password="long enough", roles=[Role.ADMIN]
        )


def test_a_person_needs_a_role(session: Session) -> None:
    with pytest.raises(InvalidInput, match="at least one role"):
        service.create_user(
            session, None, email="x@example.org", name="X", password="long enough", roles=[]
        )


def test_everybody_sees_who_is_there_without_secrets(
    client: TestClient, committed: Session
) -> None:
    user = make_user(committed)
    headers = bearer(committed, user)
    committed.commit()
    listed = client.get("/api/v1/users", headers=headers).json()
    [me] = [u for u in listed if u["id"] == user.id]
    assert set(me) == {"id", "email", "name", "roles", "is_active", "is_demo", "created_at"}


def test_strangers_see_nobody(client: TestClient) -> None:
    assert client.get("/api/v1/users").status_code == 401


def test_the_last_active_admin_cannot_be_deactivated(session: Session, admin: User) -> None:
    with pytest.raises(Conflict, match="last active admin"):
        service.change_user(session, admin, admin.id, is_active=False)


def test_the_last_active_admin_cannot_lose_the_role(session: Session, admin: User) -> None:
    with pytest.raises(Conflict, match="last active admin"):
        service.change_user(session, admin, admin.id, roles=[Role.MAINTAINER])


def test_with_a_second_admin_the_first_may_go(session: Session, admin: User) -> None:
    make_user(session, Role.ADMIN)
    service.change_user(session, admin, admin.id, is_active=False)
    assert not admin.is_active


def test_two_admins_cannot_dismiss_each_other_at_once(fresh_database_url: str) -> None:
    engine = make_engine(fresh_database_url)
    with transaction(engine) as session:
        ids = [make_user(session, Role.ADMIN).id for _ in range(2)]
    together = threading.Barrier(2)
    refused: list[Conflict] = []

    def dismiss(actor_id: int, other_id: int) -> None:
        try:
            with transaction(engine) as session:
                actor = service.get_user(session, actor_id)
                together.wait()
                service.change_user(session, actor, other_id, is_active=False)
        except Conflict as error:
            refused.append(error)

    threads = [threading.Thread(target=dismiss, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert _active(engine) == 1
    engine.dispose()


def _active(engine: Engine) -> int:
    with Session(engine) as session:
        return len(session.scalars(select(User.id).where(User.is_active)).all())


def test_a_password_set_by_an_admin_ends_all_log_ins(session: Session, admin: User) -> None:
    user = make_user(session)
    secret = service.begin_login(session, user)
    service.change_user(session, admin, user.id, password="given by the admin")
    assert verify_password(user.password_hash, "given by the admin")
    assert service.user_for_cookie(session, secret) is None


def test_changes_of_people_are_recorded_without_passwords(session: Session, admin: User) -> None:
    user = make_user(session)
    service.change_user(
        session, admin, user.id, name="Other", roles=[Role.INSPECTOR], password="long enough"
    )
    [entry] = session.scalars(
        select(AuditEntry).where(
            AuditEntry.subject == "user",
            AuditEntry.subject_id == user.id,
            AuditEntry.action == "user_changed",
        )
    )
    assert entry.actor_id == admin.id
    assert entry.details == {"name": "Other", "roles": ["inspector"], "password": "reset"}


def test_an_unknown_person_cannot_be_changed(session: Session, admin: User) -> None:
    with pytest.raises(NotFound, match="no user"):
        service.change_user(session, admin, 2**40, name="X")


def test_demo_people_are_made_once_and_can_log_in(session: Session) -> None:
    first = create_demo_users(session)
    second = create_demo_users(session)
    assert [first[login.email].id for login in DEMO_LOGINS] == [
        second[login.email].id for login in DEMO_LOGINS
    ]
    anna = first["annotator@demo.local"]
    assert anna.is_demo
    assert service.login(session, anna.email, DEMO_PASSWORD, "10.0.0.9")[0] is anna


def test_the_list_of_demo_log_ins_names_demo_people_only(
    client: TestClient, committed: Session
) -> None:
    real = make_user(committed, password_hash=hash_password("their own secret"))
    demo = make_user(committed, Role.INSPECTOR)
    demo.is_demo = True
    committed.commit()
    listed = {item["email"]: item for item in client.get("/api/v1/auth/demo-logins").json()}
    assert real.email not in listed
    assert listed[demo.email] == {
        "email": demo.email,
        "name": demo.name,
        "roles": ["inspector"],
        "password": DEMO_PASSWORD,
    }
    demo.is_active = False
    committed.commit()
    assert demo.email not in str(client.get("/api/v1/auth/demo-logins").json())
