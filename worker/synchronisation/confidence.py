"""From what speaks for a lag to the chance that it is the right one.

Logistic functions of a few features. Their weights stand here and nowhere else. They were fitted by
``python -m benchmarks.clocks.fit`` to made recordings with known clocks, each weight held to the
sign that its feature's meaning has, and are held to other conditions by
``python -m benchmarks.synchronise``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Final

MAX_CHANCE: Final = 0.999
"""No method knows everything that can go wrong."""
SOUND: Final[Mapping[str, float]] = {
    "constant": -7.940,
    "share": 13.925,
    "second": -8.784,
    "alike": 4.171,
    "threat": -7.792,
}
SOUND_DISTINCT: Final[Mapping[str, float]] = {"constant": 9.203, "clear": 1.090, "threat": -9.418}
LOUDNESS: Final[Mapping[str, float]] = {
    "constant": 1.774,
    "value": 0.275,
    "stands_out": 1.405,
    "rival": -4.105,
    "clear": 1.069,
    "threat": -3.583,
    "agreeing": 1.398,
}
LOUDNESS_DISTINCT: Final[Mapping[str, float]] = {"constant": 5.459, "threat": -8.864}
MOTION: Final[Mapping[str, float]] = {
    "constant": 7.133,
    "value": 3.125,
    "stands_out": 0.636,
    "rival": -1.469,
    "clear": 0.119,
    "threat": -7.028,
}
MOTION_DISTINCT: Final[Mapping[str, float]] = {
    "constant": 5.739,
    "threat": -8.366,
}


@dataclass(frozen=True, slots=True)
class SoundFeatures:
    """What speaks for a lag of two sounds.

    Attributes:
        height: Of the windows' mean along the line, in standard deviations.
        share: Of the strength of all windows in which something stands out.
        heard: Share of windows that agree, of those in which both are heard.
        windows: How many agree.
        second: Height of that mean's highest other top over it.
        rival: Mean height of windows at the next best lag over that at the best.
        margin: By how many standard errors windows fit better than at the next best lag.
        alike: Correlation of loudness at the lag.
        overlap_s: Seconds during which both recorded.
        overlap: Share of the shorter recording.
        wander_s: Largest distance of several windows in a row from the line.
    """

    height: float = 0.0
    share: float = 0.0
    heard: float = 0.0
    windows: int = 0
    second: float = 1.0
    rival: float = 1.0
    margin: float = 0.0
    alike: float = 0.0
    overlap_s: float = 0.0
    overlap: float = 0.0
    wander_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SignalFeatures:
    """What speaks for a lag of two signals: of motion, or of loudness.

    Attributes:
        value: Correlation at the lag, weighed by the overlap.
        stands_out: Its height over all other lags, in robust standard deviations.
        rival: The next best lag's correlation over it.
        margin: By how many standard errors windows are more alike than at the next best lag.
        agreeing: Share of windows over time that have their own top within an interval of it.
        windows: How many do.
        overlap_s: Seconds during which both recorded.
        overlap: Share of the shorter recording.
        scatter: Standard deviation of the lag, in intervals.
    """

    value: float = 0.0
    stands_out: float = 0.0
    rival: float = 1.0
    margin: float = 0.0
    agreeing: float = 0.0
    windows: int = 0
    overlap_s: float = 0.0
    overlap: float = 0.0
    scatter: float = 1.0


def sound_terms(features: SoundFeatures) -> dict[str, float]:
    """What the weights of sound belong to."""
    clear = min(max(features.margin / 8, 0.0), 1.0)
    return {
        "height": log(min(max(features.height, 1.0), 40.0)),
        "share": features.share,
        "heard": features.heard,
        "second": features.second,
        "alike": min(max(features.alike, 0.0), 1.0),
        "clear": clear,
        "threat": features.rival * (1 - clear),
        "overlap": log(min(max(features.overlap_s, 0.5), 30.0)),
    }


def signal_terms(features: SignalFeatures) -> dict[str, float]:
    """What the weights of motion and of loudness belong to."""
    clear = min(max(features.margin / 6, -0.5), 1.0)
    return {
        "value": log(max(features.value, 0.02)),
        "stands_out": log(min(max(features.stands_out, 0.5), 15.0)),
        "rival": features.rival,
        "clear": clear,
        "threat": features.rival * (1 - max(clear, 0.0)),
        "agreeing": features.agreeing,
        "windows": log(1 + min(features.windows, 10)),
        "overlap": log(min(max(features.overlap_s, 0.5), 60.0)),
    }


def sound_confidence(features: SoundFeatures) -> float:
    """Chance that a lag by sound is the right one."""
    return _chance(sound_terms(features), SOUND)


def sound_distinct(features: SoundFeatures) -> float:
    """Chance that no other lag by sound is the right one, if any is."""
    return _chance(sound_terms(features), SOUND_DISTINCT)


def motion_confidence(features: SignalFeatures) -> float:
    """Chance that a lag by motion is the right one."""
    return _chance(signal_terms(features), MOTION)


def motion_distinct(features: SignalFeatures) -> float:
    """Chance that no other lag by motion is the right one, if any is."""
    return _chance(signal_terms(features), MOTION_DISTINCT)


def loudness_confidence(features: SignalFeatures) -> float:
    """Chance that a lag by loudness alone is the right one."""
    return _chance(signal_terms(features), LOUDNESS)


def loudness_distinct(features: SignalFeatures) -> float:
    """Chance that no other lag by loudness is the right one, if any is."""
    return _chance(signal_terms(features), LOUDNESS_DISTINCT)


def _chance(terms: Mapping[str, float], weights: Mapping[str, float]) -> float:
    logit = weights["constant"] + sum(
        weight * terms[name] for name, weight in weights.items() if name != "constant"
    )
    return min(MAX_CHANCE, 1 / (1 + exp(-min(max(logit, -50.0), 50.0))))
