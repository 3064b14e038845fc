"""What a first pass found, as the page and the command line show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from backend.domain.file_names import HOW_TITLES, How, NameMatch
from backend.domain.infants import PersonRole
from backend.domain.oddities import ODD_RULES, Answer
from backend.domain.pixels import KnownRule
from backend.domain.skeleton import JOINTS
from backend.domain.skeleton_maps import SKELETONS, Told
from backend.publishing.formats.coco import CocoCategory
from backend.publishing.formats.coco_places import rule_in_words
from backend.publishing.formats.findings import Findings, Found, MetSkeleton
from backend.publishing.formats.registry import INTERCHANGE
from backend.recordings.first_pass import (
    AnswerOut,
    CategoryOut,
    FirstPass,
    LabelVideoOut,
    MappedJointOut,
    NameOut,
    NamesOut,
    OddOut,
    PixelsOut,
    PlaceOut,
    SkeletonOut,
    TurnedOut,
)
from worker.pipelines.coco_plan import CocoPlan
from worker.pipelines.coco_turns import Turns
from worker.pipelines.infants_chosen import Tally
from worker.pipelines.label_plan import LabelPlan

_EXAMPLES: Final = 3
_JOINTS_SHOWN: Final = 1_000


def report_of_coco(plan: CocoPlan, form: str, tally: Tally) -> FirstPass:
    """A COCO file and its images; after its people were read."""
    head = plan.file.head
    infants = [c.id for c in head.categories.values() if c.role is PersonRole.INFANT]
    names = [
        (head.images[key].file_name or f"image {key}", match) for key, match in plan.names.items()
    ]
    return FirstPass(
        file=plan.file.name,
        format=form,
        title=INTERCHANGE[form].title,
        results=head.results,
        images=len(plan.frame_paths()),
        people=tally.people,
        apart=tally.apart,
        proposed=tally.proposed,
        unclear=tally.unclear,
        videos=[],
        notes=[],
        names=_names(names),
        categories=[_category(category) for category in head.categories.values()],
        infant_category=str(infants[0]) if len(infants) == 1 else None,
        odd=[_odd(found) for found in plan.findings],
        pixels=_pixels(plan.rule),
        turned=_turned(plan.turns),
        refused=_cancelled(plan.findings) or plan.refusal(tally.people),
    )


def report_of_labels(plan: LabelPlan, tally: Tally) -> FirstPass:
    """Labels of another tool; after their people were read."""
    categories = _categories(plan)
    infants = [c.id for c in categories if c.role is PersonRole.INFANT]
    return FirstPass(
        file=plan.name,
        format=plan.files.format,
        title=plan.files.title,
        results=False,
        images=len(plan.frame_paths()) + sum(map(len, plan.videos.values())),
        people=tally.people,
        apart=tally.apart,
        proposed=tally.proposed,
        unclear=tally.unclear,
        videos=[
            LabelVideoOut(name=name, frames=frames, found=found)
            for name, (frames, found) in plan.named.items()
        ],
        notes=plan.said,
        names=_names(plan.names.items()),
        categories=categories,
        infant_category=infants[0] if len(infants) == 1 else None,
        odd=[_odd(found) for found in plan.findings],
        pixels=_pixels(plan.known),
        turned=_turned(plan.turns),
        refused=_cancelled(plan.findings) or plan.refusal(tally.people),
    )


def _pixels(known: KnownRule) -> PixelsOut:
    return PixelsOut(rule=known.rule, origin=known.origin, text=rule_in_words(known))


def _turned(turns: Turns) -> TurnedOut:
    return TurnedOut(
        images=turns.images,
        unknown=len(turns.unknown),
        examples=turns.unknown[:_EXAMPLES],
        notes=turns.notes(),
    )


def _categories(plan: LabelPlan) -> list[CategoryOut]:
    """What people are called, each with its skeleton; and skeletons that nobody is left of."""
    skeletons = plan.findings.skeletons
    only = next(iter(skeletons)) if len(skeletons) == 1 else None
    found = []
    shown: set[str] = set()
    for who, (people, role, taken) in plan.people_of_names().items():
        key = who if who in skeletons else only
        if key is not None:
            shown.add(key)
        met = skeletons.get(key) if key is not None else None
        found.append(_of_met(who, key, met, people=people, role=role, taken=taken))
    for key, met in skeletons.items():
        if key not in shown and not (met.taken and found):
            title = key or "person"
            found.append(
                _of_met(title, key, met, people=0, role=PersonRole.UNCLEAR, taken=met.taken)
            )
    return found


def _of_met(
    who: str,
    key: str | None,
    met: MetSkeleton | None,
    *,
    people: int,
    role: PersonRole,
    taken: bool,
) -> CategoryOut:
    joints = list(met.joints.items())[:_JOINTS_SHOWN] if met else []
    used = {joint for _, joint in joints}
    same = [name for name, known in SKELETONS.items() if len(known.joints) == len(joints)]
    return CategoryOut(
        id=who,
        key=key or "*",
        name=who,
        people=people,
        joints=len(joints),
        role=role,
        told=None if met is None else Told.NAMES if met.taken else Told.UNKNOWN,
        skeleton=(met.told or None) if met else "joints as the format has them",
        taken=taken and (met is None or met.taken),
        table=[
            MappedJointOut(joint=name, coco=None if joint is None else JOINTS[joint])
            for name, joint in joints
        ],
        absent=[joint for i, joint in enumerate(JOINTS) if i not in used] if joints else [],
        alternatives=[SkeletonOut(name=name, title=SKELETONS[name].title) for name in same],
    )


def _names(found: Iterable[tuple[str, NameMatch]]) -> list[NamesOut]:
    by_how: dict[How, list[tuple[str, NameMatch]]] = {}
    for wanted, match in found:
        by_how.setdefault(match.how, []).append((wanted, match))
    return [
        NamesOut(
            how=how,
            title=HOW_TITLES[how],
            count=len(by_how[how]),
            examples=[
                NameOut(wanted=wanted, found=", ".join(match.files))
                for wanted, match in by_how[how][:_EXAMPLES]
            ],
        )
        for how in How
        if how in by_how
    ]


def _cancelled(findings: Findings) -> str | None:
    """Why an import with these choices would be refused, where that is what was chosen."""
    cancelled = [found for found in findings if found.answer is Answer.CANCEL]
    return " ".join(map(str, cancelled)) or None


def _category(category: CocoCategory) -> CategoryOut:
    mapped = category.map
    pairs: Iterable[tuple[str, int | None]] = (
        zip(mapped.joints, mapped.coco, strict=True)
        if mapped
        else ((name, None) for name in category.names[:_JOINTS_SHOWN])
    )
    return CategoryOut(
        id=str(category.id),
        key=str(category.id),
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
