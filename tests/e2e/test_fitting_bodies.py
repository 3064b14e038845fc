"""Bodies of the demo's four-camera session: fitted, looked at, judged and exported."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e import play_mat
from tests.e2e.conftest import Visitor
from tests.e2e.fits_page import FitsPage
from tests.e2e.pages import Exports, Models, Work
from tests.e2e.play_mat import DemoPerson
from tests.e2e.screenshots import demo_environment, take
from tests.fixtures.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-fits")]

MOMENTS = 20
WRONG = {3, 11}  # from 0: one view has left and right swapped, as tired people do
WORDS = "The left foot is not where the toys are."


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return demo_environment()


def test_bodies_are_fitted_looked_at_judged_and_exported(
    visit: Visitor, server: Server, tmp_path: Path
) -> None:
    maintainer_http = DemoPerson.log_in(server.url, "maintainer")
    annotator_http = DemoPerson.log_in(server.url, "annotator")
    recording = play_mat.session_id(maintainer_http)
    maintainer = visit().enter_as("Mara Maintainer")
    look_at_an_empty_page(maintainer, server.url, recording)
    play_mat.annotate(annotator_http, recording, wrong=WRONG)
    play_mat.approve_joints(annotator_http, DemoPerson.log_in(server.url, "inspector"), recording)

    look_at_body_models(maintainer)
    fit_bodies(FitsPage.open(maintainer.page, server.url, recording))

    inspector = visit().enter_as("Ines Inspector")
    fits = FitsPage.open(inspector.page, server.url, recording)
    look_at_bodies(fits)
    judge(fits)
    mesh = fits.download_mesh(".obj", tmp_path)
    assert mesh.read_text().count("\nv ") > 10_000

    # The maintainer's page has heard of the verdicts by itself.
    page = FitsPage(maintainer.page)
    page.expect_many("Verified", MOMENTS - len(WRONG) - 1)
    page.export(f"{MOMENTS} fits, judged or not")
    check(download(maintainer, tmp_path))


def look_at_an_empty_page(person: Work, url: str, recording: int) -> None:
    FitsPage.open(person.page, url, recording)
    expect(person.page.get_by_role("heading", name="Nothing to fit yet")).to_be_visible()
    person.page.goto(url)


def look_at_body_models(person: Work) -> None:
    models: Models = person.to_models()
    bodies = models.page.get_by_role("list", name="Body models")
    expect(bodies).to_contain_text("open-infant")
    bodies.scroll_into_view_if_needed()
    take(models.page, "body-models")


def fit_bodies(fits: FitsPage) -> None:
    """With all that people and models said, but the masks: they take their time."""
    dialog = fits.begin_fit()
    expect(dialog.get_by_label("Body model")).to_have_value("open-infant")
    dialog.get_by_text("Settings", exact=True).click()
    dialog.get_by_role("checkbox", name=re.compile("masks")).click()
    dialog.get_by_label("Gate, px").fill("15")
    take(fits.page, "fit-dialog")
    dialog.get_by_role("button", name="Fit", exact=True).click()
    fits.wait_for_fits()
    expect(fits.verdict).to_contain_text("inspector")  # a maintainer gives no verdicts


def look_at_bodies(fits: FitsPage) -> None:
    """The body lies over the infant in each view, and errors stand where they were made."""
    fits.wait_for_fits()
    fits.wait_for_bodies(4)
    for camera in range(1, 5):
        assert 0.02 < fits.drawn_share(camera) < 0.6
    expect(fits.details).to_contain_text("Within 15 px")
    assert fits.error_of("left knee", 1) < 5
    take(fits.page, "fits")
    fits.press("f", "f", "f")
    fits.expect_moment(4)
    expect(fits.details).to_contain_text("camera 1 above the 15 px gate")
    assert fits.error_of("left knee", 1) > 15 > fits.error_of("left knee", 2)
    fits.press("1", "w")
    fits.wait_for_bodies(4)
    take(fits.page, "fits-large")
    fits.press("g", "w", "w")
    fits.page.get_by_role("button", name="See from camera 2").click()
    fits.expect_many("Outside the gate", len(WRONG))


def judge(fits: FitsPage) -> None:
    """A range by keys, the rest at once, one rejected with words, one taken back."""
    fits.press("Home", "Shift+F", "Shift+F")
    expect(fits.verdict).to_contain_text("3 moments selected")
    fits.press("v")
    fits.expect_many("Verified", 3)
    fits.verify_all()
    fits.expect_many("Verified", MOMENTS - len(WRONG))
    fits.press("Escape", "Home", "f", "f", "f")
    fits.reject("The joints under it are wrong")
    expect(fits.verdict).to_contain_text("The joints under it are wrong")
    fits.press("f")
    fits.reject("Something else", WORDS)
    expect(fits.verdict).to_contain_text(WORDS)
    take(fits.page, "fits-rejected")
    fits.press("n")
    fits.expect_moment(12)  # the other one outside the gate, which nobody judged
    fits.press("x")
    expect(fits.page.get_by_role("dialog")).to_be_visible()
    fits.press("1")
    fits.expect_many("Rejected", 3)
    fits.press("u")
    fits.expect_many("Rejected", 2)
    fits.expect_many("Outside the gate", 1)


def download(person: Work, folder: Path) -> Path:
    person.page.get_by_role("button", name="Show exports").click()
    exports = Exports(person.page)
    expect(exports.page.get_by_role("row").filter(has_text="Body fits")).to_be_visible()
    path = exports.download(folder)
    take(exports.page, "exports-fits")
    return path


def check(path: Path) -> None:
    """The file holds what was seen on the screen, and says what it was made with."""
    with np.load(path, allow_pickle=False) as file:
        verdicts = file["verdict"].tolist()
        assert [n for n, verdict in enumerate(verdicts) if verdict == "rejected"] == [3, 4]
        assert verdicts.count("verified") == MOMENTS - len(WRONG) - 1
        assert file["reason"][3] == "joints_wrong"
        assert np.flatnonzero(~file["gate_passed"]).tolist() == sorted(WRONG)
        assert file["pose"].shape == (MOMENTS, 72)
        assert np.nanmedian(file["error_px"]) < 3
        assert str(np.ravel(file["body_name"])[0]) == "open-infant"
        assert json.loads(str(np.ravel(file["config"])[0]))["gate_px"] == 15
