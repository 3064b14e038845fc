"""A dataset over three versions, by a maintainer who reads only the guide."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect
from pycocotools.coco import COCO

from backend.domain.skeleton import N_JOINTS
from tests.e2e.canvas import JOINTS
from tests.e2e.conftest import Visitor
from tests.e2e.editor import Editor
from tests.e2e.lab import WRONG, WRONG_BY, cameras, open_lab
from tests.e2e.pages import Work
from tests.e2e.release_pages import Draft, Infants, Published, Releases
from tests.e2e.screenshots import take
from tests.fixtures.server import Server
from worker.adapters.openmmlab import registry
from worker.tools.__main__ import main as tools

pytestmark = [pytest.mark.e2e, pytest.mark.models, pytest.mark.xdist_group("e2e-empty")]

SIDES = {"H01": "train", "H02": "train", "H03": "train", "H04": "val", "H05": "test"}
SPOILT, WITHDRAWN = "H05", "H02"
VISIT = f"Visit of {SPOILT}"
WIDTH, HEIGHT = 640, 480
REMARK = "Arms, trunk and knees lie beside the infant."


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_MODELS": "0"}


def test_a_dataset_is_published_measured_corrected_and_an_infant_taken_out(
    server: Server, visit: Visitor, tmp_path: Path
) -> None:
    lab = open_lab(server, SPOILT)
    mara = visit().enter(lab.maintainer.email, lab.maintainer.password)

    first = publish_the_first_version(mara)
    folder = first.download(tmp_path)
    look_at_files(folder, set(SIDES))
    assert tools(["check-splits", str(folder)]) == 0

    predictions = tmp_path / "results.json"
    predictions.write_text(json.dumps(predict(folder, "test")))
    first.add_predictions(predictions, "pose-net", "Zero-shot", "test")
    take(mara.page, "leaderboard")
    report_the_wrong_label(first)

    correct_it(visit().enter(lab.annotator.email, lab.annotator.password))
    approve_it(visit().enter(lab.inspector.email, lab.inspector.password))

    second = publish_the_next(mara, "1.1.0")
    second.tab("Changes")
    expect(second.section("What differs from 1.0.0")).to_contain_text(
        re.compile(rf"Joints moved\s*{len(WRONG)}\b")
    )
    take(mara.page, "release-changes")

    mara.visit("Infants")
    Infants(mara.page).take_consent_back(WITHDRAWN, "A-12")
    mara.visit("Releases")
    mara.page.get_by_role("link", name="1.1.0", exact=True).click()
    expect(
        mara.page.get_by_text(f"The family of {WITHDRAWN} agrees to it no more.")
    ).to_be_visible()
    take(mara.page, "release-published")
    third = publish_the_next(mara, "1.2.0")
    look_at_files(third.download(tmp_path), set(SIDES) - {WITHDRAWN})
    third.tab("Changes")
    expect(third.section("What differs from 1.1.0")).to_contain_text(re.compile(r"Frames out\s*\d"))
    for tab in ("Statistics", "Frames"):
        third.tab(tab)
        take(mara.page, f"release-{tab.lower()}")


def publish_the_first_version(mara: Work) -> Published:
    """Select, split, see the gate, mend what blocks, publish 1.0.0."""
    mara.visit("Releases")
    draft = Releases(mara.page).new_dataset("Infants at home")
    draft.tell(licence="CC BY-NC 4.0", contact="lab@example.org")
    draft.save()
    for infant, split in SIDES.items():
        if infant != "H03":
            draft.put(infant, split)
    draft.check()
    draft.expect_blocked("This infant is in no split.")
    draft.page.get_by_role("button", name="Show in splits").click()
    draft.put("H03", SIDES["H03"])
    draft.check()
    draft.expect_open()
    take(mara.page, "release-draft")
    return draft.publish("1.0.0")


def publish_the_next(mara: Work, version: str) -> Published:
    """The next version with the same rule: it takes what is approved and agreed to now."""
    mara.visit("Releases")
    draft: Draft = Releases(mara.page).new_version("Minor")
    draft.check()
    draft.expect_open()
    return draft.publish(version)


def look_at_files(folder: Path, infants: set[str]) -> None:
    """What was downloaded, as a colleague's programs read it."""
    registry()
    from mmpose.datasets import CocoDataset

    frames = 0
    for split in set(SIDES.values()):
        file = str(folder / "annotations" / f"{split}.json")
        coco = COCO(file)
        data = CocoDataset(ann_file=file, data_mode="topdown", test_mode=True, pipeline=[])
        assert len(data) == len(coco.anns)
        assert all(
            data.get_data_info(i)["keypoints"].shape == (1, N_JOINTS, 2) for i in range(len(data))
        )
        inside = {image["file_name"].split("/")[1].upper() for image in coco.imgs.values()}
        assert inside == {key for key in infants if SIDES[key] == split}
        assert all((folder / image["file_name"]).is_file() for image in coco.imgs.values())
        frames += len(coco.imgs)
    masking = json.loads((folder / "masking.json").read_text())
    assert sum(masking["images_by_ground"].values()) == frames


