"""Clocks from lags between pairs."""

from __future__ import annotations

from itertools import combinations

import pytest

from backend.domain.errors import InvalidInput
from worker.synchronisation.result import PairLag
from worker.synchronisation.solve import components, solve

NAMES = ["cam 1", "cam 2", "cam 3", "cam 4"]
OFFSETS = [0.0, 0.5, -1.25, 30.0]


def lag(i: int, j: int, off: float = 0.0, drifts: list[float] | None = None) -> PairLag:
    d = drifts or [0.0] * 4
    at = 100.0
    there = (OFFSETS[i] + (1 + d[i]) * at - OFFSETS[j]) / (1 + d[j])
    slope = (1 + d[i]) / (1 + d[j]) - 1 if drifts else None
    return PairLag(i, j, at, there - at + off, 0.001, slope, 1e-7 if drifts else None, 0.9)


def all_pairs(bad: dict[tuple[int, int], float] | None = None) -> list[PairLag]:
    return [lag(i, j, (bad or {}).get((i, j), 0.0)) for i, j in combinations(range(4), 2)]


def test_all_pairs_give_one_clock_per_camera() -> None:
    result = solve("audio", NAMES, all_pairs(), {}, tolerance_s=0.008)
    assert [c.offset_ms for c in result.clocks] == pytest.approx([0, 500, -1250, 30_000], abs=0.01)
    assert result.residual_ms == pytest.approx(0, abs=0.01)
    assert result.confidence > 0.95


def test_drift_is_told_apart_from_offset_however_large() -> None:
    drifts = [0.0, 40e-6, -25e-6, 10e-6]
    pairs = [lag(i, j, drifts=drifts) for i, j in combinations(range(4), 2)]
    result = solve("audio", NAMES, pairs, {}, tolerance_s=0.008)
    assert [c.drift_ppm for c in result.clocks] == pytest.approx([0, 40, -25, 10], abs=0.2)
    assert [c.offset_ms for c in result.clocks] == pytest.approx([0, 500, -1250, 30_000], abs=0.1)


def test_one_wrong_pair_moves_nothing_and_is_named() -> None:
    result = solve("audio", NAMES, all_pairs({(0, 2): 0.7}), {}, tolerance_s=0.008)
    assert [c.offset_ms for c in result.clocks] == pytest.approx([0, 500, -1250, 30_000], abs=1)
    assert [(p.measured.first, p.measured.second) for p in result.pairs if not p.agrees] == [(0, 2)]
    assert result.disagreeing is None
    assert "cam 1 and cam 3" in result.warnings[0]


def test_the_camera_that_disagrees_is_named() -> None:
    bad = {(0, 3): 0.31, (1, 3): -0.8, (2, 3): 1.7}
    result = solve("audio", NAMES, all_pairs(bad), {}, tolerance_s=0.008)
    assert result.disagreeing == 3
    assert result.clocks[3].confidence <= 0.2
    assert [c.offset_ms for c in result.clocks[:3]] == pytest.approx([0, 500, -1250], abs=1)


def test_a_camera_linked_with_none_is_left_out() -> None:
    pairs = [pair for pair in all_pairs() if 3 not in (pair.first, pair.second)]
    result = solve("motion", NAMES, pairs, {}, tolerance_s=0.02)
    assert result.clocks[3].offset_ms is None
    assert any("cam 4" in warning for warning in result.warnings)


def test_without_the_first_camera_the_next_is_the_reference() -> None:
    pairs = [pair for pair in all_pairs() if pair.first != 0]
    result = solve("audio", NAMES, pairs, {0: "it is silent"}, tolerance_s=0.008)
    assert result.clocks[0].offset_ms is None
    assert result.clocks[1].offset_ms == 0
    assert result.clocks[2].offset_ms == pytest.approx(-1750, abs=0.1)


def test_nothing_in_common_is_an_error_that_names_the_faults() -> None:
    with pytest.raises(InvalidInput, match="cam 2: it is silent"):
        solve("audio", NAMES[:2], [], {1: "it is silent"}, tolerance_s=0.008)


def test_groups_of_linked_cameras_are_found() -> None:
    assert components(5, [(0, 3), (4, 3)]) == [[0, 3, 4], [1], [2]]
