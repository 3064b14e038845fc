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
        window_together: The same for several cameras at once, which take longer each.
        rounds: How often weights and trajectory are renewed; more changes little.
        rounds_near: The same near a correction, where the answer before is a start.
        hand: What a person's hand misses by: 1 to 2 px on an infant of 150 px.
        eye: And this share of the joint's OKS spread: a hip's middle is less clear than an eye's.
        glance: And what is let stand where it is shown, by this share: people drag what they see
            to be wrong, not what is nearly right.
        jitter: Where learning a pre-label's noise starts, in the joint's own OKS spread.
        slowness: A pre-label's errors stay for some frames; so many count as one.
        slow_s: Seconds after which they are others: where frames are farther apart each counts.
        slope: And how its logarithm grows per unit of score below .85: it doubles at about .4.
        flow_px: Pixels by which a flow link errs each frame at full reliability.
        flow_size: And by this share of the body's size: it is measured in a picture made smaller.
        flow_share: And this share of the displacement, since limbs turn under the grid.
        flow_slip: And this share of what the marks moved, since flow slips off quick limbs.
        flow_prior: Degrees of freedom of the link's Student-t noise.
        relax: How long a limb keeps its velocity.
        slowest: Least root mean square speed that is assumed, body sizes a second.
        wrong: How far a wrong mark lies from the truth.
        stray: A mark this certain by its score to be right is right in half of all cases.
        steepness: Log odds of being right per unit of score.
        blur: Model error added to what the chain says, as a share of the OKS spread.
        calibration: By which projections err, since calibrations and clocks do: 1 px of 500.
        inflate: Factor on the chain's standard deviation, measured on sessions made for it.
        worse: Greatest chance of a frame becoming worse that is taken; of the sum over its joints,
            taken as a Gaussian, which has wider tails than such sums have.
    """

    target_oks: float = 0.97
    window: int = 60
    window_together: int = 20
    rounds: int = 6
    rounds_near: int = 4
    hand: float = 0.006
    eye: float = 0.06
    glance: float = 0.25
    jitter: float = 0.2
    slowness: float = 3.0
    slow_s: float = 0.1
    slope: float = 1.6
    flow_px: float = 0.35
    flow_size: float = 0.007
    flow_share: float = 0.12
    flow_slip: float = 0.5
    flow_prior: float = 3.0
    relax: float = 0.2
    slowest: float = 0.08
    wrong: float = 0.7
    stray: float = 0.35
    steepness: float = 7.0
    blur: float = 0.02
    calibration: float = 0.002
    inflate: float = 0.96
    worse: float = 0.01


DEFAULTS = Settings()
