from __future__ import annotations

from dataclasses import replace

import pytest

from backend.domain.findings import FileFindings, FrameFindings, about_file, about_frames
from backend.domain.videos import Damage

WHOLE = FileFindings(pictures=100, promised=100, present=100, stated_s=4.0, end_s=4.0)


def test_of_a_file_in_which_all_is_well_nothing_is_said():
    assert about_file(WHOLE) == []
    assert about_frames(FrameFindings(sizes={(640, 480): 0.0}), 100) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"indexed": True, "present": 60}, "cut off: 40 of its 100 pictures"),
        ({"present": 96}, "announces 100 pictures, of which 96 are there"),
        ({"promised": 0, "end_s": 1.5}, "lasts 4.00 s; its pictures end at 1.50 s"),
        ({"broke_off": True}, "damaged between its pictures"),
        ({"cut_in": 1}, "middle of a stream: 1 picture at its beginning"),
        ({"nominal_fps": 25.0, "untimed": 100}, "nominal rate of 25 frames per second"),
        ({"untimed": 3}, "3 pictures without a time of their own"),
        ({"restarts_s": (3.0, 9.5)}, "restarts at 3.00 s, 9.50 s"),
        ({"edits_followed": False}, "edit list selects nothing"),
        ({"edit_rates": (2.0,)}, "2 times the speed"),
        (
            {"stated_aspect": "4:3", "stored_size": (360, 270), "square_size": (480, 270)},
            "360 × 270 pixels are stretched to 480 × 270 pixels",
        ),
        (
            {"stated_aspect": "50:1", "stored_size": (9, 9), "square_size": (9, 9)},
            "pixels are 50:1; they were treated as square",
        ),
    ],
)
def test_what_is_odd_about_a_file_is_said_in_a_sentence(changes, words):
    (said,) = about_file(replace(WHOLE, **changes))
    assert words in said
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (FrameFindings(undecodable_s=[2.333]), "1 frame could not be decoded (at 2.33 s)"),
        (
            FrameFindings(undecodable_s=[float(n) for n in range(9)]),
            "9 frames could not be decoded (at 0.00 s, 1.00 s, 2.00 s, 3.00 s, 4.00 s, …)",
        ),
        (FrameFindings(damaged={Damage.BROKEN: 1}), "1 frame is damaged in the file"),
        (FrameFindings(damaged={Damage.INHERITED: 12}), "12 frames are built on damaged"),
        (FrameFindings(by_field=7, marked=9), "7 of 20 frames held two moments in time"),
        (FrameFindings(marked=9), "marked as interlaced, but no frame"),
        (FrameFindings(by_field=1, unmarked_fields=1), "though the file does not mark it"),
        (FrameFindings(sizes={(64, 48): 0.0, (32, 24): 1.5}), "32 × 24 pixels from 1.50 s"),
        (FrameFindings(high_dynamic_range="HLG"), "High dynamic range (HLG)"),
        (FrameFindings(unreadable_matrix=8), "number 8 of ITU-T H.273"),
        (FrameFindings(tilt_degrees=12.0), "rotated by 12°"),
    ],
)
def test_what_is_odd_about_frames_is_said_in_a_sentence(found, words):
    (said,) = about_frames(found, 20)
    assert words in said


def test_what_a_later_file_holds_is_counted_with_its_beginning():
    whole = FrameFindings(undecodable_s=[1.0], damaged={Damage.BROKEN: 1}, sizes={(8, 8): 0.0})
    later = FrameFindings(
        undecodable_s=[0.5], damaged={Damage.BROKEN: 2, Damage.INHERITED: 3}, untimed=4,
        sizes={(8, 8): 0.0, (4, 4): 2.0}, high_dynamic_range="PQ",
    )  # fmt: skip
    whole.add(later, 60.0)
    assert whole.undecodable_s == [1.0, 60.5]
    assert whole.damaged == {Damage.BROKEN: 3, Damage.INHERITED: 3}
    assert (whole.untimed, whole.high_dynamic_range) == (4, "PQ")
    assert whole.sizes == {(8, 8): 0.0, (4, 4): 62.0}
