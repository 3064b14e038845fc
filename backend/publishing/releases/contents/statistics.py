"""What a release holds, in numbers: InfantNet's Table 2 and what lies behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from backend.core.database.columns import read_column_groups
from backend.core.database.tables import Release
from backend.domain.postures import GROUP_OF
from backend.domain.releases.statistics import (
    POSE_CELLS,
    POSE_REACH,
    box_part,
    hours_of_film,
    joint_angles,
    pose_map,
    visibility_counts,
    working_time,
)
from backend.domain.skeleton import JOINTS
from backend.domain.splits.order import reading_order
from backend.multiview.bodies.model_file import JOINT_NAMES as BODY_JOINTS
from backend.publishing.releases.contents import labels as label_columns
from backend.publishing.releases.contents.held import held_by, key_of, labels_of
from backend.publishing.releases.contents.labels import Labels
from backend.publishing.releases.contents.origins import boxes_approved, came_with_labels
from backend.publishing.releases.contents.remembered import Remembered
from backend.publishing.releases.contents.schemas import StatisticsOut
from backend.publishing.releases.recordings import film_cameras

VERSION: Final = 2

_RECORDINGS: Final = """
SELECT id, source, age_months, inspector_id FROM recordings WHERE id = ANY(:recordings)
"""
_VERDICTS: Final = """
SELECT recording_id, reason, count(*) AS frames FROM annotations
WHERE recording_id = ANY(:recordings) GROUP BY recording_id, reason
"""
_INSPECTIONS: Final = """
SELECT inspector_id, count(*) AS rounds FROM review_rounds
WHERE recording_id = ANY(:recordings) AND decided_at IS NOT NULL AND inspector_id IS NOT NULL
GROUP BY inspector_id
"""
_REVISIONS: Final = """
SELECT v.frame_id AS frame, v.version, v.round, coalesce(v.author_id, 0) AS author,
       extract(epoch FROM v.created_at)::float8 AS at, a.recording_id AS recording
