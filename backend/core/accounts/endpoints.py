"""HTTP: log-in, people, tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from fastapi import Request, Response, status

from backend.core.accounts import policies, repository, service
from backend.core.accounts.demo import DEMO_PASSWORD
from backend.core.accounts.schemas import (
    DemoLoginItem,
    LoginRequest,
    Me,
    OwnedTokenItem,
    PasswordChange,
    TokenCreate,
    TokenCreated,
    TokenItem,
    UserChange,
    UserCreate,
    UserItem,
)
from backend.core.http.dependencies import COOKIE, CurrentUser, Router, SessionDep, SettingsDep
from backend.domain.workflow import Role

router = Router(tags=["accounts"])

# The server decides when a log-in ends (it moves with each use); the cookie only has to last.
_COOKIE_SECONDS = 400 * 24 * 3600
_GUESSES: Final[dict[int | str, dict[str, Any]]] = {429: {"description": "Too many wrong guesses"}}


def _address(request: Request) -> str:
    """The client's address; a proxy's word for it counts as far as the settings trust the proxy."""
    return request.client.host if request.client else "unknown"


@router.post("/auth/login", responses={401: {}, **_GUESSES})
def login(
    body: LoginRequest,
    request: Request,
    response: Response,
    session: SessionDep,
    settings: SettingsDep,
) -> Me:
    """Log in by e-mail and password; sets the session cookie."""
    lifetime = timedelta(days=settings.session_days)
    user, secret = service.login(session, body.email, body.password, _address(request), lifetime)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
        path="/",
    )
    return Me.model_validate(user)


@router.post("/auth/logout", status_code=status.HTTP_204_NO_CONTENT)
def logout(
    request: Request, response: Response, session: SessionDep, settings: SettingsDep
) -> None:
    """End this log-in. Without one, nothing happens."""
    secret = request.cookies.get(COOKIE)
    if secret:
        service.logout(session, secret)
    response.delete_cookie(
        COOKIE, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies
    )


@router.get("/auth/me")
def me(user: CurrentUser) -> Me:
    """The person who is logged in."""
    return Me.model_validate(user)


@router.get("/auth/demo-logins")
def demo_logins(session: SessionDep) -> list[DemoLoginItem]:
    """The log-ins of the demo; empty where it was not loaded."""
    return [
        DemoLoginItem(
            email=user.email,
            name=user.name,
            roles=[Role(role) for role in user.roles],
            password=DEMO_PASSWORD,
        )
        for user in repository.demo_users(session)
    ]


@router.post("/auth/password", status_code=status.HTTP_204_NO_CONTENT, responses=_GUESSES)
def change_password(
    body: PasswordChange, request: Request, user: CurrentUser, session: SessionDep
) -> None:
    """Change one's own password; all other log-ins and all tokens end."""
    service.change_password(
        session,
        user,
        body.current,
        body.new,
        address=_address(request),
        kept_secret=request.cookies.get(COOKIE),
    )


@router.get("/users")
def list_users(user: CurrentUser, session: SessionDep) -> list[UserItem]:
    """Everybody, for names and for choosing whom to assign."""
    return [UserItem.model_validate(u) for u in repository.all_users(session)]


@router.post("/users", status_code=status.HTTP_201_CREATED)
def create_user(body: UserCreate, user: CurrentUser, session: SessionDep) -> UserItem:
    """Add a person (admin)."""
    created = service.create_user(
        session,
        user,
        email=body.email,
        name=body.name,
        password=body.password,
        roles=body.roles,
    )
    return UserItem.model_validate(created)


@router.patch("/users/{user_id}")
def change_user(user_id: int, body: UserChange, user: CurrentUser, session: SessionDep) -> UserItem:
    """Change a person (admin); a new password or a deactivation ends their log-ins and tokens."""
    changed = service.change_user(
        session,
        user,
        user_id,
        name=body.name,
        roles=body.roles,
        is_active=body.is_active,
        password=body.password,
    )
    return UserItem.model_validate(changed)


@router.get("/tokens")
def list_tokens(user: CurrentUser, session: SessionDep) -> list[TokenItem]:
    """One's own API tokens, without their secrets."""
    return [TokenItem.model_validate(t) for t in repository.tokens_of(session, user.id)]


@router.get("/tokens/all")
def list_all_tokens(user: CurrentUser, session: SessionDep) -> list[OwnedTokenItem]:
    """Everybody's API tokens (admin), without their secrets."""
    policies.require(policies.may_manage_users(user), "see other people’s tokens")
    return [
        OwnedTokenItem(
            **TokenItem.model_validate(token).model_dump(), owner_id=owner.id, owner_name=owner.name
        )
        for token, owner in repository.all_tokens(session)
    ]


@router.post("/tokens", status_code=status.HTTP_201_CREATED)
def create_token(body: TokenCreate, user: CurrentUser, session: SessionDep) -> TokenCreated:
    """Make an API token; the answer shows its secret for the only time."""
    token, secret = service.create_token(
        session, user, body.name, body.user_id, scope=body.scope, days=body.expires_in_days
    )
    return TokenCreated(id=token.id, name=token.name, token=secret)


@router.delete("/tokens/{token_id}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_token(token_id: int, user: CurrentUser, session: SessionDep) -> None:
    """Make a token useless."""
    service.revoke_token(session, user, token_id)
