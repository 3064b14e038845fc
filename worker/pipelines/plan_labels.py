"""Reading labels of another tool into a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backend.domain.errors import InvalidInput
from backend.domain.pixels import KnownRule, RuleOrigin
from backend.publishing.formats.coco import CocoChoices
from backend.publishing.formats.findings import Findings
from backend.publishing.formats.reading import ReadOptions
from backend.publishing.formats.registry import interchange_of
from worker.pipelines.label_matching import (
    LookAt,
    Progress,
    match_images,
    read_frames,
    take_videos,
)
from worker.pipelines.label_plan import LabelPlan
from worker.pipelines.label_uploads import LabelFiles


def plan_labels(
    files: LabelFiles,
    findings: Findings,
    choices: CocoChoices,
    *,
    max_bytes: int,
    max_pixels: int,
    look_at: LookAt,
    progress: Progress = lambda done, total, words: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> LabelPlan:
    """Read labels, and find and look at what they label.

    Args:
        files: The labels and what they label.
        findings: Takes down what is odd.
        choices: What the maintainer chose.
        max_bytes: Largest file of labels.
        max_pixels: Largest image, in pixels.
        look_at: Gives the facts of a video that was sent.
        progress: Told how far it is.
        check_cancelled: Raises where somebody asked to stop.

    Raises:
        InvalidInput: the labels are not of their format, or an oddity was met for which the
            maintainer chose to cancel.
        TooLarge: a limit is exceeded.
    """
    form = interchange_of(files.format)
    assert form.read is not None
    options = ReadOptions(
        choices=replace(choices, infant=None), images=files.root, max_bytes=max_bytes
    )
    try:
        reader = form.read(files.path, options, findings)
    except InvalidInput as error:
        if not findings.skeletons or any(met.taken for met in findings.skeletons.values()):
            raise
        # Its joints are to be mapped first; everything else is seen then.
        origin = RuleOrigin.CHOSEN if choices.pixels else RuleOrigin.FORMAT
        known = KnownRule(choices.pixels or form.read.PIXELS, origin)
        plan = LabelPlan(files, findings, choices, known)
        plan.fault = f"{error.context.get('fault') or error.message}. Map its joints to COCO's."
        return plan
    plan = LabelPlan(files, findings, choices, reader.known)
    plan.turns.chosen = choices.exif
    frames = read_frames(reader, form.holds, plan, progress, check_cancelled)
    plan.said += reader.notes
    if files.unused:
        plan.said.append(f"Neither labels nor images, and not used: {', '.join(files.unused[:5])}.")
    rest = take_videos(plan, frames, look_at)
    match_images(plan, rest, max_pixels, progress, check_cancelled)
    plan.note_people()
    return plan
