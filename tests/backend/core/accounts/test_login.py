"""Log-ins by password: cookies, their end, and what wrong guesses get."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.core.accounts import secrets, service
from backend.core.accounts.attempts import OTHERS, FailedAttempts
from backend.core.accounts.passwords import hash_password, verify_password
from backend.core.accounts.uses import Uses
from backend.core.database.tables import LoginSession, User
from backend.core.settings import Settings
from backend.domain.errors import Conflict, InvalidInput, TooManyAttempts, Unauthenticated
from backend.domain.workflow import Role
from backend.web.app import create_app
from tests.factories import make_user

PASSWORD = "a long enough one"
CSRF = {"X-Infantnet": "1"}


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def person(committed: Session, password_hash: str) -> User:
    user = make_user(committed, password_hash=password_hash)
    committed.commit()
    return user


def log_in(client: TestClient, user: User, password: str = PASSWORD) -> int:
    body = {"email": user.email, "password": password}
    return int(client.post("/api/v1/auth/login", json=body).status_code)


def test_the_right_password_opens_a_log_in(client: TestClient, person: User) -> None:
    assert log_in(client, person) == 200
    me = client.get("/api/v1/auth/me").json()
    assert me == {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "roles": ["annotator"],
        "is_demo": False,
    }


def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(
    client: TestClient, person: User
) -> None:
    answer = client.post(
        "/api/v1/auth/login", json={"email": person.email.upper(), "password": PASSWORD}
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_only_a_hash_of_the_cookie_is_stored(
    client: TestClient, person: User, committed: Session
) -> None:
    log_in(client, person)
    [stored] = committed.scalars(select(LoginSession).where(LoginSession.user_id == person.id))
    secret = client.cookies["infantnet_session"]
    assert stored.secret_sha256 == secrets.digest(secret)
    assert secret.encode() not in stored.secret_sha256


def test_wrong_password_and_unknown_email_get_the_same_answer(
    client: TestClient, person: User
) -> None:
    wrong = client.post("/api/v1/auth/login", json={"email": person.email, "password": "wrong"})
    unknown = client.post(
        "/api/v1/auth/login", json={"email": "nobody@example.org", "password": "wrong"}
    )
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.headers["content-type"] == "application/problem+json"


def test_a_deactivated_person_cannot_log_in(session: Session, password_hash: str) -> None:
    user = make_user(session, password_hash=password_hash)
    user.is_active = False
    session.flush()
    with pytest.raises(Unauthenticated, match="deactivated"):
        service.login(session, user.email, PASSWORD, "10.0.0.1")


def test_after_many_failures_even_the_right_password_has_to_wait(
    session: Session, password_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "failed_attempts", FailedAttempts(limit=2))
    user = make_user(session, password_hash=password_hash)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="wrong"):
            service.login(session, user.email, "wrong", "10.0.0.2")
    with pytest.raises(TooManyAttempts, match="Try again in 5 minutes") as refused:
        service.login(session, user.email, PASSWORD, "10.0.0.2")
    assert 0 < refused.value.context["retry_after_s"] <= 300
    assert service.login(session, user.email, PASSWORD, "10.0.0.3")[0] is user


def test_too_many_failures_say_over_http_when_to_come_back(
    client: TestClient, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "failed_attempts", FailedAttempts(limit=1))
    assert log_in(client, person, "wrong") == 401
    body = {"email": person.email, "password": PASSWORD}
    refused = client.post("/api/v1/auth/login", json=body)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 300


def _fail(attempts: FailedAttempts, email: str, address: str, times: int = 1) -> None:
    for _ in range(times):
        with attempts.attempt(email, address):
            pass


def _succeed(attempts: FailedAttempts, email: str, address: str) -> None:
    with attempts.attempt(email, address) as attempt:
        attempt.succeeded()


def test_failures_are_forgotten_when_their_window_has_passed() -> None:
    now = [0.0]
    attempts = FailedAttempts(limit=2, window_s=60, clock=lambda: now[0])
    _fail(attempts, "a", "x", 2)
    with pytest.raises(TooManyAttempts):
        _succeed(attempts, "a", "x")
    now[0] = 60.5
    _succeed(attempts, "a", "x")


def test_a_success_forgets_the_failures_before_it() -> None:
    attempts = FailedAttempts(limit=2)
    _fail(attempts, "a", "x")
    _succeed(attempts, "a", "x")
    _fail(attempts, "a", "x")
    _succeed(attempts, "a", "x")


def test_guesses_under_way_count_as_well() -> None:
    attempts = FailedAttempts(limit=2)
    with attempts.attempt("a", "x"), attempts.attempt("a", "x"), pytest.raises(TooManyAttempts):
        _succeed(attempts, "a", "x")


def test_many_right_log_ins_from_one_address_are_no_failures() -> None:
    attempts = FailedAttempts(limit=2)
    for n in range(100):
        _succeed(attempts, f"person {n}", "x")


def test_an_address_that_guesses_across_accounts_is_stopped() -> None:
    attempts = FailedAttempts(limit=2)
    for n in range(2 * OTHERS):
        _fail(attempts, f"person {n}", "x")
    with pytest.raises(TooManyAttempts):
        _fail(attempts, "another", "x")
    _succeed(attempts, "another", "y")


def test_knowing_one_password_buys_no_guesses_at_others() -> None:
    attempts = FailedAttempts(limit=2)
    for n in range(2 * OTHERS):
        _fail(attempts, f"person {n}", "x")
        if n < 2 * OTHERS - 1:
            _succeed(attempts, "insider", "x")
    with pytest.raises(TooManyAttempts):
        _fail(attempts, "another", "x")


def test_an_account_guessed_from_many_addresses_is_closed_for_a_while() -> None:
    attempts = FailedAttempts(limit=2)
    for n in range(4 * OTHERS):
        _fail(attempts, "a", f"address {n}")
    with pytest.raises(TooManyAttempts):
        _fail(attempts, "a", "yet another")


def test_guessing_ones_own_password_to_change_it_is_limited_too(
    session: Session, password_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "failed_attempts", FailedAttempts(limit=1))
    user = make_user(session, password_hash=password_hash)
    with pytest.raises(InvalidInput, match="current password is wrong"):
        service.change_password(session, user, "wrong", "a longer new one", address="x")
    with pytest.raises(TooManyAttempts):
        service.change_password(session, user, PASSWORD, "a longer new one", address="x")


def test_logging_out_ends_the_log_in(client: TestClient, person: User) -> None:
    log_in(client, person)
    secret = client.cookies["infantnet_session"]
    assert client.post("/api/v1/auth/logout", headers=CSRF).status_code == 204
    client.cookies.set("infantnet_session", secret)
    assert client.get("/api/v1/auth/me").status_code == 401


def test_logging_out_without_a_log_in_is_no_error(client: TestClient) -> None:
    assert client.post("/api/v1/auth/logout", headers=CSRF).status_code == 204


def test_a_log_in_lasts_as_long_as_it_is_used(session: Session) -> None:
    user = make_user(session)
    secret = service.begin_login(session, user)
    almost_over = datetime.now(UTC) + timedelta(hours=2)
    session.execute(
        update(LoginSession).where(LoginSession.user_id == user.id).values(expires_at=almost_over)
    )
    uses = Uses()
    assert service.user_for_cookie(session, secret, uses=uses) is user
    uses.write(session)
    [end] = session.scalars(select(LoginSession.expires_at).where(LoginSession.user_id == user.id))
    assert end > datetime.now(UTC) + timedelta(days=13, hours=23)


def test_a_shorter_life_of_log_ins_holds_for_their_renewal_too(
    settings: Settings, committed: Session, person: User
) -> None:
    app = create_app(settings.model_copy(update={"session_days": 2}), with_pages=False)
    secret = service.begin_login(committed, person, timedelta(hours=1))
    committed.commit()
    with TestClient(app) as client:
        client.cookies.set("infantnet_session", secret)
        assert client.get("/api/v1/auth/me").status_code == 200
    end = committed.scalar(select(LoginSession.expires_at).where(LoginSession.user_id == person.id))
    assert end is not None
    assert timedelta(days=1) < end - datetime.now(UTC) < timedelta(days=3)


def test_a_log_in_that_was_not_used_for_two_weeks_is_over(session: Session) -> None:
    user = make_user(session)
    secret = service.begin_login(session, user, lifetime=timedelta(seconds=-1))
    assert service.user_for_cookie(session, secret) is None


def test_a_deactivated_person_is_out_at_once(session: Session) -> None:
    user = make_user(session)
    secret = service.begin_login(session, user)
    _, token = service.make_token(session, user, "script")
    user.is_active = False
    session.flush()
    assert service.user_for_cookie(session, secret) is None
    assert service.user_for_token(session, token) is None


def test_a_new_password_ends_all_tokens(session: Session, password_hash: str) -> None:
    user = make_user(session, password_hash=password_hash)
    _, own = service.make_token(session, user, "script")
    service.change_password(session, user, PASSWORD, "a longer new one")
    assert service.user_for_token(session, own) is None
    _, later = service.make_token(session, user, "script")
    service.change_user(session, make_user(session, Role.ADMIN), user.id, password="reset again 7")
    assert service.user_for_token(session, later) is None


def test_a_new_password_ends_the_other_log_ins_only(
    client: TestClient, person: User, committed: Session
) -> None:
    elsewhere = service.begin_login(committed, person)
    committed.commit()
    log_in(client, person)
    answer = client.post(
        "/api/v1/auth/password",
        json={"current": PASSWORD, "new": "an even longer one"},
        headers=CSRF,
    )
    assert answer.status_code == 204
    assert client.get("/api/v1/auth/me").status_code == 200
    client.cookies.set("infantnet_session", elsewhere)
    assert client.get("/api/v1/auth/me").status_code == 401
    client.cookies.clear()
    assert log_in(client, person, "an even longer one") == 200


def test_a_new_password_needs_the_old_one(session: Session, password_hash: str) -> None:
    user = make_user(session, password_hash=password_hash)
    with pytest.raises(InvalidInput, match="current password is wrong"):
        service.change_password(session, user, "not it", "an even longer one")
    assert verify_password(user.password_hash, PASSWORD)


def test_short_passwords_are_refused(session: Session, password_hash: str) -> None:
    user = make_user(session, password_hash=password_hash)
    with pytest.raises(InvalidInput, match="at least 8"):
        service.change_password(session, user, PASSWORD, "short")


def test_demo_passwords_cannot_be_changed(session: Session, password_hash: str) -> None:
    user = make_user(session, password_hash=password_hash)
    user.is_demo = True
    with pytest.raises(Conflict, match="public password"):
        service.change_password(session, user, PASSWORD, "an even longer one")


def test_a_write_by_cookie_needs_the_header_that_other_sites_cannot_send(
    client: TestClient, person: User
) -> None:
    log_in(client, person)
    without = client.post("/api/v1/tokens", json={"name": "x"})
    foreign = client.post(
        "/api/v1/tokens", json={"name": "x"}, headers={**CSRF, "Origin": "https://evil.example"}
    )
    assert (without.status_code, foreign.status_code) == (403, 403)
    assert client.get("/api/v1/tokens").json() == []
