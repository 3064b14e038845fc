"""A training from end to end, far too short to learn much."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from worker.adapters.rtmo import RtmoEstimator
from worker.synthesis.dataset import Order, synthesise
from worker.training.export import MAX_FILE_BYTES, export


@pytest.fixture(scope="module")
def renders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("renders")
    synthesise(Order(count=16, seed=11, size=(160, 120)), folder / "a")
    return folder


def train(renders: Path, out: Path, *options: str) -> str:
    """Run the command; returns what it said."""
    command = [sys.executable, "-m", "worker.training.rtmo", "--renders", str(renders)]
    command += ["--out", str(out), "--batch", "4", "--round", "8", "--side", "128", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return done.stdout + done.stderr


def test_a_training_goes_through_its_stages_and_the_network_loads_what_it_leaves(
    renders: Path, tmp_path: Path
) -> None:
    said = train(renders, tmp_path / "out", "--iterations", "12")

    stages = re.findall(r"pictures, Stage\(begins=([\d.]+), crop=([\w.]+)", said)
    assert stages[0] == ("0.0", "0.5")
    assert stages[-1][0] != "0.0"
    losses = [float(x) for x in re.findall(r"loss_where: ([\d.]+)", said)]
    assert all(np.isfinite(losses))

    small = tmp_path / "small.pth"
    facts = {"variant": "t", "side": 128}
    assert 1_000_000 < export(tmp_path / "out" / "last.pth", small, facts) <= MAX_FILE_BYTES
    people = RtmoEstimator("t", small, side=128, score_threshold=0.0).estimate(
        [np.zeros((120, 160, 3), np.uint8)]
    )
    assert all(np.isfinite(person.keypoints).all() for person in people[0])


def test_a_folder_without_renders_is_refused(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        train(tmp_path, tmp_path / "out", "--iterations", "1")
    assert "no folder in it holds an annotations.json" in failed.value.stderr
    assert not (tmp_path / "out").exists()
