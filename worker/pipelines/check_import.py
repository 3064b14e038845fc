"""The first pass over a COCO file and its images: a report, and nothing imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Upload
from backend.core.uploads import service as uploads
from backend.domain.errors import InvalidInput
from backend.domain.file_names import HOW_TITLES, How, NameMatch
from backend.domain.infants import PersonRole
from backend.domain.oddities import ODD_RULES, Answer
from backend.domain.skeleton import JOINTS
from backend.domain.skeleton_maps import SKELETONS
from backend.publishing.formats.coco import CocoCategory, CocoImage, Key
from backend.publishing.formats.coco_places import rule_in_words
from backend.publishing.formats.findings import Findings, Found
from backend.recordings.first_pass import (
    AnswerOut,
    CategoryOut,
    FirstPass,
    MappedJointOut,
    NameOut,
    NamesOut,
    OddOut,
    PixelsOut,
    PlaceOut,
    SkeletonOut,
    TurnedOut,
)
from backend.recordings.payloads import CheckImportPayload
from worker.context import Finish, JobContext
from worker.pipelines.coco_plan import CocoPlan, choices_of, plan_coco
from worker.pipelines.image_uploads import opened_images

_EXAMPLES = 3
_EVERY_PEOPLE = 1000


def run(context: JobContext) -> Finish:
    """Look through the uploads of an import to be."""
    request = context.read(CheckImportPayload).request
    settings = context.settings
    with context.transaction() as session:
        rows = session.scalars(select(Upload).where(Upload.id.in_(request.uploads()))).all()
        names = {upload.id: upload.filename for upload in rows}
    if missing := set(request.uploads()) - names.keys():
        raise InvalidInput(f"There is no upload {min(missing)} any more; send the file again.")
    paths = {i: uploads.path_of(settings.uploads_dir, i) for i in names}
    choices = choices_of(request.choices)
    coco = request.coco_upload_id
    files = [(names[i], paths[i]) for i in request.upload_ids]
    with opened_images(files, settings) as source:
        plan = plan_coco(
            paths[coco],
            names[coco],
            source,
            Findings(choices.answers, file=names[coco], refusing=False),
            choices,
            max_bytes=settings.max_json_bytes,
            max_pixels=settings.max_image_pixels,
            progress=context.report,
            check_cancelled=context.check_cancelled,
        )
    report = _report(context, plan).model_dump(mode="json")

    def finish(_: Session) -> dict[str, Any]:
        return report

    return finish


def _report(context: JobContext, plan: CocoPlan) -> FirstPass:
    people = apart = 0
    for count, person in enumerate(plan.people(), start=1):
        people += person.apart is None
        apart += person.apart is not None
        if count % _EVERY_PEOPLE == 0:
            context.check_cancelled()
            context.report(count, None, "Looking at people")
    head = plan.file.head
    infants = [c.id for c in head.categories.values() if c.role is PersonRole.INFANT]
    return FirstPass(
        file=plan.file.name,
        results=head.results,
        images=len(plan.frame_paths()),
        people=people,
        apart=apart,
        names=_names(plan.names, head.images),
        categories=[_category(category) for category in head.categories.values()],
        infant_category=str(infants[0]) if len(infants) == 1 else None,
        odd=[_odd(found) for found in plan.findings],
        pixels=PixelsOut(
            rule=plan.rule.rule, origin=plan.rule.origin, text=rule_in_words(plan.rule)
        ),
        turned=TurnedOut(
            images=plan.turns.images,
            unknown=len(plan.turns.unknown),
            examples=plan.turns.unknown[:_EXAMPLES],
            notes=plan.turns.notes(),
        ),
        refused=_cancelled(plan.findings) or plan.refusal(people),
    )


def _cancelled(findings: Findings) -> str | None:
    """Why an import with these choices would be refused, where that is what was chosen."""
    cancelled = [found for found in findings if found.answer is Answer.CANCEL]
    return " ".join(map(str, cancelled)) or None


def _names(names: Mapping[Key, NameMatch], images: Mapping[Key, CocoImage]) -> list[NamesOut]:
    by_how: dict[How, list[Key]] = {}
    for key, match in names.items():
        by_how.setdefault(match.how, []).append(key)
    return [
        NamesOut(
            how=how,
            title=HOW_TITLES[how],
            count=len(by_how[how]),
            examples=[
                NameOut(
                    wanted=images[key].file_name or f"image {key}",
                    found=", ".join(names[key].files),
                )
                for key in by_how[how][:_EXAMPLES]
            ],
        )
        for how in How
        if how in by_how
    ]


def _category(category: CocoCategory) -> CategoryOut:
    mapped = category.map
    pairs: Iterable[tuple[str, int | None]] = (
        zip(mapped.joints, mapped.coco, strict=True) if mapped else ()
    )
    return CategoryOut(
        id=str(category.id),
        name=category.name,
        people=category.people,
        joints=category.joints,
        role=category.role,
        told=category.told,
        skeleton=mapped.title if mapped else None,
        taken=category.taken,
        table=[
            MappedJointOut(joint=joint, coco=None if coco is None else JOINTS[coco])
            for joint, coco in pairs
        ],
        absent=list(mapped.absent) if mapped else [],
        alternatives=[
            SkeletonOut(name=name, title=SKELETONS[name].title) for name in category.alternatives
        ],
    )


def _odd(found: Found) -> OddOut:
    rule = ODD_RULES[found.kind]
    return OddOut(
        kind=found.kind,
        group=rule.group.value,
        title=rule.title,
        count=found.count,
        amount=rule.amount(found.count),
        places=[
            PlaceOut(
                image=place.image,
                annotation=None if place.annotation is None else str(place.annotation),
                where=place.where,
                detail=place.detail,
            )
            for place in found.places
        ],
        answers=[AnswerOut(answer=answer, text=rule.done(answer)) for answer in rule.answers],
        answer=found.answer,
        asks=rule.asks,
        text=str(found),
    )
