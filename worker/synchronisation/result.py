"""What a measurement of clocks says, as values and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from backend.domain.confidence import Trust, rounded, trust_of

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Curve:
    """A stretch of a cross-correlation, for plotting.

    Attributes:
        start_ms: Lag of the first value.
        step_ms: Lag between values.
        values: About -1 to 1.
    """

    start_ms: float
    step_ms: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PairLag:
    """How two cameras' times of the same events differ.

    Attributes:
        first: Index of a camera.
        second: Index of another.
        at_s: Time of ``first`` for which the lag holds.
        lag_s: Time of ``second`` minus time of ``first``, for the same event.
        sigma_s: Standard deviation of the lag.
        slope: Change of the lag per second, or None where the recording is too short to tell.
        slope_sigma: Its standard deviation.
        quality: 0 to 1: the chance that this is the right lag.
        windows: Windows in time that agree on it.
        curve: The correlation about the lag.
        distinct: 0 to 1: the chance that none of the other lags is the right one. It is low for
            sound or motion that repeats, whatever other pairs say: they repeat as well.
        rivals_s: Other lags that are nearly as likely.
        method: How it was measured.
        doubt: What speaks against it, in words.
    """

    first: int
    second: int
    at_s: float
    lag_s: float
    sigma_s: float
    slope: float | None = None
    slope_sigma: float | None = None
    quality: float = 1.0
    windows: int = 1
    curve: Curve | None = None
    distinct: float = 1.0
    rivals_s: tuple[float, ...] = ()
    method: str | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class CameraClock:
    """One camera's clock against common time.

    Attributes:
        name: The camera or file.
        offset_ms: What to add to the camera's time; None where it could not be measured.
        drift_ppm: How much too slow the camera's clock runs, parts per million.
        confidence: 0 to 1: the chance that it is right within half a frame of the slower camera,
            over the whole recording.
        note: Why it was left out, or what disagrees.
        sigma_ms: Standard deviation of the offset if it is right at all.
    """

    name: str
    offset_ms: float | None
    drift_ppm: float = 0.0
    confidence: float = 0.0
    note: str | None = None
    sigma_ms: float = 0.0

    @property
    def trust(self) -> Trust:
        """The confidence in a word."""
        return trust_of(self.confidence)

    @property
    def measured(self) -> bool:
        """Whether there is an offset."""
        return self.offset_ms is not None


@dataclass(frozen=True, slots=True)
class PairReport:
    """A pair's measurement beside what the solution of all pairs expects.

    Attributes:
        measured: The measurement.
        residual_ms: Measured minus expected lag.
        agrees: Whether that is within the tolerance.
    """

    measured: PairLag
    residual_ms: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class Synchronised:
    """The clocks of several cameras.

    Attributes:
        method: ``timecode``, ``audio`` or ``motion``.
        clocks: One per camera, in the order given.
        pairs: What was measured between them.
        residual_ms: Weighted RMS of the pairs' residuals; None where no loop checks them.
        disagreeing: Index of the camera that does not fit the others, if one.
        warnings: In words.
    """

    method: str
    clocks: tuple[CameraClock, ...]
    pairs: tuple[PairReport, ...] = ()
    residual_ms: float | None = None
    disagreeing: int | None = None
    warnings: tuple[str, ...] = field(default_factory=tuple)

    @property
    def confidence(self) -> float:
        """That of the least sure camera; 0 where one was left out."""
        return min((clock.confidence for clock in self.clocks), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """As written by ``infantnet tools sync``; see docs/synchronisation.md."""
        names = [clock.name for clock in self.clocks]
        return {
            "format": FORMAT,
            "method": self.method,
            "convention": "session_s = camera_s + offset_ms/1000 + drift_ppm*1e-6*camera_s",
            "cameras": [
                {
                    "name": clock.name,
                    "offset_ms": _rounded(clock.offset_ms, 3),
                    "drift_ppm": round(clock.drift_ppm, 3),
                    "confidence": rounded(clock.confidence),
                    "trust": clock.trust.value,
                    "note": clock.note,
                }
                for clock in self.clocks
            ],
            "pairs": [pair_to_json(pair, names) for pair in self.pairs],
            "residual_ms": _rounded(self.residual_ms, 3),
            "disagreeing": names[self.disagreeing] if self.disagreeing is not None else None,
            "warnings": list(self.warnings),
        }


def pair_to_json(pair: PairReport, names: Sequence[object]) -> dict[str, Any]:
    """One pair; ``names`` are what stands for the cameras."""
    lag = pair.measured
    return {
        "first": names[lag.first],
        "second": names[lag.second],
        "at_s": round(lag.at_s, 3),
        "lag_ms": round(lag.lag_s * 1000, 3),
        "sigma_ms": round(lag.sigma_s * 1000, 3),
        "drift_ppm": _rounded(lag.slope * 1e6 if lag.slope is not None else None, 3),
        "quality": rounded(lag.quality),
        "windows": lag.windows,
        "residual_ms": round(pair.residual_ms, 3),
        "agrees": pair.agrees,
        "curve": None
        if lag.curve is None
        else {
            "start_ms": round(lag.curve.start_ms, 3),
            "step_ms": round(lag.curve.step_ms, 6),
            "values": [round(value, 4) for value in lag.curve.values],
        },
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
