"""Rows of checkpoints: registered from the list, following the folder, whatever is cut."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Checkpoint
from backend.core.settings import Settings
from backend.domain.errors import InvalidInput
from backend.models.checkpoints import designs, repository, service
from backend.models.checkpoints.architectures import signatures
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN, KnownWeights
from tests.checkpoint_files import write_checkpoint_of

OWN = "infants-1"


def row(session: Session, name: str) -> Checkpoint:
    return session.scalars(
        select(Checkpoint).where(Checkpoint.name == name).execution_options(populate_existing=True)
    ).one()


def own() -> KnownWeights:
    architecture = designs.ARCHITECTURES["rtmo-t"]
    return KnownWeights(
        OWN, architecture.kind, architecture.variant, "", "", None, "Infants.",
        licence="CC-BY-4.0", architecture="rtmo-t", config=designs.RtmoConfig(side=320),
    )  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_checkpoint_of(tmp_path / "a.pth", signatures()["rtmo-t"])
    return tmp_path / "a.pth"


def test_all_that_ships_or_is_published_is_registered_and_nothing_twice(
    session: Session, settings: Settings
) -> None:
    service.register(session, settings)
    before = {r.name: (r.id, r.added_at) for r in session.scalars(select(Checkpoint))}
    service.register(session, settings)
    after = {r.name: (r.id, r.added_at) for r in session.scalars(select(Checkpoint))}
    assert set(KNOWN) <= set(before)
    assert before == after
    shipped = row(session, DEMO_POSE)
    assert (shipped.state, shipped.origin) == ("present", "shipped")
    assert shipped.config["side"] > 0
    assert row(session, "hrnet-w32").config["takes"] == "boxes"
    assert row(session, "rtmo-l").state == "missing"


def test_a_row_that_differs_from_the_list_is_put_right(
    session: Session, settings: Settings
) -> None:
    service.register(session, settings)
    row(session, "rtmo-l").licence = "none"
    session.flush()
    service.register(session, settings)
    assert row(session, "rtmo-l").licence == KNOWN["rtmo-l"].licence


def test_a_file_whose_row_was_never_written_is_found_again(
    session: Session, settings: Settings, file: Path
) -> None:
    store = service.refresh(session, settings)
    store.add("rtmo-t", file)  # and then the process died
    assert row(session, "rtmo-t").state == "missing"
    service.register(session, settings)
    found = row(session, "rtmo-t")
    assert (found.state, found.origin) == ("present", "uploaded")
    assert found.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_ones_own_checkpoint_without_a_row_is_found_with_all_that_was_said(
    session: Session, settings: Settings, file: Path
) -> None:
    store = service.refresh(session, settings)
    store.known[OWN] = own()
    store.add(OWN, file)  # and then the process died
    service.register(session, settings)
    found = row(session, OWN)
    assert (found.state, found.architecture, found.licence) == ("present", "rtmo-t", "CC-BY-4.0")
    assert found.config["side"] == 320
    assert repository.known_of(found) == own()


def test_a_row_whose_file_is_gone_or_cut_says_missing(
    session: Session, settings: Settings, file: Path
) -> None:
    store = service.refresh(session, settings)
    path = store.add("rtmo-t", file).path
    service.refresh(session, settings)
    path.write_bytes(path.read_bytes()[:-1])
    service.refresh(session, settings)
    assert row(session, "rtmo-t").state == "missing"
    assert row(session, "rtmo-t").sha256 is None


def test_until_the_new_row_stands_the_file_of_the_former_one_stays(
    session: Session, settings: Settings, file: Path, tmp_path: Path
) -> None:
    store = service.refresh(session, settings)
    former = store.add("rtmo-t", file).path
    write_checkpoint_of(tmp_path / "b.pth", signatures()["rtmo-t"], seed=2)
    new = store.add("rtmo-t", tmp_path / "b.pth", keep_former=True).path
    assert former.is_file()
    assert new.is_file()
    service.record_file(session, store, "rtmo-t")
    session.commit()
    assert not former.exists()
    assert row(session, "rtmo-t").file == new.name


def test_what_an_interrupted_addition_left_is_removed_and_nothing_else(
    session: Session, settings: Settings, file: Path
) -> None:
    store = service.refresh(session, settings)
    kept = store.add("rtmo-t", file).path
    left = [store.folder / ".rtmo-t.pth.adding", store.folder / "rtmo-t.0123456789ab.pth"]
    strange = [store.folder / "notes.txt", store.folder / "mine.0123456789ab.pth"]
    for path in (*left, *strange):
        path.write_bytes(b"x")
    service.register(session, settings)
    assert [path.exists() for path in left] == [False, False]
    assert all(path.exists() for path in (kept, *strange))


def test_another_size_of_input_is_taken_where_the_tensors_allow_it() -> None:
    hrnet, vit = designs.ARCHITECTURES["hrnet-w32"], designs.ARCHITECTURES["vitpose-s"]
    rtmo = designs.ARCHITECTURES["rtmo-t"]
    larger = designs.changed(hrnet, hrnet.config, {"width": 288, "height": 384})
    assert isinstance(larger, designs.HeatmapConfig)
    assert (larger.heatmap, larger.sigma) == ((72, 96), 3.0)
    with pytest.raises(InvalidInput, match="cannot have another size"):
        designs.changed(vit, vit.config, {"width": 288, "height": 384})
    with pytest.raises(InvalidInput, match="multiple of 32"):
        designs.changed(hrnet, hrnet.config, {"width": 200})
    with pytest.raises(InvalidInput, match="is a square"):
        designs.changed(rtmo, rtmo.config, {"width": 320, "height": 416})
    with pytest.raises(InvalidInput, match="codec"):
        designs.changed(rtmo, rtmo.config, {"codec": "udp"})
