"""Labels as other tools write them, and somebody who sends them with their images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Annotation, Candidate, Frame, Job, User
from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.publishing.formats.image_places import ImagePlaces
from backend.publishing.formats.registry import INTERCHANGE
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.labelled import (
    LabelledFrame,
    LabelledImage,
    LabelledMask,
    LabelledPerson,
    PersonMarks,
)
from backend.recordings import service as recordings
from backend.recordings.first_pass import CheckIn, FirstPass
from tests.worker.bench import Bench, archive, png

WIDTH, HEIGHT = 96, 64


def skeleton(x: float, y: float) -> Skeleton:
    """Joints on a line; the second is occluded, the third absent."""
    joints = [Joint(x + i, y + i / 4, Visibility.VISIBLE) for i in range(17)]
    joints[1] = replace(joints[1], visibility=Visibility.OCCLUDED)
    joints[2] = ABSENT_JOINT
    return Skeleton(tuple(joints))


def frames(*, adult: bool = True) -> list[LabelledFrame]:
    """An infant with an adult, and an infant alone."""
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[10:30, 5:40] = True
    mask = LabelledMask(masks.encode(pixels), int(pixels.sum()))
    person = LabelledPerson(skeleton(50.25, 20.5), Box(45, 10, 40, 40), marks=PersonMarks("adult"))
    infant = LabelledFrame(
        LabelledImage(1, "visitA/a.png", WIDTH, HEIGHT),
        joints=skeleton(5.75, 10.25),
        box=Box(0, 0.5, 40.25, 30),
        mask=mask,
        marks=PersonMarks("infant", "t1"),
        others=(person,) if adult else (),
    )
    alone = replace(
        infant,
        image=LabelledImage(2, "visitA/b.png", WIDTH, HEIGHT),
        joints=skeleton(20.5, 30.5),
        box=Box(10, 20, 50, 40),
        others=(),
        mask=None,
    )
    return [infant, alone]


def written(name: str, folder: Path, found: Sequence[LabelledFrame]) -> Path:
    """A file or folder of the format, with the images beside it."""
    images = folder / "images"
    for shade, frame in enumerate(found):
        path = images / frame.image.file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(WIDTH, HEIGHT, 100 + shade))
    form = INTERCHANGE[name]
    target = folder / f"labels{form.suffix}"
    options = WriteOptions("test", images=ImagePlaces(images))
    if form.write_folder is not None:
        target.mkdir()
        form.write_folder(found, target, options)
    else:
        assert form.write is not None
        with target.open("wb") as file:
            form.write(found, file, options)
    return target


def zipped(*folders: Path) -> bytes:
    return archive(
        {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    )


def images_of(folder: Path) -> tuple[str, bytes]:
    return "images.zip", zipped(folder / "images")


class Import:
    """What is sent, looked at first or imported."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def start(
        self, labels: Sequence[tuple[str, bytes]], others: Sequence[tuple[str, bytes]]
    ) -> dict[str, Any]:
        return {
            "label_upload_ids": [self.bench.upload(*file) for file in labels],
            "upload_ids": [self.bench.upload(*file) for file in others],
        }

    def run(
        self, name: str, labels: Sequence[tuple[str, bytes]],
        others: Sequence[tuple[str, bytes]] = (), **choices: Any,
    ) -> Job:  # fmt: skip
        return self.bench.run(
            self.bench.start(
                kind="labels", name=name, choices=choices, **self.start(labels, others)
            )
        )

    def look(
        self, labels: Sequence[tuple[str, bytes]],
        others: Sequence[tuple[str, bytes]] = (), **choices: Any,
    ) -> FirstPass:  # fmt: skip
        request = CheckIn.model_validate(self.start(labels, others) | {"choices": choices})
        with transaction(self.bench.engine) as session:
            user = session.get_one(User, self.bench.maintainer_id)
            job_id = recordings.begin_check(session, request, user).id
        job = self.bench.run(job_id)
        assert job.error is None
        return FirstPass.model_validate(job.result)

    def stored(self, job: Job) -> list[tuple[Frame, Annotation, list[Candidate]]]:
        assert job.error is None
        with Session(self.bench.engine, expire_on_commit=False) as session:
            rows = session.execute(
                select(Frame, Annotation)
                .join(Annotation, Annotation.frame_id == Frame.id)
                .where(Frame.recording_id == job.recording_id)
                .order_by(Frame.position)
            ).all()
            return [
                (
                    frame,
                    annotation,
                    list(
                        session.scalars(
                            select(Candidate)
                            .where(Candidate.frame_id == frame.id)
                            .order_by(Candidate.rank)
                        )
                    ),
                )
                for frame, annotation in rows
            ]


def sent(name: str, path: Path) -> tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]]:
    """Labels of a format as people send them: a file beside its images, or one archive."""
    if path.is_file():
        return [(path.name, path.read_bytes())], [images_of(path.parent)]
    return [], [(f"{name}.zip", zipped(path))]
