"""The loop that every recipe is trained by, on a tiny recipe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from backend.domain.errors import Cancelled, Conflict, InvalidInput
from tests.worker.training.tiny import SETTINGS, TINY, write_set
from worker.training import keeper, keeping
from worker.training.faults import TrainingStopped, in_words
from worker.training.loop import fit
from worker.training.material import Material
from worker.training.reading import read
from worker.training.recipe import Listener
from worker.training.watching import CURVES, read_rows

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def spots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("spots") / "set")


@pytest.fixture(scope="module")
def material(spots: Path) -> Material:
    return read(spots)


@pytest.fixture(scope="module")
def unbroken(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "unbroken"
    fit(TINY, material, SETTINGS, folder, device="cpu")
    return folder


def test_a_run_that_was_killed_goes_on_as_if_nothing_had_been(
    spots: Path, material: Material, unbroken: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "tests.worker.training.tiny", str(spots), str(folder), "4"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Epoch 3 of 4 8"):
                os.kill(process.pid, signal.SIGKILL)
                break
    assert keeping.load(folder / "state.pth")["epoch"] == 2
    assert read_rows(folder / CURVES)[-1]["epoch"] == 3

    outcome = fit(TINY, material, SETTINGS, folder, device="cpu")

    assert read_rows(folder / CURVES) == read_rows(unbroken / CURVES)
    best = keeping.load(unbroken / "best.pth")
    assert outcome.scores == best["meta"]["scores"]
    resumed = keeping.load(folder / "state.pth")["state_dict"]
    for name, tensor in keeping.load(unbroken / "state.pth")["state_dict"].items():
        assert torch.equal(resumed[name], tensor), name


def test_the_best_epoch_is_kept_and_the_start_is_measured(unbroken: Path) -> None:
    rows = [row for row in read_rows(unbroken / CURVES) if "scores" in row]
    assert [row["epoch"] for row in rows] == [0, 1, 2, 3, 4]
    best = min(rows, key=lambda row: row["scores"]["off"])
    assert keeping.load(unbroken / "best.pth")["meta"]["epoch"] == best["epoch"]
    assert sorted(p.name for p in (unbroken / "pictures").iterdir()) == [
        "0000-00.jpg",
        "0004-00.jpg",
    ]


def test_losses_that_are_no_numbers_end_the_run_with_words(
    material: Material, tmp_path: Path
) -> None:
    with pytest.raises(TrainingStopped, match=r"step 5 \(epoch 2\): .*loss_place nan") as stopped:
        fit(TINY, material, SETTINGS.changed(fails_at=5), tmp_path / "run", device="cpu")
    assert not stopped.value.resumable
    assert keeping.load(tmp_path / "run" / "state.pth")["epoch"] == 1


def test_a_full_disk_is_said_and_the_run_can_be_resumed(
    material: Material, unbroken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        """Fails as a full disk does, at the third checkpoint's flush."""

        calls = 0

        def __call__(self, number: int) -> None:
            Full.calls += 1
            if Full.calls == 6:
                raise OSError(28, "No space left on device")
            os.fsync(number)

    monkeypatch.setattr(keeping, "_settle", Full())
    folder = tmp_path / "run"
    with pytest.raises(TrainingStopped, match="is full") as stopped:
        fit(TINY, material, SETTINGS, folder, device="cpu")
    assert stopped.value.resumable
    assert keeping.load(folder / "state.pth")["epoch"] >= 0
    assert not list(folder.glob(".*.new"))
    monkeypatch.undo()

    fit(TINY, material, SETTINGS, folder, device="cpu")

    assert read_rows(folder / CURVES) == read_rows(unbroken / CURVES)


@pytest.mark.parametrize(("kept", "words"), [(False, "begin anew"), (True, "checkpoint stands")])
def test_a_full_disk_is_not_said_to_have_kept_what_it_did_not(
    kept: bool, words: str, tmp_path: Path
) -> None:
    if kept:
        (tmp_path / "state.pth").touch()
    stopped = in_words(OSError(28, "No space left on device"), SETTINGS, tmp_path)
    assert stopped is not None
    assert words in stopped.message


def test_a_damaged_account_of_a_run_is_said(material: Material, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(InvalidInput, match="damaged"):
        fit(TINY, material, SETTINGS, tmp_path, device="cpu")


def test_a_run_stops_when_asked_and_another_order_is_refused(
    material: Material, tmp_path: Path
) -> None:
    class Impatient(Listener):
        def row(self, row: Any) -> None:
            self.asked_to_stop = row["epoch"] == 2

    with pytest.raises(Cancelled):
        fit(TINY, material, SETTINGS, tmp_path / "run", device="cpu", listener=Impatient())
    with pytest.raises(Conflict, match="holds another run: settings differ"):
        fit(TINY, material, SETTINGS.changed(rate=0.1), tmp_path / "run", device="cpu")
    assert keeping.load(tmp_path / "run" / keeper.STATE)["epoch"] == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (torch.cuda.OutOfMemoryError("CUDA out of memory. Tried …"), "Try --set batch=4"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "batch=4"),
        (RuntimeError("CUDA error: unspecified launch failure"), "Resume when the GPU is back"),
    ],
)
def test_what_a_machine_refuses_is_said_in_words(
    error: Exception, words: str, tmp_path: Path
) -> None:
    stopped = in_words(error, SETTINGS, tmp_path)
    assert stopped is not None
    assert words in stopped.message
    assert stopped.resumable
    assert in_words(RuntimeError("size mismatch"), SETTINGS, tmp_path) is None
