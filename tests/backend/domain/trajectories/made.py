"""Sessions with known truth: a small body that moves at random, and pre-labels with faults.

The faults are those that bottom-up detectors make on infants: jitter that is partly slow, joints
taken elsewhere, sides exchanged, a limb that drifts away, an adult taken for the infant, the same
answer for many frames, and nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.skeleton import MIRROR, N_JOINTS, SIGMAS
from backend.domain.trajectories.evidence import CameraEvidence, Flow, SessionEvidence

Array = NDArray[np.float64]
Rng = np.random.Generator
FPS = 30.0

_PARENT = (5, 0, 0, 1, 2, 11, 12, 5, 6, 7, 8, 0, 0, 11, 12, 13, 14)
_REST = np.array([
    (0, 0.30, 0.03), (0.02, 0.32, 0.02), (-0.02, 0.32, 0.02), (0.05, 0.31, -0.02),
    (-0.05, 0.31, -0.02), (0.08, 0.20, 0), (-0.08, 0.20, 0), (0.16, 0.14, 0.02),
    (-0.16, 0.14, 0.02), (0.20, 0.06, 0.06), (-0.20, 0.06, 0.06), (0.05, 0, 0), (-0.05, 0, 0),
    (0.10, -0.12, 0.05), (-0.10, -0.12, 0.05), (0.09, -0.25, 0), (-0.09, -0.25, 0),
])  # fmt: skip


def smooth_walk(rng: Rng, n: int, shape: tuple[int, ...], width: float) -> Array:
    """(n, …) Gaussian noise of unit variance that is smooth over about ``width`` frames."""
    reach = int(4 * width) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    noise = rng.normal(size=(n + 2 * reach, int(np.prod(shape))))
    size = n + 4 * reach + 1
    spread = np.fft.irfft(np.fft.rfft(noise, size, axis=0) * np.fft.rfft(kernel, size)[:, None],
                          size, axis=0)  # fmt: skip
    out = spread[2 * reach : 2 * reach + n] / np.sqrt((kernel**2).sum())
    return np.asarray(out.reshape(n, *shape))


def turns(vectors: Array) -> Array:
    """Rotation vectors (…, 3) to matrices (…, 3, 3)."""
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(vectors / np.maximum(angle[..., 0], 1e-9), -1, 0)
    o = np.zeros_like(x)
    K = np.stack([np.stack([o, -z, y], -1), np.stack([z, o, -x], -1), np.stack([-y, x, o], -1)], -2)
    return np.asarray(np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * (K @ K))


def moving_body(rng: Rng, n: int) -> Array:
    """(n, 17, 3) metres: limbs of constant length swing about a trunk that turns and wanders."""
    root = turns(smooth_walk(rng, n, (3,), 50) * (0.3, 0.3, 1.0) + (0.2, 0, 0))
    at = smooth_walk(rng, n, (3,), 60) * (0.1, 0.1, 0.01) + (0, 0, 0.12)
    hip = turns(smooth_walk(rng, n, (2, 3), 14) * 0.4)
    knee = turns(smooth_walk(rng, n, (2, 3), 12) * 0.4)
    shoulder = turns(smooth_walk(rng, n, (2, 3), 12) * 0.5)
    elbow = turns(smooth_walk(rng, n, (2, 3), 10) * 0.5)
    head = turns(smooth_walk(rng, n, (3,), 25) * 0.3)
    J = np.tile(_REST, (n, 1, 1))
    neck = np.array((0, 0.22, 0.0))
    J[:, :5] = np.einsum("nij,kj->nki", head, _REST[:5] - neck) + neck
    for s in (0, 1):
        for turn, fold, (a, b, c) in (
            (shoulder, elbow, (5 + s, 7 + s, 9 + s)), (hip, knee, (11 + s, 13 + s, 15 + s))
        ):  # fmt: skip
            upper = turn[:, s] @ (_REST[b] - _REST[a])
            J[:, b] = J[:, a] + upper
            J[:, c] = J[:, b] + np.einsum(
                "nij,njk,k->ni", turn[:, s], fold[:, s], _REST[c] - _REST[b]
            )
    # The body lies on the floor: its long axis along y, its front up.
    return np.asarray(np.einsum("nij,nkj->nki", root, J - (0, 0.05, 0)) + at[:, None])


def look_at(eye: tuple[float, float, float], name: str = "camera", focal: float = 470.0) -> Camera:
    """A camera of 480×270 that looks at the middle of the mat."""
    forward = np.subtract((0.02, 0.02, 0.12), eye).astype(float)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    R = np.stack((right, np.cross(forward, right), forward))
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = R, -R @ np.asarray(eye)
    K = np.array([[focal, 0, 240], [0, focal, 135], [0, 0, 1.0]])
    return Camera(name, 480, 270, K, np.zeros(0), T_camera_world=T)


def four_cameras() -> list[Camera]:
    """Around a mat."""
    return [
        look_at((1.7 * np.cos(a), 1.7 * np.sin(a), 1.05), f"camera_{k}")
        for k, a in enumerate((-0.92, 0.72, 2.30, -2.46))
    ]


@dataclass(frozen=True)
class Noise:
    """How the pre-labels err. Rates are per second unless said otherwise.

    Attributes:
        jitter: Standard deviation as a share of the joint's own OKS spread (2 sigma × size).
        slow: Of its variance, the share that changes over about eight frames.
        tails: Degrees of freedom of the jitter; large is Gaussian.
        miss: Joints taken elsewhere, per joint. swap: Sides exchanged, all or arms or legs.
        drift: Limbs that drift away. adult: Chance that a second with an adult is given to them.
        frozen: Stretches of the same answer. empty: Stretches with nothing.
        flow: Noise of the flow, pixels. blind: Share of pairs of frames without flow.
    """

    jitter: float = 0.16
    slow: float = 0.5
    tails: float = 6.0
    miss: float = 0.05
    swap: float = 0.12
    drift: float = 0.05
    adult: float = 0.3
    frozen: float = 0.04
    empty: float = 0.08
    flow: float = 0.25
    blind: float = 0.05


@dataclass(frozen=True, eq=False)
class Made:
    """A camera's truth and the evidence made of it. truth: (T, 17, 2); seen: (T, 17); size: (T,)
    root of the body's area."""

    truth: Array
    seen: NDArray[np.bool_]
    size: Array
    evidence: CameraEvidence


