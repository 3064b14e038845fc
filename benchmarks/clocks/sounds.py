"""Made sound of several cameras in one room, with known clocks, as arrays.

A scene is heard by each camera through a room of its own (reverberation, distance), with its own
noise, level, clock and faults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from worker.synchronisation.sound import RATE, Sound

Floats = NDArray[np.float64]
Rng = np.random.Generator

MARGIN_S: Final = 2.0
"""Of a scene, before and after what any camera hears: room for echo and way."""
SPEED: Final = 343.0


@dataclass(frozen=True)
class Truth:
    """A camera's clock: common time = camera time + offset_s + drift · camera time."""

    offset_s: float = 0.0
    drift: float = 0.0

    def session(self, camera_s: Floats) -> Floats:
        return camera_s * (1 + self.drift) + self.offset_s


@dataclass(frozen=True)
class Heard:
    """Several cameras' sound of one event.

    Attributes:
        condition: What is special about it.
        sounds: One per camera.
        truths: Their clocks.
        interval_s: Seconds between frames of the slowest camera.
        solvable: Whether the sounds tell the clocks at all.
    """

    condition: str
    sounds: tuple[Sound, ...]
    truths: tuple[Truth, ...]
    interval_s: float
    solvable: bool = True


# --- scenes: Floats of `n` samples ------------------------------------------------------------


def toys(rng: Rng, n: int, rate_hz: float = 1.2) -> Floats:
    """Claps, knocks and squeaks at odd times."""
    out = np.zeros(n)
    seconds = n / RATE
    for at in rng.uniform(0, seconds, max(2, rng.poisson(rate_hz * seconds))):
        m = round(rng.uniform(0.01, 0.25) * RATE)
        burst = rng.standard_normal(m) * np.exp(-np.linspace(0, 6, m))
        if rng.random() < 0.5:
            t = np.arange(m) / RATE
            burst = 0.3 * burst + np.sin(2 * np.pi * rng.uniform(200, 900) * t) * np.hanning(m)
        begin = round(at * RATE)
        part = out[begin : begin + m]
        part += rng.uniform(0.1, 0.6) * burst[: len(part)]
    return out


