"""A proposed split of a draft's selection, and what the present one holds."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from sqlalchemy.orm import Session

from backend.core.database.tables import Release
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict
from backend.domain.splits.components import Component
from backend.domain.splits.folds import k_folds
from backend.domain.splits.inheritance import find_conflicts
from backend.domain.splits.proposing import Held, Proposal, describe, held_so_far, propose
from backend.domain.splits.units import Key
from backend.publishing.releases import repository, service
from backend.publishing.releases.leaks import components_of, ids_of
from backend.publishing.releases.selecting import Chosen, choose
from backend.publishing.releases.settings import Splitting


def propose_splits(session: Session, release: Release, seed: int | None = None) -> Proposal:
    """Put every infant of a draft's selection into a split, and store that.

    Infants of earlier versions stay where they were.

    Args:
        session: A transaction.
        release: The draft, held.
        seed: Where the search begins; by default the release's own.

    Raises:
        Conflict: infants that stood on different sides before now belong together.
        InvalidInput: nothing is selected.
    """
    settings = service.settings_of(release)
    chosen = choose(session, settings.selection, ConsentScope(release.audience))
    components = components_of(session, chosen)
    ids = ids_of(chosen)
    held = repository.inherited_splits(session, release)
    before = {infant: split for infant, (split, _) in held.items()}
    inherited: dict[Key, str] = {
        pseudonym: before[infant] for pseudonym, infant in ids.items() if infant in before
    }
    names: dict[Key, str] = {key: recording.name for key, recording in chosen.recordings.items()}
    if conflicts := find_conflicts(inherited, components):
        raise Conflict(conflicts[0].words(names), count=len(conflicts))
    splitting = settings.splitting
    seed = splitting.seed if seed is None else seed
    fixed = _fixed(components, inherited)
    if splitting.folds is None:
        found = propose(components, splitting.shares(), seed=seed, fixed=fixed)
    else:
        found = k_folds(components, splitting.folds, seed=seed, fixed=fixed)
    rows = {infant: (split, True) for infant, split in before.items()}
    for pseudonym, split in found.infants.items():
        rows[ids[str(pseudonym)]] = (split, pseudonym in inherited)
    repository.put_splits(session, release.id, rows)
    service.thaw(session, release)
    service.tell(session, release)
    return found


def _fixed(components: Sequence[Component], inherited: Mapping[Key, str]) -> dict[Key, str]:
    """The side of components that hold an infant of an earlier version."""
    return {
        component.key: inherited[infant]
        for component in components
        for infant in component.infants
        if infant in inherited
    }


def held_by(
    session: Session,
    chosen: Chosen,
    splitting: Splitting,
    splits: Mapping[int, str],
    inherited: Container[int] = (),
) -> tuple[tuple[Held, ...], tuple[str, ...]]:
    """What each split holds now, and what misses its target once no infant lacks a split.

    Args:
        session: A transaction.
        chosen: The selection.
        splitting: The splits.
        splits: Split by infant.
        inherited: Infants whose split an earlier version settled.
    """
    components = components_of(session, chosen)
    ids = ids_of(chosen)
    sides: dict[Key, str] = {}
    for component in components:
        held = {splits.get(ids[str(infant)]) for infant in component.infants}
        side = held.pop()
        if not held and side is not None:
            sides[component.key] = side
    if not sides:
        return (), ()
    if len(sides) < len(components):
        return held_so_far(components, splitting.shares(), sides), ()
    before: dict[Key, str] = {
        name: splits[infant] for name, infant in ids.items() if infant in inherited
    }
    fixed = _fixed(components, before)
    found = describe(components, splitting.shares(), sides, fixed=fixed)
    return found.held, found.notes
