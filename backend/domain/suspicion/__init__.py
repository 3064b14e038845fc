"""Which joints of a recording probably need a hand, and why: the suspicion queue.

``tracks`` says what is looked at, ``reference`` what is usual for this infant and camera. Each kind
of evidence has a module (``trajectory``, ``sides``, ``bodies``, ``surroundings``), and ``ranking``
puts all together.
"""

from backend.domain.suspicion.doubts import DOUBT_NAMES, SUSPICIOUS, Doubt, reason
from backend.domain.suspicion.ranking import Suspicion, rank, reference_of
from backend.domain.suspicion.reference import Reference, together
from backend.domain.suspicion.tracks import OthersFound, Track

__all__ = [
    "DOUBT_NAMES",
    "SUSPICIOUS",
    "Doubt",
    "OthersFound",
    "Reference",
    "Suspicion",
    "Track",
    "rank",
    "reason",
    "reference_of",
    "together",
]
