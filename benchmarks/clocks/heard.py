"""Conditions under which cameras are made to hear: some to fit confidence on, others to hold it to.

What confidence was fitted on (``FITTED``) and what it is held to (``HELD_OUT``) share no seed, no
room, no kind of noise, no frame rate, and no way of placing cameras. Scenes they share in part:
what infants and people do is what is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from benchmarks.clocks.sounds import (
    MARGIN_S,
    SPEED,
    Floats,
    Heard,
    Rng,
    Room,
    Truth,
    crying,
    fan,
    hum,
    loop,
    melody,
    metronome,
    sparse,
    through,
    tone,
    toys,
    voice,
)
from worker.synchronisation.sound import RATE

RATES: Final = (24, 25, 30, 50, 60)
HELD_OUT_RATES: Final = (15, 24000 / 1001, 30000 / 1001, 48, 60000 / 1001, 120)
WAY_M: Final = 0.9
"""Standard deviation of how much farther away one camera is than another."""
MAX_WAY_M: Final = 2.0


@dataclass(frozen=True)
class Condition:
    """What is heard, and how."""

    scene: Callable[[Rng, int], Floats]
    room: Callable[[Rng], Room] = lambda rng: Room()
    drift_ppm: float = 20.0
    rates: tuple[float, ...] = RATES
    even_way: bool = False
    """Cameras as often far as near, instead of mostly near."""
    apart: bool = False
    """Cameras in different rooms."""
    leak_db: float = -200.0
    """How loud the other room is heard."""
    solvable: bool = True


def quiet(rng: Rng) -> Room:
    return Room(
        rng.uniform(0.15, 0.5),
        rng.uniform(2, 12),
        rng.uniform(12, 35),
        rng.choice(["white", "pink"]),
    )


def noisy(rng: Rng) -> Room:
    return Room(
        rng.uniform(0.15, 0.5),
        rng.uniform(0, 10),
        rng.uniform(-12, 6),
        rng.choice(["white", "pink"]),
    )


def echoing(rng: Rng) -> Room:
    return Room(rng.uniform(0.5, 1.2), rng.uniform(-10, 0), rng.uniform(5, 30))


def study(rng: Rng) -> Room:
    """A furnished room at a street: held out."""
    return Room(
        rng.uniform(0.25, 0.7),
        rng.uniform(0, 10),
        rng.uniform(8, 30),
        rng.choice(["hiss", "traffic"]),
        lowpass_hz=rng.uniform(5000, 7500),
    )


def street(rng: Rng) -> Room:
    """The same with its window open: held out."""
    return Room(
        rng.uniform(0.25, 0.7),
        rng.uniform(-2, 8),
        rng.uniform(-12, 8),
        rng.choice(["hiss", "traffic"]),
    )


def hall(rng: Rng) -> Room:
    """Hard walls, far apart: held out."""
    return Room(rng.uniform(0.9, 1.6), rng.uniform(-8, 2), rng.uniform(5, 30), "traffic")


def windy(rng: Rng) -> Room:
    return Room(rng.uniform(0.2, 0.6), rng.uniform(-3, 8), rng.uniform(-15, 10), "wind")


def crowded(rng: Rng) -> Room:
    return Room(rng.uniform(0.2, 0.6), rng.uniform(-3, 8), rng.uniform(-6, 6), "babble")


def phone(rng: Rng) -> Room:
    return Room(
        rng.uniform(0.2, 0.7),
        rng.uniform(-3, 8),
        rng.uniform(0, 20),
        "hiss",
        lowpass_hz=rng.uniform(2500, 4000),
        gain=rng.uniform(0.05, 4),
        agc=True,
    )


def broken(rng: Rng) -> Room:
    return Room(
        rng.uniform(0.2, 0.6), rng.uniform(-2, 8), rng.uniform(5, 25), "hiss",
        gaps=int(rng.integers(1, 5)),
    )  # fmt: skip


def both(*scenes: Callable[[Rng, int], Floats]) -> Callable[[Rng, int], Floats]:
    def mixed(rng: Rng, n: int) -> Floats:
        parts = [scene(rng, n) * 10 ** (rng.uniform(-8, 8) / 20) for scene in scenes]
        return np.sum(parts, axis=0)

    return mixed


FITTED: Final[Mapping[str, Condition]] = {
    "claps and toys": Condition(toys, quiet),
    "claps and toys, loud noise": Condition(toys, noisy),
    "speech": Condition(voice, quiet),
    "speech, loud noise": Condition(voice, noisy),
    "speech, much echo": Condition(voice, echoing),
    "music": Condition(melody, quiet),
    "a toy's tune over and over": Condition(loop, quiet, solvable=False),
    "a toy's tune and voices": Condition(both(loop, voice), quiet),
    "a fan": Condition(fan, noisy),
    "a steady tone": Condition(tone, quiet, solvable=False),
    "nearly silent": Condition(sparse, quiet),
    "toys, much echo": Condition(toys, echoing),
    "another room, heard faintly": Condition(voice, quiet, apart=True, leak_db=-22),
    "different rooms": Condition(voice, quiet, apart=True, solvable=False),
    "different rooms, toys": Condition(toys, noisy, apart=True, solvable=False),
}
_HELD_OUT: Final[Mapping[str, Condition]] = {
    "an infant cries": Condition(crying, study),
    "an infant cries, wind": Condition(crying, windy),
    "toys and voices": Condition(both(toys, voice), study),
    "toys and voices, people talk beside each camera": Condition(both(toys, voice), crowded),
    "toys and crying, much echo": Condition(both(toys, crying), hall),
    "telephone quality, level adapted": Condition(both(crying, voice), phone),
    "sound with gaps": Condition(both(toys, voice), broken),
    "clocks 100 ppm apart": Condition(both(toys, voice), study, drift_ppm=100),
    "music and crying": Condition(both(melody, crying), street),
    "a metronome": Condition(metronome, study, solvable=False),
    "a metronome and a voice": Condition(both(metronome, voice), study),
    "a toy's tune and crying, noise": Condition(both(loop, crying), street),
    "a toy's tune, echo": Condition(loop, hall, solvable=False),
    "mains hum": Condition(hum, study, solvable=False),
    "hum and a few knocks": Condition(both(hum, sparse), street),
    "next room, heard through the wall": Condition(voice, study, apart=True, leak_db=-15),
    "different rooms, crying": Condition(crying, study, apart=True, solvable=False),
    "different rooms, a metronome in each": Condition(metronome, study, apart=True, solvable=False),
}
HELD_OUT: Final[Mapping[str, Condition]] = {
    name: replace(condition, rates=HELD_OUT_RATES, even_way=True)
    for name, condition in _HELD_OUT.items()
}


def plan(rng: Rng, cameras: int, drift_ppm: float) -> tuple[float, list[Truth]]:
    """Seconds of a recording, 8 to 90, and its cameras' clocks: offsets up to a minute."""
    seconds = float(np.exp(rng.uniform(np.log(8), np.log(90))))
    reach = min(60.0, 0.85 * seconds)
    truths = [Truth()]
    for _ in range(1, cameras):
        offset = rng.uniform(-reach, reach) * (rng.random() < 0.9)
        truths.append(Truth(offset, 1e-6 * drift_ppm * rng.standard_normal()))
    return seconds, truths


