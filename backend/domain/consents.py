"""What a family agreed to, as scopes that contain each other.

A recording names what was agreed to when it was made. An infant may have entries of its own, with
a date and a reference to the signed document; the latest entry counts, for all recordings of the
infant. An entry with no scope is a withdrawal. Names of families are never kept here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Consent(StrEnum):
    """What the family agreed to when a recording was made."""

    PUBLIC_VIDEO = "public_video"
    RESEARCH = "research"
    RESEARCH_AND_RELEASE = "research_and_release"
    NOT_RECORDED = "not_recorded"


class ConsentScope(StrEnum):
    """How far pictures of an infant may go; each contains those before it."""

    NONE = "none"
    INTERNAL = "internal"
    """Within the group that made the recordings."""
    RESEARCH = "research"
    """To other researchers, under an agreement."""
    PUBLIC = "public"
    """To everybody."""


SCOPES: Final = tuple(ConsentScope)
"""From the narrowest to the widest."""

AUDIENCES: Final = tuple(scope for scope in SCOPES if scope is not ConsentScope.NONE)
"""Those for whom a release can be made."""

SCOPE_OF_RECORDING: Final = {
    Consent.NOT_RECORDED: ConsentScope.NONE,
    Consent.RESEARCH: ConsentScope.INTERNAL,
    Consent.RESEARCH_AND_RELEASE: ConsentScope.RESEARCH,
    Consent.PUBLIC_VIDEO: ConsentScope.PUBLIC,
}
"""What a recording's own consent allows while the infant has no entry, by the narrower reading:
"research" is research of the project that asked, "release" is release to those who sign."""


def effective_scope(entry: ConsentScope | None, recording: Consent) -> ConsentScope:
    """How far the pictures of a recording may go.

    Args:
        entry: The infant's latest entry; None without one.
        recording: What was agreed to when the recording was made.
    """
    return SCOPE_OF_RECORDING[recording] if entry is None else entry


def allows(scope: ConsentScope, audience: ConsentScope) -> bool:
    """Whether pictures under a scope may go to an audience."""
    return SCOPES.index(scope) >= SCOPES.index(audience)
