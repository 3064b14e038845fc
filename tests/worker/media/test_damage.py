"""Broken files: what can be decoded is given, what cannot is counted, and damage is marked."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from backend.domain.errors import InvalidInput
from backend.domain.findings import FrameFindings
from tests.worker.media.making import IN_ORDER, break_packets, grainy, pictures, write
from worker.media.decode import probe
from worker.media.extract import EveryNth, Numbered, extract_frames

FRAME = Fraction(1, 25)
FINE = {"crf": "15"}


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Forty pictures in groups of ten, stored in the order of showing."""
    return write(tmp_path / "v.mp4", range(40), FRAME, options=IN_ORDER | FINE, draw=grainy)


@pytest.fixture
def reordered(tmp_path: Path) -> Path:
    """Forty pictures in groups of ten, most of them stored before what they are built on."""
    options = {"preset": "fast", "g": "10", "x264-params": "bframes=3:b-adapt=0:scenecut=0"}
    return write(tmp_path / "b.mp4", range(40), FRAME, options=options | FINE, draw=grainy)


def lost(path: Path) -> list[int]:
    return [number for number, _, shown, _ in pictures(path) if shown is None]


def marked(path: Path, damage: str) -> list[int]:
    return [number for number, _, _, found in pictures(path) if found == damage]


def test_a_whole_file_has_no_damage(plain, reordered):
    for path in (plain, reordered):
        found = pictures(path)
        assert [shown for _, _, shown, _ in found] == list(range(40))
        assert all(damage is None for *_, damage in found)


def test_a_packet_that_is_broken_in_part_is_given_with_a_mark(plain):
    break_packets(plain, [23])
    assert lost(plain) == []
    assert marked(plain, "broken") == [23]
    assert marked(plain, "inherited") == list(range(24, 30))


def test_a_packet_that_is_destroyed_costs_itself_and_marks_its_group(plain):
    break_packets(plain, [23], "whole")
    assert lost(plain) == [23]
    assert marked(plain, "inherited") == list(range(24, 30))
    assert marked(plain, "broken") == []


def test_several_broken_packets_each_mark_their_group(plain):
    break_packets(plain, [4, 17, 35], "whole")
    assert lost(plain) == [4, 17, 35]
    assert marked(plain, "inherited") == [*range(5, 10), 18, 19, *range(36, 40)]


def test_numbers_and_times_of_the_others_stay(plain):
    break_packets(plain, [23], "whole")
    for number, time_s, shown, _ in pictures(plain):
        assert time_s == pytest.approx(number / 25)
        assert shown in (None, number)


def test_a_broken_key_picture_in_the_middle_marks_its_group_only(plain):
    break_packets(plain, [20])
    found = pictures(plain)
    whole = [number for number, *_, damage in found if damage is None]
    assert set(whole) - set(lost(plain)) == {*range(20), *range(30, 40)}


def test_without_its_first_key_picture_a_file_begins_with_the_next(plain):
    break_packets(plain, [0], "whole")
    assert lost(plain) == list(range(10))
    assert marked(plain, "inherited") == []
    frames = list(extract_frames(plain, EveryNth(1)))
    assert [f.source_frame_number for f in frames] == list(range(10, 40))
    assert float(frames[0].pts_s or 0) == pytest.approx(10 / 25)


def test_a_broken_picture_that_no_other_needs_spoils_itself_alone(reordered):
    with_order = [n for n, *_ in pictures(reordered)]
    assert with_order == list(range(40))
    break_packets(reordered, [3])  # shown between two others that do not need it
    spoiled = lost(reordered) + marked(reordered, "broken")
    assert len(spoiled) == 1
    assert marked(reordered, "inherited") == []


def test_what_is_stored_later_and_shown_earlier_is_marked_too(reordered):
    break_packets(reordered, [15])
    at = (lost(reordered) + marked(reordered, "broken"))[0]
    assert min(marked(reordered, "inherited")) < at


def test_zeros_where_a_disk_failed_are_seen_in_h265(tmp_path):
    options = {"x265-params": "log-level=none:keyint=10:bframes=0:crf=15:scenecut=0"}
    path = write(
        tmp_path / "v.mp4", range(40), FRAME, codec="libx265", options=options, draw=grainy
    )
    break_packets(path, [23], how="zeros")
    assert 23 in lost(path) + marked(path, "broken")
    assert marked(path, "inherited") == list(range(24, 30))


@pytest.mark.parametrize("n", [1, 3, 10])
def test_damage_is_marked_alike_whatever_is_taken(plain, n):
    break_packets(plain, [23], "whole")
    everything = {f.source_frame_number: f.damage for f in extract_frames(plain, EveryNth(1))}
    found = FrameFindings()
    some = list(extract_frames(plain, EveryNth(n), found=found))
    assert {f.source_frame_number: f.damage for f in some} == {
        number: damage for number, damage in everything.items() if number % n == 0
    }
    assert len(found.undecodable_s) == (23 % n == 0)
    assert sum(found.damaged.values()) == sum(f.damage is not None for f in some)


def test_a_frame_that_cannot_be_decoded_is_counted_with_its_time(plain):
    break_packets(plain, [23], "whole")
    found = FrameFindings()
    assert list(extract_frames(plain, Numbered(frozenset({23})), found=found)) == []
    assert found.undecodable_s == [pytest.approx(23 / 25)]


def test_a_file_cut_off_gives_what_is_there(tmp_path):
    path = write(
        tmp_path / "v.mp4", range(40), FRAME, options=IN_ORDER | FINE, draw=grainy,
        muxing={"movflags": "+faststart"},
    )  # fmt: skip
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    whole = [shown for _, _, shown, damage in pictures(path) if damage is None]
    there = [shown for shown in whole if shown is not None]
    assert there == list(range(len(there)))
    assert len(there) > 15
    found = probe(path).found
    assert (found.indexed, found.promised) == (True, 40)
    assert found.present < 40


@pytest.mark.parametrize("name", ["v.mkv", "v.ts", "v.flv"])
def test_streams_cut_off_give_what_is_there(tmp_path, name):
    options = {"preset": "fast", "g": "10", "x264-params": "bframes=3:b-adapt=0:scenecut=0"}
    base = FRAME if name == "v.ts" else Fraction(1, 1000)
    times = range(40) if name == "v.ts" else range(0, 1600, 40)
    path = write(tmp_path / name, times, base, options=options | FINE, draw=grainy)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    found = [(number, shown) for number, _, shown, damage in pictures(path) if damage is None]
    there = [shown for _, shown in found if shown is not None]
    assert there == sorted(there)
    assert there[:18] == list(range(18))


def test_a_file_in_which_nothing_can_be_decoded_is_refused(plain):
    break_packets(plain, range(40), "whole")
    with pytest.raises(InvalidInput, match=r"v\.mp4: no frame can be decoded"):
        list(extract_frames(plain, EveryNth(1)))
