"""Recordings of one made-up event by several cameras whose clocks are known to be apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy import signal

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Clock:
    """A camera's clock: common time = camera time + offset_s + drift_ppm · 1e-6 · camera time."""

    offset_s: float = 0.0
    drift_ppm: float = 0.0

    def session(self, camera_s: Floats) -> Floats:
        return camera_s * (1 + self.drift_ppm * 1e-6) + self.offset_s


def room_sound(seconds: float, rate: int, seed: int = 1) -> Floats:
    """Claps, toys and voices: bursts of noise and tones at odd times over a quiet background."""
    rng = np.random.default_rng(seed)
    n = round(seconds * rate)
    out = 0.002 * rng.standard_normal(n)
    for at in np.sort(rng.uniform(0, seconds, max(3, round(1.2 * seconds)))):
        length = rng.uniform(0.01, 0.25)
        m = round(length * rate)
        begin = round(at * rate)
        burst = rng.standard_normal(m) * np.exp(-np.linspace(0, 6, m))
        if rng.random() < 0.5:
            pitch = rng.uniform(200, 900)
            t = np.arange(m) / rate
            burst = 0.3 * burst + np.sin(2 * np.pi * pitch * t) * np.hanning(m)
        part = out[begin : begin + m]
        part += rng.uniform(0.1, 0.6) * burst[: len(part)]
    return out


def heard(
    sound: Floats, rate: int, clock: Clock, seconds: float, *, delay_s: float = 0.0,
    reverb: bool = True, noise: float = 0.01, seed: int = 0,
) -> Floats:  # fmt: skip
    """What a camera hears: the sound of session time 0 on, through a room, on its own clock."""
    rng = np.random.default_rng(seed + 100)
    if reverb:
        m = round(0.25 * rate)
        tail = 0.15 * rng.standard_normal(m) * np.exp(-np.linspace(0, 7, m))
        tail[: round(0.002 * rate)] = 0
        tail[0] = 1.0
        sound = signal.fftconvolve(sound, tail)[: len(sound)]
    camera = np.arange(round(seconds * rate)) / rate
    at = clock.session(camera) - delay_s
    known = np.arange(len(sound)) / rate
    out = np.interp(at, known, sound, left=0.0, right=0.0)
    return out + noise * rng.standard_normal(len(out))


def write_video(
    path: Path, images: Sequence[NDArray[np.uint8]], fps: int | Fraction = 25, *,
    sound: Floats | None = None, rate: int = 16_000, metadata: dict[str, str] | None = None,
) -> Path:  # fmt: skip
    """Write grey images, and sound where there is some, as MP4."""
    with av.open(str(path), "w") as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = images[0].shape
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "18"}
        voice = container.add_stream("aac", rate=rate, layout="mono") if sound is not None else None
        for i, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="gray")
            frame.pts, frame.time_base = i, 1 / Fraction(fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if voice is not None and sound is not None:
            samples = np.clip(sound, -1, 1).astype(np.float32)
            for begin in range(0, len(samples), 1024):
                part = samples[None, begin : begin + 1024]
                voiced = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), "fltp", "mono")
                voiced.sample_rate, voiced.pts = rate, begin
                container.mux(voice.encode(voiced))
            container.mux(voice.encode(None))
    return path


def still(seconds: float = 1.0, fps: int = 5) -> list[NDArray[np.uint8]]:
    """Pictures in which nothing happens."""
    return [np.full((48, 64), 90, np.uint8)] * max(1, round(seconds * fps))


def moving(
    clock: Clock, seconds: float, fps: float = 25, *, seed: int = 3, view: int = 0
) -> list[NDArray[np.uint8]]:
    """A blob that moves by fits and starts, the same in each view but seen from another side."""
    rng = np.random.default_rng(seed)
    knots = np.arange(-20, seconds + 60, 0.35)
    steps = rng.standard_normal((2, len(knots))) * (rng.random(len(knots)) < 0.5)
    paths = np.cumsum(steps, axis=1) * 6
    paths -= np.stack([np.convolve(row, np.ones(15) / 15, "same") for row in paths])
    camera = np.arange(round(seconds * fps)) / fps
    at = clock.session(camera)
    across, up = (np.interp(at, knots, row) for row in paths)
    if view % 2:
        across = -0.7 * across
    back = np.random.default_rng(view).integers(60, 110, (12, 16)).astype(np.uint8)
    ground = back.repeat(8, 0).repeat(8, 1)
    y, x = np.mgrid[0:96, 0:128]
    images = []
    for dx, dy in zip(across, up, strict=True):
        blob = np.exp(-((x - 64 - dx) ** 2 + (y - 48 + dy) ** 2) / (2 * 9.0**2))
        images.append((ground + 120 * blob).astype(np.uint8))
    return images
