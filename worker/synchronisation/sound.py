"""A video's sound on the clock of its pictures, ready to be compared.

Each decoded stretch is placed by its own time stamp: where packets were lost there is silence of
that length, where time stamps overlap the surplus goes. Sound and picture have one origin
(:mod:`worker.media.clock`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av import AudioFrame, AudioStream
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from numpy.typing import NDArray
from scipy import ndimage

from worker.media.clock import origin_of
from worker.media.decode import invalid, open_video
from worker.synchronisation.correlate import Signal

Floats = NDArray[np.float64]
Sound16 = NDArray[np.int16]

RATE: Final = 16_000
SILENT: Final = 3.0
"""Of 32768, root mean square: -81 dB."""
_PLACED_S: Final = 0.004
"""Time stamps that are off by less are rounded ones: Matroska's are whole milliseconds."""
_MAX_GAP_S: Final = 3600.0
_CANCELLED: Final = 0.3
"""Channels whose sum is so much quieter than the louder one are each other's inverse."""
_HOP: Final = RATE // 100
_BANDS: Final = (80, 200, 400, 700, 1200, 2000, 3200, 5000, 7600)


@dataclass(frozen=True, slots=True)
class Sound:
    """A video's sound, mono.

    Attributes:
        samples: Shape (n,), at ``RATE``.
        start_s: Camera time of the first sample; negative where sound begins before the pictures.
    """

    samples: Sound16
    start_s: float

    @property
    def end_s(self) -> float:
        """Camera time after the last sample."""
        return self.start_s + len(self.samples) / RATE

    def between(self, start_s: float, end_s: float) -> Floats:
        """Samples between two camera times, zeros where there are none; about -1 to 1."""
        first = round((start_s - self.start_s) * RATE)
        count = round((end_s - start_s) * RATE)
        out = np.zeros(count)
        low, high = max(0, first), min(len(self.samples), first + count)
        if high > low:
            out[low - first : high - first] = self.samples[low:high] / 32768.0
        return out


def read_sound(path: Path, name: str | None = None) -> Sound:
    """Decode a video's sound, mixed to one channel: the first track that is not silent.

    Raises:
        InvalidInput: not a video, no sound track, a broken or a silent one.
    """
    name = name or path.name
    origin = origin_of(path, name)
    with open_video(path, name, max_pixels=2**62) as (container, _):
        count = len(container.streams.audio)
    if not count:
        raise invalid(name, "it has no sound track")
    faults: list[str] = []
    for number in range(count):
        with open_video(path, name, max_pixels=2**62) as (container, _):
            channels, start = _decode(container, container.streams.audio[number], origin)
        samples = _mixed(channels)
        if not samples.size:
            faults.append("its sound track cannot be decoded")
        elif len(samples) < RATE // 4:
            faults.append("its sound track is shorter than a quarter of a second")
        elif _level(samples) < SILENT:
            faults.append("its sound track is silent")
        else:
            return Sound(samples, start)
    raise invalid(name, faults[0])


