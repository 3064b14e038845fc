"""``infantnet tools board``: boards to print, at true size."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import say
from backend.cli.stop import Exit, Stop
from worker.calibration.board_print import PAPERS, description, pdf_of, sheet_of
from worker.calibration.boards import Board, Target
from worker.calibration.kinds import Kind, board_of
from worker.calibration.texts import replace_file


class Wanted(StrEnum):
    """Kinds of boards, and the paper's two."""

    CHESSBOARD = "chessboard"
    CHARUCO = "charuco"
    ARUCO = "aruco"
    APRILGRID = "aprilgrid"
    PAPER_SMALL = "paper-small"
    PAPER_LARGE = "paper-large"


_USUAL = {
    Wanted.CHESSBOARD: ("5x9", 30.0, None),
    Wanted.CHARUCO: ("8x6", 40.0, 30.0),
    Wanted.ARUCO: ("6x4", 50.0, 40.0),
    Wanted.APRILGRID: ("6x6", 46.8, 36.0),
    Wanted.PAPER_SMALL: ("5x9", 30.0, None),
    Wanted.PAPER_LARGE: ("11x7", 60.0, None),
}


def board(
    out: Annotated[Path, typer.Option("--out", "-o", help="PDF to write.")],
    kind: Annotated[Wanted, typer.Option("--kind", help="Which board.")] = Wanted.CHARUCO,
    size: Annotated[
        str | None,
        typer.Option(
            "--board",
            metavar="8x6",
            help="Inner corners of a checkerboard; squares of a ChArUco board; markers of others.",
        ),
    ] = None,
    square_mm: Annotated[
        float | None,
        typer.Option("--square-mm", help="Side of a square, or from marker to marker, mm."),
    ] = None,
    marker_mm: Annotated[
        float | None, typer.Option("--marker-mm", help="Side of a marker's black outline, mm.")
    ] = None,
    dictionary: Annotated[
        str | None, typer.Option("--dictionary", help="Set of markers, such as 4X4_100.")
    ] = None,
    first_id: Annotated[
        list[int] | None,
        typer.Option("--first-id", help="Number of the first marker; again for more boards."),
    ] = None,
    paper: Annotated[str, typer.Option("--paper", help=f"auto, {', '.join(PAPERS)}.")] = "auto",
) -> None:
    """Print a board at true size, with a ruler and what to measure.

    \b
    Examples:
      infantnet tools board --kind charuco --out board.pdf
      infantnet tools board --kind aprilgrid --board 6x6 --marker-mm 55 --square-mm 71.5 -o april.pdf
      infantnet tools board --kind paper-large --out large.pdf
    """  # noqa: E501
    usual_size, usual_square, usual_marker = _USUAL[kind]
    side = square_mm or usual_square
    if square_mm is None and marker_mm is not None and usual_marker is not None:
        side = marker_mm * usual_square / usual_marker
    outline = marker_mm
    if outline is None and usual_marker is not None:
        outline = side * usual_marker / usual_square
    plain = Kind.CHESSBOARD if kind.value.startswith("paper") else Kind(kind.value)
    if plain is Kind.CHESSBOARD and (marker_mm or dictionary or first_id):
        raise Stop("A checkerboard has no markers: leave their options out.", Exit.USAGE)
    boards = [
        board_of(plain, size or usual_size, side, outline, dictionary, first)
        for first in first_id or [0]
    ]
    sheets = [sheet_of(one, paper.lower(), command=options_of(one)) for one in boards]
    replace_file(out, pdf_of(sheets))
    for one, sheet in zip(boards, sheets, strict=True):
        where = f"{sheet.paper.upper() if sheet.paper in PAPERS else sheet.paper}"
        print(f"{description(one)}: {where}, {sheet.width:.0f} × {sheet.height:.0f} mm")
        print(f"  to calibrate with it: {options_of(one)}")
    say(f"{out} written. Print it at 100 %, and measure the ruler before use.")


def options_of(one: Target) -> str:
    """The options that name a board in ``calibrate-intrinsics`` and ``calibrate-extrinsics``."""
    if isinstance(one, Board):
        return f"--board {one.columns}x{one.rows} --square-mm {one.square_m * 1000:g}"
    from worker.calibration.marker_boards import MarkerBoard

    assert isinstance(one, MarkerBoard)
    more = f" --first-id {one.first_id}" if one.first_id else ""
    return (
        f"--kind {one.kind.value} --board {one.columns}x{one.rows} --square-mm"
        f" {one.square_m * 1000:g} --marker-mm {one.marker_m * 1000:g} --dictionary"
        f" {one.dictionary}{more}"
    )
