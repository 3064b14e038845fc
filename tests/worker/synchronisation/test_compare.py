"""Several methods put together: they support, contradict and complete each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.domain.confidence import CONTRADICTED, SURE
from worker.synchronisation.compare import together
from worker.synchronisation.result import CameraClock, PairLag, PairReport, Synchronised
from worker.synchronisation.tags import Tags

INTERVALS = dict.fromkeys(range(3), 1 / 30)


def said(
    method: str, *offsets: float | None, sure: float = 0.9, sigma: float = 3.0,
    rivals: tuple[float, ...] = (),
) -> Synchronised:  # fmt: skip
    clocks = tuple(
        CameraClock(f"cam {k}", offset, 0.0, sure if offset is not None else 0.0,
                    None if offset is not None else "Left out: it has no sound track.", sigma)
        for k, offset in enumerate(offsets)
    )  # fmt: skip
    pair = PairLag(0, 1, 0.0, -(offsets[1] or 0.0) / 1000, 0.001, rivals_s=rivals)
    return Synchronised(method, clocks, (PairReport(pair, 0.0, True),) if rivals else ())


def made(at: float, seconds: float = 60.0) -> Tags:
    return Tags(None, 0.0, True, None, at, 1.0, 1 / 30, seconds)


def test_methods_that_agree_are_surer_than_each() -> None:
    result = together([said("timecode", 0, 500, sigma=10), said("motion", 0, 505)], INTERVALS, {})
    assert result.method == "timecode"
    assert result.clocks[1].confidence >= SURE


def test_the_finer_of_two_that_agree_gives_the_offset() -> None:
    result = together(
        [said("timecode", 0, 500, sigma=10), said("audio", 0, 507.2, sure=0.6)], INTERVALS, {}
    )
    assert result.clocks[1].offset_ms == pytest.approx(507.2)
    assert result.clocks[1].confidence > 0.95


@pytest.mark.parametrize("sure", [0.5, 0.9, 0.999])
def test_a_method_that_another_contradicts_is_not_sure_and_both_are_told(sure: float) -> None:
    result = together(
        [said("audio", 0, 500, sure=0.999), said("timecode", 0, 2500, sure=sure)], INTERVALS, {}
    )
    assert (result.method, result.clocks[1].offset_ms) == ("audio", 500)
    assert result.confidence <= CONTRADICTED
    assert "sound says +500 ms, timecode +2500 ms" in result.warnings[0]


def test_what_is_hardly_a_guess_contradicts_nothing() -> None:
    result = together(
        [said("audio", 0, 500, sure=0.995), said("motion", 0, -4000, sure=0.1)], INTERVALS, {}
    )
    assert result.confidence == pytest.approx(0.995)
    assert not result.warnings


def test_a_named_method_is_checked_but_keeps_its_own_offsets() -> None:
    results = [said("motion", 0, 500, sigma=9), said("timecode", 0, 900)]
    result = together(results, INTERVALS, {}, only="motion")
    assert (result.method, result.clocks[1].offset_ms) == ("motion", 500)
    assert result.confidence <= CONTRADICTED


def test_sound_that_repeats_is_settled_by_a_method_that_names_one_of_its_lags() -> None:
    sound = said("audio", 0, 500, sure=0.3, rivals=(-2.5, -4.5))
    result = together([sound, said("timecode", 0, 2503, sigma=9)], INTERVALS, {})
    assert result.clocks[1].offset_ms == pytest.approx(2500)
    assert result.clocks[1].confidence > 0.9


def test_sound_that_repeats_contradicts_a_method_that_names_none_of_its_lags() -> None:
    sound = said("audio", 0, 500, sure=0.2, rivals=(-2.5, -4.5))
    result = together([sound, said("timecode", 0, 1500, sigma=9)], INTERVALS, {})
    assert result.method == "timecode"
    assert result.confidence <= CONTRADICTED
    assert "it repeats" in result.warnings[0]


def test_a_camera_without_sound_gets_its_offset_from_another_method() -> None:
    result = together(
        [said("audio", 0, 500, None, sure=0.995), said("motion", 0, 498, -750, sure=0.95)],
        INTERVALS, {},
    )  # fmt: skip
    assert result.method == "audio"
    assert [clock.offset_ms for clock in result.clocks] == pytest.approx([0, 500, -750])
    assert result.clocks[2].confidence < 0.96
    assert result.clocks[2].note == "By motion, as for the rest it has no sound track."


def test_a_first_camera_without_sound_stays_the_reference() -> None:
    sound, moved = said("audio", None, 0, 300, sure=0.995), said("motion", 0, 400, 700, sure=0.95)
    result = together([sound, moved], INTERVALS, {})
    assert [clock.offset_ms for clock in result.clocks] == pytest.approx([0, 400, 700])


def test_times_of_creation_can_only_contradict() -> None:
    tags = {0: made(1_000_000.0), 1: made(1_000_041.0)}
    one = said("timecode", 0, 500)
    result = together([one], INTERVALS, tags)
    assert result.confidence < 0.9
    assert "41 s after" in result.warnings[0]
    agreeing = together([one], INTERVALS, {0: made(1_000_000.0), 1: made(1_000_001.0)})
    assert agreeing.confidence == pytest.approx(0.9)
    closed = together([one], INTERVALS, {0: made(1_000_000.0), 1: made(1_000_031.0, 90.0)})
    assert not closed.warnings, "stamped when the file was closed"
    unset = together([one], INTERVALS, {0: made(1_000_000.0), 1: made(500_000_000.0)})
    assert not unset.warnings, "a clock that was never set"


def test_clocks_that_were_never_set_together_contradict_nothing() -> None:
    apart = replace(said("timecode", 0, 9_000_000, sure=0.05))
    result = together([said("audio", 0, 500, sure=0.995), apart], INTERVALS, {})
    assert result.confidence == pytest.approx(0.995)
