"""The pose model that ships: there without a download, and for the demo alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from backend.domain.errors import Conflict
from backend.models.checkpoints.designs import WeightKind
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN
from backend.models.checkpoints.service import chosen
from backend.models.checkpoints.store import WeightStore

MAX_FILE_BYTES = 15_000_000


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    return WeightStore(tmp_path / "weights")


def test_the_shipped_model_is_present_without_a_download(store: WeightStore) -> None:
    status = store.status(DEMO_POSE)
    assert (status.present, status.source, status.demonstration) == (True, "shipped", True)
    assert status.bytes is not None
    assert status.bytes <= MAX_FILE_BYTES
    assert hashlib.sha256(store.require(DEMO_POSE).read_bytes()).hexdigest() == status.sha256
    assert store.pull(DEMO_POSE) == status
    assert not store.folder.exists()


def test_it_is_never_chosen_unless_named(store: WeightStore) -> None:
    assert chosen(store.list(), WeightKind.POSE) != DEMO_POSE
    status = store.status(DEMO_POSE)
    assert status.demonstration
    assert "demonstration only" in status.about


def test_it_cannot_be_replaced_or_removed(store: WeightStore, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="ships with the product"):
        store.add(DEMO_POSE, store.require(DEMO_POSE))
    with pytest.raises(Conflict, match="ships with the product"):
        store.remove(DEMO_POSE)
    assert store.status(DEMO_POSE).present


def test_only_the_demo_model_is_for_demonstration() -> None:
    assert [name for name, known in KNOWN.items() if known.demonstration] == [DEMO_POSE]
