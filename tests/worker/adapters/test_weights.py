"""Reading checkpoints safely, with networks of a few numbers."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from backend.domain.errors import InvalidInput, WeightsMissing
from worker.adapters.weights import load_checkpoint, read_tensors


class Attack:
    """Runs a command when unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


@pytest.fixture
def network() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))


def test_all_tensors_are_loaded_whatever_they_are_wrapped_in(
    network: nn.Module, tmp_path: Path
) -> None:
    wanted = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1)).state_dict()
    for content in (wanted, {"model": wanted}, {"state_dict": wanted, "meta": {"epoch": 600}}):
        torch.save(content, tmp_path / "file.pth")
        load_checkpoint(network, tmp_path / "file.pth", "a test")
        assert all(torch.equal(network.state_dict()[k], v) for k, v in wanted.items())


def test_numpy_numbers_beside_the_tensors_are_harmless(network: nn.Module, tmp_path: Path) -> None:
    meta = {"loss": np.float64(0.1), "history": np.arange(3.0), "epoch": np.int64(3)}
    torch.save({"state_dict": network.state_dict(), "meta": meta}, tmp_path / "file.pth")
    load_checkpoint(network, tmp_path / "file.pth", "a test")


def test_log_buffers_of_the_training_framework_are_left_lifeless(
    network: nn.Module, tmp_path: Path
) -> None:
    from mmengine.config import ConfigDict
    from mmengine.logging import HistoryBuffer

    hub = {"loss": HistoryBuffer([1.0, 0.5], [1, 1]), "options": ConfigDict(lr=0.1, steps=[1, 2])}
    wanted = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1)).half().state_dict()
    content = {"message_hub": hub, "meta": {"sigmas": np.ones(17)}, "state_dict": wanted}
    torch.save(content, tmp_path / "file.pth")
    found = read_tensors(tmp_path / "file.pth")
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[key], value) for key, value in wanted.items())
    load_checkpoint(network, tmp_path / "file.pth", "a test")


@pytest.mark.parametrize("target", ["builtins", "numpy"])
def test_names_of_known_packages_run_nothing_either(target: str, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w').close()".encode()
    name = {"builtins": b"builtins\nexec", "numpy": b"numpy.testing\nrundocs"}[target]
    (tmp_path / "evil.pth").write_bytes(b"\x80\x02c" + name + b"\n(V" + code + b"\ntR.")
    with pytest.raises(InvalidInput, match=r"evil\.pth"):
        read_tensors(tmp_path / "evil.pth")
    assert not mark.exists()


def test_a_file_that_would_run_code_is_refused_and_runs_none(
    network: nn.Module, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    torch.save({"state_dict": network.state_dict(), "x": Attack(mark)}, tmp_path / "evil.pth")
    with pytest.raises(InvalidInput, match=r"evil\.pth holds Python objects besides tensors"):
        read_tensors(tmp_path / "evil.pth")
    assert not mark.exists()


def test_training_only_keys_are_ignored_by_prefix(network: nn.Module, tmp_path: Path) -> None:
    content = network.state_dict() | {"head.loss_oks.sigmas": torch.ones(17)}
    torch.save(content, tmp_path / "file.pth")
    load_checkpoint(network, tmp_path / "file.pth", "a test", ignored=("head.loss_",))


def test_what_does_not_fit_is_named_and_nothing_is_changed(
    network: nn.Module, tmp_path: Path
) -> None:
    before = {key: value.clone() for key, value in network.state_dict().items()}
    content = nn.Sequential(nn.Linear(3, 5)).state_dict() | {"extra": torch.ones(1)}
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(InvalidInput) as caught:
        load_checkpoint(network, tmp_path / "other.pth", "RTMO-x")
    message = caught.value.message
    assert "other.pth is not a checkpoint of RTMO-x" in message
    assert "2 of 4 tensors are missing (1.bias" in message
    assert "1 are not part of the model (extra" in message
    assert "0.bias is 5 in the file, 2 in the model" in message
    assert all(torch.equal(network.state_dict()[k], v) for k, v in before.items())


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04" + b"\0" * 200])
def test_an_unreadable_file_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "broken.pth").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"broken\.pth"):
        read_tensors(tmp_path / "broken.pth")


def test_a_file_without_tensors_is_refused(tmp_path: Path) -> None:
    torch.save({"meta": {"epoch": 1}}, tmp_path / "empty.pth")
    with pytest.raises(InvalidInput, match="no named tensors"):
        read_tensors(tmp_path / "empty.pth")


def test_an_absent_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="infantnet weights"):
        read_tensors(tmp_path / "none.pth")
