from __future__ import annotations

from pathlib import Path

import pytest

from backend.domain.codegen import TARGET, main, render
from backend.domain.skeleton import JOINTS


def test_the_frontends_copy_of_the_domain_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == render()


def test_checking_an_outdated_file_fails_and_leaves_it_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.gen.ts"
    file.write_text("old")
    assert main(["--check", "--out", str(file)]) == 1
    assert file.read_text() == "old"
    assert "out of date" in capsys.readouterr().err


def test_every_joint_is_in_the_generated_file() -> None:
    text = render()
    assert all(f'"{name}"' in text for name in JOINTS)