def make(
    name: str,
    condition: Condition,
    rng: Rng,
    cameras: int = 2,
    planned: tuple[float, list[Truth]] | None = None,
) -> Heard:
    """One recording; cameras are up to 2 m apart in way."""
    seconds, truths = planned or plan(rng, cameras, condition.drift_ppm)
    begin = min(truth.offset_s for truth in truths) - MARGIN_S
    end = max(truth.offset_s for truth in truths) + seconds + MARGIN_S
    n = round((end - begin) * RATE)
    scene = condition.scene(rng, n)
    other = condition.scene(rng, n) if condition.apart else scene
    sounds = []
    for k, truth in enumerate(truths):
        way = _way_m(rng, condition) / SPEED if k else 0.0
        own = scene if k == 0 else other + 10 ** (condition.leak_db / 20) * scene * condition.apart
        sounds.append(through(rng, own, truth, seconds, condition.room(rng), way, begin))
    return Heard(
        name,
        tuple(sounds),
        tuple(truths),
        1 / float(rng.choice(condition.rates)),
        condition.solvable,
    )


def _way_m(rng: Rng, condition: Condition) -> float:
    if condition.even_way:
        return float(rng.uniform(-MAX_WAY_M, MAX_WAY_M))
    return float(np.clip(rng.normal(0, WAY_M), -MAX_WAY_M, MAX_WAY_M))
