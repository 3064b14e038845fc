"""Sound is heard on the clock of the pictures, whatever the container does."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from worker.synchronisation.sound import RATE, read_sound

Floats = NDArray[np.float64]
SECONDS, CLICK_S = 3.0, 1.25


def clicking(rate: int, at_s: float, seconds: float = SECONDS) -> Floats:
    """A click in near silence."""
    rng = np.random.default_rng(0)
    out = 0.001 * rng.standard_normal(round(seconds * rate))
    begin = round(at_s * rate)
    m = round(0.02 * rate)
    out[begin : begin + m] += 0.7 * rng.standard_normal(m) * np.exp(-np.linspace(0, 5, m))
    return out


def write(
    path: Path, sound: Floats, *, rate: int = 48_000, codec: str = "aac", first_s: float = 0.0,
    late_s: float = 0.0, base: Fraction = Fraction(1, 90_000), channels: int = 1,
    invert: bool = False, without: range = range(0), silent_first: bool = False,
) -> Path:  # fmt: skip
    """Pictures from ``first_s`` on, sound that begins ``late_s`` after them."""
    picture = "libvpx" if path.suffix == ".webm" else "libx264"
    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w") as container:
        video = container.add_stream(picture, rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = base
        tracks = [
            container.add_stream(codec, rate=rate, layout=layout)
            for _ in range(2 if silent_first else 1)
        ]
        for k in range(round(SECONDS * 10)):
            image = np.full((48, 64), k * 3, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, "gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = round((first_s + k / 10) / base), base
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = np.stack([sound, -sound if invert else sound][:channels]).astype(np.float32)
        for n, track in enumerate(tracks):
            heard = samples * 0 if silent_first and n == 0 else samples
            kind = "flt" if codec == "libopus" else "fltp"
            for count, begin in enumerate(range(0, heard.shape[1], 960)):
                part = np.ascontiguousarray(heard[:, begin : begin + 960])
                if kind == "flt":
                    part = np.ascontiguousarray(part.T.reshape(1, -1))
                voiced = av.AudioFrame.from_ndarray(part, kind, layout)
                voiced.sample_rate, voiced.time_base = rate, Fraction(1, rate)
                voiced.pts = begin + round((first_s + late_s) * rate)
                for packet in track.encode(voiced):
                    if count not in without:
                        container.mux(packet)
            container.mux(track.encode(None))
    return path


def click_of(path: Path) -> float:
    """Camera time of the loudest moment."""
    sound = read_sound(path)
    loud = np.abs(sound.samples.astype(np.float64))
    first = int(np.argmax(loud > 0.3 * loud.max()))
    return sound.start_s + first / RATE


@pytest.mark.parametrize("first_s", [0.0, 3.0, 11.4])
@pytest.mark.parametrize(
    ("kind", "codec", "base"),
    [
        ("mp4", "aac", Fraction(1, 90_000)),
        ("mkv", "aac", Fraction(1, 1000)),
        ("webm", "libopus", Fraction(1, 1000)),
        ("ts", "aac", Fraction(1, 90_000)),
    ],
)
def test_sound_counts_from_the_first_picture_in_every_container(
    tmp_path: Path, kind: str, codec: str, base: Fraction, first_s: float
) -> None:
    path = write(
        tmp_path / f"a.{kind}", clicking(48_000, CLICK_S), codec=codec, base=base, first_s=first_s
    )
    assert click_of(path) == pytest.approx(CLICK_S, abs=0.003)


@pytest.mark.parametrize("late_s", [0.8, -0.4])
@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
def test_a_microphone_that_begins_late_or_early_is_placed_by_its_time_stamps(
    tmp_path: Path, kind: str, late_s: float
) -> None:
    path = write(
        tmp_path / f"a.{kind}", clicking(48_000, CLICK_S), late_s=late_s, first_s=1.0,
        base=Fraction(1, 1000) if kind == "mkv" else Fraction(1, 90_000),
    )  # fmt: skip
    assert click_of(path) == pytest.approx(CLICK_S + late_s, abs=0.003)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_sample_rates_do_not_shift_sound(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "a.mp4", clicking(rate, CLICK_S), rate=rate)
    assert click_of(path) == pytest.approx(CLICK_S, abs=0.003)


def test_lost_packets_leave_a_gap_of_their_length(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ts", clicking(48_000, 2.0), without=range(20, 60))
    assert click_of(path) == pytest.approx(2.0, abs=0.003)


def test_two_channels_that_cancel_each_other_are_still_heard(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", clicking(48_000, CLICK_S), channels=2, invert=True)
    assert click_of(path) == pytest.approx(CLICK_S, abs=0.003)


def test_a_silent_first_track_gives_way_to_the_second(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", clicking(48_000, CLICK_S), silent_first=True,
                 base=Fraction(1, 1000))  # fmt: skip
    assert click_of(path) == pytest.approx(CLICK_S, abs=0.003)


def test_silence_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", np.zeros(3 * 48_000))
    with pytest.raises(InvalidInput, match="its sound track is silent"):
        read_sound(path)
