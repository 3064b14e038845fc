"""Made motion of several cameras that watch one infant, with known clocks, as arrays.

Parts of a body move by bursts or in a rhythm; each view sees their projections, some hidden, some
of somebody else who is in that view only, with the noise of measuring and the faults of cameras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.clocks.sounds import Truth
from worker.synchronisation.movement import Motion

Floats = NDArray[np.float64]
Rng = np.random.Generator

FINE: Final = 240
RATES: Final = (15, 24, 25, 30, 50, 60)
HELD_OUT_RATES: Final = (12.5, 20, 24000 / 1001, 30000 / 1001, 48, 60000 / 1001)
PARTS: Final = 6


@dataclass(frozen=True)
class Scene:
    """How the infant moves, and how cameras see it.

    Attributes:
        bursts: Movements of each part per second.
        rhythm: Strength of movement in a rhythm, beside bursts of 1.
        wobble: How uneven the rhythm is, 0 for a machine's.
        noise: Of measuring, beside the motion.
        hidden: How unlike the parts are seen: 0 all alike, 1 some hardly at all.
        stranger: Movements per second of somebody who is in one view only.
        doubled: Share of frames that repeat the one before.
        dropped: Share of frames that are missing.
        shake: Hits against the tripod per minute.
        drift_ppm: Standard deviation of clocks.
        apart: Views of different infants.
        solvable: Whether the views tell the clocks at all.
        seconds: Shortest and longest recording.
        rates: Frames per second of a camera.
    """

    bursts: float = 0.5
    rhythm: float = 0.0
    wobble: float = 0.0
    noise: float = 0.1
    hidden: float = 0.5
    stranger: float = 0.0
    doubled: float = 0.0
    dropped: float = 0.0
    shake: float = 0.0
    drift_ppm: float = 20.0
    apart: bool = False
    solvable: bool = True
    seconds: tuple[float, float] = (8.0, 120.0)
    rates: tuple[float, ...] = RATES


FITTED: Final[Mapping[str, Scene]] = {
    "lively": Scene(),
    "calm": Scene(bursts=0.05),
    "much hidden, noise": Scene(noise=0.5, hidden=1.0),
    "rhythmic kicks, nothing else": Scene(bursts=0.0, rhythm=1.0, solvable=False),
    "rhythmic kicks, uneven": Scene(bursts=0.05, rhythm=1.0, wobble=0.03),
    "lively and rhythmic": Scene(bursts=0.4, rhythm=1.0),
    "somebody in one view": Scene(stranger=0.4),
    "different infants": Scene(apart=True, solvable=False),
    "different infants, rhythmic": Scene(bursts=0.1, rhythm=1.0, apart=True, solvable=False),
    "few seconds": Scene(seconds=(1.2, 8)),
    "few seconds of walking": Scene(bursts=0.3, rhythm=1.0, wobble=0.03, seconds=(1.2, 8)),
}
_HELD_OUT: Final[Mapping[str, Scene]] = {
    "lively, frames dropped and doubled": Scene(doubled=0.05, dropped=0.05),
    "lively, cameras are hit": Scene(shake=10, bursts=0.3),
    "calm, noise, much hidden": Scene(bursts=0.08, noise=0.4, hidden=1.0),
    "somebody in each view": Scene(stranger=0.8, hidden=0.8),
    "rocking by a machine": Scene(bursts=0.01, rhythm=2.0, solvable=False),
    "rocking, and lively": Scene(bursts=0.3, rhythm=2.0),
    "kicks with a wobble": Scene(bursts=0.1, rhythm=1.5, wobble=0.1),
    "clocks 100 ppm apart": Scene(drift_ppm=100, seconds=(60, 280)),
    "different infants, calm": Scene(bursts=0.08, apart=True, solvable=False),
    "different infants, same rocker": Scene(bursts=0.1, rhythm=1.5, apart=True, solvable=False),
    "a few seconds, noise": Scene(seconds=(1.2, 6), noise=0.3),
    "a few seconds of dancing": Scene(bursts=1.0, rhythm=1.5, wobble=0.1, seconds=(1.2, 6)),
}
HELD_OUT: Final[Mapping[str, Scene]] = {
    name: replace(scene, rates=HELD_OUT_RATES) for name, scene in _HELD_OUT.items()
}


@dataclass(frozen=True)
class Seen:
    """Several cameras' motion of one event; see :class:`benchmarks.clocks.sounds.Heard`."""

    condition: str
    motions: tuple[Motion, ...]
    truths: tuple[Truth, ...]
    solvable: bool


