"""Bodies of the accounts endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.domain.limits import MAX_NAME_LENGTH
from backend.domain.tokens import TokenScope
from backend.domain.workflow import Role

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME_LENGTH)
]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$"
    ),
]
# Checked for length by the service, which words the refusal; a bound here only stops abuse.
Password = Annotated[str, StringConstraints(max_length=1000)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]


class LoginRequest(BaseModel):
    """E-mail and password."""

    email: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254)]
    password: Password


class Me(BaseModel):
    """The person who is logged in."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    name: str
    roles: list[Role]
    is_demo: bool


class DemoLoginItem(BaseModel):
    """A log-in of the demo, password included: it is public by design."""

    email: str
    name: str
    roles: list[Role]
    password: str


class PasswordChange(BaseModel):
    """A person's change of their own password."""

    current: Password
    new: Password


class UserItem(BaseModel):
    """A person as others see them."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    name: str
    roles: list[Role]
    is_active: bool
    is_demo: bool
    created_at: datetime


class UserCreate(BaseModel):
    """A new person."""

    email: Email
    name: Name
    password: Password
    roles: Roles


class UserChange(BaseModel):
    """What an admin changes about a person; what is left out stays."""

    name: Name | None = None
    roles: Roles | None = None
    is_active: bool | None = None
    password: Password | None = None


class TokenItem(BaseModel):
    """An API token, without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    prefix: str
    scope: TokenScope
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class OwnedTokenItem(TokenItem):
    """An API token with whose it is."""

    owner_id: int
    owner_name: str


class TokenCreate(BaseModel):
    """A new token, for oneself or (as admin) for somebody else."""

    name: Name
    user_id: int | None = None
    scope: TokenScope = TokenScope.MAINTAIN
    expires_in_days: int | None = Field(
        default=365, ge=1, le=3650, description="After how many days it expires; null for never."
    )


class TokenCreated(BaseModel):
    """A new token with its secret, which is never shown again."""

    id: int
    name: str
    token: str
