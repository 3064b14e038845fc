"""What an API token may do: never more than its owner, often less."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from backend.domain.workflow import Role


class TokenScope(StrEnum):
    """How far a token reaches; each includes those before it."""

    READ = "read"
    """Look at everything that its owner may see, change nothing."""
    ANNOTATE = "annotate"
    """Also what its owner does as annotator or inspector."""
    MAINTAIN = "maintain"
    """All that its owner may do."""


ROLES_WITHIN: Final[dict[TokenScope, frozenset[Role]]] = {
    TokenScope.READ: frozenset(),
    TokenScope.ANNOTATE: frozenset({Role.ANNOTATOR, Role.INSPECTOR}),
    TokenScope.MAINTAIN: frozenset(Role),
}
"""Roles of its owner that a token can act in."""
