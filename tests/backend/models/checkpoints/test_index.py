"""The index of a checkpoint is read without running it, and refuses what no framework writes."""

from __future__ import annotations

import contextlib
import pickle
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.models.checkpoints.architectures import require_fit, signatures
from backend.models.checkpoints.designs import WeightKind
from backend.models.checkpoints.index import read_index
from backend.models.checkpoints.registry import KnownWeights
from backend.models.checkpoints.store import WeightStore
from tests.checkpoint_files import index_bytes, write_checkpoint_of

TENSORS = {"stem.weight": (3, 4), "module.head.bias": (7,)}


class _Runs:
    """A pickle of this runs a command when it is read."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        import os

        return os.system, ("touch /tmp/it-ran",)


def test_names_and_shapes_are_read_and_the_mark_of_tests_is_seen(tmp_path: Path) -> None:
    write_checkpoint_of(tmp_path / "a.pth", TENSORS, mark="infantnet.untrained")

    index = read_index(tmp_path / "a.pth", "a.pth")

    shapes = {name: tensor.shape for name, tensor in index.tensors.items()}
    assert shapes == {"stem.weight": (3, 4), "head.bias": (7,)}
    assert index.meta == {"infantnet.untrained"}


def test_an_archive_that_unpacks_to_far_more_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", index_bytes(TENSORS))
        archive.writestr("archive/data/0", bytes(50_000_000))

    with pytest.raises(InvalidInput, match="compressed archive"):
        read_index(tmp_path / "bomb.pth", "bomb.pth")


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "overlap.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", index_bytes(TENSORS))
        archive.writestr("archive/data/0", random.Random(0).randbytes(100_000))
        first = archive.getinfo("archive/data/0")
        for i in range(1, 50):
            twin = zipfile.ZipInfo(f"archive/data/{i}")
            for field in ("CRC", "compress_size", "file_size", "header_offset"):
                setattr(twin, field, getattr(first, field))
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin

    with pytest.raises(InvalidInput):
        read_index(path, "overlap.pth")


@pytest.mark.parametrize("protocol", [2, 4])
def test_an_index_that_would_run_something_is_refused(tmp_path: Path, protocol: int) -> None:
    evil = pickle.dumps({"state_dict": _Runs()}, protocol)
    write_checkpoint_of(tmp_path / "evil.pth", TENSORS, index=evil)

    with pytest.raises(InvalidInput, match=r"refers to posix\.system"):
        read_index(tmp_path / "evil.pth", "evil.pth")

    assert not Path("/tmp/it-ran").exists()


def test_numbers_that_are_missing_are_noticed(tmp_path: Path) -> None:
    write_checkpoint_of(tmp_path / "a.pth", {"w": (2,)}, index=index_bytes({"w": (2, 500_000)}))

    with pytest.raises(InvalidInput, match="the numbers of w are missing"):
        read_index(tmp_path / "a.pth", "a.pth")


def test_junk_of_any_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.pth").write_bytes(b"\x80\x02" + random.Random(0).randbytes(300_000))

    with pytest.raises(InvalidInput):
        read_index(tmp_path / "junk.pth", "junk.pth")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=12))
def test_a_changed_index_is_read_or_refused_with_words(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: bytes
) -> None:
    index = bytearray(index_bytes(TENSORS))
    at = place % len(index)
    index[at : at + len(change)] = change
    path = tmp_path_factory.getbasetemp() / "changed.pth"
    write_checkpoint_of(path, TENSORS, index=bytes(index))

    with contextlib.suppress(InvalidInput):  # any other error fails this test
        read_index(path, "changed.pth")


def test_another_architecture_is_refused_and_the_former_file_stays(tmp_path: Path) -> None:
    known = KnownWeights(
        "pose", WeightKind.POSE, "t", "http://x/a.pth", "0" * 8, None, "", architecture="rtmo-t"
    )
    store = WeightStore(tmp_path / "weights", {"pose": known})
    right = dict(signatures()["rtmo-t"])
    write_checkpoint_of(tmp_path / "right.pth", right)
    former = store.add("pose", tmp_path / "right.pth")
    wrong = right | {"backbone.stem.conv.conv.weight": (1, 2)}
    write_checkpoint_of(tmp_path / "wrong.pth", wrong)

    with pytest.raises(InvalidInput, match=r"not a checkpoint of rtmo-t.*What was there before"):
        store.add("pose", tmp_path / "wrong.pth")

    assert store.status("pose") == former
    assert former.path.is_file()


def test_what_training_leaves_in_a_file_is_no_fault(tmp_path: Path) -> None:
    right = dict(signatures()["rtmo-t"]) | {"data_preprocessor.mean": (3, 1, 1)}
    write_checkpoint_of(tmp_path / "a.pth", right)

    require_fit(read_index(tmp_path / "a.pth", "a.pth"), "rtmo-t", "a.pth")
