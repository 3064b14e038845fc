"""Uploaded labels and what they label, laid out as files that readers take, and told by content."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from backend.core.settings import Settings
from backend.domain.errors import InvalidInput
from backend.domain.file_names import IMAGE_SUFFIXES
from backend.publishing.formats.detect import detect
from backend.publishing.formats.registry import INTERCHANGE, interchange_of
from worker.context import JobContext
from worker.media.sources import ImageSource, SourceLimits, open_source
from worker.media.unpacking import is_archive, unpack
from worker.pipelines.image_uploads import opened_images

Named = tuple[str, Path]

COCO_FILES: Final = frozenset(("coco", "coco-results", "crowdpose", "wholebody"))
"""Formats of one COCO file, which has a reader of its own for imports."""
VIDEO_SUFFIXES: Final = frozenset(
    (".mp4", ".mov", ".m4v", ".mkv", ".avi", ".webm", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv")
)
_LABEL_SUFFIXES: Final = (".json", ".xml", ".csv", ".h5", ".slp", ".yaml", ".yml", ".gz")
_LOOKED_AT: Final = 2_000
"""So many files of an archive are looked at, to find the labels in it."""
_MAX_FILES: Final = 1_000_000
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class LabelFiles:
    """Labels and what they label.

    Attributes:
        format: Name of the format in ``registry.INTERCHANGE``.
        path: The file or folder that its reader takes.
        name: What to call the labels.
        source: The images; None where none were sent.
        root: Folder of the images; None where they were not unpacked.
        videos: Videos that were sent, by the name that they were sent under.
        unused: Names of files that were sent and are neither labels nor images.
    """

    format: str
    path: Path
    name: str
    source: ImageSource | None
    root: Path | None = None
    videos: dict[str, Path] = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The format in words."""
        return INTERCHANGE[self.format].title


@contextmanager
def opened_labels(
    context: JobContext, labels: Sequence[Named], others: Sequence[Named], wanted: str | None
) -> Iterator[LabelFiles]:
    """Lay out uploads and find out what the labels are.

    Args:
        context: The job.
        labels: Files that were sent as labels: name as uploaded, and where the bytes lie.
        others: Images, archives and videos that were sent with them.
        wanted: Name of the format, where the maintainer chose it.

    Raises:
        InvalidInput: no labels are among them, they are of no known or of several formats, or an
            archive is damaged or tries to climb out.
        NotFound: there is no format of that name.
        TooLarge: a limit is exceeded.
    """
    if wanted is not None and interchange_of(wanted).read is None:
        raise InvalidInput(f"{wanted} is only written, not read.", fault="not read")
    with context.scratch() as folder:
        layout = _Layout(folder, context)
        coco = layout.single_coco(labels, others, wanted)
        if coco is not None:
            path, form = coco
            with opened_images(others, context.settings) as source:
                yield LabelFiles(form, path, labels[0][0], source)
            return
        layout.put(labels, as_labels=True)
        layout.put(others, as_labels=False)
        form, path = layout.found(wanted)
        name = path.name if path.is_file() else (labels or others)[0][0]
        with _images(layout.files, context.settings, name) as source:
            yield LabelFiles(
                form, path, name, source, layout.files, layout.videos, tuple(layout.unused)
            )


@contextmanager
def _images(folder: Path, settings: Settings, name: str) -> Iterator[ImageSource | None]:
    limits = _limits(settings)
    with open_source(folder, name=name, limits=limits) as source:
        present = any(Path(path).suffix.lower() in IMAGE_SUFFIXES for path in source.paths())
        yield source if present else None


def _limits(settings: Settings) -> SourceLimits:
    return SourceLimits(files=settings.max_archive_entries, total_bytes=settings.max_archive_bytes)


