"""How far sound is trusted: drift, jumps, repetition, other rooms, and how exact a frame is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from backend.domain.confidence import LIKELY, SURE
from backend.domain.errors import InvalidInput
from tests.worker.synchronisation.makers import Clock, Floats, heard, room_sound
from worker.synchronisation.audio import clocks_of_sounds
from worker.synchronisation.result import Synchronised
from worker.synchronisation.sound import RATE, Sound


def recorded(samples: Floats, start_s: float = 0.0) -> Sound:
    return Sound(np.clip(samples * 20_000, -32_768, 32_767).astype(np.int16), start_s)


def compared(sounds: Sequence[Sound], fps: float = 30) -> Synchronised:
    count = len(sounds)
    names = [f"cam {k}" for k in range(count)]
    return clocks_of_sounds(
        dict(enumerate(sounds)), names, {}, dict.fromkeys(range(count), 1 / fps)
    )


def in_one_room(
    clocks: Sequence[Clock], seconds: float, scene: Floats | None = None
) -> list[Sound]:
    scene = room_sound(seconds + 5, RATE) if scene is None else scene
    return [
        recorded(heard(scene, RATE, clock, seconds, reverb=False, noise=0.003, seed=k))
        for k, clock in enumerate(clocks)
    ]


def test_claps_that_two_cameras_hear_are_sure() -> None:
    result = compared(in_one_room([Clock(), Clock(1.2345)], 20))
    assert result.clocks[1].offset_ms == pytest.approx(1234.5, abs=0.5)
    assert result.confidence >= SURE


def test_sound_begins_where_its_time_says() -> None:
    one, two = in_one_room([Clock(), Clock(1.0)], 20)
    late = Sound(two.samples[8 * RATE :], 8.0)
    assert compared([one, late]).clocks[1].offset_ms == pytest.approx(1000, abs=0.5)


def test_a_clock_that_runs_slow_is_followed_and_told() -> None:
    result = compared(in_one_room([Clock(), Clock(0.5, 90)], 300))
    clock = result.clocks[1]
    assert clock.drift_ppm == pytest.approx(90, abs=2)
    assert clock.offset_ms == pytest.approx(500, abs=0.5)
    assert clock.confidence >= SURE
    assert "runs 90 ppm slow, 27 ms over the recording" in " ".join(result.warnings)


def test_sound_that_was_lost_in_between_is_not_sure_and_told() -> None:
    one, two = in_one_room([Clock(), Clock(0.5)], 120)
    lost = np.delete(two.samples, slice(60 * RATE, 60 * RATE + RATE // 5))
    result = compared([one, Sound(lost, 0.0)])
    assert result.confidence < SURE
    assert "changes by 200 ms" in " ".join(result.warnings)


def test_a_tune_over_and_over_is_not_sure_and_told() -> None:
    rng = np.random.default_rng(5)
    tune = 0.3 * rng.standard_normal(RATE * 3) * np.repeat(rng.random(30), RATE // 10)
    result = compared(in_one_room([Clock(), Clock(4.1)], 30, np.tile(tune, 13)))
    assert result.confidence < LIKELY
    assert "repeats" in " ".join(result.warnings)


def test_a_tune_over_and_over_is_no_surer_with_three_cameras() -> None:
    rng = np.random.default_rng(6)
    tune = 0.3 * rng.standard_normal(RATE * 3) * np.repeat(rng.random(30), RATE // 10)
    clocks = [Clock(), Clock(4.1), Clock(-0.7)]
    scene = np.tile(tune, 13)
    assert compared(in_one_room(clocks, 30, scene)).confidence < LIKELY


@pytest.mark.parametrize("later_s", [0.0, 4.1, 17.3, 28.9, 29.6])
def test_clicks_at_even_times_are_not_sure_however_little_of_them_both_heard(
    later_s: float,
) -> None:
    rng = np.random.default_rng(8)
    scene = np.zeros(RATE * 65)
    click = 0.5 * rng.standard_normal(400) * np.exp(-np.linspace(0, 8, 400))
    for begin in range(0, len(scene) - 400, round(0.61 * RATE)):
        scene[begin : begin + 400] = click
    try:
        assert compared(in_one_room([Clock(), Clock(later_s)], 30, scene)).confidence < LIKELY
    except InvalidInput as error:
        assert "in common" in error.message  # noqa: PT017


def test_a_steady_tone_is_not_sure() -> None:
    at = np.arange(RATE * 45) / RATE
    scene = sum(0.1 / k * np.sin(2 * np.pi * 437 * k * at) for k in range(1, 7))
    try:
        assert compared(in_one_room([Clock(), Clock(5.2)], 30, scene)).confidence < LIKELY
    except InvalidInput as error:
        assert "in common" in error.message  # noqa: PT017


def test_another_room_is_not_sure() -> None:
    one = in_one_room([Clock()], 30)
    other = in_one_room([Clock()], 30, room_sound(35, RATE, seed=9))
    try:
        assert compared([*one, *other]).confidence < LIKELY
    except InvalidInput as error:
        assert "in common" in error.message  # noqa: PT017


def test_nobody_knows_the_way_of_sound_to_half_a_frame_of_a_fast_camera() -> None:
    sounds = in_one_room([Clock(), Clock(1.2345)], 20)
    assert compared(sounds, fps=60).confidence >= SURE
    assert compared(sounds, fps=240).confidence < SURE


def test_three_cameras_that_agree_are_surer_than_two() -> None:
    clocks = [Clock(), Clock(0.8), Clock(-1.1)]
    scene = room_sound(15, RATE)
    noisy = [
        recorded(heard(scene, RATE, clock, 8, noise=0.05, seed=k)) for k, clock in enumerate(clocks)
    ]
    assert compared(noisy).clocks[1].confidence >= compared(noisy[:2]).clocks[1].confidence
