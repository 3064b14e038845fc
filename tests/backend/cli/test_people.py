"""The first log-in, tokens, and who is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from backend.core.database.session import transaction
from backend.core.database.tables import User
from backend.domain.workflow import Role
from tests.backend.cli.conftest import Cli
from tests.fixtures.server import Person, Server

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


@pytest.fixture(scope="module")
def admin(server: Server) -> Person:
    return server.add_person("Ada", [Role.ADMIN])


def test_the_first_admin_is_added_on_the_servers_machine_without_a_log_in(
    bare: Cli, server: Server
) -> None:
    with transaction(server.engine) as session:
        session.execute(update(User).values(is_active=False))
    here = {"INFANTNET_DATA": str(server.data_dir)}
    words = ["users", "add", "First@example.org", "--name", "First", "--role", "admin"]
    added = bare(*words, "--password-stdin", "--json", stdin="a good password\n", **here)
    assert added.code == 0, added.err
    assert added.json["email"] == "first@example.org"
    assert added.json["roles"] == ["admin"]

    listed = bare("users", "list", "--json", **here)
    assert listed.code == 0, listed.err
    assert "first@example.org" in [user["email"] for user in listed.json]
    token_file = server.data_dir / "cli-token"
    assert token_file.stat().st_mode & 0o777 == 0o600
    with transaction(server.engine) as session:
        session.execute(update(User).values(is_active=True))


def test_without_a_token_a_command_ends_with_4_and_says_how_to_get_one(
    bare: Cli, server: Server
) -> None:
    outcome = bare("jobs", "list", INFANTNET_URL=server.url)
    assert outcome.code == 4
    assert "users token" in outcome.err


def test_a_token_that_nobody_knows_ends_with_4(bare: Cli, server: Server) -> None:
    outcome = bare("jobs", "list", INFANTNET_URL=server.url, INFANTNET_TOKEN="inft_wrong")
    assert outcome.code == 4
    assert "unknown or was revoked" in outcome.err


def test_a_token_made_by_password_is_kept_for_later_commands(
    bare: Cli, server: Server, maintainer: Person, home: dict[str, str]
) -> None:
    made = bare(
        *("--server", server.url, "users", "token", "laptop"),
        *("--email", maintainer.email, "--save"),
        INFANTNET_PASSWORD=maintainer.password,
    )
    assert made.code == 0, made.err
    config = Path(home["HOME"]) / ".config" / "infantnet" / "config.json"
    assert config.stat().st_mode & 0o777 == 0o600
    assert json.loads(config.read_text())["url"] == server.url
    assert bare("jobs", "list").code == 0


def test_a_wrong_password_makes_no_token(bare: Cli, server: Server, maintainer: Person) -> None:
    words = ["--server", server.url, "users", "token", "--email", maintainer.email]
    outcome = bare(*words, INFANTNET_PASSWORD="not it at all")
    assert outcome.code == 4
    assert "password is wrong" in outcome.err
    assert outcome.out == ""


def test_an_admin_makes_a_token_for_somebody_else(
    bare: Cli, server: Server, admin: Person, maintainer: Person
) -> None:
    known = {"INFANTNET_URL": server.url, "INFANTNET_TOKEN": admin.token}
    made = bare("users", "token", "nightly", "--user", maintainer.email, **known)
    assert made.code == 0, made.err
    token = made.out.strip()
    assert token.startswith("inft_")
    assert bare("jobs", "list", INFANTNET_URL=server.url, INFANTNET_TOKEN=token).code == 0


def test_people_are_listed_in_a_pipe_as_lines_with_tabs(cli: Cli, maintainer: Person) -> None:
    outcome = cli("users", "list")
    header, *lines = outcome.out.splitlines()
    assert header.split("\t")[:3] == ["id", "name", "e-mail"]
    assert maintainer.email in [line.split("\t")[2] for line in lines]
    assert "\x1b" not in outcome.out


def test_only_an_admin_adds_people(cli: Cli) -> None:
    words = ["users", "add", "new@example.org", "--role", "annotator", "--password-stdin"]
    outcome = cli(*words, stdin="a good password\n")
    assert outcome.code == 4
    assert "add people" in outcome.err


def test_a_short_password_is_refused(bare: Cli, server: Server, admin: Person) -> None:
    known = {"INFANTNET_URL": server.url, "INFANTNET_TOKEN": admin.token}
    words = ["users", "add", "new@example.org", "--role", "annotator", "--password-stdin"]
    outcome = bare(*words, stdin="short\n", **known)
    assert outcome.code == 1
    assert "at least 8" in outcome.err


def test_without_a_terminal_nobody_is_asked_for_a_password(cli: Cli) -> None:
    outcome = cli("users", "add", "new@example.org", "--role", "annotator")
    assert outcome.code == 2
    assert "INFANTNET_PASSWORD" in outcome.err
