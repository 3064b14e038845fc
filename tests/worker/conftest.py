"""Checkpoints of random numbers in the real architectures, made once per run."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def rtmo_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from worker.adapters.random_weights import write_random_checkpoint

    path = tmp_path_factory.mktemp("rtmo") / "rtmo-t.pth"
    write_random_checkpoint("rtmo-t", path)
    return path


@pytest.fixture(scope="session")
def hrnet_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from worker.adapters.random_weights import write_random_checkpoint

    path = tmp_path_factory.mktemp("hrnet") / "hrnet-w32.pth"
    write_random_checkpoint("hrnet-w32", path)
    return path


@pytest.fixture(scope="session")
def sam2_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from worker.adapters.random_weights import write_random_checkpoint

    path = tmp_path_factory.mktemp("sam2") / "sam2.1-tiny.pt"
    write_random_checkpoint("sam2.1-tiny", path)
    return path
