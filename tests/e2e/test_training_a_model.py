"""From a release to the next pre-labels, by a maintainer at a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.canvas import PATIENCE_MS
from tests.e2e.conftest import Visitor
from tests.e2e.lab import cameras, open_lab
from tests.e2e.pages import Models, Recordings
from tests.e2e.screenshots import take
from tests.fixtures.server import Server
from tests.integration.people import Caller

pytestmark = [pytest.mark.e2e, pytest.mark.models, pytest.mark.xdist_group("e2e-training")]

SIDES = {"H01": "train", "H02": "train", "H03": "train", "H04": "val", "H05": "test"}
START, NAME = "rtmo-t-demo", "crawlers-1"


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_MODELS": "1"}


def test_a_model_learns_from_a_release_and_makes_the_next_pre_labels(
    server: Server, visit: Visitor
) -> None:
    lab = open_lab(server, "H05")
    caller = Caller(server, lab.maintainer)
    publish(caller)
    mara = visit().enter(lab.maintainer.email, lab.maintainer.password)

    mara.visit("Models")
    models = Models(mara.page)
    models.train(release="Infants at home", recipe="RTMO-T, fine-tuned", start=START, name=NAME)
    expect(models.page.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    use = models.page.get_by_role("button", name="Use for pre-labels")
    expect(use).to_be_visible(timeout=PATIENCE_MS * 2)
    for part in ("Scores", "Predictions on validation pictures", "What it was"):
        expect(models.page.get_by_role("region", name=part, exact=True)).to_be_visible()
    expect(models.page.get_by_role("group", name="Loss")).to_be_visible()
    take(mara.page, "training-run")

    models.page.get_by_role("link", name=re.compile("^leaderboard of at-home")).click()
    board = mara.page.get_by_role("table").first
    expect(board).to_contain_text(NAME, timeout=PATIENCE_MS)
    expect(board).to_contain_text(START)
    mara.page.go_back()
    use.click()
    expect(mara.page.get_by_text(re.compile("^Chosen by Mara"))).to_be_visible()

    recording = import_another(caller)
    mara.visit("Recordings")
    page = Recordings(mara.page).open(f"Visit {recording}")
    dialog = page.do("Run pre-labels")
    expect(dialog.get_by_label("Checkpoint")).to_have_value(NAME)
    dialog.get_by_role("button", name="Run pre-labels").click()
    page.wait_for("Ready to annotate")
    expect(page.overview).to_contain_text(NAME)


def publish(caller: Caller) -> None:
    """A version of the dataset of the five infants whose recordings are approved."""
    dataset = caller.post("/datasets", {"name": "at-home", "title": "Infants at home"})
    release = caller.post("/releases", {"dataset_id": dataset["id"], "change": "major"})
    path = f"/releases/{release['id']}"
    told = {"licence": "CC BY-NC 4.0", "contact": "lab@example.org"}
    answer: Any = caller.http.patch(path, json=told)
    assert answer.is_success, answer.text
    splits = {one["id"]: SIDES[one["pseudonym"]] for one in caller.get("/infants")}
    answer = caller.http.put(f"{path}/splits", json={"splits": splits})
    assert answer.is_success, answer.text
    for act in ("check", "publication"):
        job = caller.wait_until_ended(caller.post(f"{path}/{act}")["id"])
        assert job["state"] == "succeeded", job


def import_another(caller: Caller) -> str:
    """A recording that no label of was in the release; returns its name."""
    film = cameras()["H02"]
    name, job = caller.import_video(film.camera.video, "Visit of H06", every=60)
    assert caller.wait_until_ended(job)["state"] == "succeeded", name
    return "of H06"
