"""Holds confidence in clocks to conditions that it was not fitted on.

Counts, per method and condition, how many answers are called sure and how many of those are right:
within half a frame of the slower camera, at both ends of the recording. Beside each method stand
plain ones, given the same recordings: sound by the highest top of the normalised cross-correlation
of the two waveforms, called sure from 0.5 on, and of GCC-PHAT, from ten standard deviations on;
motion by the highest top of the normalised cross-correlation, called sure from 0.5 on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.confidence import SURE
from backend.domain.errors import InvalidInput
from benchmarks.clocks import heard, motions
from benchmarks.clocks.fit import generator
from benchmarks.clocks.sounds import Heard, Truth
from benchmarks.clocks.timecodes import KINDS, tags_of
from worker.synchronisation.audio import clocks_of_sounds
from worker.synchronisation.compare import together
from worker.synchronisation.correlate import Signal, normalised
from worker.synchronisation.motion import clocks_of_motions, grid_of, least_overlap
from worker.synchronisation.movement import Motion, signal_of
from worker.synchronisation.result import Synchronised
from worker.synchronisation.sound import RATE
from worker.synchronisation.timecode import clocks_of_tags

Floats = NDArray[np.float64]

SEED: Final = 4711
"""Of the figures in the documents; nothing was developed on it."""
_PLAIN_SOUND: Final = 10.0
_PLAIN_CORRELATION: Final = 0.5
_MIN_OVERLAP: Final = 0.1


@dataclass
class Count:
    """Answers under one condition.

    Attributes:
        method: Which method answered.
        condition: Under which.
        sure: Per answer, whether it was called sure.
        right: Per answer, whether it was right.
        confidence: Per answer, its confidence.
        error_ms: Per answer that was given, how far it is off at the worse end of the recording.
    """

    method: str
    condition: str
    sure: list[bool] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)
    error_ms: list[float] = field(default_factory=list)

    def add(self, confidence: float, error_s: float | None, half_s: float) -> None:
        """Count an answer; one without an offset is not right."""
        self.sure.append(confidence >= SURE)
        self.right.append(error_s is not None and error_s <= half_s)
        self.confidence.append(confidence)
        if error_s is not None:
            self.error_ms.append(1000 * error_s)

    def extend(self, other: Count) -> None:
        """Take up another's answers."""
        self.sure += other.sure
        self.right += other.right
        self.confidence += other.confidence
        self.error_ms += other.error_ms

    @property
    def share_sure(self) -> float:
        return float(np.mean(self.sure))

    @property
    def sure_and_right(self) -> int:
        return sum(a and b for a, b in zip(self.sure, self.right, strict=True))


