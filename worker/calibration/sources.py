"""Boards in files: pictures and videos of one camera, or of several at the same instants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import DomainError, InvalidInput
from backend.domain.file_names import IMAGE_SUFFIXES
from backend.domain.frame_groups import CameraTimes, group_at
from backend.domain.frame_matching import NONE
from worker.calibration.boards import BoardView
from worker.calibration.contradictions import marker_share, marker_words
from worker.calibration.finding import Boards, as_boards, find_boards, guess, words_of
from worker.calibration.intrinsics import Dropped
from worker.calibration.marker_boards import MarkerBoard
from worker.calibration.partners import Pairing, partners
from worker.media.decode import MAX_PIXELS, look_of, probe, read_index, stored_video
from worker.media.decoder import decode
from worker.media.images import decode_image
from worker.media.pixels import BgrImage, shrink

File = tuple[str, Path]
"""What to call a file, and where it is."""

MAX_VIEWS: Final = 40
_LENS_SAMPLES: Final = 160
_MOMENT_SAMPLES: Final = 90
_PICTURE_SIDE: Final = 640
_MEASURED: Final = 5
"""In so many pictures markers are measured against squares."""


def _nothing() -> None:
    pass


@dataclass(slots=True)
class Found:
    """Boards found in the files of one camera.

    Attributes:
        views: The views, in order.
        dropped: Files (or moments of a video) without a usable board, and why.
        pictures: Small pictures of the views by their name, for reports.
        notes: What else a person should know.
        hint: What may be wrong where nothing was found.
        searched: In how many pictures and frames a board was looked for.
        empty: Files in which there is none.
        shares: How large markers are against what was said, of the first pictures.
    """

    views: list[BoardView] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    pictures: dict[str, BgrImage] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    hint: str = ""
    searched: int = 0
    empty: int = 0
    shares: list[float] = field(default_factory=list)

    @property
    def no_board_anywhere(self) -> bool:
        """Whether every file could be read, and none shows the board."""
        return not self.views and self.empty == len(self.dropped)

    def add(self, image: BgrImage, view: BoardView) -> None:
        """Take a view up, with a small picture of it."""
        self.views.append(view)
        self.pictures[view.name] = shrink(image, _PICTURE_SIDE)
        if isinstance(view.board, MarkerBoard) and len(self.shares) < _MEASURED:
            share = marker_share(image, view.board)
            self.shares += [] if share is None else [share]


def is_image(name: str) -> bool:
    """Whether a file's name is that of an image; everything else is taken as a video."""
    return Path(name).suffix.lower() in IMAGE_SUFFIXES


def find_views(
    files: Sequence[File], board: Boards, *, tick: Callable[[], None] = _nothing
) -> Found:
    """Boards of one camera: every image, and the sharpest, most different frames of videos.

    Unreadable files are listed with the others that give nothing, so that the rest can go on.

    Args:
        files: Images and videos.
        board: What to look for; of several boards each counts as a view of its own.
        tick: Called before each picture is searched; may raise to stop.
    """
    found = Found()
    for name, path in files:
        try:
            if is_image(name):
                tick()
                image = read_image(name, path)
                views = find_boards(image, board, name)
                found.searched += 1
                if not views:
                    found.dropped.append(Dropped(name, f"no {words_of(board)} in it"))
                    found.empty += 1
                for view in views.values():
                    found.add(image, view)
            else:
                _from_video(name, path, board, found, tick)
        except InvalidInput as error:
            found.dropped.append(Dropped(name, error.fault or error.message))
    if not found.views:
        found.hint = _instead(files, board) or ""
    first = as_boards(board)[0]
    if isinstance(first, MarkerBoard):
        said = marker_words(found.shares, first)
        found.notes += [] if said is None else [said]
    return found


