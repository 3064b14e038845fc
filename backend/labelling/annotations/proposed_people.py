"""Candidates on their way into the database, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.database.copying import (
    bigints,
    copy_in,
    double_arrays,
    doubles,
    integers,
    one_boolean,
    one_text,
    reserve_ids,
    texts,
    written_documents,
)
from backend.core.database.tables import Candidate


@dataclass(frozen=True, slots=True)
class Proposals:
    """Candidates as they are stored.

    Attributes:
        scores: (people,) confidences.
        keypoints: (people, 51) x, y, score.
        skeletons: (people, 51) x, y, v: what choosing each gives.
        boxes: (people, 4) left, top, width, height.
        aparts: Why each cannot be the infant; None for whoever may be it.
        sources: What a file said of each, as JSON that can be stored.
    """

    scores: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    skeletons: NDArray[np.float64]
    boxes: NDArray[np.float64]
    aparts: Sequence[str | None]
    sources: Sequence[bytes | None]

    def same(self, people: Sequence[int], rows: Sequence[Candidate]) -> bool:
        """Whether some of them are what is stored already."""
        return len(people) == len(rows) and all(
            self._is(i, row) for i, row in zip(people, rows, strict=True)
        )

    def _is(self, i: int, row: Candidate) -> bool:
        source = self.sources[i]
        return bool(
            row.score == self.scores[i]
            and row.keypoints == self.keypoints[i].tolist()
            and row.skeleton == self.skeletons[i].tolist()
            and row.box == self.boxes[i].tolist()
            and row.apart == self.aparts[i]
            and row.source == (None if source is None else orjson.loads(source))
        )

    def store(
        self, session: Session, fresh: Mapping[int, Sequence[int]], *, model: str, simulated: bool
    ) -> dict[int, list[int]]:
        """Write those of some frames.

        Args:
            session: The transaction.
            fresh: Which of them are in each frame.
            model: Who found them.
            simulated: Whether they were made up from known truth.

        Returns:
            Their ids, by frame.
        """
        rows = list(chain.from_iterable(fresh.values()))
        if not rows:
            return {frame_id: [] for frame_id in fresh}
        ids = list(reserve_ids(session, "candidates", len(rows)))
        copy_in(
            session,
            "candidates",
            {
                "id": bigints(ids),
                "frame_id": bigints([frame for frame, some in fresh.items() for _ in some]),
                "rank": integers([rank for some in fresh.values() for rank, _ in enumerate(some)]),
                "score": doubles(self.scores[rows]),
                "keypoints": double_arrays(self.keypoints[rows]),
                "skeleton": double_arrays(self.skeletons[rows]),
                "box": double_arrays(self.boxes[rows]),
                "apart": texts(self.aparts[i] for i in rows),
                "source": written_documents(self.sources[i] for i in rows),
                "model": one_text(model),
                "simulated": one_boolean(simulated),
            },
        )
        given = iter(ids)
        return {frame_id: [next(given) for _ in some] for frame_id, some in fresh.items()}
