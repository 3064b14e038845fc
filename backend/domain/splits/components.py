"""What has to stay together: connected components over infant, video and session.

Two recordings with the same infant, the same video, a file imported twice or images that nearly
repeat each other belong together, and so does whatever belongs to either. A component is never cut.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from backend.domain.errors import InvalidInput
from backend.domain.splits.units import Key, Link, LinkReason, SplitUnit, in_order, order_of

Node = TypeVar("Node", bound=Hashable)


class TieKind(StrEnum):
    """What holds recordings together."""

    INFANT = "infant"
    VIDEO = "video"
    NEAR_DUPLICATE = "near_duplicate"
    SAME_FILE = "same_file"


@dataclass(frozen=True, slots=True)
class Tie:
    """One thing that two or more recordings share.

    Attributes:
        kind: What kind of thing.
        recordings: Who shares it, in order.
        shared: The infant or the video; None for images and files.
        count: Pairs of near-duplicate images, or files that are the same; else 1.
    """

    kind: TieKind
    recordings: tuple[Key, ...]
    shared: Key | None = None
    count: int = 1

    def words(self, names: Mapping[Key, str] | None = None) -> str:
        """Why these recordings go together, as one clause.

        Args:
            names: What to call recordings; by default by their ids.
        """
        who = _listed([(names or {}).get(key, str(key)) for key in self.recordings])
        match self.kind:
            case TieKind.INFANT:
                return f"{who} show the infant {self.shared}"
            case TieKind.VIDEO:
                return f"{who} hold the video {self.shared}"
            case TieKind.SAME_FILE:
                what = "a file" if self.count == 1 else f"{self.count} files"
                return f"{who} were imported from {what} with the same content"
            case TieKind.NEAR_DUPLICATE:
                what = "a pair" if self.count == 1 else f"{self.count} pairs"
                return f"{who} hold {what} of images that nearly repeat each other"


@dataclass(frozen=True, slots=True)
class Component:
    """Recordings that stay together.

    Attributes:
        key: Its smallest recording.
        units: Its recordings, in order.
        ties: What holds them together: infants, videos, then links; empty for a single recording.
    """

    key: Key
    units: tuple[SplitUnit, ...]
    ties: tuple[Tie, ...]

    @property
    def recordings(self) -> tuple[Key, ...]:
        """Their ids, in order."""
        return tuple(unit.recording for unit in self.units)

    @property
    def infants(self) -> tuple[Key, ...]:
        """Whom they show, in order."""
        return in_order(unit.infant for unit in self.units)

    @property
    def frames(self) -> int:
        """Frames of all of them."""
        return sum(unit.frames for unit in self.units)

    @property
    def title(self) -> str:
        """What to call it: its infant, or how many."""
        infants = self.infants
        if len(infants) == 1:
            return f"one infant ({infants[0]})"
        shown = ", ".join(map(str, infants[:4])) + (", …" if len(infants) > 4 else "")
        return f"{len(infants)} infants that go together ({shown})"

    def why(self, first: Key, second: Key) -> tuple[Tie, ...]:
        """The shortest chain of ties from one recording to another; empty for the same.

        Raises:
            KeyError: a recording is not in this component.
        """
        if not {first, second} <= set(self.recordings):
            raise KeyError((first, second))
        came: dict[Key, tuple[Key, Tie]] = {}
        waiting = deque([first])
        known = {first}
        while waiting:
            at = waiting.popleft()
            if at == second:
                break
            for tie in self.ties:
                if at in tie.recordings:
                    for other in tie.recordings:
                        if other not in known:
                            known.add(other)
                            came[other] = (at, tie)
                            waiting.append(other)
        chain: list[Tie] = []
        while second != first:
            second, tie = came[second]
            chain.append(tie)
        return tuple(reversed(chain))


def find_components(units: Iterable[SplitUnit], links: Iterable[Link] = ()) -> list[Component]:
    """Recordings that must not be separated, whatever order they are given in.

    Args:
        units: The recordings of a release.
        links: Pairs of them. Links to recordings that are not among the units are passed over:
            what is not in the release cannot leak. Give the units of everything that is linked
            where such a recording should join others.

    Returns:
        Components by their smallest recording.

    Raises:
        InvalidInput: a recording stands there twice.
    """
    by_key: dict[Key, SplitUnit] = {}
    for unit in units:
        if unit.recording in by_key:
            fault = f"recording {unit.recording} is given twice"
            raise InvalidInput(f"A split cannot be made: {fault}.", fault=fault)
        by_key[unit.recording] = unit
    ordered = [by_key[key] for key in in_order(by_key)]
    ties = _ties(ordered, [link for link in links if {link.first, link.second} <= by_key.keys()])
    joined = join([unit.recording for unit in ordered], [tie.recordings for tie in ties])
    members: dict[Key, list[SplitUnit]] = {}
    for unit in ordered:
        members.setdefault(joined[unit.recording], []).append(unit)
    held: dict[Key, list[Tie]] = {}
    for tie in ties:
        held.setdefault(joined[tie.recordings[0]], []).append(tie)
    return [
        Component(key, tuple(its), tuple(held.get(key, ())))
        for key, its in sorted(members.items(), key=lambda item: order_of(item[0]))
    ]


def join(nodes: Sequence[Node], groups: Iterable[Sequence[Node]]) -> dict[Node, Node]:
    """Which nodes hang together; each with the first node, in the given order, of its component.

    Args:
        nodes: All of them.
        groups: Nodes that belong together.
    """
    place = {node: i for i, node in enumerate(nodes)}
    parent = list(range(len(place)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for group in groups:
        first = root(place[group[0]])
        for node in group[1:]:
            other = root(place[node])
            parent[max(first, other)] = first = min(first, other)
    return {node: nodes[root(i)] for node, i in place.items()}


def _ties(units: Sequence[SplitUnit], links: Iterable[Link]) -> list[Tie]:
    infants: dict[Key, list[Key]] = {}
    videos: dict[str, list[Key]] = {}
    for unit in units:
        infants.setdefault(unit.infant, []).append(unit.recording)
        for video in unit.videos:
            videos.setdefault(video, []).append(unit.recording)
    ties = [
        Tie(TieKind.INFANT, tuple(infants[key]), key)
        for key in in_order(infants)
        if len(infants[key]) > 1
    ]
    ties += [
        Tie(TieKind.VIDEO, tuple(videos[key]), key)
        for key in sorted(videos)
        if len(videos[key]) > 1
    ]
    counts: dict[tuple[LinkReason, tuple[Key, ...]], int] = {}
    for link in links:
        if link.first != link.second:
            linked = (link.reason, in_order((link.first, link.second)))
            counts[linked] = counts.get(linked, 0) + link.count
    rank = list(LinkReason)
    for (reason, pair), count in sorted(
        counts.items(),
        key=lambda item: (rank.index(item[0][0]), [order_of(key) for key in item[0][1]]),
    ):
        ties.append(Tie(TieKind(reason.value), pair, None, count))
    return ties


def _listed(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return ", ".join(names[:-1]) + f" and {names[-1]}"
