"""When pictures are shown, from what files say of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from worker.media.packets import Packet, Packets
from worker.media.timeline import Rates, Timeline, shown_in_order, timeline

TICK = Fraction(1, 1000)
RATES = Rates(base=TICK, nominal_s=Fraction(1, 25))
MPEG = Rates(base=Fraction(1, 90_000), nominal_s=Fraction(1, 25), overflows=True)


def stored(
    times: Sequence[int | None], *, reorders: bool = False, keys: Sequence[int] = (0,)
) -> Packets:
    packets = [
        Packet(
            pts=time, dts=None, duration=0, size=1000, shown=True, restart=i in keys,
            entry=i in keys, droppable=False, skipped=False, damaged=False,
        )
        for i, time in enumerate(times)
    ]  # fmt: skip
    return Packets(packets, told=True, reorders=reorders, promised=0, broke_off=False)


def timed(times: Sequence[int | None], rates: Rates = RATES) -> Timeline:
    packets = stored(times)
    return timeline(packets, list(range(len(times))), rates)


def milliseconds(of: Timeline) -> list[float]:
    return [float(picture.time_s * 1000) for picture in of.pictures]


def untimed(of: Timeline) -> list[int]:
    return [number for number, picture in enumerate(of.pictures) if not picture.own_time]


def test_times_count_exactly_from_the_first_picture():
    found = timed([1001, 2002, 5005])
    assert [p.time_s for p in found.pictures] == [0, 1001 * TICK, 4004 * TICK]
    assert found.origin_s == 1001 * TICK
    assert found.untimed == 0


def test_pictures_come_in_the_order_of_their_times():
    packets = stored([0, 120, 40, 80, 240, 160, 200], reorders=True)
    assert shown_in_order(packets, RATES) == [0, 2, 3, 1, 5, 6, 4]


def test_negative_times_are_times():
    assert milliseconds(timed([-80, -40, 0, 40])) == [0, 40, 80, 120]


def test_a_missing_time_lies_evenly_between_its_neighbours():
    found = timed([0, 40, None, None, 160, 200])
    assert milliseconds(found) == [0, 40, 80, 120, 160, 200]
    assert untimed(found) == [2, 3]


def test_missing_times_at_the_ends_follow_the_usual_step():
    found = timed([None, 40, 80, 120, None])
    assert milliseconds(found) == [0, 40, 80, 120, 160]
    assert untimed(found) == [0, 4]


def test_a_repeated_time_is_the_first_ones():
    found = timed([0, 40, 40, 80, 120])
    assert milliseconds(found) == [0, 40, 60, 80, 120]
    assert untimed(found) == [2]


@pytest.mark.parametrize("wrong", [-60, 3, 7000], ids=["back", "nearly repeated", "far ahead"])
def test_one_time_out_of_order_is_not_believed(wrong):
    found = timed([0, 40, 80, wrong, 160, 200, 240])
    assert milliseconds(found) == [0, 40, 80, 120, 160, 200, 240]
    assert untimed(found) == [3]


def test_a_gap_is_believed():
    assert milliseconds(timed([0, 40, 80, 9000, 9040])) == [0, 40, 80, 9000, 9040]


def test_a_clock_that_starts_anew_is_counted_on():
    found = timed([5000, 5040, 5080, 0, 40, 80])
    assert milliseconds(found) == [0, 40, 80, 120, 160, 200]
    assert found.restarts_s == (Fraction(120, 1000),)
    assert found.untimed == 0


def test_a_clock_of_33_bits_overflows_without_a_new_start():
    top = 1 << 33
    found = timed([top - 7200, top - 3600, 0, 3600], MPEG)
    assert milliseconds(found) == [0, 40, 80, 120]
    assert found.restarts_s == ()


def test_a_new_start_that_a_demuxer_took_for_an_overflow_is_one():
    found = timed([900_000, 903_600, 907_200, (1 << 33) + 3600, (1 << 33) + 7200], MPEG)
    assert milliseconds(found) == [0, 40, 80, 120, 160]
    assert found.restarts_s == (Fraction(120, 1000),)


def test_without_times_the_nominal_rate_counts_and_is_said():
    found = timed([None, None, None])
    assert milliseconds(found) == [0, 40, 80]
    assert (found.untimed, found.nominal_fps) == (3, 25)


def test_times_that_are_all_the_same_are_none():
    found = timed([7, 7, 7])
    assert milliseconds(found) == [0, 40, 80]
    assert found.nominal_fps == 25


def test_times_of_storage_are_given_out_in_the_order_of_showing():
    packets = stored([0, 40, 80, 120], reorders=True)
    found = timeline(packets, [0, 2, 3, 1], RATES)
    assert milliseconds(found) == [0, 40, 80, 120]
    assert [p.packet for p in found.pictures] == [0, 2, 3, 1]
    assert found.untimed == 0


def test_pictures_before_the_first_that_can_be_decoded_are_left_out():
    packets = stored([0, 40, 80, 120], keys=(2,))
    assert shown_in_order(packets, RATES) == [2, 3]


@pytest.mark.parametrize("times", [[0, None, 40], [0, 80, 40, 40]], ids=["missing", "repeated"])
def test_where_times_do_not_tell_the_order_decoding_must(times):
    assert shown_in_order(stored(times, reorders=True), RATES) is None
    assert shown_in_order(stored(times), RATES) == list(range(len(times)))


def test_the_last_picture_is_shown_as_long_as_the_one_before_it():
    assert timed([0, 40, 120]).end_s == Fraction(200, 1000)
