"""Every number of the body fits in one place: weights, thresholds, robustness, schedule.

The energy of one moment (``docs/fitting.md``), in units of squared standard deviations:

    E = Σ_views Σ_joints (w·c)² ρ²r²/(ρ²+r²)/σ²        r: reprojection error, px
      + w_triangulated Σ_joints (w·c)² GM(|X − X̂|)        where several views see the joint
      + w_pose |(θ−μ)·L|²  + w_limits Σ max(0, θ−upper, lower−θ)²  + w_bend Σ exp(±θ)²
      + w_shape |β|² + ((s − s₀)/σ_s)²
      + w_floor Σ max(0, margin − height)²/σ_f² + Σ |J_t − Ĵ_t|²/σ_smooth²
      + w_intersection Σ max(0, r_a + r_b − distance)²/σ_i²
      + m2s + s2m of masks and scans (surface steps only)
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from backend.domain.errors import InvalidInput
from backend.domain.fits import GATE_PX
from backend.domain.limits import LOW_SCORE

VERSION = "1"


@dataclass(frozen=True)
class FitConfig:
    """Settings of a fit; the defaults are version 1.

    Data terms
        sigma_px: Standard deviation of a placed joint, px. 4: last stage of SMPLify-KiDS
            (500 → 50 → 4).
        rho_px: Geman–McClure ρ, px, per stage. First stage 100 as SMPLify-X; the last is set a
            little above the gate so that what the gate rejects does not pull.
        rho_iterations: Largest number of Levenberg–Marquardt steps per stage.
        visible_weight, occluded_weight: Weight w of visible and of occluded joints. Annotators
            place occluded joints by guess; .5 trusts them a quarter (the weight is squared).
        min_confidence: Confidences below it count as "not there".
        triangulated_weight: Of the triangulated joints, per stage. They repeat what the views
            say, so they only guide the first stage.
        triangulated_sigma_m, triangulated_rho_m: Their standard deviation and robust ρ, metres.
            Rays that miss by 1 cm are usual (good practice for extrinsics: < 1 cm).

    Priors
        pose_weight: Of the squared Mahalanobis distance of the pose, per stage. 1 is the maximum
            a posteriori for a Gaussian prior; SMPLify-X anneals 404 → 4.78.
        limit_weight: Of the soft joint limits of the body file, per rad².
        bend_weight: Of SMPLify-X's exp(±θ)² on elbows and knees (body pose entries 52, 55, 9,
            12, signs 1, −1, −1, −1); only needed by bodies without limits.
        shape_weight: Of |β|²; SMPLify-X anneals 100 → 5 against raw pixels, here 1.
        expected_length_m, length_spread: Infants of 6–18 months are .66–.82 m long (InfantNet);
            the spread is the relative standard deviation of the scale that leads there.

    Others
        floor_weight, floor_sigma_m, floor_margin_m: Joints keep at least the margin (flesh above
            the joint) over a known floor. SMPLify-KiDS buffers its floor by 5 mm.
        smooth_weight, smooth_sigma_m, smooth_acceleration_m_s2, smooth_gap_s: |J_t − Ĵ_t|² against
            the neighbours' prediction; σ grows as ½·a·dt². SMPLify-KiDS predicts
            J_{t−1} + ½ΔJ. Neighbours further away than the gap do not count.
        smooth_sweeps: Passes over all moments, even ones then odd ones.
        sequence_weight, sequence_gap_s: Of the motion prior (``motion_prior.json``) by which runs
            of moments no further apart than the gap are solved together; 0 fits moment by moment,
            with the neighbours' prediction above.
        sequence_rounds, sequence_iterations: How often levels of motion and contacts are looked
            at again, and the most steps in between.
        bridge_s: Moments with too few joints get a pose from the sequence where the nearest well
            seen ones are no further apart than this.
        contact_weight, contact_sigma_m, contact_stillness: Joints that rest on the floor keep their
            height, and move by so little of what they else would.
        intersection_weight, intersection_sigma_m, capsule_scale: Limbs as capsules whose radius is
            the median distance of their skin from the bone times the scale; overlap costs.

    Steps
        shape_moments: How many well seen, diverse moments fix shape and scale.
        shape_iterations: Largest number of steps of shape and scale together.
        max_iterations, tolerance: Steps end when an accepted one lowers the energy by less than
            this part of it, or when their number is used up.
        restart_px: A fit worse than this on average tries other starts, as do all fits of a
            single view.
        surface_weight, mask_sigma_px, mask_rho_px, scan_sigma_m, scan_rho_m: Surface terms.
            SMPLify-KiDS: scan σ .3 → .1 → .03 m.
        surface_steps: Steps with new correspondences, per stage of scan_rho_m.
        surface_vertices, surface_points: How many vertices and contour or scan points are used.
        offset_limit_m, offset_smoothness, offset_weight: Step three moves the skin at most this
            far; stiffness of the Laplacian and of the offsets themselves.

    Validation
        gate_px: The paper's 16 px: a fit passes when its mean error and that of each view is not
            above it.
        gate_single_px: No single joint in a view may miss by more.
        gate_joints: Fewest joints that a fit must rest on.
    """

    version: str = VERSION

    sigma_px: float = 4.0
    rho_px: tuple[float, ...] = (100.0, 20.0)
    rho_iterations: tuple[int, ...] = (4, 30)
    visible_weight: float = 1.0
    occluded_weight: float = 0.5
    min_confidence: float = LOW_SCORE
    triangulated_weight: tuple[float, ...] = (1.0, 0.0)
    triangulated_sigma_m: float = 0.01
    triangulated_rho_m: float = 0.10

    pose_weight: tuple[float, ...] = (1.0, 0.3)
    limit_weight: float = 100.0
    bend_weight: float = 0.0
    shape_weight: float = 1.0
    expected_length_m: float = 0.74
    length_spread: float = 0.12

    floor_weight: float = 1.0
    floor_sigma_m: float = 0.01
    floor_margin_m: float = 0.005
    smooth_weight: float = 1.0
    smooth_sigma_m: float = 0.01
    smooth_acceleration_m_s2: float = 6.0
    smooth_gap_s: float = 0.5
    smooth_sweeps: int = 2
    sequence_weight: float = 1.0
    sequence_gap_s: float = 0.5
    sequence_rounds: int = 2
    sequence_iterations: int = 8
    bridge_s: float = 0.5
    contact_weight: float = 1.0
    contact_sigma_m: float = 0.01
    contact_stillness: float = 0.1
    intersection_weight: float = 1.0
    intersection_sigma_m: float = 0.01
    capsule_scale: float = 0.8

    shape_moments: int = 24
    shape_iterations: int = 25
    max_iterations: int = 60
    tolerance: float = 1e-5
    restart_px: float = GATE_PX
    surface_weight: float = 1.0
    mask_sigma_px: float = 4.0
    mask_rho_px: float = 20.0
    scan_sigma_m: float = 0.01
    scan_rho_m: tuple[float, ...] = (0.3, 0.1, 0.03)
    surface_steps: int = 6
    surface_vertices: int = 1200
    surface_points: int = 200
    offset_limit_m: float = 0.01
    offset_smoothness: float = 10.0
    offset_weight: float = 1.0

    gate_px: float = GATE_PX
    gate_single_px: float = 40.0
    gate_joints: int = 6

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "version":
                continue
            if isinstance(value, list):
                value = tuple(value)
                object.__setattr__(self, field.name, value)
            _check(field.name, value, field.default)
        lengths = {
            len(values)
            for values in (
                self.rho_px,
                self.rho_iterations,
                self.triangulated_weight,
                self.pose_weight,
            )
        }
        if lengths != {len(self.rho_px)} or not self.rho_px:
            raise _wrong("rho_px, rho_iterations, triangulated_weight and pose_weight need one "
                         "value per stage each")  # fmt: skip

    def to_json(self) -> str:
        """The settings as JSON text, for the fits file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str, source: str = "config") -> FitConfig:
        """Settings from JSON text; what is left out keeps its default.

        Args:
            text: A JSON object.
            source: Name of the file, for messages.

        Raises:
            InvalidInput: not JSON, a name that is no setting, or an impossible value.
        """
        try:
            values: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"{source} is not JSON.", file=source, fault=str(error)) from error
        if not isinstance(values, dict):
            raise InvalidInput(f"{source} is not a JSON object.", file=source)
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            fault = f"unknown settings: {', '.join(unknown)}"
            raise InvalidInput(f"{source}: {fault}.", file=source, fault=fault)
        if str(values.get("version", VERSION)) != VERSION:
            fault = f"settings of version {values['version']}, this program knows {VERSION}"
            raise InvalidInput(f"{source}: {fault}.", file=source, fault=fault)
        try:
            return cls(**values)
        except InvalidInput as error:
            raise InvalidInput(
                f"{source}: {error.fault}.", file=source, fault=error.fault
            ) from error


_POSITIVE = {"length_spread", "expected_length_m", "tolerance", "capsule_scale", "gate_px",
             "gate_single_px", "max_iterations", "shape_moments", "restart_px"}  # fmt: skip


def _check(name: str, value: Any, default: Any) -> None:
    if isinstance(default, tuple):
        if not isinstance(value, tuple):
            raise _wrong(f"{name} is not a list of numbers")
        for one in value:
            _check(name, one, default[0])
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(f"{name} is not a number")
    if isinstance(default, int) and not isinstance(value, int):
        raise _wrong(f"{name} is not a whole number")
    positive = name in _POSITIVE or "sigma" in name or "rho" in name
    if not math.isfinite(value) or value < 0 or (positive and value == 0):
        raise _wrong(f"{name} is {value}, but must be {'above' if positive else 'at least'} 0")


def _wrong(fault: str) -> InvalidInput:
    return InvalidInput(f"Fit settings: {fault}.", fault=fault)
