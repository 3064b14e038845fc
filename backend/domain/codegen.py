"""Write the frontend's copy of the domain's names and tables.

``python -m backend.domain.codegen`` writes ``frontend/src/shared/domain/rules.gen.ts``; ``--check``
only compares and exits with 1 when the file is out of date. The skeleton, the words for verdicts
and stages, and the stage machine are thus written once, in this package.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from backend.domain import around, checks, comparing, limits, quality, ranges, workflow
from backend.domain.confidence import DOUBTFUL as DOUBTFUL_FROM
from backend.domain.confidence import LIKELY, SURE, Trust
from backend.domain.keypoints import Visibility
from backend.domain.limbs import BONES, LIMBS
from backend.domain.postures import GROUP_OF, POSTURES
from backend.domain.quality import DOUBTFUL, QualityFlag
from backend.domain.skeleton import (
    EDGES,
    FACE,
    JOINTS,
    MIRROR,
    N_JOINTS,
    PAIRS,
    SIGMAS,
    Side,
    label,
    side,
)
from backend.domain.suspicion import DOUBT_NAMES, Doubt, bodies, doubts, surroundings, trajectory
from backend.domain.suspicion.looking import HASTY_S, MOST_SECONDS
from backend.domain.trajectories.answer import RADII
from backend.domain.trajectories.drag import LEAST_SIGMA, TREE
from backend.domain.verdicts import DiscardReason, FrameState, Verdict
from backend.domain.vouching import MIN_LOOK_S
from backend.domain.workflow import FIRED_BY, TRANSITIONS, Actor, Event, Role, Stage

TARGET: Final = Path(__file__).resolve().parents[2] / "frontend/src/shared/domain/rules.gen.ts"

_HEADER: Final = (
    "// Generated from backend/domain by `python -m backend.domain.codegen`. Do not edit.\n"
)


def _words(name: str, type_name: str, values: Iterable[str], doc: str) -> str:
    """A constant list of strings and the union type of its members."""
    items = json.dumps(list(values), ensure_ascii=False)
    return (
        f"/** {doc} */\n"
        f"export const {name} = {items} as const;\n"
        f"export type {type_name} = (typeof {name})[number];\n"
    )


def _constant(name: str, type_name: str, value: object, doc: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"/** {doc} */\nexport const {name}: {type_name} = {text};\n"


def _enum(name: str, type_name: str, values: type[StrEnum], doc: str) -> str:
    return _words(name, type_name, [v.value for v in values], doc)


def _visibility() -> str:
    members = ", ".join(f"{v.name}: {int(v)}" for v in sorted(Visibility, key=int))
    return (
        "/** COCO's visibility flag: not present, placed but not seen, seen. */\n"
        f"export const VISIBILITY = {{ {members} }} as const;\n"
        "export type Visibility = (typeof VISIBILITY)[keyof typeof VISIBILITY];\n"
    )


def _stages(stages: Iterable[Stage]) -> list[str]:
    return [s.value for s in sorted(stages, key=list(Stage).index)]


def _transitions() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = {s.value: {} for s in Stage}
    for (stage, event), after in TRANSITIONS.items():
        table[stage.value][event.value] = after.value
    return table


def _fired_by() -> dict[str, list[str]]:
    return {e.value: sorted(a.value for a in FIRED_BY[e]) for e in Event}


def _limits() -> list[str]:
    """Numbers that the browser needs, by their own names."""
    told = {
        "LOW_SCORE": "A model's joint below this score is not sure.",
        "MAX_VIEW_ERROR_PX": "How far a mark may lie from what other views say, in pixels.",
        "GOOD_LENS_RMS_PX": "RMS error of a lens calibration up to which it is good, in pixels.",
        "POOR_LENS_RMS_PX": "RMS error of a lens calibration from which on it is poor, in pixels.",
        "MAX_SHAPE_DIFFERENCE": "Up to here two ratios of sides are the same.",
        "MIN_BOX_PX": "Sides of the smallest box that a person can draw, in pixels.",
        "MAX_OPERATIONS": "Operations in one write to a frame.",
        "MAX_NAME_LENGTH": "Characters of a person's or a recording's name.",
        "MAX_PSEUDONYM_LENGTH": "Characters of an infant's or a camera's name.",
        "MAX_NOTE_LENGTH": "Characters of a note or a comment.",
        "MAX_REASON_LENGTH": "Characters of a reason in somebody's own words.",
    }
    return [_constant(name, "number", getattr(limits, name), doc) for name, doc in told.items()]


def _checks() -> list[str]:
    """Tables and thresholds of the label checks, which the browser computes while a hand drags."""
    told = {
        "LONG_LIMB": "A limb longer than this many body scales is no infant's.",
        "UNEVEN_LIMBS": "A limb is not so many times as long as its counterpart.",
        "UNEVEN_FROM": "Limbs of at least this many body scales are compared.",
        "SAME_SPOT": "Joints nearer than this share of the body scale sit in the same place.",
        "SAME_SPOT_FACE": "The same in the face.",
        "OPPOSED": "Cosine below which two left-right directions point against each other.",
        "SWAPPED_SHARE": "Share of the distance below which exchanged sides lie nearer.",
        "SWAPPED_JOINTS": "Fewest joints by which that is told.",
    }
    lines = [f"  /** {doc} */\n  {name}: {getattr(checks, name)},\n" for name, doc in told.items()]
    table = f"export const CHECK = {{\n{''.join(lines)}}} as const;\n"
    return [
        f"/** Thresholds of the label checks. */\n{table}",
        _constant(
            "SCALE_SPANS",
            "readonly (readonly [number, number, number])[]",
            checks.SCALE_SPANS,
            "(joint, joint, factor): the longest of these distances is the body scale.",
        ),
        _enum("CHECK_KINDS", "CheckKind", checks.CheckKind, "What deserves a second look."),
        _constant(
            "LIMBS",
            "readonly { name: string; left: readonly [number, number];"
            " right: readonly [number, number] }[]",
            [{"name": name, "left": left.ends, "right": right.ends} for name, left, right in LIMBS],
            "Upper arms, forearms, thighs and shins by their joints, from the trunk outwards.",
        ),
    ]


def _around() -> list[str]:
    """What is asked of one frame from what lies around it."""
    told = {
        "HALF_JUMP": doubts.HALF_JUMP,
        "HALF_LIMB": doubts.HALF_LIMB,
        "HALF_OTHER": doubts.HALF_OTHER,
        "HALF_OFF_MASK": doubts.HALF_OFF_MASK,
        "HALF_VIEWS": doubts.HALF_VIEWS,
        "USUAL_VIEWS": doubts.USUAL_VIEWS,
        "AT_LEAST": trajectory.AT_LEAST,
        "MAX_GAP_S": trajectory.MAX_GAP_S,
        "USUAL_TIMES": trajectory.USUAL_TIMES,
        "SAME_BODY": bodies.SAME_BODY,
        "ALIKE_JOINTS": surroundings.ALIKE_JOINTS,
        "BETWEEN_TIMES": around.BETWEEN_TIMES,
        "BESIDE_TIMES": around.BESIDE_TIMES,
        "MOVING": around.MOVING,
        "NEARLY_JUMPS": around.NEARLY_JUMPS,
        "FROZEN_JOINTS": around.FROZEN_JOINTS,
        "SAME_PX": around.SAME_PX,
        "SAME_SHARPNESS": quality.SAME_SHARPNESS,
        "SAME_LUMA": quality.SAME_LUMA,
    }
    lines = "".join(f"  {name}: {value},\n" for name, value in told.items())
    return [
        "/** Thresholds of the hints from what lies around; see `backend/domain/around.py`. */\n"
        f"export const AROUND = {{\n{lines}}} as const;\n",
        _constant(
            "BONES",
            "readonly { name: string; ends: readonly [number, number]; stature: number }[]",
            [{"name": b.name, "ends": b.ends, "stature": b.stature} for b in BONES],
            "Bones whose share of the stature is known, the joint nearer to the trunk first.",
        ),
        _constant(
            "DOUBT_OF",
            "Readonly<Record<CheckKind, Doubt>>",
            {kind.value: doubt.value for kind, doubt in checks.DOUBT_OF.items()},
            "What the suspicion queue calls each kind of check.",
        ),
        _constant(
            "WHOLE_BODY",
            "readonly Doubt[]",
            [doubt.value for doubt in Doubt if doubt in doubts.WHOLE_BODY],
            "Doubts about all joints at once: one answer is for all.",
        ),
    ]


def _suspicion() -> list[str]:
    """The kinds of doubt and their words; from where on a joint is doubted."""
    names = {doubt.value: name for doubt, name in DOUBT_NAMES.items()}
    return [
        _enum("DOUBTS", "Doubt", Doubt, "Why a joint probably needs a hand."),
        _constant("DOUBT_NAMES", "Readonly<Record<Doubt, string>>", names, "The same in words."),
        _constant("MIN_LOOK_S", "number", MIN_LOOK_S, "Seconds below which a look is none."),
        _constant("HASTY_S", "number", HASTY_S, "Seconds below which nobody looked at a frame."),
        _constant("MOST_SECONDS", "number", MOST_SECONDS, "Longest time that is sent as looking."),
    ]


def render() -> str:
    """The whole TypeScript module as text."""
    parts = [
        _HEADER,
        _words("JOINTS", "JointName", JOINTS, "Joint names in COCO order."),
        _constant("N_JOINTS", "number", N_JOINTS, "Joints in a skeleton."),
        _constant(
            "JOINT_LABELS",
            "readonly string[]",
            [label(i) for i in range(N_JOINTS)],
            "Joint names for people, in COCO order.",
        ),
        _enum("SIDES", "Side", Side, "The infant's own side, not the image's."),
        _constant(
            "JOINT_SIDES",
            "readonly Side[]",
            [side(i).value for i in range(N_JOINTS)],
            "Side of each joint.",
        ),
        _constant(
            "EDGES",
            "readonly (readonly [number, number])[]",
            EDGES,
            "Bones as pairs of joint indices from 0.",
        ),
        _constant(
            "PAIRS",
            "readonly (readonly [number, number])[]",
            PAIRS,
            "(left, right) joint indices.",
        ),
        _constant("MIRROR", "readonly number[]", MIRROR, "For each joint its counterpart."),
        _constant("FACE", "readonly number[]", FACE, "Nose, eyes and ears."),
        *_checks(),
        *_suspicion(),
        *_around(),
        *_limits(),
        _constant(
            "DRAG_TREE",
            "readonly (readonly [number, number, number])[]",
            TREE,
            "Bones and the correlation of the errors at their ends.",
        ),
        _constant("LEAST_SIGMA", "number", LEAST_SIGMA, "Surer than so many pixels is no joint."),
        _constant(
            "RADIUS_80",
            "number",
            dict(RADII)[0.8],
            "Sigmas of a joint within which 80 in 100 joints lie.",
        ),
        _constant(
            "PLAYBACK_SPEEDS",
            "readonly number[]",
            [int(speed) for speed in ranges.PLAYBACK_SPEEDS],
            "Frames a second at which frames are played.",
        ),
        _constant(
            "REACTION_S",
            "number",
            ranges.REACTION_S,
            "From seeing something wrong to the key being up, in seconds.",
        ),
        _constant(
            "LOW_AGREEMENT",
            "number",
            comparing.LOW_AGREEMENT,
            "OKS below which a person and the model are said to disagree.",
        ),
        _constant("SIGMAS", "readonly number[]", SIGMAS, "OKS constants per joint."),
        _visibility(),
        _enum("VERDICTS", "Verdict", Verdict, "Decision on one frame."),
        _enum("DISCARD_REASONS", "DiscardReason", DiscardReason, "Why a frame is left out."),
        _enum("FRAME_STATES", "FrameState", FrameState, "One word per frame."),
        _enum("QUALITY_FLAGS", "QualityFlag", QualityFlag, "Why a picture deserves a second look."),
        _constant(
            "DOUBTFUL_FLAGS",
            "readonly QualityFlag[]",
            [flag.value for flag in QualityFlag if flag in DOUBTFUL],
            "Flags for which joints may be hard to see.",
        ),
        _words("POSTURE_GROUPS", "PostureGroup", POSTURES, "The four groups of postures."),
        _words("POSTURES", "Posture", GROUP_OF, "The twelve postures (AIMS), by group."),
        _constant(
            "POSTURES_OF",
            "Readonly<Record<PostureGroup, readonly Posture[]>>",
            {group: list(postures) for group, postures in POSTURES.items()},
            "Postures by group, in the order of their keys.",
        ),
        _enum("TRUSTS", "Trust", Trust, "How far to trust a measured clock, surest first."),
        _constant(
            "TRUST_FROM",
            "Readonly<Record<Trust, number>>",
            {"sure": SURE, "likely": LIKELY, "doubtful": DOUBTFUL_FROM, "guess": 0},
            "Least confidence for each word.",
        ),
        _enum("ROLES", "Role", Role, "What a person may do."),
        _enum("STAGES", "Stage", Stage, "The stage of a recording."),
        _enum("EVENTS", "Event", Event, "What moves a recording from stage to stage."),
        _enum("ACTORS", "Actor", Actor, "In what capacity somebody fires an event."),
        _constant(
            "TRANSITIONS",
            "Readonly<Record<Stage, Readonly<Partial<Record<Event, Stage>>>>>",
            _transitions(),
            "stage → event → next stage. What is not here cannot happen.",
        ),
        _constant(
            "FIRED_BY",
            "Readonly<Record<Event, readonly Actor[]>>",
            _fired_by(),
            "Who may fire each event.",
        ),
        _constant(
            "EDITABLE_STAGES",
            "readonly Stage[]",
            _stages(workflow.EDITABLE),
            "Stages in which the annotator may change joints and verdicts.",
        ),
        _constant(
            "KEYPOINT_REVIEW_STAGES",
            "readonly Stage[]",
            _stages(workflow.KEYPOINT_REVIEW),
            "Stages in which the inspector marks frames and comments on joints.",
        ),
        _constant(
            "BOX_REVIEW_STAGES",
            "readonly Stage[]",
            _stages(workflow.BOX_REVIEW),
            "Stages in which the inspector marks and edits boxes.",
        ),
    ]
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the file; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    parser.add_argument("--out", type=Path, default=TARGET, help="file to write")
    options = parser.parse_args(arguments)
    text = render()
    if options.check:
        if options.out.exists() and options.out.read_text(encoding="utf-8") == text:
            return 0
        print(
            f"{options.out.name} is out of date: run `python -m backend.domain.codegen`",
            file=sys.stderr,
        )
        return 1
    options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
