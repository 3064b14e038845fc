"""What a job is asked to do is checked when enqueued and when read."""

from __future__ import annotations

import importlib

import pytest
from pydantic import ValidationError

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs import payloads
from backend.core.jobs.payloads import Payload
from backend.domain.errors import InvalidInput
from backend.labelling.boxes.payloads import BoxesPayload

ROOMS = (
    "recordings.inspection",
    "recordings",
    "labelling.workflow",
    "labelling.boxes",
    "labelling.discards",
    "multiview.calibrations",
    "multiview.synchronisations",
    "multiview.fits",
    "models.checkpoints",
    "publishing.exports",
    "overview.undoing",
)


def test_every_kind_of_job_has_one_model() -> None:
    for room in ROOMS:
        importlib.import_module(f"backend.{room}.payloads")

    assert set(Payload.by_kind) == set(JobKind)


def test_a_payload_comes_back_as_it_was_stored() -> None:
    payload = BoxesPayload(frame_ids=[3, 5])

    assert payloads.read(BoxesPayload, payload.stored()) == payload


def test_what_was_not_said_is_not_stored() -> None:
    assert "frame_ids" not in BoxesPayload(model="sam2.1-tiny").stored()


def test_boxes_by_hand_do_not_wait_for_a_model() -> None:
    assert BoxesPayload().queue() == "gpu"
    assert BoxesPayload(by_hand=True).queue() == "cpu"


def test_an_unknown_field_is_refused_when_asking() -> None:
    with pytest.raises(ValidationError, match="frames"):
        BoxesPayload(frames=[3])  # type: ignore[call-arg]


def test_the_payload_of_another_version_is_refused_with_words() -> None:
    with pytest.raises(InvalidInput, match=r"another version .*\(frames: .*Request it"):
        payloads.read(BoxesPayload, {"frames": [3]})
