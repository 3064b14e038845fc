"""One thing that is odd about a fit, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from backend.domain.fit_quality import Doubt


@dataclass(frozen=True)
class Odd:
    """One thing that is odd about a moment.

    Attributes:
        kind: What.
        camera: Place of the camera, where it is about one.
        joint: Its number, where it is about one.
        px: How far off, pixels. mm: … millimetres at the infant.
        what: More, in a word: ``turned``, ``focal``, ``length``, ``betas``.
        value: Its number: degrees, per cent, metres, standard deviations.
    """

    kind: Doubt
    camera: int | None = None
    joint: int | None = None
    px: float | None = None
    mm: float | None = None
    what: str | None = None
    value: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON: what is not None."""
        return {
            name: value.value if isinstance(value, Doubt) else value
            for name, value in asdict(self).items()
            if value is not None
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Odd:
        """The opposite of ``to_dict``."""
        return cls(**{**value, "kind": Doubt(value["kind"])})
