"""The truth of the rendered demo, for those who work on any recording.

Importing this module registers it with ``backend.recordings.truth``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording
from backend.demo.calibration import store_rendered_calibration
from backend.demo.masks import demo_mask
from backend.demo.prelabels import store_simulated_prelabels
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN
from backend.recordings.truth import KnownTruth, register


@dataclass(frozen=True, slots=True)
class RenderedTruth:
    """The truth of one demo recording, by the name of what its videos come from."""

    name: str

    @property
    def pose_checkpoint(self) -> str | None:
        """The shipped model, if it is good enough that annotators accept more than they correct."""
        known = KNOWN.get(DEMO_POSE)
        return DEMO_POSE if known is not None and known.prelabels_demo else None

    def store_prelabels(self, session: Session, recording: Recording) -> None:
        """Simulated people as the candidates of every frame."""
        store_simulated_prelabels(session, recording, self.name)

    def store_cameras(self, session: Session, recording: Recording) -> None:
        """The cameras with which it was rendered."""
        store_rendered_calibration(session, recording, self.name)

    def mask(self, camera_index: int, source_frame: int) -> NDArray[np.bool_] | None:
        """The rendered infant's outline."""
        return demo_mask(self.name, camera_index, source_frame)


@register
def rendered_truth(recording: Recording) -> KnownTruth | None:
    """The truth of a demo recording; None for any other."""
    name = recording.import_request.get("demo") if recording.is_demo else None
    return None if name is None else RenderedTruth(str(name))
