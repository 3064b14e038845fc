"""The numbers of the model, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Lengths are shares of the body's size in the image (the root of its area) unless said
    otherwise; times are seconds.

    Attributes:
        target_oks: What the session's expected mean OKS is to reach: the aim of the project.
        window: Frames on each side that are solved at once after a correction: two seconds at 30
            frames a second, farther than a correction reaches where joints are seen.
        rounds: How often weights and trajectory are renewed; more changes little.
        hand: What a person's hand misses by: 1 to 2 px on an infant of 150 px.
        jitter: Where learning a pre-label's noise starts, in the joint's own OKS spread.
        slowness: A pre-label's errors stay for some frames; so many count as one.
        flow_px: Pixels by which a flow link errs each frame at full reliability.
        flow_share: And this share of the displacement, since limbs turn under the grid.
        flow_prior: Degrees of freedom of the link's Student-t noise.
        relax: How long a limb keeps its velocity.
        slowest: Least root mean square speed that is assumed, body sizes a second.
        wrong: How far a wrong mark lies from the truth.
        stray: A mark this certain by its score to be right is right in half of all cases.
        steepness: Log odds of being right per unit of score.
        blur: Model error added to what the chain says, as a share of the OKS spread.
        calibration_px: Pixels by which projections err, since calibrations and clocks do.
        inflate: Factor on the chain's standard deviation, measured on sessions made for it.
        worse: Greatest chance of a frame becoming worse that is taken.
    """

    target_oks: float = 0.97
    window: int = 60
    rounds: int = 6
    hand: float = 0.006
    jitter: float = 0.2
    slowness: float = 3.0
    flow_px: float = 0.35
    flow_share: float = 0.12
    flow_prior: float = 3.0
    relax: float = 0.2
    slowest: float = 0.08
    wrong: float = 0.7
    stray: float = 0.35
    steepness: float = 7.0
    blur: float = 0.05
    calibration_px: float = 0.3
    inflate: float = 1.2
    worse: float = 0.003


DEFAULTS = Settings()
