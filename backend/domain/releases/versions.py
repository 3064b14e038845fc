"""Semantic versions of a dataset.

After Semantic Versioning 2.0.0 (semver.org), with a reading for data: *major*, what users of the
last version cannot use as before (frames taken out, splits or keypoint definitions changed);
*minor*, frames or kinds of labels added; *patch*, labels corrected on the same frames.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from backend.domain.errors import InvalidInput

_PATTERN = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})", re.ASCII)


class Change(StrEnum):
    """How much a version changes."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Major, minor and patch; ordered."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``1.2.3``.

        Raises:
            InvalidInput: it is not three whole numbers without leading zeros.
        """
        found = _PATTERN.fullmatch(text.strip())
        if found is None:
            raise InvalidInput(f"{text!r} is not a version such as 1.0.0.")
        major, minor, patch = (int(part) for part in found.groups())
        return cls(major, minor, patch)

    def next(self, change: Change) -> Version:
        """The version after this one."""
        match change:
            case Change.MAJOR:
                return Version(self.major + 1, 0, 0)
            case Change.MINOR:
                return Version(self.major, self.minor + 1, 0)
            case Change.PATCH:
                return Version(self.major, self.minor, self.patch + 1)

    def since(self, base: Version) -> Change:
        """How much of a change a later version says that it is.

        Raises:
            ValueError: it is not later.
        """
        if self <= base:
            raise ValueError(f"{self} is not later than {base}")
        if self.major > base.major:
            return Change.MAJOR
        return Change.MINOR if self.minor > base.minor else Change.PATCH

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


_RANK = {Change.PATCH: 0, Change.MINOR: 1, Change.MAJOR: 2}


def change_needed(*, frames_out: int, splits_changed: int, frames_in: int) -> Change:
    """How much of a change a version is, by what differs from the one before."""
    if frames_out or splits_changed:
        return Change.MAJOR
    return Change.MINOR if frames_in else Change.PATCH


def falls_short(version: Version, base: Version, needed: Change) -> bool:
    """Whether a version says less than what changed; more is never wrong."""
    return version > base and _RANK[version.since(base)] < _RANK[needed]


FIRST = Version(1, 0, 0)