def size_of(joints: Array) -> Array:
    """Root of the area (…,) of a body with joints (…, 17, 2)."""
    span = np.ptp(joints, axis=-2)
    return np.asarray(
        np.sqrt(0.4 * np.maximum(span[..., 0] * span[..., 1], 0.2 * span.max(-1) ** 2))
    )


def oks(found: Array, truth: Array, size: Array) -> Array:
    """(…,) object keypoint similarity over all joints; what is missing counts 0."""
    d2 = ((found - truth) ** 2).sum(-1)
    k2 = (2 * np.array(SIGMAS)) ** 2
    each = np.exp(-d2 / (2 * k2 * size[..., None] ** 2))
    return np.asarray(np.nan_to_num(each, nan=0.0).mean(-1))


def _stretches(rng: Rng, n: int, rate: float, mean: float) -> list[tuple[int, int]]:
    starts = np.flatnonzero(rng.random(n) < rate / FPS)
    return [(int(a), min(n, int(a) + 1 + int(rng.geometric(1 / mean)))) for a in starts]


def hidden(rng: Rng, n: int) -> NDArray[np.bool_]:
    """(n, 17) joints behind something: single joints and limbs for a while."""
    out = np.zeros((n, N_JOINTS), bool)
    for j in range(N_JOINTS):
        for a, b in _stretches(rng, n, 0.12, 18):
            out[a:b, j] = True
    for limb in ((7, 9), (8, 10), (13, 15), (14, 16), (0, 1, 2, 3, 4)):
        for a, b in _stretches(rng, n, 0.06, 20):
            out[a:b, list(limb)] = True
    return out


