"""What a comparison of splits found, and what it could not look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

MAX_FINDINGS: Final = 1000
"""So many findings of a check are kept; all are counted."""


class CheckKind(StrEnum):
    """What is compared."""

    IDENTITY = "identity"
    VIDEO = "video"
    NAME = "name"
    CONTENT = "content"
    NEAR_DUPLICATE = "near_duplicate"


TITLES: Final = {
    CheckKind.IDENTITY: "infants",
    CheckKind.VIDEO: "videos and sessions",
    CheckKind.NAME: "images by name",
    CheckKind.CONTENT: "images by content (SHA-256)",
    CheckKind.NEAR_DUPLICATE: "near-duplicate images",
}


class Result(StrEnum):
    """What came out of a check."""

    CLEAN = "clean"
    """Nothing of one split is in another, as far as was looked."""
    LEAK = "leak"
    SUSPECTED = "suspected"
    """Something is in two splits by a sign that may also mean something else."""
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is in two or more splits.

    Attributes:
        by: The sign: a member such as ``subject_id``, ``file_name``, ``sha256``.
        what: Its value; of near-duplicates how far they are apart.
        splits: How often it is in each split: images, or annotations for members of these.
        examples: An image's file name of each.
        sure: Whether it cannot mean anything else.
    """

    by: str
    what: str
    splits: Mapping[str, int]
    examples: Mapping[str, str]
    sure: bool = True


@dataclass(slots=True)
class Check:
    """One comparison.

    Attributes:
        kind: What was compared.
        used: By which signs, with how much they cover.
        notes: What could not be compared, and signs that were seen and not used, with the reason.
        findings: The first ``MAX_FINDINGS``.
        found: How many there are.
        suspected: How many of them may mean something else.
    """

    kind: CheckKind
    used: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    suspected: int = 0

    def add(self, finding: Finding) -> None:
        """Take down one finding."""
        self.found += 1
        self.suspected += not finding.sure
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)

    @property
    def result(self) -> Result:
        """What came out."""
        if self.found > self.suspected:
            return Result.LEAK
        if self.suspected:
            return Result.SUSPECTED
        return Result.CLEAN if self.used else Result.NOT_CHECKED

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "check": self.kind.value,
            "result": self.result.value,
            "used": self.used,
            "not_checked": self.notes,
            "found": self.found,
            "suspected": self.suspected,
            "findings": [
                {
                    "by": finding.by,
                    "what": finding.what,
                    "splits": dict(finding.splits),
                    "examples": dict(finding.examples),
                    "sure": finding.sure,
                }
                for finding in self.findings
            ],
        }


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """One split as it was read.

    Attributes:
        name: Its name.
        files: Its annotation files.
        images: Different images.
        annotations: People and things in them.
    """

    name: str
    files: tuple[str, ...]
    images: int
    annotations: int


@dataclass(frozen=True, slots=True)
class LeakReport:
    """All comparisons of a set.

    Attributes:
        splits: What was compared.
        checks: In the order of ``CheckKind``.
        notes: What else is worth knowing: files that were passed over, elements without a name.
    """

    splits: Sequence[SplitSummary]
    checks: Sequence[Check]
    notes: Sequence[str]

    @property
    def result(self) -> Result:
        """The worst of all checks; NOT_CHECKED only if nothing could be compared."""
        results = {check.result for check in self.checks}
        order = (Result.LEAK, Result.SUSPECTED, Result.CLEAN)
        return next((result for result in order if result in results), Result.NOT_CHECKED)

    @property
    def conclusion(self) -> str:
        """One sentence, no stronger than what was looked at."""
        lacking = [TITLES[c.kind] for c in self.checks if c.result is Result.NOT_CHECKED]
        but = f" Not checked: {', '.join(lacking)}." if lacking else ""
        match self.result:
            case Result.LEAK:
                return f"The splits leak.{but}"
            case Result.SUSPECTED:
                return f"The splits may leak: see what is suspected.{but}"
            case Result.CLEAN if lacking or any(check.notes for check in self.checks):
                return f"No leak was found in what could be checked.{but}"
            case Result.CLEAN:
                return "No leak was found."
            case _:
                return "Nothing could be checked."

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "result": self.result.value,
            "conclusion": self.conclusion,
            "splits": [
                {
                    "name": split.name,
                    "files": list(split.files),
                    "images": split.images,
                    "annotations": split.annotations,
                }
                for split in self.splits
            ],
            "checks": [check.to_json() for check in self.checks],
            "notes": list(self.notes),
        }
