"""Body models on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from backend.cli.main import app
from backend.multiview.bodies.model_file import open_body
from tests.backend.cli.conftest import Cli
from tests.smil_files import geometry, write_model, write_prior

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


@pytest.mark.parametrize("name", ["list", "add", "remove"])
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    result = CliRunner().invoke(app, ["bodies", name, "--help"])
    assert result.exit_code == 0
    assert f"infantnet bodies {name}" in result.output


def test_smil_is_added_listed_and_removed(cli: Cli, tmp_path: Path) -> None:
    model = write_model(tmp_path / "smil_web.pkl", geometry())
    prior = write_prior(tmp_path / "smil_pose_prior.pkl", np.zeros(69), np.eye(69))
    added = cli("bodies", "add", model, prior, "--json")
    assert added.code == 0, added.err
    assert (added.json["name"], added.json["betas"]) == ("smil", 20)
    listed = cli("bodies", "list")
    assert open_body().sha256[:12] in listed.out
    assert added.json["sha256"][:12] in listed.out
    removed = cli("bodies", "remove", "smil")
    assert removed.code == 0, removed.err
    names = [body["name"] for body in cli("bodies", "list", "--json").json]
    assert names == ["open-infant"]


def test_a_file_that_is_no_body_model_ends_with_1_and_is_named(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "notes.pkl"
    path.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    refused = cli("bodies", "add", path)
    assert refused.code == 1
    assert "notes.pkl" in refused.err
    assert "os.system" in refused.err


def test_the_open_body_cannot_be_removed(cli: Cli) -> None:
    refused = cli("bodies", "remove", "open-infant")
    assert refused.code == 1
    assert "stays" in refused.err
