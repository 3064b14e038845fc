"""Files that are no networks are refused with words, whatever is wrong with them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput, WeightsMissing
from backend.models.checkpoints.registry import DETECTOR
from worker.adapters.blazepose.graph import read_graph

pytestmark = pytest.mark.models

_WHOLE = DETECTOR.read_bytes() if DETECTOR.exists() else b""


def test_the_detector_is_read_with_all_its_constants() -> None:
    graph = read_graph(DETECTOR)

    assert [graph.shapes[number] for number in graph.inputs] == [(1, 224, 224, 3)]
    assert [graph.shapes[number] for number in graph.outputs] == [(1, 2254, 12), (1, 2254, 1)]
    assert sum(step.kind == "densify" for step in graph.operations) == 38


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"none\.tflite"):
        read_graph(tmp_path / "none.tflite")


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\0" * 64, b"PK\x03\x04" + b"x" * 100])
def test_something_else_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "junk.tflite"
    path.write_bytes(content)

    with pytest.raises(InvalidInput, match=r"junk\.tflite is not a TensorFlow Lite file"):
        read_graph(path)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_refused(share: float, tmp_path: Path) -> None:
    path = tmp_path / "half.tflite"
    path.write_bytes(_WHOLE[: int(len(_WHOLE) * share)])

    with pytest.raises(InvalidInput, match=r"half\.tflite cannot be read"):
        read_graph(path)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_bytes_are_read_or_refused_and_nothing_else(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "damaged.tflite"
    # Tables lie at the file's end, offsets at its begin.
    places = st.one_of(st.integers(0, 4096), st.integers(len(_WHOLE) - 60_000, len(_WHOLE) - 1))
    damaged = bytearray(_WHOLE)
    for place in data.draw(st.lists(places, min_size=1, max_size=40)):
        damaged[place] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)

    with contextlib.suppress(InvalidInput):
        read_graph(path)
