"""What an evaluation found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.domain.evaluation.baseline import NAME
from backend.domain.evaluation.intervals import Interval
from backend.domain.evaluation.reliability import Reliability


@dataclass(frozen=True, slots=True)
class Measure:
    """A number, None where it does not exist, and its interval if there is one."""

    value: float | None
    interval: Interval | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        span = None if self.interval is None else [self.interval.low, self.interval.high]
        return {"value": self.value, "interval": span}


Measures = Mapping[str, Measure]


def measures_json(measures: Measures) -> dict[str, Any]:
    """Measures as JSON values."""
    return {name: measure.to_json() for name, measure in measures.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the truth: frames of one source, one joint …

    Attributes:
        name: Of the part.
        images: How many, or None where it consists of joints.
        people: Who are measured, or None likewise.
        joints: Labelled joints.
        measures: As far as they exist for such a part.
    """

    name: str
    images: int | None
    people: int | None
    joints: int
    measures: Measures

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "name": self.name,
            "images": self.images,
            "people": self.people,
            "joints": self.joints,
            "measures": measures_json(self.measures),
        }


@dataclass(frozen=True, slots=True)
class ErrorKinds:
    """Kinds of errors of located people's joints (Ronchi & Perona 2017).

    Attributes:
        counts: Joints by kind: good, jitter, inversion, swap, miss.
        by_joint: The same for each joint.
        ap_if_mended: AP if the joints of one kind were put where they belong.
        located: People with a prediction at an OKS of 0.1 or more.
        missed: People without one.
        nobody: Predictions that are nobody's at that OKS.
    """

    counts: Mapping[str, int]
    by_joint: Mapping[str, Mapping[str, int]]
    ap_if_mended: Mapping[str, float | None]
    located: int
    missed: int
    nobody: int

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "counts": dict(self.counts),
            "by_joint": {joint: dict(counts) for joint, counts in self.by_joint.items()},
            "ap_if_mended": dict(self.ap_if_mended),
            "located": self.located,
            "missed": self.missed,
            "nobody": self.nobody,
        }


@dataclass(frozen=True, slots=True)
class WorstFrame:
    """A frame on which a model did badly.

    Attributes:
        image_id: Of the truth's file.
        oks: The least OKS of its people, 0 where somebody was not predicted.
        person: Id of that person, or None.
        distance: Mean distance of that person's joints in pixels; None without a prediction.
        errors: That person's joints that are not good: name and kind.
        facts: What is known of the frame.
    """

    image_id: Any
    oks: float
    person: Any
    distance: float | None
    errors: Mapping[str, str]
    facts: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "image_id": self.image_id,
            "oks": self.oks,
            "person": self.person,
            "distance_px": self.distance,
            "errors": dict(self.errors),
            "facts": dict(self.facts),
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Predictions of joints in images against the truth.

    Attributes:
        counts: Images, people, predictions, and how many were left out and why.
        measures: By the names of ``conventions``.
        baseline: Measures of the mean pose in the true box.
        parts: Parts by facet.
        errors: Kinds of errors.
        reliability: Scores against OKS.
        worst: Frames, the worst first.
        notes: What has to be said beside the numbers.
        settings: Seed, resamples, level.
    """

    counts: Mapping[str, int]
    measures: Measures
    baseline: Measures
    parts: Mapping[str, tuple[Part, ...]]
    errors: ErrorKinds
    reliability: Reliability
    worst: tuple[WorstFrame, ...]
    notes: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "counts": dict(self.counts),
            "measures": measures_json(self.measures),
            "baseline": measures_json(self.baseline),
            "baseline_name": NAME if self.baseline else "",
            "parts": {
                facet: [part.to_json() for part in parts] for facet, parts in self.parts.items()
            },
            "errors": self.errors.to_json(),
            "reliability": {
                "error": self.reliability.error,
                "count": self.reliability.count,
                "why_not": self.reliability.why_not,
                "bins": [
                    {
                        "low": b.low,
                        "high": b.high,
                        "count": b.count,
                        "score": b.score,
                        "oks": b.oks,
                    }
                    for b in self.reliability.bins
                ],
            },
            "worst": [frame.to_json() for frame in self.worst],
            "notes": list(self.notes),
            "settings": dict(self.settings),
        }
