"""A filmstrip by columns says what it says one by one, in fewer bytes and in parts."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from backend.domain.document import MoveJoint
from backend.domain.quality import QualityFlag, quality_bits, quality_flags
from backend.domain.reviews import Mark
from backend.labelling.marks import service as marks
from backend.overview.frames import service
from backend.overview.frames.schemas import FrameStrip
from backend.overview.frames.strip import steps
from tests.factories import (
    discard,
    edit,
    frame_ids_of,
    make_annotator,
    make_boxed_recording,
    make_comment,
    make_inspector,
)


def _pairs(values: list[int]) -> list[tuple[int, int]]:
    return list(zip(values[::2], values[1::2], strict=True))


def read(pairs: list[int]) -> list[int]:
    """A column as the browser reads it."""
    return list(itertools.accumulate(d for d, n in _pairs(pairs) for _ in range(n)))


@given(st.lists(st.integers(-(2**40), 2**40)))
def test_a_column_by_its_differences_is_the_same_column(values: list[int]) -> None:
    assert read(steps(np.array(values, dtype=np.int64))) == values


def test_an_even_column_is_a_pair_however_long() -> None:
    assert steps(np.arange(7, 100_007)) == [7, 1, 1, 99_999]


@given(
    st.lists(st.tuples(st.floats(0, 900), st.floats(0, 255), st.booleans()), max_size=9),
    st.none() | st.floats(0, 900),
)
def test_flags_of_many_frames_are_those_of_each(
    frames: list[tuple[float, float, bool]], median: float | None
) -> None:
    sharpness, luma, repeats = ([frame[i] for frame in frames] for i in range(3))
    bits = quality_bits(
        np.array(sharpness, dtype=np.float64),
        np.array(luma, dtype=np.float64),
        median_sharpness=median,
        repeats=np.array(repeats, dtype=bool),
    )
    for found, (sharp, mean, repeated) in zip(bits.tolist(), frames, strict=True):
        flags = [flag for i, flag in enumerate(QualityFlag) if found >> i & 1]
        assert flags == quality_flags(sharp, mean, median_sharpness=median, repeats=repeated)


def test_the_columns_say_what_the_list_says(session: Session) -> None:
    annotator, inspector = make_annotator(session), make_inspector(session)
    recording = make_boxed_recording(session, annotator, inspector=inspector, frames=6)
    first, second, third, *_ = frame_ids_of(session, recording)
    marks.mark(session, inspector, first, Mark.REVISE)
    make_comment(session, inspector, second)
    recording.stage, recording.round = "boxes_returned", 2
    session.flush()
    edit(session, annotator, second, MoveJoint(0, 1, 2))
    discard(session, annotator, third)
    session.expire_all()
    listed = orjson.loads(orjson.dumps(service.filmstrip(session, recording.id)))["frames"]
    found = orjson.loads(orjson.dumps(service.strip_from(session, recording.id, 0)))
    assert one_by_one(FrameStrip.model_validate(found)) == [
        {name: value for name, value in item.items() if name not in _LEFT_OUT}
        | {"time_s": round(item["time_s"], 6)}
        for item in listed
    ]
    assert (found["total"], found["next"]) == (6, None)


_LEFT_OUT = {"sharpness", "mean_luma", "duplicate_of_id"}


def one_by_one(strip: FrameStrip) -> list[dict[str, Any]]:
    """Frames as the browser reads them."""
    names = ("id", "position", "camera_id", "moment_id", "moment_index", "version")
    columns = {name: read(getattr(strip, name)) for name in names}
    times = [time / 1e6 for time in read(strip.time_us)]
    consistencies = iter(strip.consistency)
    frames = []
    for i, cell in enumerate(read(strip.cell)):
        shown = strip.cells[cell].model_dump(mode="json")
        if shown["box"] is not None:
            thousandths = next(consistencies)
            shown["box"]["consistency"] = None if thousandths < 0 else thousandths / 1000
        frames.append(
            {name: values[i] for name, values in columns.items()} | {"time_s": times[i]} | shown
        )
    return frames


def test_a_long_recording_comes_in_parts(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 4)
    annotator = make_annotator(session)
    recording = make_boxed_recording(session, annotator, frames=10)
    start: int | None = 0
    seen: list[int] = []
    while start is not None:
        part = service.strip_from(session, recording.id, start)
        seen += read(part["position"])
        assert part["total"] == 10
        start = part["next"]
    assert seen == list(range(10))
