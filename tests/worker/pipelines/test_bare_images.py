"""Photographs that an earlier version stored as they came."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Frame
from backend.core.storage import open_store
from tests.worker.bench import Bench
from tests.worker.media.metadata import SECRET, jpeg, textured
from worker.pipelines import bare_images
from worker.pipelines.bare_images import Cleaned, clean


def stored_as_it_came(bench: Bench, frame: Frame, data: bytes) -> str:
    """As imports left a photograph before they took its metadata out."""
    sha256 = hashlib.sha256(data).hexdigest()
    key = f"recordings/{frame.recording_id}/frames/{sha256[:2]}/{sha256}.jpg"
    open_store(bench.settings).put(key, data)
    with Session(bench.engine) as session:
        row = session.get_one(Frame, frame.id)
        row.sha256, row.stored_sha256, row.image_key = sha256, None, key
        session.commit()
    return key


def cleaned(bench: Bench) -> Cleaned:
    return clean(partial(transaction, bench.engine), open_store(bench.settings))


def test_a_photograph_stored_with_its_metadata_is_cleaned_once_and_its_old_file_goes(
    bench: Bench,
) -> None:
    photograph = jpeg(textured(), orientation=1, comment=SECRET)
    assert bench.images(("a.jpg", photograph)).error is None
    (frame,) = bench.all(Frame)
    bare = open_store(bench.settings).read(frame.image_key)
    old = stored_as_it_came(bench, frame, photograph)
    assert cleaned(bench) == Cleaned(looked=1, cleaned=1, left=0)
    (frame,) = bench.all(Frame)
    store: Any = open_store(bench.settings)
    assert store.read(frame.image_key) == bare
    assert frame.stored_sha256 == hashlib.sha256(bare).hexdigest()
    assert frame.sha256 == hashlib.sha256(photograph).hexdigest()
    assert not store.exists(old)
    assert cleaned(bench) == Cleaned()


def test_what_a_run_that_was_killed_before_it_removed_it_left_goes_with_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    photograph = jpeg(textured(), comment=SECRET)
    assert bench.images(("a.jpg", photograph)).error is None
    (frame,) = bench.all(Frame)
    old = stored_as_it_came(bench, frame, photograph)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bare_images, "_drop", killed)
        with pytest.raises(KeyboardInterrupt):
            cleaned(bench)
    store = open_store(bench.settings)
    assert store.exists(old)
    assert cleaned(bench) == Cleaned(late=1)
    assert not store.exists(old)
    assert store.exists(bench.all(Frame)[0].image_key)
    assert cleaned(bench) == Cleaned()


def test_a_file_that_is_not_the_imported_one_is_left_for_the_check_to_name(bench: Bench) -> None:
    assert bench.images(("a.jpg", jpeg(textured()))).error is None
    (frame,) = bench.all(Frame)
    key = stored_as_it_came(bench, frame, jpeg(textured(), comment=SECRET))
    open_store(bench.settings).put(key, b"something else")
    assert cleaned(bench) == Cleaned(looked=1, cleaned=0, left=1)
    assert bench.all(Frame)[0].stored_sha256 is None
