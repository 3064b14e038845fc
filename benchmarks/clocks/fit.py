"""Fits the weights of ``worker.synchronisation.confidence``: ``python -m benchmarks.clocks.fit``.

Made recordings under the conditions to fit on: the lag that was found, the features that speak for
it, and whether it was the right one (sound: within 20 ms by its waveform, within 50 ms by its
loudness, which is compared at 100 Hz and in sound that echoes; motion: within a frame and a half).
How exact a right lag is, is another question, answered by its standard deviation. Logistic
regression with a small penalty; a weight may not have another sign than its feature's meaning has.
Prints what is to be pasted. Half an hour on one core.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.clocks import heard, motions
from benchmarks.clocks.sounds import Heard, Truth
from worker.synchronisation import audio, motion
from worker.synchronisation.confidence import signal_terms, sound_terms
from worker.synchronisation.correlate import normalised
from worker.synchronisation.movement import signal_of
from worker.synchronisation.signals import measure_signals
from worker.synchronisation.sound import loudness

Floats = NDArray[np.float64]
Row = tuple[dict[str, float], bool]

SOUND_SEED: Final = 11
MOTION_SEED: Final = 31
RIGHT_S: Final = 0.02
RIGHT_LOUD_S: Final = 0.05
RIGHT_FRAMES: Final = 1.5
PENALTY: Final = 0.3
AGAINST: Final = frozenset({"second", "rival", "threat"})
"""Features that speak against a lag; all others speak for it."""
RIVALS: Final = ("clear", "threat")
"""What tells whether another lag is the right one."""


def generator(name: str, number: int, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, number, zlib.crc32(name.encode())])


def lag_at(truth: Truth, at_s: float) -> float:
    """The true lag of a camera to the first one, at a time of the first one."""
    return (at_s - truth.offset_s) / (1 + truth.drift) - at_s


def sound_rows(each: int) -> tuple[list[Row], list[Row]]:
    """By waveform, and by loudness."""
    fine, rough = [], []
    for name, condition in heard.FITTED.items():
        for number in range(each):
            made = heard.make(name, condition, generator(name, number, SOUND_SEED))
            waveform, loud = rows_of(made)
            fine += [waveform] if waveform else []
            rough += [loud] if loud else []
        print(f"{name}: {len(fine)} by waveform, {len(rough)} by loudness", file=sys.stderr)
    return fine, rough


def rows_of(made: Heard) -> tuple[Row | None, Row | None]:
    """What speaks for a recording's lag, and whether it is right: by waveform, and by loudness."""
    a, b = made.sounds
    first, second = loudness(a), loudness(b)
    correlation = normalised(first, second, audio.least_overlap(first, second))
    peaks = correlation.peaks(1, 0.1)
    expected = peaks[0][0] if peaks else 0.0
    waveform = loud = None
    features, line, _, _ = audio.measure_pair(a, b, correlation, expected)
    if line is not None:
        error = line.lag_s - lag_at(made.truths[1], line.at_s)
        waveform = sound_terms(features), abs(error) < RIGHT_S
    found = measure_signals(
        first, second, correlation, expected, audio.LOUD_APART_S, audio.LOUD_AGREE_S
    )
    if found is not None:
        error = found[1].lag_s - lag_at(made.truths[1], found[1].at_s)
        loud = signal_terms(found[0]), abs(error) < RIGHT_LOUD_S
    return waveform, loud


def motion_rows(each: int) -> list[Row]:
    rows = []
    for name, scene in motions.FITTED.items():
        for number in range(each):
            made = motions.make(name, scene, generator(name, number, MOTION_SEED))
            intervals = [one.interval_s for one in made.motions]
            rate, apart = motion.grid_of(intervals)
            a, b = (signal_of(one, rate) for one in made.motions)
            correlation = normalised(a, b, motion.least_overlap(a, b))
            peaks = correlation.peaks(1, apart)
            found = measure_signals(
                a, b, correlation, peaks[0][0] if peaks else 0.0, apart, max(intervals)
            )
            if found is not None:
                features, pair = found
                error = pair.lag_s - lag_at(made.truths[1], pair.at_s)
                right = abs(error) < RIGHT_FRAMES * max(intervals)
                rows.append((signal_terms(features), right))
    return rows


def fitted(rows: Sequence[Row], names: Sequence[str] | None = None) -> dict[str, float]:
    """Weights by logistic regression with signs."""
    names = list(names or rows[0][0])
    terms = np.array([[row[name] for name in names] for row, _ in rows])
    right = np.array([yes for _, yes in rows])
    mean, scale = terms.mean(axis=0), np.maximum(terms.std(axis=0), 1e-9)
    matrix = np.column_stack([np.ones(len(rows)), (terms - mean) / scale])

    def loss(weights: Floats) -> tuple[float, Floats]:
        logit = matrix @ weights
        penalised = np.concatenate([[0.0], weights[1:]])
        value = np.logaddexp(0, np.where(right, -logit, logit)).sum()
        gradient = matrix.T @ (1 / (1 + np.exp(-logit)) - right)
        return float(value + PENALTY / 2 * (penalised**2).sum()), gradient + PENALTY * penalised

    bounds = [(None, None), *((None, 0) if name in AGAINST else (0, None) for name in names)]
    weights = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds).x
    slopes = weights[1:] / scale
    found = {"constant": float(weights[0] - slopes @ mean)}
    return found | {
        name: float(slope) for name, slope in zip(names, slopes, strict=True) if abs(slope) > 1e-3
    }


def clear_ones(rows: Sequence[Row]) -> list[Row]:
    """Sounds of which something stands out, and that are loud at the same times.

    Not a steady tone, say: of that no other lag tells what is wrong.
    """
    return [row for row in rows if row[0]["height"] > np.log(12) and row[0]["alike"] > 0.1]


def shown(name: str, weights: Mapping[str, float]) -> str:
    inner = ", ".join(f'"{key}": {value:.3f}' for key, value in weights.items())
    return f"{name}: Final[Mapping[str, float]] = {{{inner}}}"


def main() -> int:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sounds", type=int, default=24, help="recordings a condition")
    parser.add_argument("--motions", type=int, default=70, help="recordings a condition")
    parser.add_argument("--only", choices=("sound", "motion"), help="leave the other alone")
    wish = parser.parse_args()
    signals = []
    if wish.only in (None, "sound"):
        fine, rough = sound_rows(wish.sounds)
        print(shown("SOUND", fitted(fine)))
        print(shown("SOUND_DISTINCT", fitted(clear_ones(fine), RIVALS)))
        signals.append(("LOUDNESS", rough))
    if wish.only in (None, "motion"):
        signals.append(("MOTION", motion_rows(wish.motions)))
    for name, rows in signals:
        print(shown(name, fitted(rows)))
        agreeing = [row for row in rows if row[0]["agreeing"] > 0.7]
        print(shown(f"{name}_DISTINCT", fitted(agreeing, RIVALS)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
