"""API tokens for scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from backend.core.accounts import policies, repository, secrets, service
from backend.core.accounts.local_token import ensure_local_cli_token
from backend.core.accounts.uses import Uses
from backend.core.database.session import transaction
from backend.core.database.tables import ApiToken, User
from backend.domain.errors import Conflict, Forbidden, NotFound
from backend.domain.tokens import TokenScope
from backend.domain.workflow import Role
from tests.factories import bearer, make_user


def test_a_token_is_shown_once_and_works_until_revoked(
    client: TestClient, committed: Session
) -> None:
    headers = bearer(committed, make_user(committed))
    committed.commit()
    made = client.post("/api/v1/tokens", json={"name": "nightly"}, headers=headers).json()
    mine = {"Authorization": f"Bearer {made['token']}"}
    assert made["token"].startswith("inft_")
    assert client.get("/api/v1/auth/me", headers=mine).status_code == 200
    [listed] = [t for t in client.get("/api/v1/tokens", headers=headers).json()
                if t["id"] == made["id"]]  # fmt: skip
    assert listed["name"] == "nightly"
    assert made["token"].startswith(listed["prefix"])
    assert made["token"] not in str(listed)
    assert client.delete(f"/api/v1/tokens/{made['id']}", headers=headers).status_code == 204
    assert client.get("/api/v1/auth/me", headers=mine).status_code == 401


def test_only_a_hash_of_a_token_is_stored(session: Session) -> None:
    token, secret = service.make_token(session, make_user(session), "x")
    assert token.secret_sha256 == secrets.digest(secret)


def test_the_use_of_a_token_is_noted_once_a_minute_apart_from_reading_it(session: Session) -> None:
    token, secret = service.make_token(session, make_user(session), "script")
    uses = Uses()
    service.user_for_token(session, secret, uses)
    assert token.last_used_at is None
    uses.write(session)
    assert token.last_used_at is not None
    service.user_for_token(session, secret, uses)
    assert not uses.any()


def test_a_note_of_a_row_that_somebody_holds_is_left_out(engine: Engine) -> None:
    with Session(engine) as session:
        token, secret = service.make_token(session, make_user(session), "script")
        uses = Uses()
        service.user_for_token(session, secret, uses)
        session.commit()
        token_id = token.id
        session.get(ApiToken, token_id, with_for_update=True)
        with transaction(engine) as other:
            uses.write(other)  # does not wait
        session.rollback()
        assert session.get_one(ApiToken, token_id, populate_existing=True).last_used_at is None


def test_strange_tokens_are_nobody(session: Session) -> None:
    assert service.user_for_token(session, "inft_guess") is None
    assert service.user_for_token(session, "") is None


def test_only_an_admin_makes_tokens_for_others(session: Session) -> None:
    other = make_user(session)
    with pytest.raises(Forbidden):
        service.create_token(session, make_user(session, Role.MAINTAINER), "x", other.id)
    _, secret = service.create_token(session, make_user(session, Role.ADMIN), "x", other.id)
    assert service.user_for_token(session, secret) is other


def test_a_deactivated_person_gets_no_token(session: Session) -> None:
    other = make_user(session)
    other.is_active = False
    with pytest.raises(Conflict, match="deactivated"):
        service.create_token(session, make_user(session, Role.ADMIN), "x", other.id)


def test_somebody_elses_token_cannot_be_revoked_or_found(session: Session) -> None:
    token, secret = service.make_token(session, make_user(session), "x")
    with pytest.raises(NotFound):
        service.revoke_token(session, make_user(session, Role.MAINTAINER), token.id)
    assert service.user_for_token(session, secret) is not None


def test_the_token_file_of_the_server_belongs_to_an_admin_and_to_its_reader_alone(
    session: Session, tmp_path: Path
) -> None:
    session.execute(update(User).values(is_active=False))
    maintainer, admin = make_user(session, Role.MAINTAINER), make_user(session, Role.ADMIN)
    path = tmp_path / "data" / "cli-token"
    assert ensure_local_cli_token(session, path) == path
    assert path.stat().st_mode & 0o777 == 0o600
    assert service.user_for_token(session, path.read_text().strip()) is admin
    assert maintainer.id != admin.id


def test_a_working_token_file_is_left_alone(session: Session, tmp_path: Path) -> None:
    make_user(session, Role.ADMIN)
    path = tmp_path / "cli-token"
    ensure_local_cli_token(session, path)
    first = path.read_text()
    ensure_local_cli_token(session, path)
    assert path.read_text() == first


def test_a_token_file_that_works_no_longer_is_replaced_and_the_old_token_revoked(
    session: Session, tmp_path: Path
) -> None:
    make_user(session, Role.ADMIN)
    path = tmp_path / "cli-token"
    ensure_local_cli_token(session, path)
    old = path.read_text().strip()
    path.write_text("garbage")
    ensure_local_cli_token(session, path)
    assert service.user_for_token(session, old) is None
    assert service.user_for_token(session, path.read_text().strip()) is not None


def test_without_anybody_no_token_file_is_made(session: Session, tmp_path: Path) -> None:
    session.execute(update(User).values(is_active=False))
    session.execute(update(ApiToken).values(revoked_at=None))
    assert ensure_local_cli_token(session, tmp_path / "cli-token") is None
    assert not (tmp_path / "cli-token").exists()


def test_a_token_ends_by_itself(session: Session) -> None:
    token, secret = service.create_token(session, user := make_user(session), "script")
    assert token.expires_at is not None
    token.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    session.flush()
    assert service.user_for_token(session, secret) is None
    assert repository.tokens_of(session, user.id) == []


def reading_as(committed: Session, role: Role) -> dict[str, str]:
    """Headers of a token that may only read, of somebody in a role."""
    _, secret = service.make_token(
        committed, make_user(committed, role), "reader", scope=TokenScope.READ
    )
    committed.commit()
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_that_may_only_read_changes_nothing(client: TestClient, committed: Session) -> None:
    reader = reading_as(committed, Role.ADMIN)

    assert client.get("/api/v1/recordings", headers=reader).status_code == 200
    assert client.get("/api/v1/releases", headers=reader).status_code == 200
    assert client.post("/api/v1/tokens", json={"name": "x"}, headers=reader).status_code == 403
    assert client.get("/api/v1/tokens/all", headers=reader).status_code == 403


def test_a_token_shows_no_more_than_its_owner_sees(client: TestClient, committed: Session) -> None:
    reader = reading_as(committed, Role.ANNOTATOR)

    assert client.get("/api/v1/releases", headers=reader).status_code == 403


def test_a_token_to_annotate_does_not_act_as_a_maintainer(session: Session) -> None:
    user = make_user(session, Role.ADMIN, Role.ANNOTATOR)
    _, secret = service.make_token(session, user, "editor", scope=TokenScope.ANNOTATE)
    session.expunge(user)

    found = service.user_for_token(session, secret)

    assert found is not None
    assert policies.is_annotator(found)
    assert not policies.is_maintainer(found)
    with pytest.raises(Forbidden):
        service.create_token(session, found, "more")
    session.flush()
    session.expire_all()
    assert session.get_one(User, found.id).roles == ["admin", "annotator"]


def test_an_admin_sees_and_revokes_everybodys_tokens(
    client: TestClient, committed: Session
) -> None:
    owner = make_user(committed)
    token, secret = service.make_token(committed, owner, "script")
    admin = bearer(committed, make_user(committed, Role.ADMIN))
    committed.commit()

    listed = client.get("/api/v1/tokens/all", headers=admin).json()

    [found] = [row for row in listed if row["id"] == token.id]
    assert (found["owner_id"], found["owner_name"]) == (owner.id, owner.name)
    assert client.delete(f"/api/v1/tokens/{token.id}", headers=admin).status_code == 204
    mine = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/auth/me", headers=mine).status_code == 401
