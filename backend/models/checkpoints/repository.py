"""Rows of checkpoints, and their translation from and to the declared list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.tables.checkpoints import Checkpoint, CheckpointState
from backend.models.checkpoints.designs import ARCHITECTURES, read_config
from backend.models.checkpoints.known import KnownWeights
from backend.models.checkpoints.registry import KNOWN
from backend.models.checkpoints.status import WeightStatus


def all_rows(session: Session) -> dict[str, Checkpoint]:
    """All rows by name: the declared ones in the list's order, then people's own by name."""
    place = {name: i for i, name in enumerate(KNOWN)}
    rows = session.scalars(select(Checkpoint)).all()
    ordered = sorted(rows, key=lambda row: (place.get(row.name, len(place)), row.name))
    return {row.name: row for row in ordered}


def declare(session: Session, known: Iterable[KnownWeights]) -> None:
    """Write down what is known of checkpoints; what is written already is left as it is."""
    rows = {row.name: row for row in session.scalars(select(Checkpoint))}
    for weights in sorted(known, key=lambda weights: weights.name):
        values = _declared(weights)
        row = rows.get(weights.name)
        if row is None:
            session.execute(
                insert(Checkpoint).values(name=weights.name, **values).on_conflict_do_nothing()
            )
            continue
        for column, value in values.items():
            if getattr(row, column) != value:
                setattr(row, column, value)
    session.flush()


def mirror(row: Checkpoint, status: WeightStatus) -> None:
    """Let a row say of the file what the folder says; nothing is written where it does already."""
    here = status.present and status.source is not None
    values: dict[str, Any] = {
        "state": (CheckpointState.PRESENT if here else CheckpointState.MISSING).value,
        "origin": status.source if here else None,
        "file": status.path.name if here else None,
        "sha256": status.sha256 if here else None,
        "bytes": status.bytes if here else None,
        "untrained": status.untrained,
    }
    changed = {key: value for key, value in values.items() if getattr(row, key) != value}
    for column, value in changed.items():
        setattr(row, column, value)
    if "sha256" in changed:
        row.added_at = datetime.now(UTC) if here else None


def known_of(row: Checkpoint) -> KnownWeights:
    """What a row tells, as the folder of checkpoints takes it."""
    shipped = KNOWN[row.name].shipped if row.name in KNOWN else None
    return KnownWeights(
        name=row.name,
        kind=ARCHITECTURES[row.architecture].kind,
        variant=ARCHITECTURES[row.architecture].variant,
        url=row.url or "",
        sha256=row.published_sha256 or "",
        size=row.published_bytes,
        about=row.trained_on,
        licence=row.licence,
        shipped=shipped,
        demonstration=row.demonstration,
        architecture=row.architecture,
        config=read_config(row.config),
        chosen=row.chosen,
    )


def _declared(weights: KnownWeights) -> dict[str, Any]:
    config = weights.used_with
    if weights.architecture is None or config is None:
        raise ValueError(f"{weights.name} has no architecture")
    return {
        "kind": weights.kind.value,
        "architecture": weights.architecture,
        "config": config.model_dump(mode="json"),
        "licence": weights.licence,
        "trained_on": weights.about,
        "demonstration": weights.demonstration,
        "url": weights.url or None,
        "published_sha256": weights.sha256 or None,
        "published_bytes": weights.size,
    }
