"""The most likely trajectory of 17 joints, given all evidence (``docs/propagation.md``).

Evidence goes in (``evidence``), an answer comes out (``answer``); both are plain arrays. Entry
points: :func:`~backend.domain.trajectories.solve.solve` and ``resolve_near`` for the trajectory,
:mod:`~backend.domain.trajectories.questions` for where to ask, and
:mod:`~backend.domain.trajectories.drag` for what moves along with a dragged joint.
"""
