"""Session time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.clocks import ClockOffset


@given(st.floats(-1e5, 1e5), st.floats(-1e6, 1e6), st.floats(-1000, 1000))
def test_camera_and_session_time_undo_each_other(at: float, offset: float, drift: float) -> None:
    clock = ClockOffset(offset, drift)
    assert clock.camera_s(clock.session_s(at)) == pytest.approx(at, abs=1e-6)
