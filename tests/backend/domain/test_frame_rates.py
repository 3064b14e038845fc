from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from backend.domain.frame_rates import frames_at_rate

NTSC = Fraction(30000, 1001)


def steps(frames: list[int]) -> set[int]:
    return set(np.diff(frames).tolist())


def exact(rate: float | Fraction, count: int = 3000) -> list[Fraction]:
    return [number / Fraction(rate) for number in range(count)]


def in_milliseconds(rate: float | Fraction, count: int = 3000) -> list[float]:
    return [round(time_s * 1000) / 1000 for time_s in exact(rate, count)]


def jittering(rate: float | Fraction, by_s: float, count: int = 3000) -> list[float]:
    rng = np.random.default_rng(1)
    return [0.0, *(float(t) + rng.uniform(-by_s, by_s) for t in exact(rate, count)[1:])]


@pytest.mark.parametrize("wanted", [30, 15, 10, 5, 3, 2, 1])
@pytest.mark.parametrize(
    "times_s",
    [exact(30), in_milliseconds(30), jittering(30, 0.0007), jittering(30, 0.004)],
    ids=["exact", "milliseconds", "phone", "bad phone"],
)
def test_thirty_a_second_are_thinned_evenly(times_s, wanted):
    frames = frames_at_rate(times_s, wanted)
    assert len(frames) == 100 * wanted
    assert steps(frames) == {30 // wanted}


@pytest.mark.parametrize(
    "times_s",
    [exact(NTSC), in_milliseconds(NTSC), jittering(NTSC, 0.002)],
    ids=["exact", "milliseconds", "jittering"],
)
def test_broadcast_thirty_asked_for_as_thirty_gives_every_frame(times_s):
    assert frames_at_rate(times_s, 30) == list(range(3000))


@pytest.mark.parametrize("wanted", [30, 15, 10, 5])
def test_ten_seconds_of_broadcast_thirty_are_thinned_as_ten_seconds_of_thirty(wanted):
    frames = frames_at_rate(exact(NTSC, 300), wanted)
    assert frames == list(range(0, 300, 30 // wanted))


@pytest.mark.parametrize("wanted", [15, 10, 5])
def test_broadcast_rates_are_thinned_to_the_nearest_frames_of_the_even_grid(wanted):
    times_s = exact(NTSC)
    frames = frames_at_rate(times_s, wanted)
    assert steps(frames) <= {30 // wanted - 1, 30 // wanted}
    off = [abs(float(times_s[f]) - k / wanted) for k, f in enumerate(frames)]
    assert max(off) < 0.6 / 30


def test_a_video_slower_than_the_grid_gives_each_frame_once():
    for rate in (24, 25, Fraction(24000, 1001), 12, 1):
        assert frames_at_rate(exact(rate), 30) == list(range(3000))


def test_fifty_a_second_at_thirty_are_the_nearest_ones():
    frames = frames_at_rate(exact(50, 500), 30)
    assert frames == [round(k * 50 / 30) for k in range(300)]


def test_sixty_asked_for_as_broadcast_sixty_drops_one_in_a_thousand_and_doubles_none():
    frames = frames_at_rate(exact(60, 6000), Fraction(60000, 1001))
    assert len(frames) == pytest.approx(6000 / 1.001, abs=1)
    assert steps(frames) == {1, 2}


def test_a_clock_a_little_too_fast_loses_a_frame_now_and_then_not_in_bursts():
    rng = np.random.default_rng(0)
    times_s = [n / 30.02 + rng.uniform(-0.002, 0.002) for n in range(18_000)]
    frames = frames_at_rate(times_s, 30)
    skipped = np.flatnonzero(np.diff(frames) == 2)
    assert len(skipped) == pytest.approx(12, abs=1)
    assert np.diff(skipped).min() > 1000


def test_a_gap_gives_no_frames_and_does_not_shift_the_grid():
    times_s = [n / 30 for n in range(60)] + [5 + n / 30 for n in range(60)]
    assert frames_at_rate(times_s, 10) == list(range(0, 120, 3))


def test_a_short_burst_between_gaps_is_not_lost():
    times_s = [0.0, 0.03, 0.06, 1.33, 1.37, 1.40, 3.0]
    assert frames_at_rate(times_s, 1) == [0, 3, 6]


def test_a_rate_that_varies_is_sampled_by_time():
    times_s = [0.0]
    for number in range(150):  # 30 a second, then 15, then 30
        times_s.append(times_s[-1] + (2 / 30 if 50 <= number < 80 else 1 / 30))
    frames = frames_at_rate(times_s, 15)
    assert np.diff([times_s[f] for f in frames]) == pytest.approx(1 / 15)


def test_of_two_frames_equally_near_the_earlier_is_taken():
    assert frames_at_rate(exact(30, 12), 20) == [0, 1, 3, 4, 6, 7, 9, 10]
    assert frames_at_rate(in_milliseconds(30, 12), 20) == [0, 1, 3, 4, 6, 7, 9, 10]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_frames(count):
    assert frames_at_rate(exact(30, count), 30) == list(range(count))
    assert frames_at_rate(exact(30, count), 1) == list(range(min(count, 1)))