def wilson(right: int, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if not count:
        return 0.0, 1.0
    z = 1.959964
    share = right / count
    centre = share + z * z / (2 * count)
    reach = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return float((centre - reach) / scale), float(min(1.0, (centre + reach) / scale))


def error_of(offset_ms: float, drift_ppm: float, truth: Truth, end_s: float) -> float:
    """Seconds by which a clock is off at the worse end of a recording."""
    at = np.array([0.0, end_s])
    said = at * (1 + drift_ppm * 1e-6) + offset_ms / 1000
    return float(np.abs(said - truth.session(at)).max())


def judge(
    count: Count, answer: Callable[[], Synchronised], truths: Sequence[Truth],
    ends_s: Sequence[float], intervals_s: Sequence[float],
) -> None:  # fmt: skip
    """Count an answer's cameras against the truth."""
    try:
        result = answer()
    except InvalidInput:
        for _ in truths[1:]:
            count.add(0.0, None, 0.0)
        return
    for k in range(1, len(truths)):
        clock = result.clocks[k]
        half = max(intervals_s[0], intervals_s[k]) / 2
        if clock.offset_ms is None or result.clocks[0].offset_ms is None:
            count.add(0.0, None, half)
        else:
            error = error_of(clock.offset_ms, clock.drift_ppm, truths[k], ends_s[k])
            count.add(clock.confidence, error, half)


def by_sound(each: int, cameras: int = 2, seed: int = SEED) -> list[Count]:
    """Sound, and plain ways, under conditions of their own."""
    counts = []
    for name, condition in heard.HELD_OUT.items():
        mine = Count(_label("sound", cameras), name)
        plain = [Count("plain correlation of sound", name), Count("plain GCC-PHAT", name)]
        for number in range(each):
            made = heard.make(name, condition, generator(name, number, seed), cameras)
            judge(mine, lambda made=made: _sound(made), made.truths,
                  [s.end_s for s in made.sounds], [made.interval_s] * cameras)  # fmt: skip
            if cameras == 2:
                _judge_plain(plain[0], made, plain_waveforms(made), _PLAIN_CORRELATION)
                _judge_plain(plain[1], made, plain_phat(made), _PLAIN_SOUND)
        counts += [mine, *plain] if cameras == 2 else [mine]
    return counts


def _judge_plain(count: Count, made: Heard, top: tuple[float, float], least: float) -> None:
    lag, height = top
    error = error_of(-1000 * lag, 0.0, made.truths[1], made.sounds[1].end_s)
    count.add(1.0 if height >= least else 0.0, error, made.interval_s / 2)


def _sound(made: Heard) -> Synchronised:
    count = len(made.sounds)
    return clocks_of_sounds(
        dict(enumerate(made.sounds)), [f"camera {k}" for k in range(count)], {},
        dict.fromkeys(range(count), made.interval_s),
    )  # fmt: skip


def plain_waveforms(made: Heard) -> tuple[float, float]:
    """Lag and height of the highest top of the waveforms' normalised cross-correlation."""
    a, b = (Signal(sound.samples[None] / 32768, 0.0, RATE) for sound in made.sounds)
    found = normalised(a, b, _MIN_OVERLAP * min(a.duration_s, b.duration_s))
    k = int(np.nanargmax(found.values))
    return found.start_s + k * found.step_s, float(found.values[k])


def plain_phat(made: Heard) -> tuple[float, float]:
    """Lag of the highest top of GCC-PHAT over everything, and its height in deviations."""
    a, b = (sound.samples / 32768 for sound in made.sounds)
    size = len(a) + len(b)
    cross = np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size))
    values = np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-12), size)
    k = int(np.argmax(values))
    lag = k if k < len(b) else k - size
    return lag / RATE, float(values[k] / values.std())


def by_motion(each: int, cameras: int = 2, seed: int = SEED) -> list[Count]:
    """Motion, and plain correlation, under conditions of its own."""
    counts = []
    for name, scene in motions.HELD_OUT.items():
        mine = Count(_label("motion", cameras), name)
        plain = Count("plain correlation of motion", name)
        for number in range(each):
            made = motions.make(name, scene, generator(name, number, seed), cameras)
            ends = [float(one.times[-1]) for one in made.motions]
            intervals = [one.interval_s for one in made.motions]
            judge(mine, lambda made=made: _motion(made.motions), made.truths, ends, intervals)
            if cameras == 2:
                lag, height = plain_correlation(made.motions)
                error = error_of(-1000 * lag, 0.0, made.truths[1], ends[1])
                plain.add(1.0 if height >= _PLAIN_CORRELATION else 0.0, error, max(intervals) / 2)
        counts += [mine, plain] if cameras == 2 else [mine]
    return counts


def _motion(seen: Sequence[Motion]) -> Synchronised:
    return clocks_of_motions(dict(enumerate(seen)), [f"camera {k}" for k in range(len(seen))], {})


def plain_correlation(seen: Sequence[Motion]) -> tuple[float, float]:
    """Lag and height of the highest top of the correlation."""
    rate, apart = grid_of([one.interval_s for one in seen])
    a, b = (signal_of(one, rate) for one in seen)
    tops = normalised(a, b, least_overlap(a, b)).peaks(1, apart)
    return tops[0] if tops else (0.0, 0.0)


