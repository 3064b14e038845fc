"""What earlier versions of a dataset have settled: an infant never changes sides.

Somebody may have trained on the version before. If an infant of its training set came into the
next version's test set, that model's results there would mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.domain.errors import Conflict
from backend.domain.splits.components import Component, Tie
from backend.domain.splits.units import Key, in_order


@dataclass(frozen=True, slots=True)
class SideConflict:
    """A component whose infants stood on different sides before.

    Attributes:
        component: Its key.
        sides: Split by infant, of those that had one.
        chain: What now ties the first infant on one side to the first one on another.
    """

    component: Key
    sides: Mapping[Key, str]
    chain: tuple[Tie, ...]

    def words(self, names: Mapping[Key, str] | None = None) -> str:
        """One sentence that names infants, sides and what joins them.

        Args:
            names: What to call recordings.
        """
        by_side: dict[str, list[str]] = {}
        for infant, side in self.sides.items():
            by_side.setdefault(side, []).append(str(infant))
        stood = "; ".join(f"{', '.join(who)} in {side}" for side, who in by_side.items())
        because = "; ".join(tie.words(names) for tie in self.chain)
        return f"Infants that now go together stood on different sides ({stood}): {because}."


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an assignment by hand.

    Attributes:
        component: Whose recordings are concerned.
        cut: Splits by recording, where its recordings are not all in one.
        moved: Infants that stood elsewhere before, with that split.
    """

    component: Key
    cut: Mapping[Key, str]
    moved: Mapping[Key, str]


def find_conflicts(
    previous: Mapping[Key, str], components: Iterable[Component]
) -> list[SideConflict]:
    """Components that no side is right for.

    Args:
        previous: Split by infant, of all earlier versions of the dataset.
        components: Of the new version.
    """
    found: list[SideConflict] = []
    for component in components:
        sides = {infant: previous[infant] for infant in component.infants if infant in previous}
        if len(set(sides.values())) > 1:
            infants = list(sides)
            first = infants[0]
            other = next(infant for infant in infants if sides[infant] != sides[first])
            shown = {unit.infant: unit.recording for unit in reversed(component.units)}
            chain = component.why(shown[first], shown[other])
            found.append(SideConflict(component.key, sides, chain))
    return found


def inherit(
    previous: Mapping[Key, str],
    components: Sequence[Component],
    names: Mapping[Key, str] | None = None,
) -> dict[Key, str]:
    """The sides that components have from earlier versions, for ``proposing.propose``.

    Args:
        previous: Split by infant, of all earlier versions of the dataset. Infants that are not in
            the new version are passed over; keep them for the version after.
        components: Of the new version.
        names: What to call recordings in an error.

    Returns:
        Split by component key; components without such an infant have none.

    Raises:
        Conflict: a new link joins infants that stood on different sides; ``conflicts`` in the
            context lists all of them in words. One of the two sides' infants has to be left out of
            the new version, or the link was wrong.
    """
    conflicts = find_conflicts(previous, components)
    if conflicts:
        said = [conflict.words(names) for conflict in conflicts]
        more = f" And {len(said) - 1} more." if len(said) > 1 else ""
        raise Conflict(
            f"{said[0]}{more} Leave the infants of one side out, or take back what joins them.",
            conflicts=said,
            components=[conflict.component for conflict in conflicts],
        )
    return {
        component.key: previous[infant]
        for component in components
        for infant in component.infants
        if infant in previous
    }


def find_faults(
    recordings: Mapping[Key, str],
    components: Iterable[Component],
    previous: Mapping[Key, str] | None = None,
) -> list[Fault]:
    """What an assignment made by hand violates; empty if it may stand.

    Args:
        recordings: Split by recording; recordings without one are not judged.
        components: What stays together.
        previous: Split by infant, of all earlier versions.
    """
    previous = previous or {}
    faults: list[Fault] = []
    for component in components:
        sides = {key: recordings[key] for key in component.recordings if key in recordings}
        moved = {
            unit.infant: previous[unit.infant]
            for unit in component.units
            if unit.infant in previous
            and recordings.get(unit.recording, previous[unit.infant]) != previous[unit.infant]
        }
        cut = sides if len(set(sides.values())) > 1 else {}
        if cut or moved:
            ordered = {infant: moved[infant] for infant in in_order(moved)}
            faults.append(Fault(component.key, cut, ordered))
    return faults