FROM annotations a JOIN annotation_revisions v ON v.frame_id = a.frame_id
WHERE a.verdict = 'keep' AND a.recording_id = ANY(%(recordings)s)
"""
_REVISION_COLUMNS: Final = {
    "frame": "int8", "version": "int4", "round": "int4", "author": "int8", "at": "float8",
}  # fmt: skip
_FITS: Final = """
SELECT id AS fit, run_id AS run, recording_id AS recording, pose FROM fits
WHERE id = ANY(%(fits)s)
"""
_FIT_COLUMNS: Final = {"fit": "int8", "run": "int8", "recording": "int8", "pose": "float8"}
_RUNS: Final = "SELECT id, body_name, scale, betas FROM fit_runs WHERE id = ANY(:runs) ORDER BY id"


def count(session: Session, release_id: int) -> dict[str, Any]:
    """Count what a release froze.

    Args:
        session: The transaction in which it was frozen.
        release_id: The release.

    Returns:
        JSON values, as ``counted`` gives them.
    """
    return counted(session, label_columns.frozen(session, release_id))


_current: Final = Remembered[dict[str, Any]](4)


def told(session: Session, release: Release) -> StatisticsOut:
    """What a release holds: as it was counted when it was frozen, or what is selected now.

    Args:
        session: A transaction.
        release: The release.
    """
    found = release.statistics
    if found is None:
        held = held_by(session, release)
        found = _current.get(held.key, lambda: counted(session, labels_of(session, held)))
    # What was frozen before stands in the order of its letters.
    table = sorted(found["table"], key=_reading_order)
    return StatisticsOut.model_validate(found | {"table": table, "frozen_at": release.frozen_at})


def known(session: Session, release: Release) -> bool:
    """Whether that was counted before, and can be told at once."""
    return release.statistics is not None or _current.known(key_of(session, release)) is not None


def counted(session: Session, labels: Labels) -> dict[str, Any]:
    """Count labels.

    Args:
        session: A transaction.
        labels: Of the frames.

    Returns:
        JSON values: ``table`` (source × split: raw and kept frames, views at once, recordings,
        infants, cameras, fitted frames), ``infants`` in all, ``discards`` by reason, also by
        source, ``joints`` by split, joint and visibility, ``ages`` in whole months, ``postures``,
        ``image_sizes``, ``box_sizes`` (tenths of the side of a square of the same share of the
        image), ``pose_map``, ``fits``, ``work``, ``came_with_labels`` (recordings and frames
        whose labels began in a file), ``boxes_approved``, ``film_hours``.
    """
    keys = np.unique(labels.recording)
    values = {"recordings": keys.tolist()}
    recordings = {row.id: row for row in session.execute(text(_RECORDINGS), values)}
    verdicts = session.execute(text(_VERDICTS), values).all()
    if len(recordings) < len(keys):  # erased from the store since
        labels = labels.where(np.isin(labels.recording, list(recordings)))
    return {
        "version": VERSION,
        "table": _table(labels, recordings, verdicts),
        "infants": len(np.unique(labels.infant)),
        "discards": _discards(verdicts),
        "discards_by_source": _discards_by_source(recordings, verdicts),
        "joints": _joints(labels),
        "ages": _ages(labels, recordings),
        "postures": _postures(labels),
        "image_sizes": _image_sizes(labels),
        "box_sizes": _box_sizes(labels),
        "pose_map": _pose_map(labels),
        "fits": _fits(session, labels),
        "work": _work(session, labels, recordings),
        "came_with_labels": came_with_labels(session, labels.recording),
        "boxes_approved": boxes_approved(session, labels.frame),
        "film_hours": round(
            hours_of_film(labels.camera, labels.time_s, film_cameras(session, list(recordings))), 2
        ),
    }


def _groups(*columns: NDArray[Any]) -> tuple[list[list[int]], NDArray[np.int64]]:
    """Combinations of values that there are, in order, and which one each row has."""
    parts = [np.unique(column, return_inverse=True) for column in columns]
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for one, place in parts:
        code = code * len(one) + place
    codes, group = np.unique(code, return_inverse=True)
    found = []
    for one, _ in reversed(parts):
        codes, at = np.divmod(codes, max(1, len(one)))
        found.append(one[at])
    return np.stack(found[::-1], axis=1).tolist(), group


def _table(
    labels: Labels, recordings: dict[int, Row[Any]], verdicts: Sequence[Row[Any]]
) -> list[dict[str, Any]]:
    raw: dict[int, int] = {}
    for row in verdicts:
        raw[row.recording_id] = raw.get(row.recording_id, 0) + row.frames
    triples, place = _groups(labels.split, labels.recording, labels.camera)
    kept = np.bincount(place, minlength=len(triples)).tolist()
    fitted = np.bincount(place, weights=labels.fit > 0, minlength=len(triples)).tolist()
    infant_of = dict(zip(labels.recording.tolist(), labels.infant.tolist(), strict=True))
    table: dict[tuple[str, str], dict[str, Any]] = {}
    cameras: dict[tuple[str, str], dict[int, int]] = {}
    for (split, recording, _), frames, fits in zip(triples, kept, fitted, strict=True):
        key = (recordings[recording].source, labels.splits[split])
        line = table.setdefault(key, {"source": key[0], "split": key[1], "kept": 0, "fitted": 0})
        line["kept"] += frames
        line["fitted"] += int(fits)
        seen = cameras.setdefault(key, {})
        seen[recording] = seen.get(recording, 0) + 1
    for key, line in table.items():
        of = cameras[key]
        line["recordings"] = len(of)
        line["infants"] = len({infant_of[recording] for recording in of})
        line["cameras"] = sum(of.values())
        line["views"] = sorted(set(of.values()))
        line["raw"] = sum(raw.get(recording, 0) for recording in of)
    return sorted(table.values(), key=_reading_order)


def _reading_order(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return line["source"], reading_order(line["split"])


def _discards(verdicts: Sequence[Row[Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in verdicts:
        if row.reason is not None:
            found[row.reason] = found.get(row.reason, 0) + row.frames
    return dict(sorted(found.items()))


def _discards_by_source(
    recordings: dict[int, Row[Any]], verdicts: Sequence[Row[Any]]
) -> dict[str, dict[str, int]]:
    sources = sorted({row.source for row in recordings.values()})
    return {
        source: _discards([v for v in verdicts if recordings[v.recording_id].source == source])
        for source in sources
    }


def _joints(labels: Labels) -> dict[str, dict[str, list[int]]]:
    counts = visibility_counts(labels.joints, labels.split, len(labels.splits))
    return {
        split: dict(zip(JOINTS, of.tolist(), strict=True))
        for split, of in zip(labels.splits, counts, strict=True)
        if of.any()
    }


def _ages(labels: Labels, recordings: dict[int, Row[Any]]) -> list[dict[str, Any]]:
    keys, place = np.unique(labels.recording, return_inverse=True)
    ages = [recordings[key].age_months for key in keys.tolist()]
    unknown = 1 << 20  # after all ages
    months = np.array([unknown if age is None else int(age) for age in ages], dtype=np.int64)
    pairs, group = _groups(labels.split, months[place] if len(months) else months)
    frames = np.bincount(group, minlength=len(pairs)).tolist()
    infants: list[set[int]] = [set() for _ in pairs]
    who, _ = _groups(group, labels.infant)
    for at, infant in who:
        infants[at].add(infant)
    return [
        {
            "split": labels.splits[split],
            "months": None if month == unknown else month,
            "frames": n,
            "infants": len(seen),
        }
        for (split, month), n, seen in zip(pairs, frames, infants, strict=True)
    ]


def _postures(labels: Labels) -> list[dict[str, Any]]:
    names = ("", *GROUP_OF)
    pairs, place = _groups(labels.split, labels.posture)
    counts = np.bincount(place, minlength=len(pairs)).tolist()
    return [
        {"split": labels.splits[split], "posture": names[posture], "frames": frames}
        for (split, posture), frames in zip(pairs, counts, strict=True)
        if posture
    ]


def _image_sizes(labels: Labels) -> list[dict[str, int]]:
    sizes, place = _groups(labels.width, labels.height)
    counts = np.bincount(place, minlength=len(sizes)).tolist()
    return [
        {"width": width, "height": height, "images": images}
        for (width, height), images in zip(sizes, counts, strict=True)
    ]


def _box_sizes(labels: Labels) -> list[dict[str, Any]]:
    boxed = labels.boxes[:, 2] > 0
    sizes = box_part(labels.boxes, labels.width, labels.height)
    parts, place = _groups(labels.split[boxed], sizes[boxed])
    counts = np.bincount(place, minlength=len(parts)).tolist()
    return [
        {"split": labels.splits[split], "tenth": tenth, "boxes": boxes}
        for (split, tenth), boxes in zip(parts, counts, strict=True)
    ]


def _pose_map(labels: Labels) -> dict[str, Any]:
    found = pose_map(labels.joints, labels.boxes)
    return {
        "frames": found.frames,
        "reach": POSE_REACH,
        "cells": POSE_CELLS,
        "counts": found.counts.reshape(len(JOINTS), -1).tolist(),
        "outside": found.outside.tolist(),
    }


def _fits(session: Session, labels: Labels) -> dict[str, Any] | None:
    keys = np.unique(labels.fit[labels.fit > 0])
    if not len(keys):
        return None
    fits = read_column_groups(session, _FITS, {"fits": keys.tolist()}, _FIT_COLUMNS, by="recording")
    runs = session.execute(text(_RUNS), {"runs": np.unique(fits["run"]).tolist()}).all()
    angles = joint_angles(fits["pose"].reshape(-1, len(BODY_JOINTS), 3))
    # The first joint is the root: how it is turned is where the infant lies, not its pose.
    low, middle, high = (_rounded(np.percentile(angles[:, 1:], q, axis=0), 1) for q in (5, 50, 95))
    shapes = {}
    for name in sorted({run.body_name for run in runs}):
        betas = [run.betas for run in runs if run.body_name == name]
        width = min(len(values) for values in betas)
        table = np.array([values[:width] for values in betas])
        scales = np.array([run.scale for run in runs if run.body_name == name])
        shapes[name] = {
            "runs": len(betas),
            "mean": _rounded(table.mean(axis=0), 3),
            "deviation": _rounded(table.std(axis=0), 3),
            "scale": _rounded(np.percentile(scales, [0, 50, 100]), 3),
        }
    return {
        "fits": len(fits["fit"]),
        "frames": int((labels.fit > 0).sum()),
        "recordings": len(np.unique(fits["recording"])),
        "angles": [
            {"joint": joint, "low": a, "middle": b, "high": c}
            for joint, a, b, c in zip(BODY_JOINTS[1:], low, middle, high, strict=True)
        ],
        "shapes": shapes,
    }


def _rounded(values: NDArray[Any], digits: int) -> list[float]:
    """Few digits, so that machines which sum in another order write the same."""
    return [round(value, digits) + 0.0 for value in values.tolist()]


def _work(session: Session, labels: Labels, recordings: dict[int, Row[Any]]) -> dict[str, Any]:
    values = {"recordings": list(recordings)}
    steps = read_column_groups(session, _REVISIONS, values, _REVISION_COLUMNS, by="recording")
    if len(labels):
        at = np.searchsorted(labels.frame, steps["frame"]).clip(max=len(labels) - 1)
        of = (labels.frame[at] == steps["frame"]) & (steps["version"] <= labels.version[at])
        steps = {name: column[of] for name, column in steps.items()}
    by = steps["author"]
    human = by > 0
    seconds = working_time(by[human], steps["at"][human])
    touched, _ = _groups(by[human], steps["frame"][human])
    frames_of = Counter(person for person, _ in touched)
    versions_of = Counter(by[human].tolist())
    people: list[dict[str, Any]] = [
        {
            "person": person,
            "role": "annotator",
            "frames": frames_of[person],
            "versions": versions_of[person],
            "minutes": round(seconds[person] / 60),
        }
        for person in sorted(versions_of)
    ]
    inspectors = _inspectors(session, labels, recordings)
    return {
        "annotators": len(people),
        "revisions": len(by),
        "rounds": int(steps["round"].max()) if len(by) else None,
        "inspectors": len(inspectors),
        "minutes": round(sum(seconds.values()) / 60),
        "people": people + inspectors,
    }


def _inspectors(
    session: Session, labels: Labels, recordings: dict[int, Row[Any]]
) -> list[dict[str, Any]]:
    rounds = {
        row.inspector_id: row.rounds
        for row in session.execute(text(_INSPECTIONS), {"recordings": list(recordings)})
    }
    frames: dict[int, int] = {}
    keys, counts = np.unique(labels.recording, return_counts=True)
    for key, n in zip(keys.tolist(), counts.tolist(), strict=True):
        inspector = recordings[key].inspector_id
        if inspector is not None:
            frames[inspector] = frames.get(inspector, 0) + n
    return [
        {
            "person": person,
            "role": "inspector",
            "frames": frames.get(person, 0),
            "rounds": rounds.get(person, 0),
        }
        for person in sorted({*frames, *rounds})
    ]