SOUNDS: Final = {
    "voices": heard.HELD_OUT["toys and voices"],
    "a tune over and over": heard.HELD_OUT["a toy's tune, echo"],
    "nothing alike": heard.HELD_OUT["different rooms, crying"],
}
MOVES: Final = {
    "lively": motions.HELD_OUT["lively, frames dropped and doubled"],
    "rhythmic": motions.HELD_OUT["rocking by a machine"],
}


def by_all(each: int, seed: int = SEED) -> list[Count]:
    """All methods together, with timecodes of every kind, right and wrong ones."""
    counts = []
    for code in KINDS:
        for sound, condition in SOUNDS.items():
            for move, scene in MOVES.items():
                name = f"timecode {code}; {sound}; {move}"
                count = Count("all together", f"timecode {code}")
                for number in range(each):
                    _judge_all(count, generator(name, number, seed), code, condition, scene)
                counts.append(count)
    return counts


def _judge_all(
    count: Count, rng: np.random.Generator, code: str, condition: heard.Condition,
    scene: motions.Scene,
) -> None:  # fmt: skip
    planned = heard.plan(rng, 2, condition.drift_ppm)
    seconds, truths = planned
    made = heard.make("", condition, rng, 2, planned)
    seen = motions.make("", scene, rng, 2, planned)
    intervals = {k: one.interval_s for k, one in enumerate(seen.motions)}
    tags = tags_of(rng, code, truths, seconds, list(intervals.values()))
    names = ["camera 0", "camera 1"]
    results = []
    for method in (
        lambda: clocks_of_tags(tags, names, {}),
        lambda: clocks_of_sounds(dict(enumerate(made.sounds)), names, {}, intervals),
        lambda: _motion(seen.motions),
    ):
        try:
            results.append(method())
        except InvalidInput:
            continue
    ends = [seconds, seconds]

    def answer() -> Synchronised:
        if not results:
            raise InvalidInput("nothing in common")
        return together(results, intervals, tags)

    judge(count, answer, truths, ends, list(intervals.values()))


def merged(counts: Sequence[Count], condition: str) -> list[Count]:
    """One count per method over all conditions."""
    out: dict[str, Count] = {}
    for count in counts:
        out.setdefault(count.method, Count(count.method, condition)).extend(count)
    return list(out.values())


def by_condition(counts: Sequence[Count]) -> list[Count]:
    """Counts of one method and condition put together."""
    out: dict[tuple[str, str], Count] = {}
    for count in counts:
        key = count.method, count.condition
        out.setdefault(key, Count(*key)).extend(count)
    return list(out.values())


def _label(method: str, cameras: int) -> str:
    return method if cameras == 2 else f"{method}, {cameras} cameras"


def print_counts(title: str, counts: Sequence[Count]) -> None:
    """Print shares of what is called sure, and of that what is right, with Wilson intervals."""
    header = (
        "method", "condition", "asked", "right", "called sure", "of these right", "95 %",
        "median error",
    )  # fmt: skip
    cells = [header]
    for count in counts:
        sure = sum(count.sure)
        low, high = wilson(count.sure_and_right, sure)
        cells.append(
            (
                count.method,
                count.condition,
                str(len(count.sure)),
                f"{np.mean(count.right):.0%}",
                f"{count.share_sure:.0%}",
                f"{count.sure_and_right} of {sure}" if sure else "-",
                f"{100 * low:.1f} – {100 * high:.1f} %" if sure else "-",
                f"{np.median(count.error_ms):.1f} ms" if count.error_ms else "-",
            )
        )
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    print(f"\n{title}")
    for number, line in enumerate(cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
        if number == 0:
            print("  ".join("-" * width for width in widths))
    sys.stdout.flush()
