"""The demo, from the first look at the log-in page to a downloaded COCO file, without weights."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pycocotools.coco import COCO

from backend.demo.load import EVERY
from backend.demo.truth import list_demo_recordings, load_truth
from tests.e2e.conftest import Visitor
from tests.e2e.editor import Editor
from tests.e2e.pages import Recording, Recordings, Work
from tests.e2e.screenshots import take
from tests.fixtures.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-demo")]

DEMO = "living_room"
NAME = "Living room, one camera (demo)"
SHOWN = 12  # the frame that pictures of the editor show
REMARK = "The hand is a little further up."
# What a visitor sees on the screen, and what they make of it.
REASONS = {"empty": "No infant", "blur": "Motion blur", "dark": "Lighting"}
WARNINGS = {"blur": "blurred", "dark": "dark"}


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    # Simulated pre-labels: the same on every machine, and nothing to wait for.
    return {"INFANTNET_DEMO": "1", "INFANTNET_MODELS": "0"}


def conditions() -> list[str]:
    """What is wrong with each imported frame: ``ok``, ``empty``, ``blur`` or ``dark``."""
    frames = load_truth(DEMO).cameras[0].frames
    return [frame.condition for frame in frames[:: EVERY[DEMO]]]


def test_a_new_user_takes_the_demo_from_the_login_to_a_coco_file(
    server: Server, visit: Visitor, tmp_path: Path
) -> None:
    login = visit()
    expect(login.page.get_by_role("heading", name="This is a demo")).to_be_visible()
    take(login.page, "login")
    maintainer = visit().enter_as("Mara Maintainer")
    maintainer.to_recordings().open(NAME).wait_for("Ready to annotate")

    annotate(login.enter_as("Anna Annotator"))
    recordings = maintainer.to_recordings()
    expect(recordings.row(NAME)).to_contain_text("Inspecting joints")
    take(recordings.page, "recordings")

    look_at_the_import_page(recordings)

    inspector = visit().enter_as("Ines Inspector")
    approve_joints(inspector)
    recording = maintainer.to_recordings().open(NAME)
    recording.wait_for("Boxes ready")
    check_what_the_page_says(recording)
    take(recording.page, "recording")
    for name, address in (("quality", "/quality?tab=rules"), ("models", "/models")):
        recording.page.goto(server.url + address)
        expect(recording.page.get_by_role("heading", level=2).first).to_be_visible()
        take(recording.page, name)
        recording.page.go_back()
    jobs = recording.to_jobs()
    expect(jobs.row(f"Masks and boxes of {NAME}")).to_contain_text("Done")
    take(jobs.page, "jobs")

    review_boxes(inspector)
    exports = maintainer.to_exports()
    exports.write(NAME)
    path = exports.download(tmp_path)
    take(exports.page, "exports")
    check(path)


def annotate(annotator: Work) -> None:
    """Accept what is right, discard what cannot be used, submit."""
    expect(annotator.row(NAME)).to_contain_text("Simulated pre-labels")
    take(annotator.page, "work")
    editor = annotator.take_up("Start", NAME)
    for number, condition in enumerate(conditions(), start=1):
        editor.expect_frame(number)
        if warning := WARNINGS.get(condition):
            expect(editor.details).to_contain_text(warning)
        if reason := REASONS.get(condition):
            editor.discard(reason)
            continue
        expect(editor.details).to_contain_text("simulated")
        if number == SHOWN:
            editor.select_joint("left wrist")
            take(editor.page, "editor")
        editor.accept()
    editor.submit()
    editor.expect_stage("Inspecting joints")


def look_at_the_import_page(recordings: Recordings) -> None:
    """Fill in the form as for a video of one's own, and leave it at that."""
    page = recordings.begin_import()
    page.choose_video(list_demo_recordings()[0].cameras[0].video)
    page.take_every(10)
    page.tell(name="Visit 12", source="Home visit", pseudonym="H12", consent="Research only", age=9)
    take(page.page, "import")


def approve_joints(inspector: Work) -> None:
    """Comment on a joint, think again, approve everything."""
    editor = inspector.take_up("Inspect", NAME)
    editor.go_to(SHOWN)
    editor.comment("left wrist", REMARK)
    take(editor.page, "inspect")
    compare(editor.page)
    editor.go_to(SHOWN)
    editor.page.get_by_role("button", name="Delete this comment").click()
    expect(editor.page.get_by_text(REMARK)).to_have_count(0)
    editor.find_good()
    with editor.deciding() as dialog:
        expect(dialog).to_contain_text(f"{len(conditions())} good")
        dialog.get_by_role("button", name="Approve joints").click()


def compare(page: Page) -> None:
    """The same frame beside the model's joints; a joint is called wrong, and right again."""
    address = page.url
    page.get_by_role("link", name="Compare and sample").click()
    expect(page.get_by_role("heading", name="Inspect", exact=True)).to_be_visible()
    page.goto(f"{page.url.partition('?')[0]}?frame={SHOWN}")
    wrong = page.get_by_role("button", name="left wrist is wrong")
    wrong.click()
    expect(page.get_by_text("to revise", exact=True)).to_be_visible()
    expect(page.get_by_label("How far this recording is inspected")).to_contain_text("looked at")
    page.locator("main").evaluate("main => main.scrollTo(0, 0)")
    take(page, "compare")
    wrong.click()
    expect(page.get_by_text("to revise", exact=True)).to_have_count(0)
    page.goto(address)


def check_what_the_page_says(recording: Recording) -> None:
    counts = Counter(conditions())
    for condition, reason in REASONS.items():
        expect(recording.overview).to_contain_text(f"{reason.lower()} ({counts[condition]})")
    expect(recording.overview).to_contain_text("Simulated pre-labels")


def review_boxes(inspector: Work) -> None:
    """Look at the doubtful boxes one by one, approve the others at once."""
    page = inspector.page
    Editor(page).leave(NAME).to_work()
    doubtful = re.search(r"(\d+) doubtful", inspector.row(NAME).inner_text())
    editor = inspector.take_up("Start review", NAME)
    editor.expect_state("simulated mask")
    editor.jump_to(SHOWN)
    take(page, "boxes")
    page.keyboard.press("Home")
    for _ in range(int(doubtful[1]) if doubtful else 0):
        editor.expect_state("box proposed")
        editor.accept()
    kept = conditions().count("ok")
    with editor.deciding() as dialog:
        dialog.get_by_role("button", name="Approve the rest that is not flagged").click()
        expect(dialog).to_contain_text(f"{kept} approved")
        dialog.get_by_role("button", name="Approve recording").click()
    editor.expect_stage("Approved")


def check(path: Path) -> None:
    """The file holds the kept frames, and says where its numbers come from."""
    coco = COCO(str(path))
    kept = [i for i, condition in enumerate(conditions()) if condition == "ok"]
    assert [image["infantnet"]["position"] for image in coco.imgs.values()] == kept
    assert sorted(coco.anns) == sorted(coco.imgs)
    for annotation in coco.anns.values():
        told = annotation["infantnet"]
        assert (told["prelabels_simulated"], told["box_simulated"]) == (True, True)
        assert annotation["num_keypoints"] == sum(v > 0 for v in annotation["keypoints"][2::3]) > 0
        assert annotation["area"] == coco.annToMask(annotation).sum()
    assert all(image["infantnet"]["demo"] for image in coco.imgs.values())