def predict(folder: Path, split: str) -> list[dict[str, Any]]:
    """What a good model finds: it knows where the renderer put the joints, to two pixels."""
    rng = np.random.default_rng(5)
    document = json.loads((folder / "annotations" / f"{split}.json").read_text())
    films = cameras()
    images = {image["id"]: image for image in document["images"]}
    found = []
    for annotation in document["annotations"]:
        image = images[annotation["image_id"]]
        film = films[image["file_name"].split("/")[1].upper()]
        infant = film.frames[image["infantnet"]["source"]["frame"]].infant
        assert infant is not None
        joints = infant.joints2d - 0.5 + rng.normal(0, 2, (N_JOINTS, 2))
        found.append(
            {
                "image_id": image["id"],
                "category_id": annotation["category_id"],
                "keypoints": np.c_[joints, np.ones(N_JOINTS)].ravel().tolist(),
                "score": 0.9,
            }
        )
    return found


def report_the_wrong_label(published: Published) -> None:
    """From the worst frame to a remark, and the recording back to its annotator."""
    published.numbers_of("pose-net", "Zero-shot").click()
    dialog = published.worst_frame()
    take(published.page, "worst-frame")
    dialog.get_by_role("button", name="Report label").click()
    dialog.get_by_label("Remark").fill(REMARK)
    dialog.get_by_role("button", name="Send report").click()
    expect(dialog.get_by_role("list", name="Open remarks on this frame")).to_contain_text(REMARK)
    dialog.get_by_role("button", name="Reopen").click()
    asked = published.page.get_by_role("dialog").last
    asked.get_by_label("Why it is reopened").fill("A wrong label was reported.")
    asked.get_by_role("button", name=re.compile("^Reopen")).click()
    expect(dialog).to_contain_text("returned")
    published.page.keyboard.press("Escape")


def correct_it(anna: Work) -> None:
    """Move the ten joints back, one by one."""
    editor = anna.take_up("Revise", VISIT)
    expect(editor.details).to_contain_text(REMARK)
    zoom = editor.view(WIDTH, HEIGHT).zoom
    back = round(-WRONG_BY * zoom)
    for joint in WRONG:
        editor.drag_joint(JOINTS[joint], (back, back))
    editor.accept()
    editor.submit()
    editor.expect_stage("Inspecting joints")


def approve_it(ines: Work) -> None:
    """The usual way: joints, box, approval."""
    editor = ines.take_up("Inspect", VISIT)
    editor.find_good()
    with editor.deciding() as dialog:
        dialog.get_by_role("button", name="Approve joints").click()
    page = editor.leave(VISIT)
    page.confirm("Draw boxes by hand")
    page.confirm("Start box review")
    boxes = Editor(page.page)
    boxes.expect_state("box proposed, stale")
    boxes.page.get_by_role("button", name="Keep the box").click()
    boxes.expect_state("box proposed")
    boxes.accept()
    with boxes.deciding() as dialog:
        dialog.get_by_role("button", name="Approve the rest that is not flagged").click()
        dialog.get_by_role("button", name="Approve recording").click()
    boxes.expect_stage("Approved")
