"""A range discarded without a network: kept through a reload, sent once, undone as one step."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor
from tests.e2e.network import Faults, forget_network_faults
from tests.fixtures.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-demo-begun")]

NAME = "Living room, one camera (demo)"


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_DEMO": "1", "INFANTNET_MODELS": "0"}


def test_a_range_discarded_offline_survives_a_reload_and_is_counted_once(
    visit: Visitor, server: Server, faults: Faults
) -> None:
    work = visit().enter_as("Anna Annotator")
    expect(work.row(NAME)).to_contain_text("Simulated pre-labels")
    editor = work.take_up("Start|Continue", NAME)
    page = editor.page
    keys = page.keyboard
    editor.go_to(5)
    keys.press("Shift+I")
    for _ in range(4):
        keys.press("f")
    editor.expect_frame(9)
    keys.press("Shift+O")
    expect(page.get_by_test_id("marked-range")).to_contain_text("5 frames marked, 5 to 9")

    page.context.set_offline(True)
    keys.press("Shift+X")
    keys.press("6")
    expect(page.get_by_role("button", name="offline: 1 change kept")).to_be_visible()
    expect(page.locator("[data-range=waiting]")).to_have_count(1)
    page.context.set_offline(False)
    page.reload()
    editor.expect_saved()

    recordings = page.request.get(f"{server.url}/api/v1/recordings").json()["items"]
    recording = next(one["id"] for one in recordings if one["name"] == NAME)
    frames = page.request.get(f"{server.url}/api/v1/recordings/{recording}/frames").json()["frames"]
    assert [n for n, frame in enumerate(frames, 1) if frame["state"] == "discarded"] == [
        5,
        6,
        7,
        8,
        9,
    ]
    history = page.request.get(f"{server.url}/api/v1/frames/{frames[5]['id']}/history").json()
    assert [step["state"] for step in history].count("discarded") == 1
    editor.jump_to(6)
    editor.expect_state("Discarded")
    forget_network_faults(faults)
