"""Two versions compared: worked out, and kept for those whose frames are frozen.

What a version differs in from the one before is worked out when it is checked, in the job that
freezes it, so that nobody who opens the page waits for it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Release, ReleaseComparison
from backend.domain.releases.differences import ChangeKind, LabelChanges, compare_labels
from backend.publishing.releases import repository
from backend.publishing.releases.contents.held import Held, held_by, labels_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs, and which frames to show for each kind, those that differ most first."""

    kept: int
    labels: LabelChanges
    order: Mapping[ChangeKind, Int[NDArray[Any], " n"]]
    infants: Mapping[ChangeKind, int]

    def at(self, frame: int) -> int | None:
        """Row of a frame among those whose joints or box differ."""
        ids = self.labels.frame
        place = int(np.searchsorted(ids, frame))
        return place if place < len(ids) and ids[place] == frame else None


@dataclass(frozen=True, slots=True)
class Sides:
    """Two versions, the earlier first."""

    before: Held
    after: Held


def work_out(session: Session, sides: Sides) -> Comparison:
    """Compare the labels of two versions."""
    a, b = labels_of(session, sides.before), labels_of(session, sides.after)
    both, at_a, at_b = np.intersect1d(a.frame, b.frame, assume_unique=True, return_indices=True)
    changes = compare_labels(both, a.joints[at_a], b.joints[at_b], a.boxes[at_a], b.boxes[at_b])
    came, went = ~np.isin(b.frame, both), ~np.isin(a.frame, both)
    fits = (a.fit[at_a] != b.fit[at_b]) | (a.fit_version[at_a] != b.fit_version[at_b])
    most = {
        ChangeKind.MOVED: changes.far,
        ChangeKind.VISIBILITY: changes.visibility.sum(axis=1),
        ChangeKind.BOX: 1 - changes.box_iou,
    }
    order = {
        kind: changes.frame[rows]
        for kind, size in most.items()
        for rows in [np.argsort(-size, kind="stable")[: np.count_nonzero(size > 0)]]
    }
    return Comparison(
        kept=len(both),
        labels=changes,
        order=order
        | {
            ChangeKind.CAME: b.frame[came],
            ChangeKind.WENT: a.frame[went],
            ChangeKind.POSTURE: both[a.posture[at_a] != b.posture[at_b]],
            ChangeKind.FIT: both[fits],
        },
        infants={
            ChangeKind.CAME: len(np.unique(b.infant[came])),
            ChangeKind.WENT: len(np.unique(a.infant[went])),
        },
    )


def stored(session: Session, sides: Sides) -> Comparison | None:
    """What was kept of two versions; None where nothing was, or one of them is a draft."""
    if sides.before.selected is not None or sides.after.selected is not None:
        return None
    key = (sides.after.release.id, sides.before.release.id)
    data = session.scalar(
        select(ReleaseComparison.content).where(
            ReleaseComparison.release_id == key[0], ReleaseComparison.base_id == key[1]
        )
    )
    return None if data is None else _read(data)


def keep(session: Session, release: Release) -> None:
    """Compare a version that was just frozen with the one before it, and keep the answer."""
    if release.base_id is None:
        return
    base = repository.get(session, release.base_id)
    if base.frozen_at is None:
        return
    sides = Sides(held_by(session, base), held_by(session, release))
    content = _written(work_out(session, sides))
    session.add(ReleaseComparison(release_id=release.id, base_id=base.id, content=content))
    session.flush()


def _written(found: Comparison) -> bytes:
    out = io.BytesIO()
    labels = {f"labels.{f.name}": getattr(found.labels, f.name) for f in fields(LabelChanges)}
    order = {f"order.{kind.value}": frames for kind, frames in found.order.items()}
    infants = {f"infants.{kind.value}": np.int64(n) for kind, n in found.infants.items()}
    arrays: dict[str, Any] = {"kept": np.int64(found.kept), **labels, **order, **infants}
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def _read(data: bytes) -> Comparison:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        of = {
            part: {
                name.partition(".")[2]: arrays[name]
                for name in arrays.files
                if name.startswith(f"{part}.")
            }
            for part in ("labels", "order", "infants")
        }
        return Comparison(
            kept=int(arrays["kept"]),
            labels=LabelChanges(**of["labels"]),
            order={ChangeKind(kind): frames for kind, frames in of["order"].items()},
            infants={ChangeKind(kind): int(n) for kind, n in of["infants"].items()},
        )
