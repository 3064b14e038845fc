"""Without weights for masks: the inspector chooses to draw the boxes, draws them, and approves.

Also without a network.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Frame, FrameBox, Recording
from backend.domain.boxes import BoxOrigin, BoxStatus
from backend.domain.workflow import Role, Stage
from tests.backend.cli.conftest import command
from tests.e2e.canvas import Point
from tests.e2e.conftest import Visitor
from tests.e2e.editor import Editor
from tests.e2e.network import Faults, forget_network_faults
from tests.factories import accept, make_annotator, make_candidates
from tests.fixtures.server import ROOT, Server
from tests.worker.bench import video

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-by-hand")]

NAME = "Kitchen"
WIDTH, HEIGHT = 640, 480
DRAWN = (Point(60, 50), Point(320, 400))


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_MODELS": "0"}


def joints_approved(
    server: Server, folder: Path, name: str = NAME, stage: Stage = Stage.KEYPOINTS_APPROVED
) -> int:
    """Two kept frames of a video, as after the first inspection."""
    file = folder / f"{name}.mp4"
    file.write_bytes(video(2, WIDTH, HEIGHT))
    maintainer = server.add_person(f"Mara-{name}", [Role.MAINTAINER])
    words = ("import", "video", file, "--infant", "B11", "--name", name, "--consent", "research")
    known = {"INFANTNET_URL": server.url, "INFANTNET_TOKEN": maintainer.token}
    subprocess.run(command(*words, "--every", 1), env=os.environ | known, cwd=ROOT, check=True)
    with transaction(server.engine) as session:
        recording = session.scalars(select(Recording).where(Recording.name == name)).one()
        annotator = make_annotator(session)
        recording.annotator_id, recording.stage = annotator.id, Stage.ANNOTATING.value
        make_candidates(session, recording)
        for frame in session.scalars(select(Frame).where(Frame.recording_id == recording.id)):
            accept(session, annotator, frame.id)
        recording.stage = stage.value
        return recording.id


def test_boxes_are_drawn_by_hand_where_no_model_can_make_them(
    server: Server, visit: Visitor, tmp_path: Path
) -> None:
    recording_id = joints_approved(server, tmp_path)
    ines = server.add_person("Ines", [Role.INSPECTOR])
    page = visit().enter(ines.email, ines.password).to_recordings().open(NAME)
    page.confirm("Make boxes")
    expect(page.overview).to_contain_text("failed.")
    expect(page.overview).to_contain_text("Or press “Draw boxes by hand” above.")
    page.confirm("Draw boxes by hand")
    page.confirm("Start box review")

    editor = Editor(page.page)
    editor.expect_frame(1)
    editor.expect_state("no box yet")
    view = editor.view(WIDTH, HEIGHT)
    editor.drag(view.on_screen(DRAWN[0]), view.on_screen(DRAWN[1]))
    editor.expect_state("box proposed")
    page.page.keyboard.press("Space")
    editor.expect_frame(2)
    editor.expect_state("no box yet")
    page.page.get_by_role("button", name="Box around joints").click()
    editor.expect_state("box proposed")
    page.page.keyboard.press("Space")
    editor.expect_state("box approved")
    with editor.deciding() as dialog:
        dialog.get_by_role("button", name="Approve recording").click()
    editor.expect_stage("Approved")

    with transaction(server.engine) as session:
        boxes = session.scalars(
            select(FrameBox)
            .where(FrameBox.recording_id == recording_id)
            .order_by(FrameBox.frame_id)
        ).all()
        assert [(box.origin, box.mask_counts) for box in boxes] == [(BoxOrigin.HUMAN, None)] * 2
        first = boxes[0]
        corners = (first.x, first.y, first.x + first.width, first.y + first.height)
        assert corners == pytest.approx((60, 50, 320, 400), abs=1.5)


def test_an_offline_box_edit_survives_a_reload_and_reaches_the_server(
    server: Server, visit: Visitor, faults: Faults, tmp_path: Path
) -> None:
    recording_id = joints_approved(server, tmp_path, "Hall", Stage.INSPECTING_BOXES)
    ilse = server.add_person("Ilse", [Role.INSPECTOR])
    recording = visit().enter(ilse.email, ilse.password).to_recordings().open("Hall")
    recording.frame(1).click()
    editor, page = Editor(recording.page), recording.page
    editor.expect_state("no box yet")
    view = editor.view(WIDTH, HEIGHT)

    page.context.set_offline(True)
    editor.drag(view.on_screen(DRAWN[0]), view.on_screen(DRAWN[1]))
    editor.expect_state("box proposed")
    page.keyboard.press("Space")
    editor.expect_frame(2)
    expect(page.get_by_text("kept on this computer")).to_be_visible()
    assert boxes_of(server, recording_id) == []

    # The page is loaded again, but nothing can be saved yet.
    saves = "**/api/v1/frames/*/operations"
    address, context = page.url, page.context
    page.close()
    page = context.new_page()
    page.route(saves, lambda route: route.abort())
    context.set_offline(False)
    page.goto(address)
    editor = Editor(page)
    editor.jump_to(1)
    expect(page.get_by_text("kept on this computer")).to_be_visible()
    editor.expect_state("box approved")
    assert boxes_of(server, recording_id) == []

    page.unroute(saves)
    editor.expect_saved()
    (box,) = boxes_of(server, recording_id)
    assert box.status == BoxStatus.APPROVED
    corners = (box.x, box.y, box.x + box.width, box.y + box.height)
    assert corners == pytest.approx((60, 50, 320, 400), abs=1.5)
    # What the browser said about the missing network is what this is about.
    forget_network_faults(faults)


def boxes_of(server: Server, recording_id: int) -> Sequence[FrameBox]:
    """What the server has."""
    with Session(server.engine) as session:
        return session.scalars(select(FrameBox).where(FrameBox.recording_id == recording_id)).all()
