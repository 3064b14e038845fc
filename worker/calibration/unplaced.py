"""Why cameras cannot be placed, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.calibration.boards import Array, Moment, Target
from worker.calibration.pairs import Pair, looks_mirrored

MIRRORED: Final = (
    "its pictures are mirrored: the board is the wrong way round in them, compared with the other"
    " cameras. Switch mirroring off in the camera or the converter."
)


def undecided(cameras: Sequence[Camera], pair: Pair) -> str:
    """That a board may lie either way round for two cameras."""
    return (
        f"{cameras[pair.a].name} and {cameras[pair.b].name}: their {pair.shared} shared pictures"
        " do not show which way round the board is; show it in more directions."
    )


def refuse(
    cameras: Sequence[Camera], moments: Sequence[Moment], pairs: Sequence[Pair], board: Target
) -> NoReturn:
    """Refuse pictures from which no pair of cameras can be placed.

    Raises:
        InvalidInput: always; with the reason that was found.
    """
    if any(pair.ambiguous for pair in pairs):
        looks = (
            ""
            if board.tells_up_from_down
            else f"The {board.words} looks the same rotated by 180°. "
        )
        raise InvalidInput(
            f"{looks}The cameras saw the board together in too few positions to determine how "
            "it lay."
            " Show it at 3 or more places and angles.",
            fault="several arrangements fit",
        )
    for i, camera in enumerate(cameras):
        if looks_mirrored(cameras, moments, board, i):
            raise InvalidInput(
                f"{camera.name}: {MIRRORED}", file=camera.name, fault="mirrored pictures"
            )
    raise no_arrangement(min(pair.rms_px for pair in pairs))


def no_arrangement(rms_px: float) -> InvalidInput:
    """That the pictures contradict each other; RMS distance in pixels."""
    return InvalidInput(
        f"No arrangement of the cameras explains the pictures (RMS {rms_px:.0f} px or more). Were"
        " the n-th pictures of all cameras taken at the same moment, with the same board, and"
        " are the lens calibrations of these cameras and modes?",
        fault="pictures do not belong together",
    )


def why_unplaced(
    cameras: Sequence[Camera], moments: Sequence[Moment], pairs: Sequence[Pair], board: Target,
    i: int, placed: Mapping[int, Array],
) -> str:  # fmt: skip
    """Why a camera has no place, in words."""
    name = cameras[i].name
    others = ", ".join(cameras[j].name for j in sorted(placed))
    if not any(i in moment for moment in moments):
        return f"{name} has no place: the board was found in none of its pictures."
    mine = [p for p in pairs if i in (p.a, p.b) and (p.a in placed or p.b in placed)]
    if not mine:
        return f"{name} has no place: it never saw the board together with {others}."
    if looks_mirrored(cameras, moments, board, i):
        return f"{name}: {MIRRORED}"
    if any(pair.ambiguous for pair in mine):
        return f"{name} has no place: which way round it saw the board cannot be determined."
    return (
        f"{name} has no place: its pictures do not belong to those of {others}"
        " (not taken at the same moments, or in another mode than its lens calibration)."
    )
