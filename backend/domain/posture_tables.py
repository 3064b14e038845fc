"""Tables that say which posture an infant is in when, as other tools write them.

A line names a stretch of time (in seconds, or by the numbers of frames), a single time, frame or
image, and what is seen there. Which column is which is told by its name or by a person; what a word
means likewise. Seconds count from the beginning of the recording; a stretch holds up to, and
without, its end, so that the next may begin there.
"""

from __future__ import annotations

import csv
import io
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from backend.domain.errors import InvalidInput
from backend.domain.posture_ranges import PostureOrigin, Stroke
from backend.domain.postures import (
    GROUP_OF,
    POSTURES,
    PostureLabel,
    label_of_code,
    label_of_posture,
    posture_name,
)

MAX_CHARACTERS: Final = 8 << 20
MAX_LINES: Final = 200_000
MAX_WORDS: Final = 200
"""Different words for postures in one table."""
_EXAMPLES: Final = 5

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "recording": ("recording", "recording_id", "session", "visit", "video"),
    "start_s": ("start_s", "start", "begin", "begin_s", "from", "onset", "start_time"),
    "end_s": ("end_s", "end", "stop", "until", "to", "offset", "end_time"),
    "first_frame": ("first_frame", "start_frame", "from_frame"),
    "last_frame": ("last_frame", "end_frame", "to_frame"),
    "time_s": ("time_s", "time", "timestamp", "seconds"),
    "frame": ("frame", "frame_number", "source_frame"),
    "file_name": ("file_name", "filename", "image", "image_name"),
    "posture": ("posture", "label", "pose", "behavior", "behaviour", "class", "state", "category"),
}
"""What a column may be, and the names by which it is known."""

PLACES: Final = (
    ("start_s", "end_s"), ("first_frame", "last_frame"), ("file_name",), ("frame",), ("time_s",),
)  # fmt: skip
"""What tells where a line belongs; the first that a table has counts."""

Meaning = PostureLabel | Literal[False] | None
"""What a word says: a label; None that there is none; False where it is unclear."""

_NOTHING: Final = frozenset(("", "none", "na", "n_a", "nan", "null", "unknown", "other"))
_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")


class _Reader(Protocol):
    """What ``csv.reader`` gives."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table.

    Attributes:
        number: In the file, from 1.
        cells: By what they are (a key of ``COLUMNS``).
    """

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PostureTable:
    """A table that was read.

    Attributes:
        header: The names of its columns.
        columns: Which of them is what, by the keys of ``COLUMNS``.
        place: What tells where a line belongs.
        lines: In the order of the file.
    """

    header: tuple[str, ...]
    columns: Mapping[str, str]
    place: tuple[str, ...]
    lines: tuple[Line, ...]

    def words(self) -> dict[str, int]:
        """The words for postures, with how often each is said."""
        found: dict[str, int] = {}
        for line in self.lines:
            word = line.cells["posture"]
            found[word] = found.get(word, 0) + 1
        return found


@dataclass(frozen=True, slots=True)
class Timeline:
    """The moments of a recording, as lines of tables may name them.

    Attributes:
        times_s: When each is; rising.
        of_frame: Moments by the number of a frame in the first camera's source.
        of_image: Moments by the name of an image.
    """

    times_s: Sequence[float]
    of_frame: Mapping[int, int] = field(default_factory=dict)
    of_image: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Doubts:
    """Lines that cannot be used, by why."""

    found: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, why: str, line: int, detail: str = "") -> None:
        """Take one down."""
        self.counts[why] = self.counts.get(why, 0) + 1
        examples = self.found.setdefault(why, [])
        if len(examples) < _EXAMPLES:
            examples.append(f"line {line}" + (f": {detail[:80]}" if detail else ""))


