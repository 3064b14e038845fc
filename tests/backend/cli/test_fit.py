"""``infantnet fit`` before the running product."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backend.cli.conftest import Cli
from tests.factories import unique
from tests.worker.bench import video

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


def test_nothing_stale_is_said_and_no_failure(cli: Cli, tmp_path: Path) -> None:
    name, file = unique("nothing stale"), tmp_path / "v.mp4"
    file.write_bytes(video(4))
    made = cli("import", "video", file, "--infant", "B09", "--name", name, "--consent", "research")
    assert made.code == 0, made.err
    outcome = cli("fit", name, "--stale", "--json")
    assert outcome.code == 0, outcome.err
    assert "no fit of" in outcome.err
    assert outcome.json["job"] is None
