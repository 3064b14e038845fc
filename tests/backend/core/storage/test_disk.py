"""A full disk is told as such, whatever library runs into it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from backend.core.storage import disk
from backend.core.storage.disk import full_disk


class _CodeOfPostgres(Exception):
    sqlstate = "53100"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "anything"),
        OSError(errno.EDQUOT, "anything"),
        RuntimeError("[Errno 28] No space left on device: 'x.mp4'"),
        _CodeOfPostgres("could not extend file"),
    ],
)
def test_an_error_that_names_the_full_disk_is_told(error: Exception, tmp_path: Path) -> None:
    assert full_disk(error, tmp_path) == "The disk is full."


def test_the_cause_behind_an_error_counts(tmp_path: Path) -> None:
    outer = RuntimeError("encoder failed")
    outer.__cause__ = OSError(errno.ENOSPC, "x")

    assert full_disk(outer, tmp_path) == "The disk is full."


def test_any_other_error_is_not_a_full_disk(tmp_path: Path) -> None:
    assert full_disk(ValueError("no such joint"), tmp_path) is None


def test_a_failure_without_a_reason_on_a_full_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MIN_FREE_BYTES", 2**62)

    assert f"The disk that holds {tmp_path} is full" in (
        full_disk(RuntimeError("encoder failed"), tmp_path) or ""
    )


def test_a_folder_that_does_not_exist_yet_is_measured_by_its_parent(tmp_path: Path) -> None:
    assert disk.free_bytes(tmp_path / "a" / "b") > 0
