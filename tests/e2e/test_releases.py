"""A dataset over three versions, by a maintainer who reads only the guide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pycocotools.coco import COCO

from tests.e2e.conftest import Visitor
from tests.e2e.lab import cameras, open_lab
from tests.e2e.release_pages import Releases
from tests.fixtures.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-releases")]

SIDES = {"H01": "train", "H02": "train", "H03": "train", "H04": "val", "H05": "test"}
WRONG = "H05"


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_MODELS": "0"}


def test_a_dataset_is_published_measured_corrected_and_an_infant_taken_out(
    server: Server, visit: Visitor, tmp_path: Path
) -> None:
    lab = open_lab(server, WRONG)
    mara = visit().enter(lab.maintainer.email, lab.maintainer.password)
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
    draft.put("H03", "train")
    draft.check()
    draft.expect_open()
    published = draft.publish("1.0.0")
    folder = published.download(tmp_path)
    look_at_files(folder)


def look_at_files(folder: Path) -> None:
    """What was downloaded, as a colleague's programs read it."""
    for split in set(SIDES.values()):
        coco = COCO(str(folder / "annotations" / f"{split}.json"))
        infants = {image["file_name"].split("/")[1].upper() for image in coco.imgs.values()}
        assert infants == {key for key, side in SIDES.items() if side == split}
        assert all((folder / image["file_name"]).is_file() for image in coco.imgs.values())
    masking = json.loads((folder / "masking.json").read_text())
    assert sum(masking["images_by_ground"].values()) == len(cameras()) * 4 - 1
