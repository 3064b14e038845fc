"""The states of a release, and what leads from one to the next.

A draft's selection is live. A check freezes it, and stands only if nothing blocks. Publishing
writes the files and is final: a published release is never changed, only withdrawn, which keeps its
row, its version and its list of frames, so that those who have the files can be told.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from backend.domain.errors import Conflict


class ReleaseState(StrEnum):
    """Where a release stands."""

    DRAFT = "draft"
    CHECKED = "checked"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ReleaseEvent(StrEnum):
    """What happens to a release."""

    CHECK = "check"
    """The selection was frozen, and nothing blocks."""
    EDIT = "edit"
    """Settings changed, or what was frozen no longer holds."""
    PUBLISH = "publish"
    """All files are written."""
    WITHDRAW = "withdraw"


TRANSITIONS: Final = {
    (ReleaseState.DRAFT, ReleaseEvent.EDIT): ReleaseState.DRAFT,
    (ReleaseState.DRAFT, ReleaseEvent.CHECK): ReleaseState.CHECKED,
    (ReleaseState.CHECKED, ReleaseEvent.EDIT): ReleaseState.DRAFT,
    (ReleaseState.CHECKED, ReleaseEvent.PUBLISH): ReleaseState.PUBLISHED,
    (ReleaseState.PUBLISHED, ReleaseEvent.WITHDRAW): ReleaseState.WITHDRAWN,
}

FINAL: Final = frozenset({ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN})
"""Those of which nothing changes any more but the withdrawal itself."""

_DOING: Final = {
    ReleaseEvent.CHECK: "checked",
    ReleaseEvent.EDIT: "changed",
    ReleaseEvent.PUBLISH: "published",
    ReleaseEvent.WITHDRAW: "withdrawn",
}


def after(state: ReleaseState, event: ReleaseEvent) -> ReleaseState:
    """The state to which an event leads.

    Raises:
        Conflict: the event does not belong to this state.
    """
    wanted = TRANSITIONS.get((state, event))
    if wanted is None:
        raise Conflict(f"This release is {state.value}; it cannot be {_DOING[event]} now.")
    return wanted
