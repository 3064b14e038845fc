"""The demo tells the truth of its own recordings, and of no other."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy.orm import Session

import backend.demo.known  # noqa: F401
from backend.core.database.tables import Recording
from backend.recordings.truth import truth_of
from tests.factories import make_recording


@pytest.fixture
def recording(session: Session) -> Recording:
    return make_recording(session, frames=1)


def test_a_real_recording_has_no_known_truth(recording: Recording) -> None:
    assert truth_of(recording) is None
    recording.import_request = {"demo": "living_room"}
    assert truth_of(recording) is None, "the name alone makes no demo"


def test_a_demo_recording_knows_the_outline_of_its_infant(recording: Recording) -> None:
    recording.is_demo, recording.import_request = True, {"demo": "living_room"}
    truth = truth_of(recording)
    assert truth is not None
    masks = [truth.mask(0, frame) for frame in range(0, 60, 20)]
    seen = [mask for mask in masks if mask is not None]
    assert seen
    assert all(mask.dtype == np.bool_ and mask.any() for mask in seen)