class _Layout:
    """Folders in which uploads lie under their names: single label files apart from the rest."""

    def __init__(self, folder: Path, context: JobContext) -> None:
        self.labels = folder / "labels"
        self.files = folder / "files"
        self.labels.mkdir()
        self.files.mkdir()
        self.videos: dict[str, Path] = {}
        self.unused: list[str] = []
        self._context = context

    def single_coco(
        self, labels: Sequence[Named], others: Sequence[Named], wanted: str | None
    ) -> tuple[Path, str] | None:
        """A COCO file that was sent beside its images, which then need not be unpacked."""
        if len(labels) != 1 or not others:
            return None
        if wanted not in COCO_FILES and is_archive(labels[0][1], labels[0][0]):
            return None
        zipped = len(others) == 1 and others[0][0].lower().endswith(".zip")
        plain = wanted == "coco" or zipped
        if not plain and any(self._kind(name, path) != "image" for name, path in others):
            return None
        path = _placed(self.labels, *labels[0])
        try:
            form = wanted or detect(path)
        except InvalidInput:
            form = ""
        if form in COCO_FILES:
            return path, form
        path.unlink()
        return None

    def put(self, uploads: Sequence[Named], *, as_labels: bool) -> None:
        """Lay out uploads."""
        for name, path in uploads:
            self._context.check_cancelled()
            self._context.report(0, None, "Unpacking files")
            kind = self._kind(name, path)
            if kind == "archive":
                unpack(
                    path,
                    self.files,
                    name=name,
                    limits=_limits(self._context.settings),
                    check_cancelled=self._context.check_cancelled,
                )
            elif kind == "video":
                self.videos[name] = path
            elif kind == "image":
                _placed(self.files, name, path)
            elif as_labels or name.lower().endswith(_LABEL_SUFFIXES):
                _placed(self.labels, name, path)
            else:
                self.unused.append(name)
        packed = {
            path.name: path
            for path in islice(sorted(self.files.rglob("*")), _MAX_FILES)
            if path.suffix.lower() in VIDEO_SUFFIXES and path.is_file()
        }
        if as_labels and self.videos:
            name = next(iter(self.videos))
            raise InvalidInput(
                f"{name}: this is a video; send it with the images.", file=name, fault="a video"
            )
        self.videos = packed | self.videos

    def _kind(self, name: str, path: Path) -> str:
        suffix = Path(name).suffix.lower()
        if suffix in IMAGE_SUFFIXES:
            return "image"
        if suffix in VIDEO_SUFFIXES:
            return "video"
        return "archive" if is_archive(path, name) else "labels"

    def found(self, wanted: str | None) -> tuple[str, Path]:
        """The format of the labels, and what its reader takes."""
        sent = _without_twins(sorted(self.labels.iterdir()))
        if len(sent) == 1:
            return self._single(sent[0], wanted)
        if sent:
            backup = {"annotations.json", "task.json"} <= {file.name for file in sent}
            return wanted or ("cvat-json" if backup else _of_several(sent)), self.labels
        root = _descended(self.files)
        if wanted is not None and not _takes_file(wanted):
            return wanted, root
        if wanted is None:
            try:
                return detect(root), root
            except InvalidInput:
                pass
        return self._within(root, wanted)

    def _single(self, file: Path, wanted: str | None) -> tuple[str, Path]:
        """One file of labels; a description of a folder goes where that folder is."""
        form = wanted or detect(file)
        if form != "yolo" or file.suffix.lower() not in (".yaml", ".yml"):
            return form, file
        root = _descended(self.files)
        (root / file.name).unlink(missing_ok=True)  # never write through a link to an upload
        shutil.copyfile(file, root / file.name)
        return form, root / file.name

    def _within(self, root: Path, wanted: str | None) -> tuple[str, Path]:
        """The one file of labels in an archive."""
        known: list[tuple[str, Path]] = []
        faults: list[str] = []
        for file in islice(sorted(root.rglob("*")), _LOOKED_AT):
            if not file.is_file() or not file.name.lower().endswith(_LABEL_SUFFIXES):
                continue
            self._context.check_cancelled()
            try:
                known.append((detect(file), file))
            except InvalidInput as error:
                faults.append(error.message)
        if wanted is not None:
            known = [(wanted, file) for form, file in known if form == wanted]
        kept = set(_without_twins([file for _, file in known]))
        known = [(form, file) for form, file in known if file in kept]
        if len(known) == 1:
            form, file = known[0]
            return form, file.parent if form == "yolo" else file
        if not known:
            told = f" {faults[0]}" if faults else ""
            raise InvalidInput(
                f"No labels that are read here were found in what was sent.{told}",
                fault="no labels",
            )
        names = ", ".join(str(file.relative_to(root)) for _, file in known[:_NAMED])
        more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
        raise InvalidInput(
            f"There are {len(known)} files of labels in it ({names}{more}): send the one that is"
            " meant as the file of labels, and the rest as images.",
            fault="several files of labels",
        )


def _without_twins(files: Sequence[Path]) -> list[Path]:
    """DeepLabCut keeps each table twice, in .csv and in .h5: the first is enough."""
    tables = {file.with_suffix("") for file in files if file.suffix == ".csv"}
    return [f for f in files if f.suffix != ".h5" or f.with_suffix("") not in tables]


def _takes_file(form: str) -> bool:
    return bool(INTERCHANGE[form].suffix)


def _placed(folder: Path, name: str, path: Path) -> Path:
    place = folder / name
    try:
        os.link(path, place)
    except FileExistsError as error:
        raise InvalidInput(
            f"{name}: two files have this name.", file=name, fault="two files have this name"
        ) from error
    except OSError:
        # A file system without hard links.
        shutil.copyfile(path, place)
    return place


def _of_several(sent: Sequence[Path]) -> str:
    """The format of several files: each of them is of it."""
    forms = {file.name: detect(file) for file in sent}
    if len(set(forms.values())) > 1:
        listed = ", ".join(f"{name} ({INTERCHANGE[form].title})" for name, form in forms.items())
        raise InvalidInput(
            f"These are labels of several formats: {listed}. Import one at a time.",
            fault="several formats",
        )
    form = next(iter(forms.values()))
    if form != "labelme":
        raise InvalidInput(
            f"{len(sent)} files of {INTERCHANGE[form].title} were sent: import one at a time.",
            fault="several files of labels",
        )
    return form


def _descended(folder: Path) -> Path:
    """The folder itself, or the only one in it: archives often hold one folder with all."""
    entries = list(islice(folder.iterdir(), 2))
    while len(entries) == 1 and entries[0].is_dir() and entries[0].name != "joints_2Ddep":
        folder = entries[0]
        entries = list(islice(folder.iterdir(), 2))
    return folder
