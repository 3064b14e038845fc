"""What instants timecodes name."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.timecodes import (
    STANDARD_RATES,
    TimeCode,
    alike,
    counting_rate,
    difference,
    measured_rate,
    parse,
    snapped,
)

NTSC = Fraction(30000, 1001)
FAST = Fraction(60000, 1001)
FILM = Fraction(24000, 1001)


def times(rate: Fraction, seconds: float, without: tuple[int, ...] = (), to: float = 0) -> list:
    count = round(rate * Fraction(seconds))
    exact = [float(k / rate) for k in range(count) if k not in without]
    return [round(time / to) * to for time in exact] if to else exact


@pytest.mark.parametrize(
    ("text", "rate", "frames"),
    [
        ("00:00:01:00", Fraction(25), 25),
        ("01:00:00:00", NTSC, 108_000),
        ("00:01:00;02", NTSC, 1800),
        ("00:10:00;00", NTSC, 17_982),
        ("01:00:00;00", NTSC, 107_892),
        ("00:01:00;04", FAST, 3600),
        ("01:00:00;00", FAST, 215_784),
        ("01:00:00:00", FILM, 86_400),
        ("00:00:01:47", Fraction(48000, 1001), 95),
        ("00:00:00:49", Fraction(50), 49),
        ("01:00:00;00", Fraction(25), 90_000),
    ],
)
def test_a_time_code_counts_frames_by_the_nominal_rate(
    text: str, rate: Fraction, frames: int
) -> None:
    assert parse(text, rate).count == frames


@pytest.mark.parametrize(
    "text", ["", "12:00", "25:00:00:00", "00:60:00:00", "00:00:00:30", "00:01:00;00", "00:09:00;01"]
)
def test_what_is_no_time_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"timecode|does not exist"):
        parse(text, NTSC)


@pytest.mark.parametrize("text", ["00:10:00;00", "00:20:00;01", "00:01:00:00"])
def test_labels_at_full_tens_of_minutes_and_without_dropping_exist(text: str) -> None:
    assert parse(text, NTSC).text == text


def code(frame: int, rate: Fraction, drop_frame: bool) -> TimeCode:
    """The label of a frame, by stepping through labels as a camera does."""
    nominal = round(rate)
    left_out = 2 * nominal // 30 if drop_frame else 0
    ten, rest = divmod(frame, 600 * nominal - 9 * left_out)
    minute = 0
    if rest >= 60 * nominal:
        minute, rest = divmod(rest - 60 * nominal, 60 * nominal - left_out)
        minute, rest = minute + 1, rest + left_out
    minutes = 10 * ten + minute
    seconds, frames = divmod(rest, nominal)
    mark = ";" if drop_frame else ":"
    text = f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{mark}{frames:02}"
    return parse(text, rate)


@given(st.integers(0, 2_589_407), st.sampled_from([NTSC, FAST]))
def test_every_drop_frame_label_counts_its_frame(frame: int, rate: Fraction) -> None:
    label = code(frame, rate, drop_frame=True)
    assert label.count == frame
    assert abs(label.seconds_of_day - frame / rate) < Fraction(1, 10)


@given(
    st.integers(0, 80_000),
    st.integers(0, 5000),
    st.sampled_from(STANDARD_RATES),
)
def test_the_hour_of_the_day_changes_no_difference(start: int, apart: int, rate: Fraction) -> None:
    nominal = round(rate)
    first = code(start * nominal, rate, drop_frame=False)
    second = code((start * nominal + apart) % first.frames_a_day, rate, drop_frame=False)
    assert difference(second, first) == apart / rate


@pytest.mark.parametrize(
    ("later", "earlier", "rate", "seconds"),
    [
        ("14:00:02;00", "14:00:00;00", NTSC, Fraction(60) / NTSC),
        ("14:00:02:00", "14:00:00:00", NTSC, Fraction(60) / NTSC),
        ("14:00:02:00", "14:00:00:00", Fraction(25), Fraction(2)),
        ("00:00:00:00", "23:59:59:00", Fraction(25), Fraction(1)),
        ("00:00:00:00", "23:59:59:00", NTSC, Fraction(30) / NTSC),
        ("00:00:00;00", "23:59:59;00", NTSC, Fraction(30) / NTSC),
        ("23:59:59;58", "00:00:00;00", FAST, Fraction(-2) / FAST),
    ],
)
def test_differences_are_exact_also_over_midnight(
    later: str, earlier: str, rate: Fraction, seconds: Fraction
) -> None:
    assert difference(parse(later, rate), parse(earlier, rate)) == seconds


def test_rates_of_one_kind_compare_exactly() -> None:
    slow, fast = parse("14:00:00;00", NTSC), parse("14:00:02;30", FAST)
    assert alike(slow, fast)
    assert difference(fast, slow) == 150 / FAST
    film, ntsc = parse("14:00:00:12", FILM), parse("14:00:02:15", NTSC)
    assert alike(film, ntsc)
    assert difference(ntsc, film) == 2 * Fraction(1001, 1000)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("14:00:00;00", NTSC), ("14:00:02:00", NTSC)),
        (("14:00:00:00", NTSC), ("14:00:02:00", Fraction(25))),
        (("14:00:00;00", NTSC), ("14:00:02:00", Fraction(30))),
    ],
)
def test_kinds_that_run_apart_are_told_and_compared_by_their_labels(
    first: tuple[str, Fraction], second: tuple[str, Fraction]
) -> None:
    a, b = parse(*first), parse(*second)
    assert not alike(a, b)
    assert float(difference(b, a)) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("stated", "standard"),
    [
        (Fraction(19001, 317), FAST),
        (Fraction(7001, 146), Fraction(48000, 1001)),
        (Fraction(2997, 100), NTSC),
        (Fraction(23976, 1000), FILM),
        (Fraction(30), Fraction(30)),
        (Fraction(29950, 1001), None),
        (Fraction(0), None),
    ],
)
def test_stated_rates_stand_for_standard_ones(stated: Fraction, standard: Fraction | None) -> None:
    assert snapped(stated) == standard


@pytest.mark.parametrize("rate", [FILM, Fraction(24), Fraction(25), NTSC, Fraction(30), FAST])
def test_dropped_frames_and_rounded_times_do_not_change_the_rate(rate: Fraction) -> None:
    shown = times(rate, 20, without=(100, 101, 300, 411), to=0.001)
    assert snapped(measured_rate(shown) or 0) == rate
    assert counting_rate(None, [], shown) == rate


def test_the_time_code_tracks_own_rate_comes_first() -> None:
    assert counting_rate(NTSC, [FAST], times(FAST, 20)) == NTSC


def test_a_field_rate_is_not_taken_for_a_frame_rate() -> None:
    assert counting_rate(None, [Fraction(50)], times(Fraction(25), 2)) == 25


def test_frames_that_come_unevenly_leave_the_stated_rate() -> None:
    uneven = [0.03 * k + 0.012 * (k * k % 7) for k in range(200)]
    assert measured_rate(uneven) is None
    assert counting_rate(None, [Fraction(30)], uneven) == 30


def test_a_rate_that_nothing_tells_is_an_error() -> None:
    with pytest.raises(ValueError, match="is unknown"):
        counting_rate(None, [None], [0.0])
