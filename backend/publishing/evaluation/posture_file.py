"""Predicted postures of images: a CSV table or JSON.

CSV: a column ``image_id`` or ``file_name``, and either ``posture`` (the likeliest one) or a column
of scores for each posture. JSON: a list of ``{"image_id": …, "posture": …}`` or ``{"image_id": …,
"scores": {posture: score, …}}``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from backend.domain.errors import TooLarge
from backend.domain.evaluation.intervals import Clusters, clusters_of
from backend.domain.postures import posture_name
from backend.publishing.evaluation.documents import elements, members
from backend.publishing.evaluation.faults import Faults, shown
from backend.publishing.evaluation.numbers import is_number
from backend.publishing.evaluation.other_splits import OtherSplits
from backend.publishing.evaluation.predictions_file import Unknown
from backend.publishing.evaluation.truth_file import Key, TruthFile, read_id, read_truth

MAX_CSV_BYTES: Final = 256 << 20
MAX_POSTURES: Final = 100
"""Most different postures in one file."""

_KEYS: Final = ("image_id", "file_name")


@dataclass(frozen=True, slots=True)
class PosturePairs:
    """Images with a true and a predicted posture.

    Attributes:
        true: Names.
        predicted: Names of the likeliest ones.
        clusters: Whose each image is.
        images: Index of each image among the truth's.
        notes: What has to be said.
    """

    true: list[str]
    predicted: list[str]
    clusters: Clusters
    images: tuple[int, ...]
    notes: tuple[str, ...]


def read_postures(
    path: Path,
    truth: TruthFile,
    unknown: Unknown = Unknown.REFUSE,
    others: OtherSplits | None = None,
) -> PosturePairs:
    """Read predicted postures and bring them together with the truth's.

    Args:
        path: The file.
        truth: What they are predictions of.
        unknown: What becomes of predictions of images that the truth does not have.
        others: The set's images that the truth does not have, so that a mixed-up split is said.

    Raises:
        InvalidInput: it is no such file, anything in it is unsound, or the truth has no postures.
        TooLarge: it exceeds a limit.
    """
    faults = Faults(path.name)
    others = others or OtherSplits()
    if not any("posture" in facts for facts in truth.truths.facts):
        raise faults.error("the ground truth says no image's posture")
    table = path.suffix.casefold() in (".csv", ".tsv", ".txt")
    by_name = {name: key for key, name in truth.file_names.items()}
    found: dict[int, str] = {}
    skipped = ties = 0
    for where, element in _csv(path, faults) if table else _json(path, faults):
        image = _image(element, truth, by_name, where, faults, unknown, others)
        if image is None:
            skipped += 1
            continue
        told, tie = _likeliest(element, where, faults)
        ties += tie
        if told is None:
            continue
        if image in found:
            faults.add("image that is there twice", where, shown(truth.truths.image_ids[image]))
        found[image] = told
    faults.stop()
    names = set(found.values())
    if len(names) > MAX_POSTURES:
        raise faults.error(f"{len(names):,} different postures; {MAX_POSTURES} are the most")
    facts = truth.truths.facts
    rows = [i for i in sorted(found) if "posture" in facts[i]]
    if not rows:
        raise faults.error("no image with a known posture is in it")
    wanted = sum("posture" in fact for fact in facts)
    notes = []
    if len(rows) < wanted:
        notes.append(
            f"{wanted - len(rows):,} of {wanted:,} images with a known posture have no prediction"
            " and are in none of these numbers."
        )
    if skipped:
        notes.append(f"{skipped:,} predictions of unknown images are left out.")
    if ties:
        notes.append(
            f"In {ties:,} images several postures share the highest score; the first counts."
        )
    return PosturePairs(
        [str(facts[i]["posture"]) for i in rows],
        [found[i] for i in rows],
        clusters_of([facts[i] for i in rows]),
        tuple(rows),
        tuple(notes),
    )


def known_postures(path: Path) -> list[str]:
    """The postures of a file of labels, one for each image that says one.

    Raises:
        InvalidInput: it is no such file, or no image says one.
        TooLarge: it exceeds a limit.
    """
    facts = read_truth(path).truths.facts
    if found := [str(fact["posture"]) for fact in facts if "posture" in fact]:
        return found
    raise Faults(path.name).error("it says no image's posture")


def _json(path: Path, faults: Faults) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with members(path, faults) as found:
        for member, value in found:
            if member != "":
                raise faults.error("a list of images with “posture” or “scores” is wanted")
            for i, element in enumerate(elements(value, "the document", faults)):
                if isinstance(element, dict):
                    yield f"[{i}]", element
                else:
                    faults.add("element that is no object", f"[{i}]", shown(element))


def _csv(path: Path, faults: Faults) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not path.is_file():
        raise faults.error("there is no such file")
    if path.stat().st_size > MAX_CSV_BYTES:
        fault = f"larger than {MAX_CSV_BYTES >> 20} MiB"
        raise TooLarge(f"{faults.file}: {fault}.", file=faults.file, fault=fault)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            start = file.read(4096)
            file.seek(0)
            delimiter = max(",;\t", key=start.split("\n", 1)[0].count)
            rows = csv.reader(file, delimiter=delimiter, strict=True)
            header = [name.strip() for name in next(rows, [])]
            _check_header(header, faults)
            for row in rows:
                where = f"line {rows.line_num}"
                if not row:
                    continue
                if len(row) != len(header):
                    faults.add("line with another number of cells", where, f"{len(row)}")
                    continue
                yield where, _from_cells(dict(zip(header, row, strict=True)))
    except (csv.Error, UnicodeDecodeError) as error:
        raise faults.error(f"this is no CSV table in UTF-8 ({error})") from error


def _check_header(header: list[str], faults: Faults) -> None:
    if not any(key in header for key in _KEYS):
        raise faults.error("a column “image_id” or “file_name” is wanted in its first line")
    if len(set(header)) < len(header):
        raise faults.error("two columns have the same name")
    if "posture" not in header and not set(header) - set(_KEYS):
        raise faults.error("a column “posture”, or one of scores for each posture, is wanted")


def _from_cells(cells: Mapping[str, str]) -> dict[str, Any]:
    element: dict[str, Any] = {}
    if "image_id" in cells:
        text = cells["image_id"].strip()
        element["image_id"] = int(text) if text.lstrip("-").isdecimal() else text
    if "file_name" in cells:
        element["file_name"] = cells["file_name"].strip()
    if "posture" in cells:
        element["posture"] = cells["posture"].strip()
    else:
        names = [name for name in cells if name not in _KEYS]
        element["scores"] = {name: _number(cells[name]) for name in names}
    return element


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _image(
    element: Mapping[str, Any],
    truth: TruthFile,
    by_name: Mapping[str, Key],
    where: str,
    faults: Faults,
    unknown: Unknown,
    others: OtherSplits,
) -> int | None:
    key = read_id(element.get("image_id"))
    named = element.get("file_name")
    if "image_id" not in element and isinstance(named, str):
        key = by_name.get(named, named)
    index = None if key is None else truth.image_index.get(key)
    if index is None and isinstance(key, int):
        index = truth.image_index.get(str(key))
    if index is None and unknown is Unknown.REFUSE:
        faults.add(others.fault("image", key), where, shown(key))
    return index


def _likeliest(element: Mapping[str, Any], where: str, faults: Faults) -> tuple[str | None, bool]:
    """The posture with the highest score, and whether another one shares it."""
    told = element.get("posture")
    if isinstance(told, str) and told:
        return posture_name(told), False
    scores = element.get("scores")
    if not isinstance(scores, dict) or not scores:
        faults.add("neither a posture nor scores", where)
        return None, False
    wrong = next((name for name, value in scores.items() if not is_number(value)), None)
    if wrong is not None:
        faults.add("score that is no finite number", f"{where}, {wrong}", shown(scores[wrong]))
        return None, False
    names = [posture_name(name) for name in scores]
    if len(set(names)) < len(names):
        faults.add("two scores of the same posture", where)
        return None, False
    best = max(scores.values())
    first = next(i for i, value in enumerate(scores.values()) if value == best)
    return names[first], sum(math.isclose(v, best, rel_tol=0) for v in scores.values()) > 1
