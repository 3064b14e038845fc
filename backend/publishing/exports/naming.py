"""Names inside and of exported files: plain ASCII, stable, unique within a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from backend.domain.slugs import slug


def unique_slugs(names: Mapping[int, str]) -> dict[int, str]:
    """A slug for each id; where two names give the same one, the ids tell them apart."""
    slugs = {key: slug(name) for key, name in names.items()}
    count = Counter(slugs.values())
    unique = {key: s if count[s] == 1 else f"{s}-{key}" for key, s in slugs.items()}
    # “a 7” and two “a”s, one with id 7: numbering everything settles even that.
    if len(set(unique.values())) < len(unique):
        unique = {key: f"{s}-{key}" for key, s in slugs.items()}
    return unique