def read_table(text: str, chosen: Mapping[str, str], doubts: Doubts) -> PostureTable:
    """Read a table with commas, semicolons or tabs between its cells.

    Args:
        text: The file.
        chosen: Names of columns by what they are, where their names do not say so.
        doubts: Takes down lines that cannot be read.

    Raises:
        InvalidInput: it is no such table, or a column is missing.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(f"The table has more than {MAX_CHARACTERS >> 20} Mi characters.")
    if "\0" in text:
        raise InvalidInput("This is no table of text: it holds zero bytes.")
    text = text.removeprefix("\ufeff")
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = tuple(name.strip() for name in next((row for row in rows if row), []))
        columns = _columns(header, chosen)
        place = next((p for p in PLACES if all(name in columns for name in p)), None)
        if place is None:
            raise InvalidInput(
                "No column says when: a table has start_s and end_s, first_frame and last_frame,"
                " time_s, frame or file_name. If they are called otherwise, say which is which."
            )
        lines = tuple(_lines(rows, header, columns, doubts))
    except csv.Error as error:
        raise InvalidInput(f"Line {rows.line_num} is not of a CSV table: {error}.") from error
    if not lines:
        raise InvalidInput("The table has no line that can be read.")
    return PostureTable(header, columns, place, lines)


def _columns(header: tuple[str, ...], chosen: Mapping[str, str]) -> dict[str, str]:
    if not any(header):
        raise InvalidInput("The table is empty.")
    named = [name for name in header if name]
    if len(set(named)) < len(named):
        raise InvalidInput("Two columns have the same name.")
    for what, name in chosen.items():
        if what not in COLUMNS:
            raise InvalidInput(f"There is no kind of column “{what}”; {', '.join(COLUMNS)}.")
        if name and name not in header:
            raise InvalidInput(f"There is no column “{name}”; {', '.join(named)}.")
    taken = set(chosen.values())
    by_name = {posture_name(name): name for name in reversed(named) if name not in taken}
    columns = {what: name for what, name in chosen.items() if name}
    for what, names in COLUMNS.items():
        found = next((by_name[name] for name in names if name in by_name), None)
        if what not in chosen and found is not None:
            columns[what] = found
    if "posture" not in columns:
        raise InvalidInput(
            f"No column says the posture; the columns are {', '.join(named)[:300]}."
            " Say which one does."
        )
    return columns


def _lines(
    rows: _Reader, header: tuple[str, ...], columns: Mapping[str, str], doubts: Doubts
) -> Iterator[Line]:
    at = {what: header.index(name) for what, name in columns.items()}
    for count, row in enumerate(rows):
        number = rows.line_num
        if count >= MAX_LINES:
            raise InvalidInput(f"The table has more than {MAX_LINES:,} lines.")
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            doubts.add(f"another number of cells than the first line ({len(header)})", number,
                       f"{len(row)}")  # fmt: skip
            continue
        yield Line(number, {what: row[i].strip() for what, i in at.items()})


def meaning(word: str, chosen: Mapping[str, str]) -> Meaning:
    """What a word says.

    Args:
        word: As the table has it.
        chosen: A posture, a group, or nothing by words, as a person chose.

    Raises:
        InvalidInput: what was chosen is neither a posture nor a group.
    """
    name = chosen.get(word)
    if name is None:
        name = posture_name(word)
    elif name and name not in GROUP_OF and name not in POSTURES:
        raise InvalidInput(f"“{name}” is neither a posture nor a group of postures.")
    if name in GROUP_OF:
        return label_of_posture(name)
    if name in POSTURES:
        return PostureLabel(name)
    return None if name in _NOTHING else False


def strokes_of(
    lines: Iterable[Line],
    place: tuple[str, ...],
    timeline: Timeline,
    words: Mapping[str, Meaning],
    doubts: Doubts,
) -> list[Stroke]:
    """What lines say of a recording's moments; neighbours that say the same are one stroke.

    Of two lines that say different things of one moment the first counts, the other is taken down.
    """
    said: dict[int, int] = {}
    for line in lines:
        label = words[line.cells["posture"]]
        if label is False:
            doubts.add("a posture that is not known", line.number, line.cells["posture"])
            continue
        moments = _moments(line, place, timeline, doubts)
        if label is None or moments is None:
            continue
        if any(said.get(moment, label.code) != label.code for moment in moments):
            doubts.add("moments of which an earlier line says something else", line.number)
            continue
        said.update(dict.fromkeys(moments, label.code))
    strokes: list[Stroke] = []
    for moment in sorted(said):
        label = label_of_code(said[moment])
        last = strokes[-1] if strokes else None
        if last is not None and last.last + 1 == moment and last.label == label:
            strokes[-1] = Stroke(last.first, moment, label, PostureOrigin.IMPORTED)
        else:
            strokes.append(Stroke(moment, moment, label, PostureOrigin.IMPORTED))
    return strokes


def _moments(
    line: Line, place: tuple[str, ...], timeline: Timeline, doubts: Doubts
) -> range | None:
    """The moments that a line is about."""
    cells = [line.cells[name] for name in place]
    if place == ("file_name",):
        moment = timeline.of_image.get(cells[0])
        if moment is None:
            doubts.add("an image that the recording does not have", line.number, cells[0])
        return None if moment is None else range(moment, moment + 1)
    numbers = [_number(cell) for cell in cells]
    first, last = numbers[0], numbers[-1]
    if first is None or last is None:
        doubts.add("a place that is no number", line.number, ", ".join(cells))
        return None
    if last < first:
        doubts.add("an end before its beginning", line.number, ", ".join(cells))
        return None
    found = (
        _by_time(first, last, timeline)
        if place[0] in ("start_s", "time_s")
        else _by_frame(first, last, timeline)
    )
    if not found:
        doubts.add("no moment of the recording is there", line.number, ", ".join(cells))
        return None
    return found


def _by_time(first: float, last: float, timeline: Timeline) -> range:
    times = timeline.times_s
    if first < last:
        return range(bisect_left(times, first), bisect_left(times, last))
    # A single time means the moment that is on the screen then.
    shown = bisect_right(times, first + 1e-6) - 1
    step = times[-1] - times[-2] if len(times) > 1 else 1.0
    inside = shown >= 0 and first <= times[-1] + max(step, 1e-3)
    return range(shown, shown + 1) if inside else range(0)


def _by_frame(first: float, last: float, timeline: Timeline) -> range:
    if not (first.is_integer() and last.is_integer()):
        return range(0)
    if first == last:
        moment = timeline.of_frame.get(int(first))
        return range(0) if moment is None else range(moment, moment + 1)
    numbers = sorted(timeline.of_frame)
    inside = numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]
    if not inside:
        return range(0)
    return range(timeline.of_frame[inside[0]], timeline.of_frame[inside[-1]] + 1)


def _number(text: str) -> float | None:
    """Seconds or a number: ``12.5``, ``12,5``, ``0:12.5``, ``1:02:03``."""
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = clock.groups()
        return 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds.replace(",", "."))
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) < 1e9 else None
