"""Log-ins, people and API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.accounts import policies, repository, secrets
from backend.core.accounts.attempts import FailedAttempts
from backend.core.accounts.passwords import (
    check_strength,
    hash_password,
    needs_rehash,
    verify_password,
)
from backend.core.accounts.uses import Uses
from backend.core.audit import service as audit
from backend.core.database.tables import ApiToken, LoginSession, User
from backend.core.events import end_streams
from backend.domain.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from backend.domain.tokens import TokenScope
from backend.domain.workflow import Role

LIFETIME = timedelta(days=14)
TOKEN_DAYS = 365
"""A token lasts so long unless its maker says otherwise."""
_EXTEND_AFTER = timedelta(hours=1)
_TOUCH_AFTER = timedelta(minutes=1)

failed_attempts = FailedAttempts()
"""Failed log-ins at this process."""


# Log-ins


def login(
    session: Session, email: str, password: str, address: str, lifetime: timedelta = LIFETIME
) -> tuple[User, str]:
    """Check e-mail and password, and begin a log-in.

    Args:
        session: The transaction.
        email: As typed; case does not matter.
        password: As typed.
        address: The client's network address, for the count of failures.
        lifetime: How long an unused log-in lasts.

    Returns:
        The person and the secret for the cookie.

    Raises:
        Unauthenticated: wrong e-mail or password (not told which), or a deactivated account.
        TooManyAttempts: too many failures for this e-mail from this address.
    """
    email = email.strip().lower()
    with failed_attempts.attempt(email, address) as attempt:
        user = repository.user_by_email(session, email)
        if not verify_password(user.password_hash if user else None, password) or user is None:
            raise Unauthenticated("The e-mail address or the password is wrong.")
        attempt.succeeded()
    if not user.is_active:
        raise Unauthenticated("This account is deactivated. Ask an admin to activate it again.")
    if needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    repository.delete_expired_logins(session)
    return user, begin_login(session, user, lifetime)


def begin_login(session: Session, user: User, lifetime: timedelta = LIFETIME) -> str:
    """Begin a log-in without a password check, and return the secret for its cookie."""
    secret = secrets.new_cookie_secret()
    session.add(
        LoginSession(
            user_id=user.id,
            secret_sha256=secrets.digest(secret),
            expires_at=datetime.now(UTC) + lifetime,
        )
    )
    session.flush()
    return secret


def logout(session: Session, secret: str) -> None:
    """End the log-in of this cookie; unknown ones are no error."""
    repository.delete_login(session, secrets.digest(secret))


def user_for_cookie(
    session: Session, secret: str, lifetime: timedelta = LIFETIME, uses: Uses | None = None
) -> User | None:
    """The active person behind a cookie; each use moves the end of the log-in on.

    Only reads. The new end is noted in ``uses``, at most once an hour for each log-in.
    """
    found = repository.login_by_secret(session, secrets.digest(secret))
    if found is None:
        return None
    login_session, user = found
    end = datetime.now(UTC) + lifetime
    if uses is not None and end - login_session.expires_at > _EXTEND_AFTER:
        uses.login(login_session.id, end)
    return user


def user_for_token(session: Session, token: str, uses: Uses | None = None) -> User | None:
    """The active person behind an API token.

    Only reads. The use is noted in ``uses``, at most once a minute for each token.
    """
    if not token.startswith(secrets.TOKEN_PREFIX):
        return None
    found = repository.token_by_secret(session, secrets.digest(token))
    if found is None:
        return None
    user, last = found.user, found.last_used_at
    now = datetime.now(UTC)
    if uses is not None and (last is None or now - last > _TOUCH_AFTER):
        uses.token(found.id, now)
    user.limit_to(TokenScope(found.scope))
    return user


def change_password(
    session: Session,
    user: User,
    current: str,
    new: str,
    *,
    address: str = "here",
    kept_secret: str | None = None,
) -> None:
    """Change one's own password, and end all other log-ins and all tokens.

    Args:
        session: The transaction.
        user: The person.
        current: The password until now.
        new: The password from now on.
        address: The client's network address, for the count of failures.
        kept_secret: The cookie of the log-in that goes on.

    Raises:
        Conflict: the person belongs to the demo, whose passwords are public.
        Forbidden: asked for with a token that may not do all.
        TooManyAttempts: too many wrong guesses of the current password.
        InvalidInput: the current password is wrong, or the new one too short.
    """
    _refuse_for_demo(user)
    policies.require(user.scope is TokenScope.MAINTAIN, "change a password with this token")
    with failed_attempts.attempt(user.email, address) as attempt:
        if not verify_password(user.password_hash, current):
            raise InvalidInput("The current password is wrong.", fault="wrong current password")
        attempt.succeeded()
    check_strength(new)
    user.password_hash = hash_password(new)
    keep = secrets.digest(kept_secret) if kept_secret is not None else None
    repository.delete_logins_of(session, user.id, keep=keep)
    repository.revoke_tokens_of(session, user.id, datetime.now(UTC))
    audit.record(session, user.id, "password_changed", "user", user.id, {})


# People


def get_user(session: Session, user_id: int) -> User:
    """A person by id.

    Raises:
        NotFound: there is none.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id}.", user_id=user_id)
    return user


