"""``infantnet import video``: what was understood is said before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backend.cli.conftest import Cli
from tests.factories import unique
from tests.worker.timed_video import film, steady

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


@pytest.fixture
def chapters(tmp_path: Path) -> list[Path]:
    """Two files of one camera, three seconds and two."""
    paths = [tmp_path / f"GX0{k}0001.MP4" for k in (1, 2)]
    paths[0].write_bytes(film(steady(30, 3), timecode="10:00:00:00"))
    paths[1].write_bytes(film(steady(30, 2, start_s=3), timecode="10:00:03:00"))
    return paths


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another camera, of 25 frames a second."""
    path = tmp_path / "other.mp4"
    path.write_bytes(film(steady(25, 5)))
    return path


def test_a_look_imports_nothing_and_the_import_need_not_send_again(
    cli: Cli, chapters: list[Path], other: Path
) -> None:
    words = ("import", "video", *chapters, other, "--infant", "B07", "--fps", 5)
    name = unique("chapters")
    seen = cli(*words, "--name", name, "--dry-run", "--json")
    assert seen.code == 0, seen.err
    assert "2 cameras, 25 moments, 25 of them seen by all." in seen.err
    assert "GX010001.MP4 + GX020001.MP4" in seen.err
    assert "follow one another in time (timecode 10:00:00:00, 10:00:03:00)" in seen.err
    assert [len(camera["files"]) for camera in seen.json["cameras"]] == [2, 1]
    assert name not in cli("recordings", "list").out

    made = cli(*words, "--name", name, "--json")
    assert made.code == 0, made.err
    assert "Sending GX010001.MP4: 0.0 kB" not in made.err
    shown = cli("recordings", "show", name, "--json").json
    assert [c["source_filename"] for c in shown["cameras_list"]] == [
        "GX010001.MP4 +1", "other.mp4",
    ]  # fmt: skip
    assert (shown["coverage"]["moments"], shown["coverage"]["complete"]) == (25, 25)

    again = cli(*words, "--name", unique("chapters"))
    assert again.code == 0, again.err
    assert "Sending GX010001.MP4" in again.err


def test_cameras_are_arranged_by_hand(cli: Cli, chapters: list[Path], other: Path) -> None:
    name = unique("by hand")
    made = cli(
        *("import", "video", "--infant", "B07", "--name", name, "--fps", 5),
        *("--camera", f"left={chapters[0]},{chapters[1]}", "--camera", f"right={other}"),
    )
    assert made.code == 0, made.err
    cameras = cli("recordings", "show", name, "--json").json["cameras_list"]
    assert [(c["name"], len(c["files"])) for c in cameras] == [("left", 2), ("right", 1)]


def test_nothing_is_joined_where_that_is_not_wanted(cli: Cli, chapters: list[Path]) -> None:
    seen = cli("import", "video", *chapters, "--infant", "B", "--separate", "--dry-run", "--json")
    assert [camera["name"] for camera in seen.json["cameras"]] == ["GX010001", "GX020001"]


def test_doubts_are_said(cli: Cli, tmp_path: Path) -> None:
    paths = [tmp_path / f"visit-part{k}.mp4" for k in (1, 2)]
    for path in paths:
        path.write_bytes(film(steady(30, 1, start_s=float(len(path.name)))))
    seen = cli("import", "video", *paths, "--infant", "B07", "--dry-run")
    assert seen.code == 0
    assert "Please check: visit-part1.mp4 and visit-part2.mp4 are parts" in seen.err


@pytest.mark.parametrize(
    "words",
    [
        ("--camera", "left={0},{1}", "--camera", "right"),
        ("--camera", "left={0},{1}", "--camera", "right={1}"),
        ("--camera", "left=",),
        ("--camera", "={0}",),
        ("--camera", "left",),
        (),
    ],
)  # fmt: skip
def test_an_arrangement_that_cannot_be_read_is_a_wrong_usage(
    bare: Cli, chapters: list[Path], words: tuple[str, ...]
) -> None:
    told = [word.format(*chapters) for word in words]
    assert bare("import", "video", "--infant", "B07", *told).code == 2
