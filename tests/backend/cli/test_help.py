"""Without any server: help, wrong usage, and nobody there."""

from __future__ import annotations

import subprocess

import pytest
from typer.testing import CliRunner

from backend.cli.main import app
from tests.backend.cli.conftest import Cli, command

COMMANDS = [
    "up",
    "import video",
    "import images",
    "import coco",
    "import labels",
    "imports undo",
    "prelabel",
    "boxes",
    "export coco",
    "recordings list",
    "recordings show",
    "weights list",
    "weights pull",
    "weights add",
    "users add",
    "users list",
    "users token",
    "jobs list",
    "jobs show",
    "jobs retry",
    "jobs cancel",
    "doctor",
]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"infantnet {name}" in result.output


@pytest.mark.parametrize("name", [c for c in COMMANDS if c.endswith(" list")])
def test_every_list_can_be_had_as_json(name: str) -> None:
    assert "--json" in CliRunner().invoke(app, [*name.split(), "--help"]).output


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["export", "coco"],
        ["import", "video"],
        ["jobs", "show", "seven"],
        ["import", "video", "a.mp4", "--infant", "x", "--every", "2", "--fps", "3"],
        ["import", "video", "a.mp4", "b.mp4", "--infant", "x", "--camera", "left"],
        ["users", "add", "a@example.org", "--role", "king"],
    ],
)
def test_wrong_usage_ends_with_2(bare: Cli, arguments: list[str]) -> None:
    outcome = bare(*arguments)
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert outcome.err


def test_a_server_that_is_not_there_ends_with_3_and_says_what_to_do(bare: Cli) -> None:
    outcome = bare("jobs", "list", INFANTNET_URL="http://127.0.0.1:9")
    assert outcome.code == 3
    assert "infantnet up" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_missing_file_is_named_before_anything_is_sent(bare: Cli) -> None:
    outcome = bare("import", "video", "no-such.mp4", "--infant", "B07")
    assert outcome.code == 1
    assert "no-such.mp4" in outcome.err


def test_doctor_says_what_is_missing_and_what_to_do(bare: Cli) -> None:
    outcome = bare("doctor", "--json", INFANTNET_URL="http://127.0.0.1:9")
    checks = {check["name"]: check for check in outcome.json}
    assert checks["python"]["verdict"] == "ok"
    assert checks["server"]["verdict"] == "warn"
    assert "infantnet up" in checks["server"]["advice"]
    assert "infantnet weights pull rtmo-l" in str(checks["checkpoint for pre-labels"])
    assert "infantnet weights pull sam2.1-large" in checks["checkpoint for boxes"]["advice"]
    failed = any(check["verdict"] == "fail" for check in checks.values())
    assert outcome.code == (1 if failed else 0)


def test_the_program_ends_with_these_codes_for_the_shell_too(home: dict[str, str]) -> None:
    ended = subprocess.run(
        command("jobs", "list"),
        env=home | {"INFANTNET_URL": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 3
    assert (ended.stdout, "Traceback" in ended.stderr) == ("", False)


def test_a_setting_that_makes_no_sense_is_named(bare: Cli) -> None:
    outcome = bare("jobs", "list", INFANTNET_PORT="many")
    assert outcome.code == 2
    assert "PORT" in outcome.err.upper()