def voice(rng: Rng, n: int, pitch: tuple[float, float] = (90, 300)) -> Floats:
    """Speech-like: a gliding pulse train through formants that change four times a second."""
    seconds = n / RATE
    knots = np.arange(0, seconds + 1, 0.12)
    base = rng.uniform(*pitch)
    melody = base * np.exp(0.15 * np.cumsum(rng.standard_normal(len(knots))) * 0.3)
    melody = np.clip(melody, pitch[0] * 0.7, pitch[1] * 1.6)
    t = np.arange(n) / RATE
    phase = np.cumsum(np.interp(t, knots, melody)) / RATE
    source = np.diff(np.floor(phase), prepend=0) + 0.02 * rng.standard_normal(n)
    loud = (
        np.maximum(0, rng.standard_normal(len(knots)))
        * (np.repeat(rng.random(len(knots) // 12 + 1) < 0.6, 12)[: len(knots)])
    )
    source *= np.interp(t, knots, loud)
    out = np.zeros(n)
    pieces = max(1, int(seconds / 0.25))
    size = -(-n // pieces)
    for low, high in ((300, 900), (900, 2400), (2400, 3600)):
        filtered = np.zeros(n)
        for p in range(pieces):
            centre = rng.uniform(low, high)
            b, a = signal.iirpeak(centre / (RATE / 2), 6)
            part = slice(p * size, min(n, (p + 1) * size))
            filtered[part] = signal.lfilter(b, a, source[part])
        out += filtered
    return 0.5 * out / max(float(np.abs(out).max()), 1e-9)


def crying(rng: Rng, n: int) -> Floats:
    """An infant's cries: bouts of a second, 350 to 600 Hz with harmonics."""
    t = np.arange(n) / RATE
    out = np.zeros(n)
    at = rng.uniform(0, 2)
    while at < n / RATE:
        length = rng.uniform(0.5, 1.4)
        inside = (t >= at) & (t < at + length)
        local = (t[inside] - at) / length
        pitch = rng.uniform(350, 600) * (
            1
            + 0.2 * np.sin(np.pi * local)
            + 0.02 * np.sin(2 * np.pi * rng.uniform(4, 8) * local * length)
        )
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        out[inside] += np.sin(np.pi * local) ** 0.5 * sum(
            np.sin(k * phase) / k for k in range(1, 9)
        )
        at += length + rng.uniform(0.15, 1.2)
    return 0.2 * out + 0.01 * rng.standard_normal(n) * np.abs(out)


def melody(rng: Rng, n: int, notes: int | None = None, beat: float | None = None) -> Floats:
    """Music; of ``notes`` notes repeated for ever, or never the same."""
    beat = beat or rng.uniform(0.2, 0.6)
    count = int(n / RATE / beat) + 1
    scale = 220 * 2 ** (np.array([0, 2, 4, 7, 9, 12, 14, 16]) / 12)
    tune = rng.choice(scale, notes or count)
    m = round(beat * RATE)
    t = np.arange(m) / RATE
    shape = np.exp(-t * rng.uniform(3, 8))
    out = np.zeros((count + 1) * m)
    voices = {
        pitch: shape * sum(np.sin(2 * np.pi * k * pitch * t) / k**1.5 for k in range(1, 7))
        for pitch in set(tune)
    }
    drum = 0.5 * rng.standard_normal(m) * np.exp(-t * 60)
    for k in range(count):
        out[k * m : (k + 1) * m] = voices[tune[k % len(tune)]] + drum * (k % 2 == 0)
    return 0.15 * out[:n]


def loop(rng: Rng, n: int) -> Floats:
    """A musical toy: the same few seconds over and over, sample by sample."""
    return melody(rng, n, notes=int(rng.integers(4, 16)))


def metronome(rng: Rng, n: int) -> Floats:
    """Clicks at even times."""
    period = round(rng.uniform(0.4, 1.5) * RATE)
    click = rng.standard_normal(400) * np.exp(-np.linspace(0, 8, 400))
    out = np.zeros(n)
    for begin in range(int(rng.integers(period)), n - 400, period):
        out[begin : begin + 400] = 0.5 * click
    return out


def hum(rng: Rng, n: int) -> Floats:
    """Mains hum."""
    base = rng.choice([50.0, 60.0])
    t = np.arange(n) / RATE
    return 0.05 * sum(
        rng.uniform(0.2, 1) / k * np.sin(2 * np.pi * k * base * t + rng.uniform(0, 6))
        for k in range(1, 30)
    )


def tone(rng: Rng, n: int) -> Floats:
    """A machine that whistles: one pitch and its harmonics, for ever."""
    base = rng.uniform(120, 900)
    t = np.arange(n) / RATE
    return 0.1 * sum(
        rng.uniform(0.2, 1) / k * np.sin(2 * np.pi * k * base * t + rng.uniform(0, 6))
        for k in range(1, 7)
    )


def fan(rng: Rng, n: int) -> Floats:
    """Steady noise that all hear."""
    return 0.05 * signal.lfilter([1], [1, -0.8], rng.standard_normal(n))


def sparse(rng: Rng, n: int) -> Floats:
    """Hardly anything: one knock in half a minute."""
    return toys(rng, n, 1 / 30)


# --- what a camera makes of it ----------------------------------------------------------------


@dataclass(frozen=True)
class Room:
    """How a camera hears."""

    reverberation_s: float = 0.3
    direct_db: float = 5.0
    snr_db: float = 20.0
    noise: str = "white"
    lowpass_hz: float = 7500.0
    gain: float = 1.0
    gaps: int = 0
    agc: bool = False


def through(
    rng: Rng, scene: Floats, truth: Truth, seconds: float, room: Room, way_s: float, begin_s: float
) -> Sound:
    """The scene, from common time ``begin_s`` on, as one camera records it."""
    m = max(2, round(1.2 * room.reverberation_s * RATE))
    tail = rng.standard_normal(m) * np.exp(-6.9 * np.arange(m) / RATE / room.reverberation_s)
    tail[: round(0.002 * RATE)] = 0
    for _ in range(4):  # early reflections
        tail[int(rng.uniform(0.002, 0.025) * RATE) % m] += rng.normal() * np.abs(tail).max()
    tail *= 10 ** (-room.direct_db / 20) / max(float(np.sqrt(np.sum(tail**2))), 1e-9)
    tail[0] = 1.0
    camera = np.arange(round(seconds * RATE)) / RATE
    at = truth.session(camera) - way_s - begin_s
    low, high = max(0, int(at[0] * RATE) - m), int(at[-1] * RATE) + 2
    heard = signal.fftconvolve(scene[low:high], tail)[: high - low]
    out = np.interp(at * RATE - low, np.arange(len(heard)), heard)
    if room.lowpass_hz < RATE / 2:
        out = signal.sosfilt(signal.butter(4, room.lowpass_hz / (RATE / 2), output="sos"), out)
    level = float(np.sqrt(np.mean(out**2))) or 1e-3
    noise = _noise(rng, len(out), room.noise)
    out = out + max(level, 3e-4) * 10 ** (-room.snr_db / 20) * noise
    if room.agc:
        loud = np.sqrt(signal.lfilter([1 / RATE], [1, -(1 - 1 / RATE)], out**2)) + 1e-3
        out = 0.1 * out / loud
    for _ in range(room.gaps):
        begin = int(rng.uniform(0, len(out)))
        out[begin : begin + int(rng.uniform(0.1, 3) * RATE)] = 0
    peak = max(float(np.abs(out).max()), 1e-9)
    scaled = np.clip(out / peak * 25000 * room.gain, -32768, 32767)
    return Sound(scaled.astype(np.int16), 0.0)


def _noise(rng: Rng, n: int, kind: str) -> Floats:
    white = rng.standard_normal(n)
    if kind == "wind":
        low = signal.sosfilt(signal.butter(2, 300 / (RATE / 2), output="sos"), white)
        gusts = np.interp(
            np.arange(n),
            np.arange(0, n + RATE, RATE),
            np.abs(rng.standard_normal(len(np.arange(0, n + RATE, RATE)))),
        )
        white = low * gusts
    elif kind == "traffic":  # low and swelling, now and then a car
        low = signal.sosfilt(signal.butter(1, 150 / (RATE / 2), output="sos"), white)
        knots = np.arange(0, n + 4 * RATE, 4 * RATE)
        white = low * np.interp(np.arange(n), knots, rng.lognormal(0, 0.8, len(knots)))
    elif kind == "hiss":  # of a cheap preamplifier, louder with frequency
        white = np.diff(white, prepend=0.0)
    elif kind == "pink":
        white = signal.lfilter([0.05], [1, -0.95], white)
    elif kind == "babble":
        white = voice(rng, n)
    return white / max(float(np.std(white)), 1e-9)


Scene = Callable[[Rng, int], Floats]
