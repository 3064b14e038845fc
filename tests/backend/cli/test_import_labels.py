"""``infantnet import labels`` and ``imports undo``: looked at, mapped, imported, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.backend.cli.conftest import Cli
from tests.factories import unique

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them

TABLE = """scorer,me,me,me,me,me,me,me,me
bodyparts,snout,snout,L_Wrist,L_Wrist,LeftHip,LeftHip,RightHip,RightHip
coords,x,y,x,y,x,y,x,y
labeled-data/crib/1.png,5,6,7,8,9,10,11,12
labeled-data/crib/2.png,6,7,8,9,10,11,12,13
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder of a DeepLabCut project: its table beside the images."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "CollectedData_me.csv").write_text(TABLE)
    for i in (1, 2):
        Image.new("RGB", (64, 48), (9, 60 * i, 7)).save(folder / f"{i}.png")
    return folder


def test_a_folder_of_labels_is_looked_at_mapped_imported_and_undone(
    cli: Cli, project: Path
) -> None:
    looked = cli("import", "labels", project, "--check")
    assert looked.code == 1  # three named joints are too few to tell a person
    assert "Read as DeepLabCut" in looked.out
    assert "snout" in looked.out

    mapped = ("--map", "snout=nose", "--map", "L_Wrist=left_wrist", "--odd", "map")
    told = cli("import", "labels", project, *mapped, "--check", "--json").json
    assert (told["format"], told["images"], told["people"]) == ("deeplabcut", 2, 2)

    done = cli("import", "labels", project, *mapped, "--infant", "B07", "--name",
               unique("labels"), "--json")  # fmt: skip
    assert done.code == 0, done.err
    recording = done.json["recording"]
    assert (recording["frames"], recording["stage"]) == (2, "prelabelled")

    shown = cli("imports", "undo", recording["id"], "--check")
    assert (shown.code, "2 frames" in shown.err) == (0, True), shown.err
    undone = cli("imports", "undo", recording["id"], "--yes", "--json")
    assert undone.code == 0, undone.err
    assert undone.json["state"] == "succeeded"
    assert cli("recordings", "show", recording["id"]).code == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--map", "snout"], "JOINT=COCO is needed"),
        (["--map", "snout=beak"], "COCO has no joint beak"),
        (["--people", "mother=aunt"], "one of infant, other, skip"),
        (["--format", "excel"], "There is no format excel"),
        ([], "Name the infant with --infant"),
    ],
)
def test_wrong_options_are_told(cli: Cli, project: Path, options: list[str], words: str) -> None:
    more = ["--infant", "B07"] if options else []
    outcome = cli("import", "labels", project, *more, *options)
    assert outcome.code in (1, 2)
    assert words in outcome.err
