"""The plan of an import of labels, whatever their format: opened for the time that it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from backend.domain.errors import InvalidInput
from backend.publishing.formats.findings import Findings
from backend.recordings.first_pass import ChoicesIn, LabelFiles
from backend.recordings.inspection import service as inspection
from backend.recordings.inspection.facts import VideoLook
from worker.context import JobContext
from worker.media.sources import ImageSource
from worker.pipelines import label_uploads
from worker.pipelines.coco_plan import CocoPlan, choices_of, plan_coco
from worker.pipelines.label_plan import LabelPlan
from worker.pipelines.label_uploads import COCO_FILES, Named, opened_labels
from worker.pipelines.plan_labels import plan_labels
from worker.pipelines.video_files import look_at

Plan = CocoPlan | LabelPlan


@contextmanager
def opened_plan(
    context: JobContext,
    request: LabelFiles,
    named: Mapping[int, Named],
    chosen: ChoicesIn,
    findings: Findings,
) -> Iterator[tuple[Plan, str, ImageSource | None]]:
    """Plan an import of labels.

    Args:
        context: The job.
        request: Which uploads are what.
        named: Name and bytes of each upload.
        chosen: What the maintainer chose.
        findings: Takes down what is odd.

    Returns:
        The plan, the name of the format, and the images.

    Raises:
        InvalidInput: as ``opened_labels``, ``plan_coco`` and ``plan_labels``.
        TooLarge: as those.
    """
    settings, choices = context.settings, choices_of(chosen)
    labels = [named[i] for i in request.labels()]
    others = [named[i] for i in request.upload_ids]
    wanted = chosen.format or ("coco" if request.coco_upload_id is not None else None)
    with opened_labels(context, labels, others, wanted) as files:
        findings.name(files.name)
        if files.format in COCO_FILES:
            if files.source is None:
                raise InvalidInput(
                    f"{files.name}: no image was sent with it.", file=files.name, fault="no images"
                )
            plan: Plan = plan_coco(
                files.path,
                files.name,
                files.source,
                findings,
                choices,
                max_bytes=settings.max_json_bytes,
                max_pixels=settings.max_image_pixels,
                progress=context.report,
                check_cancelled=context.check_cancelled,
            )
        else:
            plan = plan_labels(
                files,
                findings,
                choices,
                max_bytes=settings.max_json_bytes,
                max_pixels=settings.max_image_pixels,
                look_at=lambda name: _look(context, files, named, name),
                progress=context.report,
                check_cancelled=context.check_cancelled,
            )
        yield plan, files.format, files.source


def _look(
    context: JobContext, files: label_uploads.LabelFiles, named: Mapping[int, Named], name: str
) -> VideoLook:
    """A video as it was seen before, else as it is seen now."""
    path = files.videos[name]
    for upload_id, (_, place) in named.items():
        if place != path:
            continue
        with context.transaction() as session:
            seen = inspection.stored(session, upload_id)
        if seen is not None and seen[0].size_bytes == path.stat().st_size:
            return seen[0]
    return look_at(path, name, context.settings.max_video_pixels).look
