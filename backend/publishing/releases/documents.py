"""The papers of a release: what is in it and how to cite it, for people and for tools."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import orjson

from backend.domain.evaluation import conventions
from backend.publishing.releases import papers
from backend.publishing.releases.about import About
from backend.publishing.releases.publishing import WrittenFile

CONVENTIONS: Final = "conventions.json"
"""How predictions of this release are measured: each number's definition, with a version."""
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CREATIVE_COMMONS: Final = re.compile(
    r"CC(?:(0)|[ -](BY(?:-NC)?(?:-(?:SA|ND))?))[ -]([1-4]\.[05])", re.IGNORECASE
)


def documents(about: About, files: Sequence[WrittenFile]) -> dict[str, bytes]:
    """All papers by path."""
    return {
        "README.md": _readme(about, files).encode(),
        "CITATION.cff": _citation(about).encode(),
        "datasheet.md": papers.datasheet(about).encode(),
        "croissant.json": papers.croissant(about, files),
        "statistics.json": orjson.dumps(
            about.statistics, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
        )
        + b"\n",
        CONVENTIONS: orjson.dumps(conventions.table(), option=orjson.OPT_INDENT_2) + b"\n",
    }


def _readme(about: About, files: Sequence[WrittenFile]) -> str:
    frames = sum(count for count, _ in about.splits.values())
    infants = sum(count for _, count in about.splits.values())
    lines = [
        f"# {about.title} {about.version}",
        "",
        about.description or "Images of infants with key points, boxes and masks.",
        "",
        f"{frames:,} images of {infants:,} infants, for {about.audience} use."
        f" Licence: {about.licence}. Contact: {about.contact}.",
        "",
        "| split | images | infants | annotations |",
        "|---|---|---|---|",
        *(
            f"| {name} | {count:,} | {who:,} | `annotations/{name}.json` |"
            for name, (count, who) in about.splits.items()
        ),
        "",
    ]
    if told := papers.made_up(about):
        lines += [*told, ""]
    if about.notes:
        lines += ["## This version", "", about.notes, ""]
    lines += [
        "## Files",
        "",
        *_listed(about, {file.path.partition("/")[0] for file in files}),
        "",
    ]
    if about.citation:
        lines += ["## Citation", "", about.citation, ""]
    return "\n".join(lines)


def _listed(about: About, parts: set[str]) -> list[str]:
    """A line for each kind of file; ``parts`` are files and folders at the top."""
    lines = ["- `annotations/*.json`: COCO key points, 17 joints; boxes and masks of the infant."]
    if "images" in parts:
        lines += [
            "- `images/`: by infant, recording, camera; the number is the moment."
            f" {papers.coding_words(about)}"
        ]
    if "masking.json" in parts:
        lines.append(
            "- `masking.json`: how heads were masked, how many images on which ground, and a sample"
            " to look through."
        )
    if "masks" in parts:
        lines.append(
            "- `masks/`: the infant's mask of each image that has one, under the image's name, as"
            " grey PNG: 255 is the infant."
        )
    if "fits" in parts:
        lines.append(
            "- `fits/*.npz`: body fits that an inspector verified (pose, shape, size, place,"
            " joints in metres); annotations name their row. " + papers.bodies_words(about.bodies)
        )
    if "cameras" in parts:
        lines.append(
            "- `cameras/`: lenses and places of the cameras of each calibrated recording; `K`"
            " counts pixels as the key points do."
        )
    if "provenance.parquet" in parts:
        lines.append("- `provenance.parquet`: where each joint comes from, a row for each.")
    return [
        *lines,
        "- `datasheet.md`, `croissant.json`: what it is, for people and for machines.",
        "- `statistics.json`: what is in here, in numbers.",
        "- `conventions.json`: how predictions are measured on it, number by number.",
        "- `CITATION.cff`: how to cite.",
        "- `SHA256SUMS`: hashes of all files; `sha256sum --check SHA256SUMS` compares them.",
    ]


def _spdx(licence: str) -> str | None:
    """A Creative Commons licence by its SPDX identifier: a citation file takes no other words."""
    found = _CREATIVE_COMMONS.fullmatch(licence.strip())
    return None if found is None else f"CC{found[1] or '-' + found[2]}-{found[3]}".upper()


def _citation(about: About) -> str:
    """Citation File Format 1.2.0 (citation-file-format.github.io)."""

    def quoted(text: str) -> str:
        return orjson.dumps(text).decode()  # a JSON string is a YAML string

    entries = {
        "cff-version": "1.2.0",
        "message": quoted(about.citation or "If you use this dataset, please cite it."),
        "type": "dataset",
        "title": quoted(about.title),
        "version": quoted(about.version),
        "date-released": about.created.date().isoformat(),
    }
    if licence := _spdx(about.licence):
        entries["license"] = licence
    head = "".join(f"{key}: {value}\n" for key, value in entries.items())
    authors = f"authors:\n  - name: {quoted(f'The makers of {about.title}')}\n"
    email = f"    email: {quoted(about.contact)}\n" if _EMAIL.fullmatch(about.contact) else ""
    return f"{head}{authors}{email}"
