"""The papers of a release: what is in it and how to cite it, for people and for tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import orjson
from sqlalchemy.orm import Session

from backend.core.database.tables import Dataset, Release
from backend.publishing.releases import repository
from backend.publishing.releases.publishing import WrittenFile, created_at


@dataclass(frozen=True, slots=True)
class About:
    """What the papers of a release are written from.

    Attributes:
        name: Of the dataset.
        title: Of the dataset.
        description: Of the dataset.
        version: Of the release.
        audience: For whom it is.
        licence: Its licence.
        contact: Whom to ask.
        citation: How to cite it, in the authors' words.
        notes: What is to be said of this version.
        created: When its frames were frozen, in UTC.
        splits: Frames and infants by split.
        statistics: What was counted.
    """

    name: str
    title: str
    description: str
    version: str
    audience: str
    licence: str
    contact: str
    citation: str
    notes: str
    created: datetime
    splits: dict[str, tuple[int, int]]
    statistics: dict[str, object]

    @classmethod
    def of(cls, session: Session, release: Release, dataset: Dataset) -> Self:
        """Read it from the rows."""
        return cls(
            name=dataset.name,
            title=dataset.title,
            description=dataset.description,
            version=release.version,
            audience=release.audience,
            licence=release.licence,
            contact=release.contact,
            citation=release.citation,
            notes=release.notes,
            created=created_at(release),
            splits=dict(sorted(repository.split_counts(session, release.id).items())),
            statistics=release.statistics or {},
        )


def documents(about: About, files: Sequence[WrittenFile]) -> dict[str, bytes]:
    """All papers by path."""
    return {
        "README.md": _readme(about, files).encode(),
        "CITATION.cff": _citation(about).encode(),
        "statistics.json": orjson.dumps(
            about.statistics, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
        )
        + b"\n",
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
    if about.notes:
        lines += ["## This version", "", about.notes, ""]
    lines += [
        "## Files",
        "",
        "- `annotations/*.json`: COCO key points, 17 joints; boxes and masks of the infant.",
    ]
    if any(file.path.startswith("images/") for file in files):
        lines.append("- `images/`: by infant, recording, camera; the name is the frame group.")
    if any(file.path == "provenance.parquet" for file in files):
        lines.append("- `provenance.parquet`: where each joint comes from, a row for each.")
    lines += [
        "- `statistics.json`: what is in here, in numbers.",
        "- `CITATION.cff`: how to cite.",
        "- `SHA256SUMS`: hashes of all files; `sha256sum --check SHA256SUMS` compares them.",
        "",
    ]
    if about.citation:
        lines += ["## Citation", "", about.citation, ""]
    return "\n".join(lines)


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
    head = "".join(f"{key}: {value}\n" for key, value in entries.items())
    return f"{head}authors:\n  - name: {quoted(about.contact or about.name)}\n"
