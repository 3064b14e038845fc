"""Gold frames and agreement from the command line."""

from __future__ import annotations

import pytest

from backend.core.database.session import transaction
from backend.domain.workflow import Stage
from tests.backend.cli.conftest import Cli
from tests.factories import accept, frame_ids_of, make_annotator, make_candidates, make_recording
from tests.fixtures.server import Server

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


def test_gold_frames_are_drawn_from_an_approved_recording(cli: Cli, server: Server) -> None:
    with transaction(server.engine) as session:
        annotator = make_annotator(session)
        recording = make_recording(session, frames=4, annotator=annotator)
        make_candidates(session, recording)
        for frame_id in frame_ids_of(session, recording):
            accept(session, annotator, frame_id)
        recording.stage = Stage.APPROVED.value
        name = recording.name
    marked = cli("quality", "gold", "--recording", name, "--draw", "3", "--json")
    assert marked.code == 0, marked.err
    (row,) = [one for one in marked.json if one["recording"]["name"] == name]
    assert (row["check"], row["training"], row["available"]) == (3, 0, 1)
    listed = cli("quality", "gold")
    assert name in listed.out
    told = cli("quality", "agreement", "--with", "gold", "--by", "joint")
    assert told.code == 0, told.err
    wrong = cli("quality", "agreement", "--by", "colour")
    assert wrong.code == 2