def _decode(
    container: InputContainer, stream: AudioStream, origin: Fraction
) -> tuple[Sound16, float]:
    """All channels (at most two) at ``RATE``, shape (channels, n), and when the first begins."""
    layout = "mono" if stream.codec_context.channels == 1 else "stereo"
    placed = _Placed(layout)
    for frame in _frames(container, stream):
        at = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
        if not placed.add(frame, None if at is None else float(at - origin)):
            break
    return placed.finished()


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """What can be decoded: a broken packet costs itself only."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
            yield from packet.decode()
        except StopIteration:
            return
        except av.InvalidDataError:
            continue
        except av.FFmpegError:
            return


class _Placed:
    """Sound that is put together by time stamps."""

    def __init__(self, layout: str) -> None:
        self._layout = layout
        self._resampler: AudioResampler | None = None
        self._chunks: list[Sound16] = []
        self._count = 0
        self._surplus = 0
        self._start: float | None = None
        self._next_s = 0.0

    def add(self, frame: AudioFrame, at_s: float | None) -> bool:
        """Put a frame where it belongs; False where its time stamp makes no sense any more."""
        if self._start is None:
            self._start = at_s or 0.0
        elif at_s is not None:
            off = at_s - self._start - self._next_s
            if not -1.0 <= off <= _MAX_GAP_S:
                return False
            if abs(off) > _PLACED_S:
                self._go_on_at(at_s - self._start)
        self._next_s += frame.samples / frame.sample_rate
        self._pass(frame)
        return True

    def finished(self) -> tuple[Sound16, float]:
        """All of it, and when it begins."""
        self._flush()
        channels = 1 if self._layout == "mono" else 2
        empty = np.zeros((channels, 0), np.int16)
        return np.concatenate([empty, *self._chunks], axis=1), self._start or 0.0

    def _go_on_at(self, since_start_s: float) -> None:
        self._flush()
        place = round(since_start_s * RATE)
        self._surplus = max(0, self._count - place)
        if place > self._count:
            channels = 1 if self._layout == "mono" else 2
            self._append(np.zeros((channels, place - self._count), np.int16))
        self._next_s = since_start_s

    def _pass(self, frame: AudioFrame) -> None:
        frame.pts = None
        if self._resampler is None:
            self._resampler = AudioResampler(format="s16p", layout=self._layout, rate=RATE)
        try:
            parts = self._resampler.resample(frame)
        except ValueError:  # the track changes its rate or its channels
            self._flush()
            self._resampler = AudioResampler(format="s16p", layout=self._layout, rate=RATE)
            parts = self._resampler.resample(frame)
        for part in parts:
            self._append(np.asarray(part.to_ndarray(), np.int16))

    def _flush(self) -> None:
        if self._resampler is not None:
            for part in self._resampler.resample(None):
                self._append(np.asarray(part.to_ndarray(), np.int16))
        self._resampler = None

    def _append(self, samples: NDArray[np.int16]) -> None:
        if self._surplus:
            gone = min(self._surplus, samples.shape[1])
            samples, self._surplus = samples[:, gone:], self._surplus - gone
        if samples.shape[1]:
            self._count += samples.shape[1]
            self._chunks.append(samples)


def _mixed(channels: Sound16) -> Sound16:
    """One channel of all; the louder where they cancel each other out."""
    if len(channels) == 1:
        return np.asarray(channels[0])
    mixed = np.asarray(channels.mean(axis=0, dtype=np.float32).astype(np.int16))
    levels = [_level(channel) for channel in channels]
    if _level(mixed) < _CANCELLED * max(levels):
        return np.asarray(channels[int(np.argmax(levels))])
    return mixed


def _level(samples: Sound16) -> float:
    if not samples.size:
        return 0.0
    mean = float(samples.mean())
    return float(max(0.0, float(np.mean(np.square(samples, dtype=np.float64))) - mean**2) ** 0.5)


def loudness(sound: Sound) -> Signal:
    """Log energy of eight bands at 100 Hz, without its slow part."""
    n = len(sound.samples) // _HOP - 1
    edges = np.array(_BANDS)
    window = np.hanning(2 * _HOP)
    bins = np.fft.rfftfreq(2 * _HOP, 1 / RATE)
    band = np.searchsorted(edges, bins, side="right") - 1
    out = np.zeros((len(edges) - 1, n))
    frames = np.lib.stride_tricks.sliding_window_view(sound.samples, 2 * _HOP)[::_HOP]
    for begin in range(0, n, 4096):
        power = np.abs(np.fft.rfft(frames[begin : begin + 4096][: n - begin] * window)) ** 2
        for b in range(len(out)):
            out[b, begin : begin + len(power)] = power[:, band == b].sum(axis=1)
    out = np.log(out + 1e-3 * out.mean(axis=1, keepdims=True) + 1.0)
    out -= ndimage.gaussian_filter1d(out, 100, axis=1, mode="nearest")
    return Signal(out, sound.start_s + _HOP / RATE, RATE / _HOP)
