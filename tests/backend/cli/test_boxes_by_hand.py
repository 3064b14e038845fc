"""``infantnet boxes --by-hand`` before the running product, which has no weights."""

from __future__ import annotations

import pytest

from backend.core.database.session import transaction
from backend.core.database.tables import Recording
from backend.domain.workflow import Stage
from tests.backend.cli.conftest import Cli
from tests.factories import (
    accept,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_recording,
)
from tests.fixtures.server import Server

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


def _joints_approved(server: Server) -> Recording:
    with transaction(server.engine) as session:
        annotator = make_annotator(session)
        recording = make_recording(session, Stage.ANNOTATING, frames=2, annotator=annotator)
        make_candidates(session, recording)
        for frame_id in frame_ids_of(session, recording):
            accept(session, annotator, frame_id)
        recording.stage = Stage.KEYPOINTS_APPROVED.value
        return recording


def test_boxes_fail_without_weights_and_go_on_by_hand(cli: Cli, server: Server) -> None:
    recording = _joints_approved(server)
    failed = cli("boxes", recording.id)
    assert failed.code == 1
    assert "sam2" in failed.err
    outcome = cli("boxes", recording.id, "--by-hand", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.json["recording"]["stage"] == "boxed"
    assert outcome.json["job"]["result"]["boxes"] == 0


def test_by_hand_takes_no_model(cli: Cli) -> None:
    outcome = cli("boxes", 1, "--by-hand", "--model", "sam2.1-tiny")
    assert outcome.code == 2
    assert "--by-hand uses no model" in outcome.err