def velocities(rng: Rng, n: int, scene: Scene) -> Floats:
    """Of each part in three dimensions at ``FINE`` Hz, shape (PARTS, 3, n)."""
    out = np.zeros((PARTS, 3, n))
    seconds = n / FINE
    for part in out:
        for at in rng.uniform(0, seconds, rng.poisson(scene.bursts * seconds)):
            m = round(rng.uniform(0.2, 1.2) * FINE)
            u = np.linspace(0, 1, m)
            there = 30 * u**2 * (1 - u) ** 2  # minimum jerk
            if rng.random() < 0.6:
                there = there * np.sign(0.5 - u) * 1.5  # and back
            direction = rng.standard_normal(3) * rng.lognormal(0, 0.5)
            begin = round(at * FINE)
            part[:, begin : begin + m] += (direction[:, None] * there)[:, : n - begin]
    if scene.rhythm:
        steps = np.full(n, rng.uniform(0.7, 2.2) / FINE)
        knots = np.arange(0, n + FINE, FINE // 2)
        uneven = np.exp(scene.wobble * np.cumsum(rng.standard_normal(len(knots))) * 0.5)
        uneven *= np.exp(scene.wobble * 3 * rng.standard_normal(len(knots)))
        phase = 2 * np.pi * np.cumsum(steps * np.interp(np.arange(n), knots, uneven))
        for p in rng.choice(PARTS, 3, replace=False):
            kick = np.maximum(np.sin(phase + rng.uniform(0, 0.5)), -0.4)
            out[p] += scene.rhythm * rng.standard_normal((3, 1)) * (kick - kick.mean())
    return out


def view(
    rng: Rng, moving: Floats, begin_s: float, truth: Truth, seconds: float, rate: float,
    scene: Scene,
) -> Motion:  # fmt: skip
    """What one camera sees; ``moving`` begins at common time ``begin_s``."""
    yaw, tilt = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.3)
    across = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    up = np.array([-np.sin(tilt) * -np.sin(yaw), -np.sin(tilt) * np.cos(yaw), np.cos(tilt)])
    weight = np.exp(scene.hidden * rng.standard_normal(PARTS))
    places = np.cumsum(moving, axis=2) / FINE
    if scene.stranger:
        other = velocities(rng, moving.shape[2], Scene(bursts=scene.stranger))[:2]
        places = np.concatenate([places, np.cumsum(other, axis=2) / FINE])
        weight = np.concatenate([weight, rng.lognormal(0, 0.3, 2)])
    phase = rng.uniform(0, 1 / rate)
    camera = np.arange(int(seconds * rate)) / rate
    shown = truth.session(camera) + 0 * phase
    if scene.doubled:
        for k in np.flatnonzero(rng.random(len(shown)) < scene.doubled):
            shown[k] = shown[max(0, k - 1)]
    if scene.dropped:
        kept = rng.random(len(camera)) >= scene.dropped
        camera, shown = camera[kept], shown[kept]
    at = (shown - begin_s) * FINE
    fine = np.arange(moving.shape[2])
    flat = np.stack([
        [np.interp(at, fine, axis @ place) for place in places] for axis in (across, up)
    ])  # fmt: skip
    steps = np.diff(camera)
    change = np.diff(flat, axis=2) / steps
    speed = np.hypot(change[0], change[1])
    usual = float(np.mean(weight @ speed)) + 1e-6
    noise = scene.noise * usual
    hits = np.zeros(len(steps))
    for when in rng.uniform(0, seconds, rng.poisson(scene.shake * seconds / 60)):
        hits += 8 * usual * np.exp(-np.abs(camera[1:] - when) * 6)
    random = rng.standard_normal((4, len(steps)))
    values = np.stack([
        (weight**0.7 @ speed**0.7) + hits + noise * np.abs(1 + 0.5 * random[0]),
        (weight @ speed) + hits + 0.7 * noise * np.abs(1 + 0.7 * random[1]),
        (weight @ change[1]) + hits * random[2] + noise * random[3],
    ])  # fmt: skip
    return Motion((camera[:-1] + camera[1:]) / 2, values, float(np.median(steps)))


def make(
    name: str,
    scene: Scene,
    rng: Rng,
    cameras: int = 2,
    planned: tuple[float, list[Truth]] | None = None,
) -> Seen:
    """One recording: offsets up to a minute, rates of 15 to 60 frames/s."""
    low, high = scene.seconds
    seconds = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    reach = min(60.0, 0.8 * seconds)
    truths = [Truth()]
    for _ in range(1, cameras):
        offset = rng.uniform(-reach, reach) * (rng.random() < 0.9)
        truths.append(Truth(offset, 1e-6 * scene.drift_ppm * rng.standard_normal()))
    if planned is not None:
        seconds, truths = planned
    begin = min(truth.offset_s for truth in truths) - 1
    end = max(truth.offset_s for truth in truths) + seconds + 1
    n = round((end - begin) * FINE)
    moving = velocities(rng, n, scene)
    motions = []
    for k, truth in enumerate(truths):
        seen = velocities(rng, n, scene) if scene.apart and k else moving
        rate = float(rng.choice(scene.rates)) * (0.999 if rng.random() < 0.3 else 1.0)
        motions.append(view(rng, seen, begin, truth, seconds, rate, scene))
    return Seen(name, tuple(motions), tuple(truths), scene.solvable)
