"""The guide says of each format what the program says of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.publishing.formats.holding import Thing
from backend.publishing.formats.registry import INTERCHANGE, Interchange

GUIDE = Path(__file__).parents[5] / "docs" / "formats.md"

WORDS = {
    Thing.OCCLUDED: "occluded",
    Thing.BOX: "box",
    Thing.MASK: "mask",
    Thing.OTHERS: "several people",
    Thing.WHO: "who is the infant",
    Thing.NAME: "label",
    Thing.TRACK: "track",
    Thing.SCORE: "score",
    Thing.JOINT_SCORES: "scores of joints",
    Thing.CROWD: "crowds",
    Thing.AREA: "area",
    Thing.LICENCE: "licence",
    Thing.EMPTY: "empty images",
    Thing.SPLIT: "split",
    Thing.VIDEO: "video frame",
    Thing.SIZE: "size",
    Thing.FACTS: "origin",
    Thing.PROVENANCE: "provenance",
    Thing.FIT: "body fit",
    Thing.EXTRAS: "foreign members",
}


@pytest.mark.parametrize("form", INTERCHANGE.values(), ids=lambda form: form.name)
def test_the_table_has_each_format_with_what_it_holds(form: Interchange) -> None:
    row = re.search(rf"^\| `{form.name}` \|.*$", GUIDE.read_text(encoding="utf-8"), re.M)

    assert row is not None
    _, _, title, ways, pixels, holds, _ = (cell.strip() for cell in row[0].split("|"))
    assert title == form.title
    assert ways == ("both" if form.write or form.write_folder else "read")
    assert pixels == form.pixels
    assert holds == ", ".join(WORDS[thing] for thing in Thing if thing in form.holds)
