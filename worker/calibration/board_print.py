"""Boards as pages to print: black boxes at true size, a ruler to measure, and what it is in words.

The page is a PDF of vectors, so that it prints sharply at any size. Its origin is the lower left,
lengths are points of 1/72 inch; here they are millimetres from the upper left until they are
written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from backend.domain.errors import InvalidInput
from worker.calibration.boards import Board, Target
from worker.calibration.marker_boards import DICTIONARIES, MarkerBoard, MarkerKind, charuco

Box = tuple[float, float, float, float]
"""Left, top, width and height, millimetres."""

PAPERS: Final = {
    "a4": (210.0, 297.0),
    "a3": (297.0, 420.0),
    "a2": (420.0, 594.0),
    "a1": (594.0, 841.0),
    "a0": (841.0, 1189.0),
    "letter": (215.9, 279.4),
}
_MM: Final = 72 / 25.4
_EDGE_MM: Final = 8.0
"""Printers leave about so much blank."""
_FOOT_MM: Final = 24.0
_RULER_MM: Final = 100.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its size and, in millimetres from the upper left, black boxes, white boxes on top of
    them, and lines of text (x, baseline, size in points, words). origin: where the board's points
    begin."""

    width: float
    height: float
    black: tuple[Box, ...]
    white: tuple[Box, ...]
    texts: tuple[tuple[float, float, float, str], ...]
    paper: str
    origin: tuple[float, float]


def sheet_of(board: Target, paper: str = "auto", *, command: str = "", old: bool = False) -> Sheet:
    """A board on a page.

    Args:
        board: Any kind.
        paper: A key of ``PAPERS``; ``auto`` for the smallest that it fits, or a page of its own
            where it fits none.
        command: How to name the board on the command line, for the page's foot.
        old: A ChArUco board as OpenCV drew it before version 4.6.

    Raises:
        InvalidInput: the board does not fit the paper.
    """
    black, white, (across, down), quiet, inset = _drawn(board, old=old)
    need = (across + 2 * max(quiet, _EDGE_MM), down + 2 * max(quiet, _EDGE_MM) + _FOOT_MM)
    need = (max(need[0], _RULER_MM + 2 * _EDGE_MM), need[1])
    name, (width, height) = _page(need, paper)
    left = (width - across) / 2
    top = (height - _FOOT_MM - down) / 2
    moved = [tuple((x + left, y + top, w, h) for x, y, w, h in boxes) for boxes in (black, white)]
    ruler, texts = _foot(board, width, height, across, down, command)
    return Sheet(
        width, height, moved[0] + ruler, moved[1], texts, name, (left + inset, top + inset)
    )


def _page(need: tuple[float, float], paper: str) -> tuple[str, tuple[float, float]]:
    if paper != "auto" and paper not in PAPERS:
        raise InvalidInput(
            f"There is no paper {paper}; known are auto, {', '.join(PAPERS)}.", fault="paper"
        )
    names = [n for n in PAPERS if n != "letter"] if paper == "auto" else [paper]
    for name in names:
        for size in (PAPERS[name], PAPERS[name][::-1]):
            if need[0] <= size[0] and need[1] <= size[1]:
                return name, size
    if paper == "auto":
        return "its own size", need
    raise InvalidInput(
        f"The board with its margin needs {need[0]:.0f}×{need[1]:.0f} mm; {paper.upper()} has"
        f" {PAPERS[paper][0]:.0f}×{PAPERS[paper][1]:.0f} mm. Choose a larger paper or smaller"
        " squares; do not let the printer shrink it.",
        fault="does not fit the paper",
    )


def _drawn(
    board: Target, *, old: bool
) -> tuple[list[Box], list[Box], tuple[float, float], float, float]:
    """Black and white boxes from the board's upper left, its size, the blank around it, and how far
    inside its points begin."""
    if isinstance(board, Board):
        side = board.square_m * 1000
        boxes = _squares(board.columns + 1, board.rows + 1, side, first_dark=True)
        size = ((board.columns + 1) * side, (board.rows + 1) * side)
        return boxes, [], size, 0.7 * side, side
    assert isinstance(board, MarkerBoard)
    side, marker = board.square_m * 1000, board.marker_m * 1000
    if board.kind is MarkerKind.CHARUCO:
        dark = not (old and board.rows % 2 == 0)
        black = _squares(board.columns, board.rows, side, first_dark=dark)
        outlines = [
            np.asarray(p, float)[0, :2] * 1000 for p in charuco(board, old=old).getObjPoints()
        ]
        size = (board.columns * side, board.rows * side)
        quiet, inset = 0.5 * side, side
    else:
        gap = side - marker
        corner = gap if board.kind is MarkerKind.APRIL else 0.0
        outlines = [board.outline(k)[0] * 1000 + corner for k in range(board.markers)]
        size = (board.columns * side - gap + 2 * corner, board.rows * side - gap + 2 * corner)
        black = [
            (x * side, y * side, gap, gap)
            for y in range(board.rows + 1)
            for x in range(board.columns + 1)
            if board.kind is MarkerKind.APRIL
        ]
        quiet, inset = gap, corner
    white: list[Box] = []
    for k, (x, y) in enumerate(outlines):
        black.append((x, y, marker, marker))
        bits = _bits(board, board.first_id + k)
        cell = marker / len(bits)
        white += [(x + cell * a, y + cell * b, cell * w, cell * h) for a, b, w, h in _runs(bits)]
    return black, white, size, quiet, inset