def create_user(
    session: Session,
    actor: User | None,
    *,
    email: str,
    name: str,
    password: str,
    roles: Sequence[Role],
) -> User:
    """Add a person.

    Args:
        session: The transaction.
        actor: The admin who does it; None from the command line of the server's own machine.
        email: Log-in name, kept in lower case.
        name: Name that others see.
        password: First password.
        roles: At least one.

    Raises:
        Forbidden: the actor is no admin.
        Conflict: the e-mail is taken.
        InvalidInput: no role, a strange e-mail, or a password too short.
    """
    if actor is not None:
        policies.require(policies.may_manage_users(actor), "add people")
    email = email.strip().lower()
    local, at, domain = email.partition("@")
    if not (local and at and domain) or any(c.isspace() for c in email):
        raise InvalidInput(f"“{email}” is not an e-mail address.", fault="e-mail")
    check_strength(password)
    user = User(
        email=email,
        name=name.strip(),
        password_hash=hash_password(password),
        roles=_role_values(roles),
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        if "uq_users_email" not in str(error.orig):
            raise
        raise Conflict(f"Somebody with the e-mail {email} exists already.", email=email) from error
    actor_id = actor.id if actor is not None else None
    audit.record(session, actor_id, "user_created", "user", user.id, {"roles": user.roles})
    return user


def change_user(
    session: Session,
    actor: User,
    user_id: int,
    *,
    name: str | None = None,
    roles: Sequence[Role] | None = None,
    is_active: bool | None = None,
    password: str | None = None,
) -> User:
    """Change a person; arguments left out stay as they are.

    A new password or a deactivation ends all of the person's log-ins, tokens and open streams of
    events.

    Raises:
        Forbidden: the actor is no admin.
        NotFound: there is no such person.
        Conflict: the last active admin would be gone, or a demo log-in would get another password.
        InvalidInput: no role, or a password too short.
    """
    policies.require(policies.may_manage_users(actor), "change people")
    admins = repository.lock_active_admins(session)
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound(f"There is no user {user_id}.", user_id=user_id)
    changes: dict[str, object] = {}
    if name is not None and name.strip() != user.name:
        changes["name"] = user.name = name.strip()
    if roles is not None and _role_values(roles) != user.roles:
        changes["roles"] = user.roles = _role_values(roles)
    if is_active is not None and is_active != user.is_active:
        changes["is_active"] = user.is_active = is_active
    if list(admins) == [user.id] and not policies.is_admin(user):
        raise Conflict(
            f"{user.name} is the last active admin. Make somebody else an admin first.",
            user_id=user.id,
        )
    if password is not None:
        _refuse_for_demo(user)
        check_strength(password)
        user.password_hash = hash_password(password)
        changes["password"] = "reset"
    if password is not None or not user.is_active:
        repository.delete_logins_of(session, user.id)
        repository.revoke_tokens_of(session, user.id, datetime.now(UTC))
        end_streams(session, user.id)
    session.flush()
    if changes:
        audit.record(session, actor.id, "user_changed", "user", user.id, changes)
    return user


def _refuse_for_demo(user: User) -> None:
    if user.is_demo:
        raise Conflict(
            "The demo’s log-ins share a public password, which stays as it is. Deactivate them"
            " where strangers can reach the server.",
            user_id=user.id,
        )


def _role_values(roles: Sequence[Role]) -> list[str]:
    if not roles:
        raise InvalidInput("A person needs at least one role.", fault="no role")
    return [role.value for role in Role if role in set(roles)]


# Tokens


def create_token(
    session: Session,
    actor: User,
    name: str,
    user_id: int | None = None,
    *,
    scope: TokenScope = TokenScope.MAINTAIN,
    days: int | None = TOKEN_DAYS,
) -> tuple[ApiToken, str]:
    """Make an API token for oneself, or as admin for somebody else.

    Args:
        session: The transaction.
        actor: Who makes it.
        name: What it is for.
        user_id: Whose it is, if not the actor's own.
        scope: How far it reaches.
        days: After how many days it ends; None for never.

    Returns:
        The row and the secret, which is not kept.

    Raises:
        Forbidden: for somebody else without being admin, or with a token that may not do all.
        NotFound: there is no such person.
        Conflict: the person is deactivated.
    """
    owner_id = actor.id if user_id is None else user_id
    doing = (
        "create tokens for somebody else" if actor.id != owner_id else "create tokens with a token"
    )
    policies.require(policies.may_make_token_for(actor, owner_id), doing)
    owner = get_user(session, owner_id)
    if not owner.is_active:
        raise Conflict(f"{owner.name} is deactivated; a token would not work.", user_id=owner.id)
    made = make_token(session, owner, name, scope=scope, days=days)
    facts = {"name": name, "scope": scope, "days": days}
    audit.record(session, actor.id, "token_created", "user", owner.id, facts)
    return made


def make_token(
    session: Session,
    owner: User,
    name: str,
    *,
    scope: TokenScope = TokenScope.MAINTAIN,
    days: int | None = None,
) -> tuple[ApiToken, str]:
    """Make a token without asking who wants it; for the server's own machine."""
    secret = secrets.new_token()
    token = ApiToken(
        user_id=owner.id,
        name=name,
        prefix=secrets.shown_prefix(secret),
        secret_sha256=secrets.digest(secret),
        scope=scope.value,
        expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    return token, secret


def revoke_token(session: Session, actor: User, token_id: int) -> None:
    """Make a token useless; revoking it again is no error.

    Raises:
        NotFound: no such token, or somebody else's and the actor is no admin.
    """
    token = session.get(ApiToken, token_id)
    if token is None or not policies.may_make_token_for(actor, token.user_id):
        raise NotFound(f"There is no token {token_id}.", token_id=token_id)
    if token.revoked_at is None:
        token.revoked_at = datetime.now(UTC)
        audit.record(
            session, actor.id, "token_revoked", "user", token.user_id, {"name": token.name}
        )
