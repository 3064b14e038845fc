"""DeepLabCut's table of labels (CSV), written. Layout and pixels: ``deeplabcut.layout``.

With several people in an image the table has individuals: the people's labels, numbered where one
image has the same twice. Scores make it a table of predictions. Memory grows with the people.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from backend.domain.skeleton import JOINTS
from backend.publishing.formats.deeplabcut.layout import HOLDS, LABELLED, PIXELS, SCORER
from backend.publishing.formats.folders import relative
from backend.publishing.formats.holding import Losses, label_of
from backend.publishing.formats.writing import DECIMALS, WriteOptions, Written
from backend.publishing.labelled import LabelledFrame, LabelledPerson

_FOLDER: Final = "images"


def write(frames: Iterable[LabelledFrame], target: BinaryIO, options: WriteOptions) -> Written:
    """Write the table.

    Raises:
        InvalidInput: a name that leads out of the folder.
    """
    losses = Losses(HOLDS)
    rows: list[tuple[PurePosixPath, dict[str, list[str]]]] = []
    individuals: dict[str, None] = {}
    people = scored = numbered = unfoldered = 0
    for frame in frames:
        losses.see(frame)
        cells: dict[str, list[str]] = {}
        for person in frame.people:
            if not person.joints.num_keypoints:
                losses.nobody()
                continue
            label = label_of(person)
            name = _unique(label, cells)
            numbered += name != label
            individuals.setdefault(name)
            cells[name] = _cells(person)
            people += 1
            scored += person.marks.joint_scores is not None
        path = relative(frame.image.file_name)
        unfoldered += not path.parent.name
        rows.append((path, cells))
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    table = csv.writer(text, lineterminator="\n")
    names = list(individuals) or ["infant"]
    table.writerows(_head(names, scored=scored > 0))
    width = 3 if scored else 2
    for path, cells in rows:
        row = [LABELLED, str(path.parent) if path.parent.name else _FOLDER, path.name]
        for name in names:
            found = cells.get(name) or [""] * (3 * len(JOINTS))
            row += [cell for i, cell in enumerate(found) if i % 3 < width]
        table.writerow(row)
    text.detach()
    notes = [*losses.notes()]
    if numbered:
        notes.append(
            f"{numbered:,} people share their label with another in the image: they are individuals"
            " of their own, with a number behind the label."
        )
    if unfoldered:
        notes.append(
            f"{unfoldered:,} images lie in no folder; the table names one: they are in “{_FOLDER}”."
        )
    return Written(len(rows), people, notes=tuple(notes))


def _head(names: list[str], *, scored: bool) -> list[list[str]]:
    coords = ["x", "y", "likelihood"] if scored else ["x", "y"]
    columns = [(name, joint, coord) for name in names for joint in JOINTS for coord in coords]
    blank = ["", ""]
    return [
        ["scorer", *blank, *[SCORER] * len(columns)],
        ["individuals", *blank, *[name for name, _, _ in columns]],
        ["bodyparts", *blank, *[joint for _, joint, _ in columns]],
        ["coords", *blank, *[coord for _, _, coord in columns]],
    ]


def _unique(label: str, taken: Iterable[str]) -> str:
    names = set(taken)
    number, name = 1, label
    while name in names:
        number += 1
        name = f"{label}_{number}"
    return name


def _cells(person: LabelledPerson) -> list[str]:
    """x, y, likelihood of each joint; empty where it was not placed or has no score."""
    scores = person.marks.joint_scores
    cells = []
    for i, joint in enumerate(person.joints.joints):
        if not joint.present:
            cells += ["", "", ""]
            continue
        x, y = (round(n - PIXELS.shift, DECIMALS) for n in (joint.x, joint.y))
        cells += [repr(x), repr(y), "" if scores is None else repr(scores[i])]
    return cells
