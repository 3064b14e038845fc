"""``infantnet users add|list|token``."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from backend.cli.client import Api
from backend.cli.common import Json, connect, group
from backend.cli.output import print_json, say, short_time, table
from backend.cli.stop import Exit, Stop
from backend.cli.target import Target, find_target, save
from backend.domain.errors import DomainError
from backend.domain.tokens import TokenScope
from backend.domain.workflow import Role

app = group("People and their API tokens.")

Local = Annotated[
    bool,
    typer.Option("--local", help="Use this machine's database directly, without a log-in."),
]


@app.command("list")
def list_users(ctx: typer.Context, as_json: Json = False) -> None:
    """List everybody.

    \b
    Examples:
      infantnet users list
      infantnet users list --json
    """
    with connect(ctx) as api:
        found = api.get("/users")
    if as_json:
        print_json(found)
        return
    table(
        ["id", "name", "e-mail", "roles", "active", "since"],
        [
            [
                user["id"],
                user["name"],
                user["email"],
                ", ".join(user["roles"]),
                "yes" if user["is_active"] else "no",
                short_time(user["created_at"]),
            ]
            for user in found
        ],
        "There is nobody yet. Add the first person: infantnet users add EMAIL --name NAME "
        "--role admin",
    )


@app.command("add")
def add_user(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="E-mail to log in with.")],
    role: Annotated[list[Role], typer.Option("--role", help="May be repeated.")],
    name: Annotated[
        str | None,
        typer.Option(
            "--name", help="Name that others see; by default taken from the e-mail address."
        ),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin.")
    ] = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Add a person. The password is asked for, or read from stdin or INFANTNET_PASSWORD.

    The first admin is added directly to the database of the server's machine, because nobody can
    log in yet: that happens by itself where no token is known, or with --local. From then on the
    command line on that machine works without a log-in, by a token file in the data folder.

    \b
    Examples:
      infantnet users add ada@example.org --name "Ada" --role admin
      infantnet users add ines@example.org --role inspector --role annotator
      echo "$PASSWORD" | infantnet users add joe@example.org --role annotator --password-stdin
    """
    target = find_target(ctx.find_root().params.get("server"))
    directly = local or (target.token is None and target.is_local)
    body = {
        "email": email,
        "name": name or email.partition("@")[0],
        "roles": [r.value for r in role],
        "password": _new_password(password_stdin),
    }
    if directly:
        user = _add_directly(body, role)
    else:
        with Api(target) as api:
            user = api.post("/users", body)
    if as_json:
        print_json(user)
    else:
        say(f"Added {user['name']} ({user['email']}): {', '.join(user['roles'])}.")


def _add_directly(body: dict[str, Any], roles: list[Role]) -> dict[str, Any]:
    from backend.cli.local import local_transaction
    from backend.core.accounts import service
    from backend.core.accounts.schemas import UserItem

    try:
        with local_transaction() as session:
            user = service.create_user(
                session,
                None,
                email=body["email"],
                name=body["name"],
                password=body["password"],
                roles=roles,
            )
            session.refresh(user)
            return UserItem.model_validate(user).model_dump(mode="json")
    except DomainError as error:
        raise Stop(error.message) from error


@app.command("token")
def make_token(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What the token is for.")] = "command line",
    email: Annotated[
        str | None, typer.Option("--email", help="Log in as this person, by password.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="EMAIL", help="Make it for this person (as an admin)."),
    ] = None,
    scope: Annotated[
        TokenScope,
        typer.Option(help="What it may do: read, annotate and inspect, or all that you may."),
    ] = TokenScope.MAINTAIN,
    days: Annotated[
        int, typer.Option(min=0, max=3650, help="It expires after this many days; 0 for never.")
    ] = 365,
    keep: Annotated[
        bool, typer.Option("--save", help="Keep it for later commands of this user.")
    ] = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Make an API token and print it, for the only time.

    \b
    Examples:
      infantnet users token --email mara@example.org --save
      infantnet users token "nightly import" --user mara@example.org
      infantnet users token "dashboard" --scope read --days 90
      infantnet users token --local --user mara@example.org
    """
    target = find_target(ctx.find_root().params.get("server"))
    if local:
        made = _token_directly(name, user or email, scope, days or None)
    else:
        with Api(target) as api:
            if email is not None:
                api.log_in(email, _password())
            owner = _user_id(api, user) if user is not None else None
            wish = {"scope": scope.value, "expires_in_days": days or None}
            made = api.post("/tokens", {"name": name, "user_id": owner} | wish)
    if keep:
        path = save(Target(target.url, made["token"]))
        say(f"Kept in {path} for {target.url}.")
    if as_json:
        print_json(made)
    elif not keep:
        print(made["token"])


def _token_directly(
    name: str, email: str | None, scope: TokenScope, days: int | None
) -> dict[str, Any]:
    from backend.cli.local import local_transaction
    from backend.core.accounts import repository, service

    with local_transaction() as session:
        owner = (
            repository.user_by_email(session, email.strip().lower())
            if email
            else repository.first_active_with_role(session, Role.ADMIN)
        )
        if owner is None or not owner.is_active:
            raise Stop(
                f"There is no active person {email}."
                if email
                else "There is no admin yet: infantnet users add EMAIL --role admin --local"
            )
        token, secret = service.make_token(session, owner, name, scope=scope, days=days)
        return {"id": token.id, "name": token.name, "token": secret}


def _user_id(api: Api, email: str) -> int:
    for user in api.get("/users"):
        if user["email"] == email.strip().lower():
            return int(user["id"])
    raise Stop(f"There is nobody with the e-mail {email}.")


def _new_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if given := os.environ.get("INFANTNET_PASSWORD"):
        return given
    _require_terminal()
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked


def _password() -> str:
    if given := os.environ.get("INFANTNET_PASSWORD"):
        return given
    _require_terminal()
    asked: str = typer.prompt("Password", hide_input=True, err=True)
    return asked


def _require_terminal() -> None:
    if not sys.stdin.isatty():
        raise Stop(
            "There is no terminal on which to ask for a password: set INFANTNET_PASSWORD, or "
            "(users add)"
            " use --password-stdin.",
            Exit.USAGE,
        )
