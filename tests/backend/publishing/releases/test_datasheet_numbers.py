"""The statistics as tables of a datasheet."""

from __future__ import annotations

import copy

from backend.domain.skeleton import JOINTS
from backend.publishing.releases import datasheet_numbers

STATISTICS = {
    "joints": {
        "train": {joint: [1, 2, 3000] for joint in JOINTS},
        "test": {joint: [0, 0, 5] for joint in JOINTS},
    },
    "ages": [{"split": "train", "months": None, "frames": 7, "infants": 1}],
    "postures": [{"split": "train", "posture": "prone_lying", "frames": 7}],
    "image_sizes": [{"width": 640, "height": 480, "images": 12}],
    "box_sizes": [{"split": "train", "tenth": 3, "boxes": 12}],
    "pose_map": {
        "frames": 4,
        "reach": 1.0,
        "cells": 2,
        "counts": [[0, 4, 0, 0]] + [[0, 0, 0, 0]] * 16,
        "outside": [0] * 17,
    },
    "fits": {
        "angles": [{"joint": "left_knee", "low": 1.2, "middle": 40.0, "high": 90.6}],
        "shapes": {
            "open-infant": {"runs": 2, "mean": [-0.15, 9.0], "deviation": [1.0, 0.0], "scale": [1]}
        },
    },
    "work": {
        "people": [
            {"person": 3, "role": "annotator", "frames": 9, "versions": 20, "minutes": 61},
            {"person": 4, "role": "inspector", "frames": 9, "rounds": 2},
        ]
    },
}


def test_every_section_has_a_table() -> None:
    found = datasheet_numbers.lines(STATISTICS)
    for row in (
        f"| left wrist | 3,005 | 2 | 1 | {'█' * 20} |",
        f"| unknown | train | 7 | 1 | {'█' * 20} |",
        f"| prone lying | train | 7 | {'█' * 20} |",
        f"| 640 × 480 | 12 | {'█' * 20} |",
        f"| 30–40 | train | 12 | {'█' * 20} |",
        "| nose | 4 | 0.5 | 0.5 | 0.0 |",
        f"| left knee | 1° | 40° | 91° | {'▒' * 4}█{'▒' * 6}{'·' * 9} |",
        f"| open-infant | 1 | -0.15 | 1.00 | {'·' * 6}▒▒▒█▒▒▒{'·' * 7} |",
        f"| open-infant | 2 | 9.00 | 0.00 | {'·' * 19}█ |",
        "| 3 | annotator | 9 | 20 | 61 |",
        "| 4 | inspector | 9 | – | – |",
    ):
        assert row in found
    assert sum(line.startswith("### ") for line in found) == 9


def test_bars_are_as_long_as_their_numbers() -> None:
    found = datasheet_numbers.lines(
        {
            "joints": {"train": {joint: [1, 1, 2] for joint in JOINTS}},
            "ages": [
                {"split": "train", "months": months, "frames": frames, "infants": 1}
                for months, frames in ((3, 400), (6, 100), (9, 1))
            ],
        }
    )
    assert f"| nose | 2 | 1 | 1 | {'█' * 10}{'▒' * 5}{'░' * 5} |" in found
    bars = [line.split(" | ")[-1].rstrip(" |") for line in found if " | train | " in line]
    assert [len(bar) for bar in bars] == [20, 5, 0]


def test_tables_are_framed_by_empty_lines_as_markdown_wants_them() -> None:
    found = datasheet_numbers.lines(STATISTICS)
    heads = [i for i, line in enumerate(found) if line.startswith("|---")]
    assert len(heads) == 9
    assert all(found[i - 2] == "" and found[i - 1].count("|") == found[i].count("|") for i in heads)
    assert found[-1] == ""


def test_what_was_not_counted_has_no_table() -> None:
    older = copy.deepcopy(STATISTICS)
    for name in ("pose_map", "fits", "postures"):
        del older[name]
    older["work"] = {"annotators": 1}
    titles = [line for line in datasheet_numbers.lines(older) if line.startswith("### ")]
    assert titles == ["### Joints by visibility", "### Ages", "### Image sizes", "### Box sizes"]
    assert datasheet_numbers.lines({}) == []


def test_the_map_is_the_darker_the_more_joints_lie_there() -> None:
    cells = 4
    nose = [8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2]
    of_all = [nose] + [[0] * cells**2] * 16
    statistics = {"pose_map": {"frames": 3, "reach": 1.0, "cells": cells, "counts": of_all}}
    found = datasheet_numbers.lines(statistics)
    at = found.index("```")
    assert found[at : at + 4] == ["```", "█···", "░··░", "```"]
