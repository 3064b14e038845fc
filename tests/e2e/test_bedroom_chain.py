"""A real video from the import page to a COCO file, by three people at three screens.

The numbers in the file are held against what was clicked, one by one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import expect
from pycocotools.coco import COCO

from backend.domain.workflow import Role
from tests.e2e.canvas import ABSENT, JOINTS, Placed, Point, View
from tests.e2e.conftest import Visitor
from tests.e2e.editor import Editor
from tests.e2e.pages import Recording, Work
from tests.fixtures.server import ROOT, Person, Server

pytestmark = [pytest.mark.e2e, pytest.mark.models, pytest.mark.xdist_group("e2e-bedroom")]

NAME = "Bedroom"
WIDTH, HEIGHT, FRAMES = 960, 540, 10
STEP = 10
POSE, SEGMENT = "rtmo-t", "sam2.1-tiny"

# Looked at by eye, every tenth frame, counted from 1. Two children play on a bed. In these four
# the boy's head is wholly hidden behind the girl; in all others two children are to be seen.
KEPT = {
    6: ((371, 128), (380, 117), (360, 117), (394, 125, 1), (342, 127), (387, 183), (327, 183),
        (413, 227), (305, 248), (442, 253), (259, 278), (378, 296, 1), (339, 296, 1),
        (382, 390), (350, 390), (382, 461), (357, 464)),
    8: ((327, 142), (332, 131), (316, 131), (), (295, 139), (329, 194), (278, 204),
        (351, 234), (258, 226), (379, 208), (236, 213), (309, 335, 1), (265, 335, 1),
        (298, 397), (256, 397), (296, 454), (243, 465)),
    9: ((301, 88), (302, 74), (285, 77), (), (249, 91), (301, 140), (231, 139),
        (318, 187), (195, 194), (337, 217), (228, 246), (279, 284, 1), (231, 284, 1),
        (289, 359), (221, 369), (249, 405), (207, 463)),
    10: ((285, 71), (281, 58), (267, 59), (), (236, 71), (263, 125), (208, 121),
         (282, 180), (152, 110), (322, 217), (75, 68), (240, 273, 1), (198, 277, 1),
         (248, 359), (201, 366), (247, 428), (185, 442)),
}  # fmt: skip
TO_REVISE, WRONG_JOINT = 9, "left wrist"
REMARK = "This is the cushion, the wrist is further up."


def girl(number: int) -> list[Placed]:
    """The girl's joints in a frame, as looked up: (x, y), (x, y, 1) if hidden, () if not there."""
    return [ABSENT if not p else Placed(p[0], p[1], 1 if len(p) == 3 else 2) for p in KEPT[number]]


@dataclass(frozen=True)
class Team:
    maintainer: Person
    annotator: Person
    inspector: Person


