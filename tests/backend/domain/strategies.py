"""Any joint, skeleton, decision, document and operation, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from backend.domain.boxes import Box, BoxStatus, DrawnBox
from backend.domain.document import (
    ChooseCandidate,
    Document,
    DrawBox,
    JudgeBox,
    MoveJoint,
    Operation,
    PlaceJoint,
    SetBox,
    SetMark,
    SetSkeleton,
    SetVerdict,
    SetVisibility,
    SwapSides,
    TakeEstimate,
)
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.reviews import Mark
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import Decision, DiscardReason, Verdict

CANDIDATES = {
    1: Skeleton(tuple(Joint(10.0 + i, 20.0 + 2 * i, Visibility.VISIBLE) for i in range(N_JOINTS))),
    2: Skeleton(tuple(Joint(200.5 - i, 90.25, Visibility.OCCLUDED) for i in range(N_JOINTS))),
    3: Skeleton.empty(),
}
"""Machine-made people of the frame that operations are tried on."""

pixels = st.floats(0, 4000, allow_nan=False).map(lambda value: round(value, 2))
visibilities = st.sampled_from(list(Visibility))
indices = st.integers(0, N_JOINTS - 1)


def joints() -> st.SearchStrategy[Joint]:
    """Any joint."""
    return st.builds(Joint, pixels, pixels, visibilities)


def skeletons() -> st.SearchStrategy[Skeleton]:
    """Any skeleton."""
    return st.builds(
        lambda values: Skeleton(tuple(values)),
        st.lists(joints(), min_size=N_JOINTS, max_size=N_JOINTS),
    )


def decisions() -> st.SearchStrategy[Decision]:
    """Any decision that may be taken."""
    reasons = st.sampled_from([r for r in DiscardReason if r is not DiscardReason.OTHER])
    return st.one_of(
        st.just(Decision(Verdict.UNDECIDED)),
        st.just(Decision(Verdict.KEEP)),
        st.builds(lambda r: Decision(Verdict.DISCARD, r), reasons),
        st.builds(
            lambda text: Decision(Verdict.DISCARD, DiscardReason.OTHER, text),
            st.text(min_size=1, max_size=40).filter(lambda text: text.strip()),
        ),
    )


sides = st.floats(0.25, 4000).map(lambda value: round(value, 2))
marks = st.sampled_from([None, *Mark])


def boxes() -> st.SearchStrategy[Box]:
    """Any box."""
    return st.builds(Box, pixels, pixels, sides, sides)


def drawn_boxes() -> st.SearchStrategy[DrawnBox]:
    """Any box of a document, as often as not one of a machine-made person."""
    made_from = st.sampled_from(list(CANDIDATES.values())) | skeletons()
    return st.builds(DrawnBox, boxes(), made_from, st.sampled_from(list(BoxStatus)))


def operations() -> st.SearchStrategy[Operation]:
    """Any operation, also ones that do not fit."""
    maybe_candidate = st.sampled_from([None, *CANDIDATES])
    return st.one_of(
        st.builds(PlaceJoint, indices, pixels, pixels, visibilities),
        st.builds(MoveJoint, indices, pixels, pixels),
        st.builds(SetVisibility, indices, visibilities),
        st.builds(ChooseCandidate, st.sampled_from([*CANDIDATES, 99])),
        st.builds(SetSkeleton, maybe_candidate, st.none() | skeletons()),
        st.builds(TakeEstimate, skeletons(), st.just((7, 9)), st.integers(1, 99)),
        st.builds(SwapSides, st.none() | st.lists(indices, max_size=3).map(tuple)),
        st.builds(SetVerdict, decisions()),
        st.builds(DrawBox, boxes()),
        st.builds(SetBox, st.none() | drawn_boxes()),
        st.builds(JudgeBox, st.sampled_from(list(BoxStatus))),
        st.builds(SetMark, marks),
    )


def documents() -> st.SearchStrategy[Document]:
    """Any document that people can have reached."""

    def build(
        candidate: int | None,
        skeleton: Skeleton | None,
        decision: Decision,
        box: DrawnBox | None,
        mark: Mark | None,
    ) -> Document:
        bare = skeleton is None or skeleton.num_keypoints == 0
        if decision.verdict is Verdict.KEEP and bare:
            decision = Decision(Verdict.UNDECIDED)
        return Document(candidate, skeleton, decision, box, mark)

    return st.builds(
        build,
        st.sampled_from([None, *CANDIDATES]),
        st.none() | skeletons(),
        decisions(),
        st.none() | drawn_boxes(),
        marks,
    )
