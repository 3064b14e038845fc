"""A filmstrip as it is sent: columns, and of columns that go on evenly only how they go on.

Ten thousand objects are three megabytes and a third of a second; these columns are some ten
thousand bytes. ``frontend/src/shared/api/filmstrip.ts`` reads them.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from backend.domain.reviews import Mark
from backend.overview.frames.columns import (
    FLAGS,
    MARKS,
    REASONS,
    STATES,
    STATUSES,
    FrameTable,
    Integers,
)

MICROSECONDS: Final = 1e6
THOUSANDTHS: Final = 1000
UNKNOWN: Final = -1

_WIDTHS: Final = {
    "state": 2, "reason": 4, "mark": 2, "status": 2, "flagged": 1, "stale": 1, "flags": len(FLAGS),
    "returned": 1, "changed": 1, "in_playback": 1, "comments": 32,
}  # fmt: skip
"""Bits of what a cell shows, in one number: equal cells are sent once."""


def steps(values: Integers) -> list[int]:
    """A column by its differences: each with how often it comes one after the other.

    The first difference is that to 0. So 5, 6, 7, 7 is 5 once, 1 twice, 0 once.
    """
    if not len(values):
        return []
    differences = np.diff(values, prepend=0)
    begins = np.flatnonzero(np.diff(differences, prepend=differences[0] - 1))
    times = np.diff(begins, append=len(values))
    found: list[int] = np.stack([differences[begins], times], axis=1).ravel().tolist()
    return found


def encode(table: FrameTable, total: int, following: int | None) -> dict[str, Any]:
    """A part of a filmstrip, as ``FrameStrip``."""
    packed = np.zeros(len(table), dtype=np.int64)
    shift = 0
    for name, width in _WIDTHS.items():
        packed |= getattr(table, name) << shift
        shift += width
    kinds, cell = np.unique(packed, return_inverse=True)
    boxed = table.status > 0
    consistency = np.where(
        boxed & ~np.isnan(table.consistency), table.consistency * THOUSANDTHS, UNKNOWN
    )
    return {
        "total": total,
        "next": following,
        "id": steps(table.id),
        "position": steps(table.position),
        "camera_id": steps(table.camera),
        "moment_id": steps(table.moment),
        "moment_index": steps(table.moment_index),
        "time_us": steps(np.rint(table.time_s * MICROSECONDS).astype(np.int64)),
        "version": steps(table.version),
        "cells": [_cell(int(kind)) for kind in kinds],
        "cell": steps(cell.astype(np.int64)),
        "consistency": np.rint(consistency[boxed]).astype(np.int64).tolist(),
    }


def _cell(packed: int) -> dict[str, Any]:
    """What a number of :data:`_WIDTHS` says."""
    value: dict[str, int] = {}
    for name, width in _WIDTHS.items():
        value[name] = packed & ((1 << width) - 1)
        packed >>= width
    status = STATUSES[value["status"]]
    mark: Mark | None = MARKS[value["mark"]]
    return {
        "state": STATES[value["state"]],
        "reason": REASONS[value["reason"]],
        "returned": bool(value["returned"]),
        "changed": bool(value["changed"]),
        "in_playback": bool(value["in_playback"]),
        "comments": value["comments"],
        "mark": mark,
        "flags": flags_of(value["flags"]),
        "box": status
        and {
            "flagged": bool(value["flagged"]),
            "stale": bool(value["stale"]),
            "status": status,
        },
    }


def flags_of(bits: int) -> list[str]:
    """What the measures of a picture say against it."""
    return [flag.value for n, flag in enumerate(FLAGS) if bits >> n & 1]


def items(table: FrameTable) -> list[dict[str, Any]]:
    """The same one by one, as ``FrameItem``."""
    known = ~np.isnan(table.consistency)
    columns = {name: getattr(table, name).tolist() for name in FrameTable.__dataclass_fields__}
    return [
        {
            "id": columns["id"][i],
            "position": columns["position"][i],
            "camera_id": columns["camera"][i],
            "moment_id": columns["moment"][i],
            "moment_index": columns["moment_index"][i],
            "time_s": columns["time_s"][i],
            "state": STATES[columns["state"][i]],
            "reason": REASONS[columns["reason"][i]],
            "returned": bool(columns["returned"][i]),
            "changed": bool(columns["changed"][i]),
            "in_playback": bool(columns["in_playback"][i]),
            "version": columns["version"][i],
            "comments": columns["comments"][i],
            "mark": MARKS[columns["mark"][i]],
            "duplicate_of_id": columns["repeats"][i] or None,
            "flags": flags_of(columns["flags"][i]),
            "sharpness": columns["sharpness"][i],
            "mean_luma": columns["mean_luma"][i],
            "box": {
                "flagged": bool(columns["flagged"][i]),
                "stale": bool(columns["stale"][i]),
                "status": STATUSES[columns["status"][i]],
                "consistency": columns["consistency"][i] if known[i] else None,
            }
            if columns["status"][i]
            else None,
        }
        for i in range(len(table))
    ]