@pytest.fixture(scope="module")
def bedroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first half of the video."""
    default = ROOT.parent / "shared" / "data"
    folder = Path(os.environ.get("INFANTNET_SHARED_DATA", default))
    path = folder / "children_bedroom" / "bedroom.mp4"
    if not path.exists():
        pytest.skip(f"the bedroom video is not on this machine (looked for {path})")
    half = tmp_path_factory.mktemp("bedroom") / path.name
    with av.open(str(path)) as whole, av.open(str(half), "w") as container:
        footage = whole.streams.video[0]
        kept = container.add_stream_from_template(footage)
        for packet in islice(whole.demux(footage), FRAMES * STEP):
            packet.stream = kept
            container.mux(packet)
    return half


@pytest.fixture(scope="module")
def writing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """Random numbers in the pose model's architecture, on their way while the server starts."""
    pytest.importorskip("mmpose", reason="the model packages are not installed")
    path = tmp_path_factory.mktemp("weights") / f"{POSE}.pt"
    process = subprocess.Popen(
        [sys.executable, "-m", "worker.adapters.random_weights", POSE, str(path)],
        cwd=ROOT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def weights(
    writing: subprocess.Popen[str], server: Server, sam2_checkpoint: Path
) -> dict[str, Path]:
    """The checkpoints by name, complete."""
    _, said = writing.communicate()
    assert writing.returncode == 0, said
    assert isinstance(writing.args, list)
    return {POSE: Path(str(writing.args[-1])), SEGMENT: sam2_checkpoint}


@pytest.fixture(scope="module")
def team(server: Server) -> Team:
    return Team(
        server.add_person("Mara", [Role.MAINTAINER]),
        server.add_person("Anna", [Role.ANNOTATOR]),
        server.add_person("Ines", [Role.INSPECTOR]),
    )


def test_three_people_take_a_video_to_a_coco_file_that_holds_what_they_clicked(
    bedroom: Path,
    weights: dict[str, Path],
    team: Team,
    server: Server,
    visit: Visitor,
    tmp_path: Path,
) -> None:
    mara, anna, ines = (
        visit().enter(person.email, person.password)
        for person in (team.maintainer, team.annotator, team.inspector)
    )
    add_weights(mara, server, team.maintainer, weights)
    recording = import_video(mara, bedroom)
    recording.prelabel(POSE)
    recording.wait_for("Ready to annotate")
    recording.assign("annotator", "Anna")
    recording.assign("inspector", "Ines")

    joints = annotate(anna)
    recording.wait_for("Inspecting joints")
    expect(recording.overview).to_contain_text(
        f"Discarded for several infants ({FRAMES - len(KEPT)})."
    )

    find_fault(ines)
    recording.wait_for("Returned")
    joints[TO_REVISE] = mend(anna, joints[TO_REVISE])
    approve_joints(ines)
    recording.wait_for("Boxes ready")

    drawn = review_boxes(ines)
    recording.wait_for("Finished and read-only")
    expect(recording.frames()).to_have_count(FRAMES)

    exports = recording.to_exports()
    exports.write(NAME)
    check(exports.download(tmp_path), joints, drawn)


def add_weights(mara: Work, server: Server, person: Person, weights: dict[str, Path]) -> None:
    """The small file on the page, the large one on the command line."""
    models = mara.to_models()
    models.add_file(POSE, weights[POSE])
    expect(models.card(POSE)).to_contain_text("Untrained")
    environment = {"INFANTNET_URL": server.url, "INFANTNET_TOKEN": person.token}
    subprocess.run(
        [sys.executable, "-m", "backend.cli", "weights", "add", SEGMENT, str(weights[SEGMENT])],
        env=os.environ | environment, cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip


def import_video(mara: Work, bedroom: Path) -> Recording:
    page = mara.to_recordings().begin_import()
    page.choose_video(bedroom)
    page.take_every(STEP)
    page.tell(name=NAME, source="Other", pseudonym="B07", consent="Public video", age=18)
    recording = page.start(NAME)
    recording.wait_for("Imported")
    expect(recording.frames()).to_have_count(FRAMES)
    return recording


def annotate(anna: Work) -> dict[int, list[Placed]]:
    """Discard where two children are to be seen, place joints by hand on the rest, submit."""
    editor = anna.to_work().take_up("Start", NAME)
    joints = {}
    for number in range(1, FRAMES + 1):
        editor.expect_frame(number)
        if number in KEPT:
            joints[number] = editor.place(girl(number), view_of(editor))
            if number == TO_REVISE:
                misplace(editor, joints[number])
            editor.accept()
        else:
            editor.discard("Several infants")
    editor.expect_saved()
    editor.submit()
    editor.expect_stage("Inspecting joints")
    return joints


def view_of(editor: Editor) -> View:
    return editor.view(WIDTH, HEIGHT)


def misplace(editor: Editor, joints: list[Placed]) -> None:
    """What the inspector shall find: a wrist dragged onto a cushion."""
    drag(editor, joints, WRONG_JOINT, (60, 90))


def drag(editor: Editor, joints: list[Placed], name: str, by: tuple[int, int]) -> None:
    """Drag a joint on the screen, and note in ``joints`` where it is then."""
    i, zoom = JOINTS.index(name), view_of(editor).zoom
    editor.drag_joint(name, by)
    moved = Point(joints[i].x + by[0] / zoom, joints[i].y + by[1] / zoom)
    joints[i] = replace(joints[i], x=round(moved.x, 2), y=round(moved.y, 2))


def find_fault(ines: Work) -> None:
    """Look through all frames, find the wrist on the cushion, return the recording."""
    editor = ines.to_work().take_up("Inspect", NAME)
    editor.look_through()
    editor.go_to(TO_REVISE)
    editor.comment(WRONG_JOINT, REMARK)
    editor.page.keyboard.press("r")
    editor.expect_state("to revise")
    with editor.deciding() as dialog:
        dialog.get_by_role("button", name="Mark those I looked at good").click()
        expect(dialog).to_contain_text("1 to revise")
        expect(dialog).to_contain_text(f"{FRAMES - 1} good")
        dialog.get_by_role("button", name="Return to annotator").click()
    editor.expect_stage("Returned")


def mend(anna: Work, joints: list[Placed]) -> list[Placed]:
    """Find the comment where it was made, put the wrist right, submit again."""
    page = anna.page
    Editor(page).leave(NAME).to_work()
    editor = Work(page).take_up("Revise", NAME)
    editor.expect_frame(TO_REVISE)
    expect(page.get_by_text(REMARK)).to_be_visible()
    mended = list(joints)
    drag(editor, mended, WRONG_JOINT, (-60, -90))
    page.get_by_role("button", name="mark as done").click()
    expect(page.get_by_role("button", name="done by Anna")).to_be_visible()
    editor.accept()
    editor.go_to(TO_REVISE)
    expect(page.get_by_role("button", name="done by Anna")).to_be_visible()
    editor.submit()
    editor.expect_stage("Inspecting joints")
    return mended


def approve_joints(ines: Work) -> None:
    page = ines.page
    Editor(page).leave(NAME).to_work()
    editor = Work(page).take_up("Inspect", NAME)
    editor.expect_frame(TO_REVISE)  # what changed comes first
    editor.expect_state("changed")
    editor.find_good()
    with editor.deciding() as dialog:
        expect(dialog).to_contain_text(f"{FRAMES} good")
        dialog.get_by_role("button", name="Approve joints").click()


def review_boxes(ines: Work) -> tuple[int, list[float]]:
    """Drag a corner of the first box, approve all of them.

    Returns:
        The number of the frame, and its box as it was left on the screen.
    """
    page = ines.page
    Editor(page).expect_stage("Boxes ready")
    Editor(page).leave(NAME).to_work()
    editor = Work(page).take_up("Start review", NAME)
    number, view = editor.number, view_of(editor)
    first, corner = editor.box_on_screen()
    taken = Point(round(corner.x), round(corner.y))
    left_at = Point(taken.x - 35, taken.y - 25)
    editor.drag(taken, left_at)
    origin, end = view.in_image(first), view.in_image(left_at)
    for _ in KEPT:
        editor.expect_state("box proposed")
        editor.accept()
    with editor.deciding() as dialog:
        expect(dialog).to_contain_text(f"{len(KEPT)} approved")
        dialog.get_by_role("button", name="Approve recording").click()
    editor.expect_stage("Approved")
    return number, [origin.x, origin.y, end.x - origin.x, end.y - origin.y]


def check(path: Path, joints: dict[int, list[Placed]], drawn: tuple[int, list[float]]) -> None:
    """Every number of the file against what was clicked."""
    coco = COCO(str(path))
    assert [image["infantnet"]["position"] + 1 for image in coco.imgs.values()] == sorted(KEPT)
    assert sorted(coco.anns) == sorted(coco.imgs)
    assert len(coco.anns) == len(KEPT)
    for annotation in coco.anns.values():
        image = coco.imgs[annotation["image_id"]]
        number = image["infantnet"]["position"] + 1
        assert (image["width"], image["height"]) == (WIDTH, HEIGHT)
        check_joints(annotation, joints[number])
        mask = coco.annToMask(annotation)
        assert mask.shape == (HEIGHT, WIDTH)
        assert annotation["area"] == mask.sum() > 0
        if number == drawn[0]:
            assert annotation["bbox"] == pytest.approx(drawn[1], abs=0.03)
        else:
            assert annotation["bbox"] == pytest.approx(around(mask, joints[number]), abs=0.03)
        assert annotation["iscrowd"] == 0
    category = coco.cats[1]
    assert category["keypoints"] == [name.replace(" ", "_") for name in JOINTS]


def check_joints(annotation: dict[str, Any], placed: list[Placed]) -> None:
    triples = np.asarray(annotation["keypoints"]).reshape(-1, 3)
    assert triples[:, 2].tolist() == [joint.v for joint in placed]
    # COCO counts pixels, the editor continuously: half a pixel lies between them. The screen's
    # pixels and the editor's hundredths each round once.
    shift = np.where(triples[:, 2] > 0, 0.5, 0.0)
    assert triples[:, 0] + shift == pytest.approx([joint.x for joint in placed], abs=0.02)
    assert triples[:, 1] + shift == pytest.approx([joint.y for joint in placed], abs=0.02)
    assert annotation["num_keypoints"] == sum(joint.v > 0 for joint in placed)


def around(mask: np.ndarray, placed: list[Placed]) -> list[float]:
    """The smallest rectangle around the mask's pixels and the occluded joints, in the image."""
    rows, columns = np.nonzero(mask)
    hidden = [joint for joint in placed if joint.v == 1]
    xs = [columns.min(), columns.max() + 1, *(min(joint.x, WIDTH) for joint in hidden)]
    ys = [rows.min(), rows.max() + 1, *(min(joint.y, HEIGHT) for joint in hidden)]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
