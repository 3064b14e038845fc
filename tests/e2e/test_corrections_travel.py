"""A joint is corrected, its neighbours follow, and what is taken of it is known as taken."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor
from tests.fixtures.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-demo-begun")]

NAME = "Living room, one camera (demo)"


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_DEMO": "1", "INFANTNET_MODELS": "0"}


def test_a_corrected_joint_is_inferred_in_the_next_frame_taken_and_taken_back(
    visit: Visitor, server: Server
) -> None:
    work = visit().enter_as("Anna Annotator")
    expect(work.row(NAME)).to_contain_text("Simulated pre-labels")
    editor = work.take_up("Start|Continue", NAME)
    page = editor.page
    recordings = page.request.get(f"{server.url}/api/v1/recordings").json()["items"]
    recording = next(one["id"] for one in recordings if one["name"] == NAME)
    frames = page.request.get(f"{server.url}/api/v1/recordings/{recording}/frames").json()["frames"]

    def stored(number: int) -> dict[str, Any]:
        found = page.request.get(f"{server.url}/api/v1/frames/{frames[number - 1]['id']}")
        annotation: dict[str, Any] = found.json()["annotation"]
        return annotation

    editor.jump_to(5)
    editor.drag_joint("left wrist", (40, -30))
    editor.accept()
    editor.expect_frame(6)
    before = stored(6)
    inferred = page.get_by_test_id("inferred")
    expect(inferred).to_contain_text(re.compile("Inferred from frame 5"), timeout=20_000)
    # Drawn, and nothing is decided: the data do not have it.
    expect(page.get_by_test_id("inferred-layer")).to_have_count(1)
    assert before["propagated"] is None
    assert before["verdict"] == "undecided"

    editor.accept()
    editor.expect_frame(7)
    editor.expect_saved()
    taken = stored(6)
    assert taken["verdict"] == "keep"
    assert taken["propagated"]["sources"][0] == frames[4]["id"]
    assert taken["propagated"]["joints"] > 0
    assert taken["joints"] != before["joints"]

    page.keyboard.press("Control+z")
    editor.expect_frame(6)
    editor.expect_saved()
    back = stored(6)
    assert back["verdict"] == "undecided"
    assert back["propagated"] is None
    assert back["joints"] == before["joints"]