def pre_labels(
    rng: Rng, truth: Array, seen: NDArray[np.bool_], size: Array, noise: Noise,
    adult: Array | None = None,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Marks (T, 17, 2), scores (T, 17) and one other person (T, 1, 17, 3)."""
    n = len(truth)
    spread = 2 * np.array(SIGMAS) * size[:, None]
    quick = rng.standard_t(noise.tails, (n, N_JOINTS, 2)) * np.sqrt((noise.tails - 2) / noise.tails)
    slow = smooth_walk(rng, n, (N_JOINTS, 2), 4)
    wobble = np.sqrt(1 - noise.slow) * quick + np.sqrt(noise.slow) * slow
    loose = np.where(seen, 1.0, 3.0)
    marks = truth + wobble * (noise.jitter * spread * loose)[..., None]
    scores = np.clip(rng.normal(np.where(seen, 0.85, 0.5), 0.12), 0.05, 0.99)
    for j in range(N_JOINTS):
        for a, b in _stretches(rng, n, noise.miss, 5):
            kind = rng.random()
            target = truth[a:b, MIRROR[j]] if kind < 0.5 else truth[a:b, rng.integers(N_JOINTS)]
            if kind > 0.8:
                target = truth[a:b, j] + rng.normal(0, 0.6, 2) * size[a:b, None]
            marks[a:b, j] = target + rng.normal(0, 0.04, (b - a, 2)) * size[a:b, None]
            scores[a:b, j] = np.clip(rng.normal(0.5, 0.2, b - a), 0.05, 0.95)
    for limb in ((9,), (10,), (7, 9), (8, 10), (15,), (16,), (13, 15), (14, 16)):
        for a, b in _stretches(rng, n, noise.drift, 25):
            away = rng.normal(0, 0.5, 2)
            shape = np.sin(np.pi * (np.arange(b - a) + 0.5) / (b - a))
            for j in limb:
                marks[a:b, j] += shape[:, None] * away * size[a:b, None]
                scores[a:b, j] = np.clip(scores[a:b, j] - 0.15, 0.05, 1)
    for a, b in _stretches(rng, n, noise.swap, 5):
        which = [list(range(17)), [7, 8, 9, 10], [13, 14, 15, 16], [11, 12, 13, 14, 15, 16]][
            rng.choice(4, p=[0.4, 0.2, 0.2, 0.2])
        ]
        mirror = np.array(MIRROR)[which]
        marks[a:b, which], scores[a:b, which] = marks[a:b, mirror], scores[a:b, mirror]
    for a, b in _stretches(rng, n, noise.frozen, 15):
        marks[a:b], scores[a:b] = marks[a], scores[a]
    others = np.full((n, 1, N_JOINTS, 3), np.nan)
    if adult is not None:
        there = np.isfinite(adult).all((1, 2))
        wobbling = adult + rng.normal(0, 0.03, adult.shape) * size[:, None, None]
        others[:, 0, :, :2], others[there, 0, :, 2] = wobbling, 0.8
        for a, b in _stretches(rng, n, noise.adult, 6):
            for t in range(a, b):
                if there[t]:
                    infant = np.concatenate((marks[t], scores[t, :, None]), 1)
                    marks[t], scores[t] = others[t, 0, :, :2], others[t, 0, :, 2]
                    others[t, 0] = infant if rng.random() < 0.7 else np.nan
    for a, b in _stretches(rng, n, noise.empty, 4):
        marks[a:b], scores[a:b], others[a:b] = np.nan, 0.0, np.nan
    return marks, scores, others


def flow_of(rng: Rng, truth: Array, seen: NDArray[np.bool_], size: Array, noise: Noise) -> Flow:
    """What optical flow would say: joints' true displacement spread over a grid, where seen."""
    n, G = len(truth) - 1, 24
    low, high = truth[:-1].min(1), truth[:-1].max(1)
    step = ((high - low).max(-1) * 1.3 / (G - 1)).clip(1)
    origin = (low + high) / 2 - (step * (G - 1) / 2)[:, None]
    nodes = np.stack(np.meshgrid(np.arange(G), np.arange(G), indexing="xy"), -1)
    moved = np.zeros((n, G, G, 2), np.float16)
    sure = np.zeros((n, G, G), np.float32)
    delta = truth[1:] - truth[:-1]
    for t in range(n):
        if rng.random() < noise.blind:
            continue
        at = origin[t] + step[t] * nodes
        d2 = ((at[:, :, None] - truth[t]) ** 2).sum(-1)
        width = 0.08 * size[t]
        w = np.exp(-0.5 * d2 / width**2) * (seen[t] & seen[t + 1]) + 1e-9
        w /= w.sum(-1, keepdims=True)
        w = w**2 / (w**2).sum(-1, keepdims=True)
        error = rng.normal(0, noise.flow, (G // 4, G // 4, 2)).repeat(4, 0).repeat(4, 1)
        near = np.exp(-0.5 * (d2 / width**2).min(-1) / 4)
        moved[t] = (w @ delta[t]) * near[..., None] + error
        sure[t] = np.clip(rng.normal(0.9, 0.08, (G, G)), 0, 1)
    return Flow(origin, step, moved, sure)


def made_camera(
    rng: Rng, world: Array, camera: Camera, noise: Noise, adult: Array | None = None,
    placed: bool = True,
) -> Made:  # fmt: skip
    """A camera's evidence of a body in the world (T, 17, 3)."""
    truth = camera.project(world)
    n = len(truth)
    size = size_of(truth)
    seen = ~hidden(rng, n)
    passing = None
    if adult is not None:
        passing = camera.project(adult)
        for t in np.flatnonzero(np.isfinite(passing).all((1, 2))):
            low, high = passing[t].min(0), passing[t].max(0)
            nearer = (
                camera.in_camera(adult[t])[:, 2].mean() < camera.in_camera(world[t])[:, 2].mean()
            )
            if nearer:
                middle = (low + high) / 2
                close = np.abs(truth[t] - middle) < 0.25 * (high - low)
                seen[t] &= ~close.all(-1)
    marks, scores, others = pre_labels(rng, truth, seen, size, noise, passing)
    evidence = CameraEvidence(
        times=np.arange(n) / FPS, width=camera.width, height=camera.height, marks=marks,
        scores=scores, others=others, confirmed=np.full((n, N_JOINTS, 2), np.nan),
        confirmed_visibility=np.full((n, N_JOINTS), -1), discarded=np.zeros(n, bool),
        flow=flow_of(rng, truth, seen, size, noise), camera=camera if placed else None,
    )  # fmt: skip
    return Made(truth, seen, size, evidence)


def made_session(
    seed: int, moments: int, cameras: int = 1, noise: Noise | None = None,
    world: Array | None = None, adult: Array | None = None,
) -> tuple[list[Made], SessionEvidence]:  # fmt: skip
    """A session of one uncalibrated or several calibrated cameras."""
    rng = np.random.default_rng(seed)
    body = moving_body(rng, moments) if world is None else world[:moments]
    adult = None if adult is None else adult[:moments]
    chosen = four_cameras()[:cameras]
    made = [
        made_camera(rng, body, camera, noise or Noise(), adult, placed=cameras > 1)
        for camera in chosen
    ]
    frames = np.repeat(np.arange(moments)[:, None], cameras, 1)
    several = frames if cameras > 1 else np.zeros((0, 0), np.int64)
    return made, SessionEvidence(tuple(m.evidence for m in made), several)


def evidence_with(evidence: CameraEvidence, **changes: object) -> CameraEvidence:
    """The same evidence, some of it changed."""
    return replace(evidence, **changes)  # type: ignore[arg-type]


def blank(n: int, **changes: object) -> CameraEvidence:
    """A camera of n frames whose marks all lie on one point, nobody having said anything."""
    evidence = CameraEvidence(
        times=np.arange(n) / FPS, width=480, height=270, marks=np.full((n, 17, 2), 50.0),
        scores=np.full((n, 17), 0.8), confirmed=np.full((n, 17, 2), np.nan),
        confirmed_visibility=np.full((n, 17), -1), discarded=np.zeros(n, bool),
    )  # fmt: skip
    return evidence_with(evidence, **changes)


def confirmed_at(
    made: list[Made], session: SessionEvidence, frames: list[tuple[int, int]]
) -> SessionEvidence:
    """The session after a person put all joints of (camera, frame) on the truth."""
    cameras = list(session.cameras)
    for camera, frame in frames:
        evidence = cameras[camera]
        said, seen = evidence.confirmed.copy(), evidence.confirmed_visibility.copy()
        said[frame] = made[camera].truth[frame]
        seen[frame] = np.where(made[camera].seen[frame], 2, 1)
        cameras[camera] = evidence_with(evidence, confirmed=said, confirmed_visibility=seen)
    return SessionEvidence(tuple(cameras), session.moments)
