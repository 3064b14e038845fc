"""Names inside and of exported files: plain ASCII, stable, unique within a file."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping


def slug(name: str) -> str:
    """Lower-case ASCII letters, digits and dashes; never empty.

    ``Home visit 3 (Küche)`` becomes ``home-visit-3-kuche``.
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-") or "unnamed"


def unique_slugs(names: Mapping[int, str]) -> dict[int, str]:
    """A slug for each id; where two names give the same one, the ids tell them apart."""
    slugs = {key: slug(name) for key, name in names.items()}
    count = Counter(slugs.values())
    unique = {key: s if count[s] == 1 else f"{s}-{key}" for key, s in slugs.items()}
    # “a 7” and two “a”s, one with id 7: numbering everything settles even that.
    if len(set(unique.values())) < len(unique):
        unique = {key: f"{s}-{key}" for key, s in slugs.items()}
    return unique