def _squares(columns: int, rows: int, side: float, *, first_dark: bool) -> list[Box]:
    return [
        (x * side, y * side, side, side)
        for y in range(rows)
        for x in range(columns)
        if ((x + y) % 2 == 0) is first_dark
    ]


def _bits(board: MarkerBoard, number: int) -> np.ndarray:
    """(n, n) the marker's squares, True where white."""
    chosen = cv2.aruco.getPredefinedDictionary(DICTIONARIES[board.dictionary])
    side = int(chosen.markerSize) + 2 * board.border_bits
    return np.asarray(
        cv2.aruco.generateImageMarker(chosen, number, side, borderBits=board.border_bits) > 127
    )


def _runs(bits: np.ndarray) -> list[tuple[int, int, int, int]]:
    """White cells as boxes (x, y, width, height): runs along rows, joined downwards."""
    open_runs: dict[tuple[int, int], int] = {}
    out = []
    for y, row in enumerate([*bits, np.zeros(bits.shape[1], bool)]):
        edges = np.flatnonzero(np.diff(np.pad(row.astype(int), 1)))
        runs = {(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)}
        for run in [run for run in open_runs if run not in runs]:
            start = open_runs.pop(run)
            out.append((run[0], start, run[1] - run[0], y - start))
        for run in runs - set(open_runs):
            open_runs[run] = y
    return out


def _foot(
    board: Target, width: float, height: float, across: float, down: float, command: str
) -> tuple[tuple[Box, ...], tuple[tuple[float, float, float, str], ...]]:
    """A ruler of 100 mm and three lines of text."""
    x, y = _EDGE_MM, height - _EDGE_MM - 5
    boxes: list[Box] = [(x, y, _RULER_MM, 0.3)]
    for k in range(11):
        tall = 3.0 if k % 5 == 0 else 1.8
        boxes.append((x + 10 * k - (0.15 if k else 0.0), y - tall, 0.3, tall))
    room = width - 2 * _EDGE_MM
    lines = [
        (x, y - 11.0, 9.0, f"{description(board)}."),
        (x, y - 7.0, 7.5,
         "Print at 100 % (actual size), on something stiff and flat. Measure before use: across"
         f" {across:.1f} mm, down {down:.1f} mm."),
        (x, y + 4.0, 7.5, "This line is exactly 100 mm."),
    ]  # fmt: skip
    if command:
        lines.append((x + 45, y + 4.0, 7.5, command))
    return tuple(boxes), tuple(
        (a, b, min(size, size * room / max(1e-6, _text_mm(words, size) + a - x)), words)
        for a, b, size, words in lines
    )


def _text_mm(words: str, size: float) -> float:
    """About how wide Helvetica sets it."""
    return len(words) * size * 0.52 / _MM


def description(board: Target) -> str:
    """A board in words: kind, counts, sizes, markers."""
    if isinstance(board, Board):
        return (
            f"Checkerboard, {board.columns + 1} × {board.rows + 1} squares of"
            f" {board.square_m * 1000:g} mm ({board.columns} × {board.rows} inner corners)"
        )
    assert isinstance(board, MarkerBoard)
    side, marker = board.square_m * 1000, board.marker_m * 1000
    last = board.first_id + board.markers - 1
    numbers = f"{board.dictionary}, markers {board.first_id} to {last}"
    if board.kind is MarkerKind.CHARUCO:
        return (
            f"ChArUco board, {board.columns} × {board.rows} squares of {side:g} mm, markers of"
            f" {marker:g} mm ({numbers})"
        )
    more = (
        f"spacing {(side - marker) / marker:.3g} of a tag"
        if board.kind is MarkerKind.APRIL
        else f"gaps of {side - marker:g} mm"
    )
    return (
        f"{board.name}, {board.columns} × {board.rows} markers of {marker:g} mm, {more} ({numbers})"
    )


def pdf_of(sheets: Sequence[Sheet]) -> bytes:
    """Pages as a PDF document."""
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",  # the list of pages, once they are numbered
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    pages = []
    for sheet in sheets:
        content = _content(sheet)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        box = f"[0 0 {sheet.width * _MM:.4f} {sheet.height * _MM:.4f}]"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents {len(objects)} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        pages.append(len(objects))
    listed = " ".join(f"{n} 0 R" for n in pages)
    # Viewers that shrink pages to the printable area are asked not to.
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /PrintScaling /None >> >>"
    objects[1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(pages)} >>".encode()
    out = bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)


def _content(sheet: Sheet) -> bytes:
    """The page's drawing: all boxes of one colour are one path, which leaves no seams."""
    lines = []
    for grey, boxes in ((0, sheet.black), (1, sheet.white)):
        if not boxes:
            continue
        lines.append(f"{grey} g")
        lines += [
            f"{x * _MM:.4f} {(sheet.height - y - h) * _MM:.4f} {w * _MM:.4f} {h * _MM:.4f} re"
            for x, y, w, h in boxes
        ]
        lines.append("f")
    out = "\n".join(lines).encode()
    for x, y, size, words in sheet.texts:
        safe = words.encode("cp1252", "replace")
        for sign in (b"\\", b"(", b")"):
            safe = safe.replace(sign, b"\\" + sign)
        out += (
            f"\n0 g BT /F1 {size:.2f} Tf {x * _MM:.3f} {(sheet.height - y) * _MM:.3f} Td (".encode()
            + safe
            + b") Tj ET"
        )
    return out
