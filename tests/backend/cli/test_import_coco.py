"""``infantnet import coco``: looking first, choosing by options, being asked on a terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from backend.domain.skeleton import JOINTS
from tests.backend.cli.conftest import Cli, command
from tests.factories import unique
from tests.fixtures.server import Person, Server

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two images in a folder that the files of these tests call by another name."""
    folder = tmp_path_factory.mktemp("visit")
    (folder / "right").mkdir()
    for i in (1, 2):
        Image.new("RGB", (64, 48), (9, 60 * i, 7)).save(folder / "right" / f"{i}.png")
    return folder


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A file that calls one image as it is and one by another folder; one joint is odd."""
    keypoints = [v for i in range(17) for v in (5.0 + i, 6.0 + i, 2)]
    document: dict[str, Any] = {
        "images": [
            {"id": 1, "file_name": "right/1.png", "width": 64, "height": 48},
            {"id": 2, "file_name": "left/2.png", "width": 64, "height": 48},
        ],
        "annotations": [
            {"id": i, "image_id": i, "category_id": 1, "keypoints": [*keypoints[:-1], 3]}
            for i in (1, 2)
        ],
        "categories": [{"id": 1, "name": "infant", "keypoints": list(JOINTS)}],
    }
    path = tmp_path / "people.json"
    path.write_text(json.dumps(document))
    return path


def test_a_check_lists_what_is_odd_and_imports_nothing(
    cli: Cli, people: Path, folder: Path
) -> None:
    before = [recording["id"] for recording in cli("recordings", "list", "--json").json]
    outcome = cli("import", "coco", people, "--images", folder, "--check")
    assert outcome.code == 0, outcome.err
    assert "1 images become frames, 1 people become candidates" in outcome.out
    assert "--odd image_other_folder=skip  (map, skip, cancel)" in outcome.out
    assert "left/2.png → right/2.png" in outcome.out
    assert "infant (id 1): 2 people, COCO, 17 joints, proposed as the infant" in outcome.out
    assert "right/1.png, annotation 1, annotations[0].keypoints[50]: 3" in outcome.out
    after = cli("recordings", "list", "--json").json
    assert [recording["id"] for recording in after] == before


def test_a_check_can_be_had_as_json(cli: Cli, people: Path, folder: Path) -> None:
    outcome = cli("import", "coco", people, "--images", folder, "--dry-run", "--json")
    assert outcome.code == 0, outcome.err
    assert {odd["kind"]: odd["count"] for odd in outcome.json["odd"]} == {
        "image_other_folder": 1,
        "visibility_unknown": 1,
    }


def test_a_check_of_what_cannot_be_imported_fails(cli: Cli, people: Path, folder: Path) -> None:
    document = json.loads(people.read_text())
    document["images"].pop(0)
    people.write_text(json.dumps(document))
    outcome = cli("import", "coco", people, "--images", folder, "--check")
    assert outcome.code == 1
    assert "Nothing can be imported: no image of the file can be used" in outcome.out


def test_without_a_terminal_doubtful_elements_are_left_out_and_said(
    cli: Cli, people: Path, folder: Path
) -> None:
    words = ("import", "coco", people, "--images", folder, "--infant", "B07", "--json")
    outcome = cli(*words, "--name", unique("coco"))
    assert outcome.code == 0, outcome.err
    assert outcome.json["recording"]["frames"] == 1
    assert "in another folder (1 image): they are left out. First: left/2.png" in outcome.err
    assert "A visibility that COCO does not know (1 joint): the joints become absent" in outcome.err


def test_options_choose_for_all_and_for_one_kind(cli: Cli, people: Path, folder: Path) -> None:
    words = ("import", "coco", people, "--images", folder, "--infant", "B07", "--json")
    mapped = cli(*words, "--name", unique("coco"), "--odd", "map")
    assert mapped.code == 0, mapped.err
    assert mapped.json["recording"]["frames"] == 2
    refused = cli(*words, "--name", unique("coco"), "--odd", "map",
                  "--odd", "visibility_unknown=cancel")  # fmt: skip
    assert refused.code == 1
    assert "you chose to refuse such files" in refused.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--infant", "B", "--odd", "perhaps"], "must be one of map, skip, cancel"),
        (["--infant", "B", "--odd", "typo=skip"], "there is no kind typo"),
        (["--infant", "B", "--odd", "image_not_sent=map"], "map is not offered"),
        (["--infant", "B", "--skeleton", "mpi"], "there is no mpi. Known: by_names, coco"),
        ([], "Name the infant with --infant"),
    ],
)
def test_wrong_options_are_told_before_anything_is_sent(
    bare: Cli, people: Path, folder: Path, options: list[str], words: str
) -> None:
    outcome = bare("import", "coco", people, "--images", folder, *options)
    assert outcome.code == 2
    assert words in outcome.err


class Terminal:
    """A command before a terminal: what it writes, and what a person types."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self.master, side = pty.openpty()
        self.process = subprocess.Popen(
            words, stdin=side, stdout=subprocess.PIPE, stderr=side, env=environment, text=True
        )
        os.close(side)
        self.written = ""

    def expect(self, words: str) -> None:
        """Wait until it has written these words since the last time."""
        deadline = time.monotonic() + 60
        while words not in self.written:
            assert time.monotonic() < deadline, self.written
            if select.select([self.master], [], [], 0.5)[0]:
                try:
                    self.written += os.read(self.master, 4096).decode()
                except OSError:  # the other side is closed
                    break
        assert words in self.written, self.written
        self.written = self.written.partition(words)[2]

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self.master, f"{text}\n".encode())


@pytest.fixture
def terminal(
    home: dict[str, str], server: Server, maintainer: Person, people: Path, folder: Path
) -> Terminal:
    """An import that has been begun on a terminal."""
    known = {"INFANTNET_URL": server.url, "INFANTNET_TOKEN": maintainer.token, "TERM": "dumb"}
    words = command("import", "coco", people, "--images", folder, "--infant", "B07",
                    "--name", unique("asked"), "--json")  # fmt: skip
    return Terminal(words, home | known)


def test_on_a_terminal_each_doubtful_kind_is_asked_about(terminal: Terminal) -> None:
    terminal.expect("The file name is there, but in another folder")
    terminal.expect("What now? [skip]")
    terminal.type("m")
    terminal.expect("What now? [skip]")
    terminal.type("map")
    terminal.expect("2 images become frames, 2 people become candidates")
    out, _ = terminal.process.communicate(timeout=60)
    assert terminal.process.returncode == 0
    assert json.loads(out)["recording"]["frames"] == 2


def test_on_a_terminal_an_import_can_be_given_up(terminal: Terminal, cli: Cli) -> None:
    before = [recording["id"] for recording in cli("recordings", "list", "--json").json]
    terminal.expect("What now? [skip]")
    terminal.type("c")
    terminal.expect("Cancelled; nothing was imported.")
    terminal.process.communicate(timeout=60)
    assert terminal.process.returncode == 1
    after = cli("recordings", "list", "--json").json
    assert [recording["id"] for recording in after] == before
