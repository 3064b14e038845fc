"""Tables of postures, as other tools write them."""

from __future__ import annotations

import pytest

from backend.domain.errors import InvalidInput
from backend.domain.posture_tables import Doubts, Timeline, meaning, read_table, strokes_of

TENTHS = Timeline(
    times_s=[i / 10 for i in range(10)],
    of_frame={100 + i: i for i in range(10)},
    of_image={f"{i:03}.jpg": i for i in range(10)},
)


def read(
    text: str, columns: dict[str, str] | None = None, postures: dict[str, str] | None = None
) -> tuple[list[tuple[int, int, int | None]], Doubts]:
    doubts = Doubts()
    table = read_table(text, columns or {}, doubts)
    words = {word: meaning(word, postures or {}) for word in table.words()}
    strokes = strokes_of(table.lines, table.place, TENTHS, words, doubts)
    return [(s.first, s.last, s.label.code if s.label else None) for s in strokes], doubts


@pytest.mark.parametrize(
    "text",
    [
        "start_s,end_s,posture\n0,0.3,Prone Lying\n0.3,0.5,sitting\n",
        "\ufeffBegin;End;Behaviour\r\n0;0,3;prone_lying\r\n0:00.3;0:00.5;Sitting\r\n",
        "first_frame\tlast_frame\tlabel\n100\t102\tProne lying\n103\t104\tsitting\n",
        "frame,posture\n" + "".join(f"10{i},prone lying\n" for i in range(3))
        + "103,sitting\n104,sitting\n",
        "image,posture\n" + "".join(f"00{i}.jpg,prone lying\n" for i in range(3))
        + "003.jpg,sitting\n004.jpg,sitting\n",
        "time_s,posture\n0,prone lying\n0.1,prone lying\n0.2,prone lying\n0.3,sitting\n0.4,sitting",
    ],
)  # fmt: skip
def test_all_kinds_of_tables_say_the_same(text: str) -> None:
    strokes, doubts = read(text)
    assert strokes == [(0, 2, 11), (3, 4, 30)]
    assert not doubts.counts


def test_words_of_a_lab_are_mapped_or_left_out() -> None:
    text = "start_s,end_s,posture\n0,0.2,tummy\n0.2,0.4,held\n0.4,0.6,none\n"
    strokes, doubts = read(text, postures={"tummy": "prone", "held": ""})
    assert strokes == [(0, 1, 10)]
    assert not doubts.counts
    _, doubts = read(text)
    assert doubts.counts == {"a posture that is not known": 2}
    with pytest.raises(InvalidInput, match="neither a posture nor a group"):
        read(text, postures={"tummy": "upside_down"})


def test_columns_of_other_names_are_chosen() -> None:
    text = "t0,t1,what,coder\n0,0.2,supine,AB\n"
    with pytest.raises(InvalidInput, match="No column says the posture"):
        read(text)
    with pytest.raises(InvalidInput, match="No column says when"):
        read(text, {"posture": "what"})
    strokes, _ = read(text, {"posture": "what", "start_s": "t0", "end_s": "t1"})
    assert strokes == [(0, 1, 20)]
    with pytest.raises(InvalidInput, match="no column “when”"):
        read(text, {"posture": "when"})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0.3,0.1,prone", "an end before its beginning"),
        ("nan,0.1,prone", "a place that is no number"),
        ("inf,inf,prone", "a place that is no number"),
        ("soon,later,prone", "a place that is no number"),
        ("5,6,prone", "no moment of the recording is there"),
        ("-3,-2,prone", "no moment of the recording is there"),
        ("0,1", "another number of cells than the first line (3)"),
        ("0,0.5,flying", "a posture that is not known"),
        ("0.7,0.9,sitting", "moments of which an earlier line says something else"),
    ],
)
def test_a_line_that_cannot_be_used_costs_itself_alone(line: str, why: str) -> None:
    strokes, doubts = read(f"start_s,end_s,posture\n0.6,0.8,supine\n{line}\n")
    assert strokes == [(6, 7, 20)]
    assert doubts.counts == {why: 1}
    assert doubts.found[why][0].startswith("line 3")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("start_s,end_s,posture\n", "no line"),
        ("start_s,start_s,posture\n0,1,prone\n", "same name"),
        ('start_s,end_s,posture\n0,1,"prone\n', "not of a CSV table"),
        ("start_s,posture\n0,prone\n", "No column says when"),
        ("PK\x03\x04\0\0", "zero bytes"),
        ('{"a": 1}', "No column says the posture"),
    ],
)
def test_what_is_no_table_is_refused_with_words(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        read(text)


def test_a_single_time_means_the_moment_on_the_screen_then() -> None:
    strokes, doubts = read("time,posture\n0.25,prone\n0.95,supine\n7,prone\n")
    assert strokes == [(2, 2, 10), (9, 9, 20)]
    assert doubts.counts == {"no moment of the recording is there": 1}