def read_image(name: str, path: Path) -> BgrImage:
    """An upright image.

    Raises:
        InvalidInput: the file is missing, or no image.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{name}: {error.strerror}.", file=name, fault=str(error.strerror)
        ) from error
    return decode_image(data, name).pixels


def frames_at(
    name: str, path: Path, times: Sequence[float]
) -> Iterator[tuple[int, float, BgrImage]]:
    """The whole frames of a video nearest to ascending times in seconds from its first frame.

    Yields:
        Place of the time among those asked for, the frame's own time, and its picture; nothing
        where the frame is damaged in the file.

    Raises:
        InvalidInput: as ``decode.open_video``; or all of them are damaged.
    """
    shown = np.array([float(picture.time_s) for picture in read_index(path, name).pictures])
    nearest = [int(np.argmin(np.abs(shown - at))) for at in times]
    for number, at, image in frames_numbered(name, path, sorted(set(nearest))):
        for place, wanted in enumerate(nearest):
            if wanted == number:
                yield place, at, image


def frames_numbered(
    name: str, path: Path, numbers: Sequence[int]
) -> Iterator[tuple[int, float, BgrImage]]:
    """The whole frames of a video with ascending numbers.

    Yields:
        A frame's number, its time in seconds from the first, and its picture; nothing where it is
        damaged in the file.

    Raises:
        InvalidInput: as ``decode.open_video``; or all of them are damaged.
    """
    index = read_index(path, name)
    look = look_of(path, name)
    whole = 0
    for one in decode(stored_video(path, name, MAX_PIXELS), index, numbers, noticed=look.notice):
        if one.frame is None or one.damage is not None:
            continue
        whole += 1
        yield one.number, float(index.pictures[one.number].time_s), look.see(one.frame).image
    if numbers and not whole:
        raise InvalidInput(f"{name}: its frames are damaged.", file=name, fault="damaged")


def _from_video(
    name: str, path: Path, board: Boards, found: Found, tick: Callable[[], None]
) -> None:
    facts = probe(path, name=name)
    count = min(_LENS_SAMPLES, facts.frames)
    times = [k * facts.duration_s / count for k in range(count)]
    views: list[BoardView] = []
    pictures: dict[str, BgrImage] = {}
    for _, at, image in frames_at(name, path, times):
        tick()
        label = f"{name} at {at:.2f} s"
        here = find_boards(image, board, label, thorough=False, time_s=at)
        if here:
            views += here.values()
            pictures[label] = shrink(image, _PICTURE_SIDE)
            marked = [v.board for v in here.values() if isinstance(v.board, MarkerBoard)]
            if marked and len(found.shares) < _MEASURED:
                share = marker_share(image, marked[0])
                found.shares += [] if share is None else [share]
    found.searched += count
    if not views:
        found.dropped.append(Dropped(name, f"no {words_of(board)} in {count} frames of it"))
        found.empty += 1
        return
    chosen = choose(views, MAX_VIEWS)
    found.notes.append(
        f"{name}: board found in {len(views)} of {count} frames looked at, {len(chosen)} chosen."
    )
    found.views += chosen
    found.pictures |= {view.name: pictures[view.name] for view in chosen}


def choose(views: Sequence[BoardView], count: int) -> list[BoardView]:
    """The sharpest and most different views, at most ``count``, in their order.

    Blurred ones go first; then, from the sharpest on, the view is added that differs most from all
    chosen ones in place, size and slant.
    """
    if len(views) <= 3:
        return list(views)
    sharp = np.array([view.sharpness for view in views])
    limit = 0.6 * float(np.percentile(sharp, 80))
    usable = [i for i in range(len(views)) if sharp[i] >= limit]
    features = np.stack([_feature(views[i]) for i in usable])
    picked = [int(np.argmax(sharp[usable]))]
    distance = np.linalg.norm(features - features[picked[0]], axis=1)
    while len(picked) < min(count, len(usable)):
        best = int(np.argmax(distance * np.sqrt(sharp[usable])))
        if distance[best] < 0.02:
            break
        picked.append(best)
        distance = np.minimum(distance, np.linalg.norm(features - features[best], axis=1))
    return [views[usable[k]] for k in sorted(picked)]


def _feature(view: BoardView) -> NDArray[np.float64]:
    """Place, size and slant of a board in the image, each about 0 … 1."""
    corners = view.corners[view.seen] / max(view.size)
    centre = corners.mean(axis=0)
    (xx, xy), (_, yy) = np.cov((corners - centre).T)
    size = np.sqrt(xx + yy)
    return np.array(
        [*centre, 2 * size, 0.5 * (xx - yy) / (xx + yy), 0.5 * 2 * xy / (xx + yy)], float
    )


def pictures_to_search(files: Sequence[File], *, together: bool = False) -> int:
    """In how many pictures a board is looked for at most; files that cannot be read count once.

    Args:
        files: Images and videos.
        together: Videos are looked at together with other cameras', at fewer times.
    """
    most = _MOMENT_SAMPLES if together else _LENS_SAMPLES
    count = 0
    for name, path in files:
        try:
            count += 1 if is_image(name) else min(most, probe(path, name=name).frames)
        except InvalidInput:
            count += 1
    return count


def _instead(files: Sequence[File], board: Boards) -> str | None:
    """A hint where the first picture that can be read shows another board."""
    for name, path in files:
        try:
            if is_image(name):
                image = read_image(name, path)
            else:
                middle = probe(path, name=name).duration_s / 2
                image = next(frames_at(name, path, [middle]))[2]
        except (DomainError, StopIteration):
            continue
        said = guess(image, board)
        return None if said is None else said.replace("FILE", name)
    return None


@dataclass(slots=True)
class FoundMoments:
    """Boards seen by several cameras: by moment, then by camera index."""

    moments: list[dict[int, BoardView]] = field(default_factory=list)
    dropped: list[tuple[int, Dropped]] = field(default_factory=list)
    pictures: dict[str, BgrImage] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    pairing: Pairing = Pairing.ORDER


def find_moments(
    cameras: Sequence[Sequence[File]],
    board: Boards,
    *,
    names: Sequence[str] = (),
    pairing: Pairing = Pairing.AUTO,
    tick: Callable[[], None] = _nothing,
) -> FoundMoments:
    """Boards that several cameras saw at the same instants.

    Which images belong to one moment :func:`worker.calibration.partners.partners` says. Of each
    camera's n-th video, frames belong
    to one moment whose times, counted from the first frame, agree
    (:func:`backend.domain.frame_groups.group_at`); where a video pauses its camera saw nothing.

    Args:
        cameras: Files of each camera, in order; none where a camera is missing.
        board: What to look for; each of several boards gives moments of its own.
        names: What to call the cameras in messages.
        pairing: By what images are matched across cameras.
        tick: Called before each picture is searched; may raise to stop.
    """
    found = FoundMoments()
    label = dict(enumerate(names))
    matched, found.pairing, notes = partners(cameras, pairing, names)
    found.notes += notes
    for here in matched:
        kinds = {is_image(name) for name, _ in here.values()}
        if len(kinds) > 1:
            listed = ", ".join(
                f"{label[i]}: {name}" if i in label else name for i, (name, _) in here.items()
            )
            raise InvalidInput(
                f"Images and videos cannot be paired: {listed}.",
                file=listed,
                fault="images paired with videos",
            )
        if kinds == {True}:
            _image_moment(here, board, found, tick)
        else:
            _video_moments(here, board, found, tick)
    return found


def _image_moment(
    here: dict[int, File], board: Boards, found: FoundMoments, tick: Callable[[], None]
) -> None:
    moments: list[dict[int, BoardView]] = [{} for _ in as_boards(board)]
    for i, (name, path) in here.items():
        tick()
        try:
            image = read_image(name, path)
        except InvalidInput as error:
            found.dropped.append((i, Dropped(name, error.fault or error.message)))
            continue
        views = find_boards(image, board, name)
        if not views:
            found.dropped.append((i, Dropped(name, f"no {words_of(board)} in it")))
            continue
        for k, view in views.items():
            moments[k][i] = view
        found.pictures[name] = shrink(image, _PICTURE_SIDE)
    found.moments += moments


def _video_moments(
    here: dict[int, File], board: Boards, found: FoundMoments, tick: Callable[[], None]
) -> None:
    cameras: dict[int, CameraTimes] = {}
    for i, (name, path) in here.items():
        try:
            index = probe(path, name=name).timeline
        except InvalidInput as error:
            found.dropped.append((i, Dropped(name, error.fault or error.message)))
        else:
            cameras[i] = CameraTimes.of([float(picture.time_s) for picture in index.pictures])
    if not cameras:
        return
    duration = min(float(camera.times_s[-1]) + camera.interval_s for camera in cameras.values())
    count = min(_MOMENT_SAMPLES, *(len(camera.times_s) for camera in cameras.values()))
    groups = group_at(list(cameras.values()), np.arange(count) * duration / count)
    kinds = len(as_boards(board))
    moments: list[dict[int, BoardView]] = [{} for _ in range(len(groups) * kinds)]
    pictures: dict[str, BgrImage] = {}
    for i, numbers in zip(cameras, groups.members.T, strict=True):
        name, path = here[i]
        moment_of = {int(n): k for k, n in enumerate(numbers) if n != NONE}
        seen = 0
        for number, at, image in frames_numbered(name, path, sorted(moment_of)):
            tick()
            label = f"{name} at {at:.2f} s"
            views = find_boards(image, board, label, thorough=False, time_s=at)
            for k, view in views.items():
                moments[moment_of[number] * kinds + k][i] = view
            if views:
                seen += 1
                pictures[label] = shrink(image, _PICTURE_SIDE)
        if not seen:
            reason = f"no {words_of(board)} in {len(moment_of)} frames of it"
            found.dropped.append((i, Dropped(name, reason)))
    shared = [moment for moment in moments if len(moment) > 1]
    step = max(1.0, len(shared) / MAX_VIEWS)
    chosen = [shared[int(k * step)] for k in range(int(np.ceil(len(shared) / step)))]
    found.moments += chosen
    for moment in chosen:
        for view in moment.values():
            found.pictures[view.name] = pictures[view.name]
