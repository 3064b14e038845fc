"""How recordings come to those who annotate them, and when one that was taken is free again.

Maintainers assign them, the house deals them out in turn, or people take the next one from a
queue. What is taken from the queue is held under a *lease*: nobody else is given it while its
holder works, and it is offered again once the holder has done nothing for a while. What was saved
stays. Source: the visibility time-out of work queues (as of Amazon SQS), with activity in place of
a heartbeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MIN_LEASE_MINUTES: Final = 5
MAX_LEASE_MINUTES: Final = 14 * 24 * 60
MAX_STUCK_DAYS: Final = 365


class Handout(StrEnum):
    """How a recording that nobody annotates yet finds its annotator."""

    CHOICE = "choice"
    """Annotators choose from those that are free, or take the next."""
    QUEUE = "queue"
    """Annotators take the next one; which one that is, is not theirs to choose."""
    ROTATION = "rotation"
    """Whoever has least to do is assigned as soon as there are pre-labels."""
    ASSIGNED = "assigned"
    """Only maintainers say who annotates what."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The house's rules for handing out work.

    Attributes:
        handout: How recordings find their annotators.
        lease_minutes: After how long without a save a recording from the queue is offered again.
        stuck_days: After how many days without activity something counts as stuck.
    """

    handout: Handout = Handout.CHOICE
    lease_minutes: int = 8 * 60
    stuck_days: int = 7

    @property
    def may_pull(self) -> bool:
        """Whether annotators take the next recording from the queue."""
        return self.handout in {Handout.CHOICE, Handout.QUEUE}

    @property
    def may_choose(self) -> bool:
        """Whether annotators take a free recording that they chose."""
        return self.handout is Handout.CHOICE


def lease_end(last_active: datetime, lease_minutes: int) -> datetime:
    """When a lease ends whose holder was last active then."""
    return last_active + timedelta(minutes=lease_minutes)


@dataclass(frozen=True, slots=True)
class Load:
    """Somebody who can be given work, and what they have.

    Attributes:
        person: Their id.
        frames: Frames that they still have to decide, over all their recordings.
        last_given: When they were last given a recording; None for never.
    """

    person: int
    frames: int
    last_given: datetime | None = None


def in_rotation(people: Sequence[Load], frames: Sequence[int]) -> list[int]:
    """Deal recordings out: each goes to whoever has fewest frames left to decide by then.

    Among equals to the one who was given nothing for longest, then by id. Source: greedy list
    scheduling (Graham 1966), in the order given: no one ends with more than the least laden would
    have with one recording more.

    Args:
        people: Who takes part.
        frames: The recordings' sizes.

    Returns:
        The person of each recording; empty without people.
    """
    if not people:
        return []
    loads = {load.person: load.frames for load in people}
    # Those who were never given anything come first, then the longest ago.
    waiting = [
        load.person
        for load in sorted(
            people,
            key=lambda load: (
                load.last_given is not None,
                load.last_given.timestamp() if load.last_given else 0.0,
                load.person,
            ),
        )
    ]
    dealt = []
    for size in frames:
        person = min(waiting, key=lambda one: loads[one])
        loads[person] += size
        waiting.remove(person)
        waiting.append(person)
        dealt.append(person)
    return dealt
