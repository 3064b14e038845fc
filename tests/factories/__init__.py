"""Rows for tests, made the way the product makes them, with as few words as a test needs.

Everything is added to the given session and flushed, nothing is committed.
"""

from tests.factories.boxes import make_boxed_recording, make_boxes, make_proposal
from tests.factories.joints import (
    KEEP,
    MODEL,
    accept,
    annotation_of,
    discard,
    edit,
    make_candidates,
    make_estimate,
    make_skeleton,
)
from tests.factories.people import (
    bearer,
    make_annotator,
    make_inspector,
    make_maintainer,
    make_user,
    unique,
)
from tests.factories.recordings import (
    HEIGHT,
    WIDTH,
    frame_ids_of,
    frames_of,
    make_infant,
    make_recording,
    store_videos,
)
from tests.factories.reviews import find_good, look_at, make_comment, make_mark

__all__ = [
    "HEIGHT",
    "KEEP",
    "MODEL",
    "WIDTH",
    "accept",
    "annotation_of",
    "bearer",
    "discard",
    "edit",
    "find_good",
    "frame_ids_of",
    "frames_of",
    "look_at",
    "make_annotator",
    "make_boxed_recording",
    "make_boxes",
    "make_candidates",
    "make_comment",
    "make_estimate",
    "make_infant",
    "make_inspector",
    "make_maintainer",
    "make_mark",
    "make_proposal",
    "make_recording",
    "make_skeleton",
    "make_user",
    "store_videos",
    "unique",
]
