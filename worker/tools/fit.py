"""``infantnet tools fit``: body fits from joints, masks and scans in plain files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from backend.cli.output import print_json, progress, say
from backend.cli.stop import Exit, Stop
from backend.domain.body_ranges import unusual_body
from backend.domain.cameras import Camera, assumed_camera
from backend.domain.errors import InvalidInput
from backend.domain.fit_quality import GOOD_MM
from backend.domain.skeleton import JOINTS
from backend.multiview.bodies.model_file import BodyModel, load_body, open_body
from worker.calibration.files import read_cameras
from worker.fitting.ages import at_age, length_of
from worker.fitting.config import FitConfig
from worker.fitting.files import (
    JointsFile,
    read_fits,
    read_joints,
    read_masks,
    read_scans,
    write_fits,
)
from worker.fitting.odd import Odd
from worker.fitting.result import SessionFit
from worker.fitting.session import MIN_JOINTS, fit_session
from worker.fitting.warm import WarmStart
from worker.tools.gate_words import failed_rules

_SHOWN = 20


def fit(
    joints: Annotated[Path, typer.Option(help="Joints of all moments and views (.npz).")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Fits file to write (.npz).")],
    cameras: Annotated[
        Path | None, typer.Option(help="Calibrated cameras, as `calibrate-extrinsics` writes them.")
    ] = None,
    image_size: Annotated[
        str | None,
        typer.Option(metavar="WxH", help="Instead of --cameras, for one view: assume a camera."),
    ] = None,
    masks: Annotated[Path | None, typer.Option(help="Masks of the infant (.npz).")] = None,
    scan: Annotated[
        Path | None, typer.Option(help="Point clouds in world metres (.npz, or a folder).")
    ] = None,
    body: Annotated[
        Path | None, typer.Option(help="Body model file; by default the open infant body.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Weights and thresholds (JSON).")] = None,
    floor_z: Annotated[
        float | None, typer.Option(metavar="M", help="Height of the floor; z points up.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="Earlier fits of the recording: keep their shape and scale.")
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="3,10-12", help="Moments to fit again, with their neighbours."),
    ] = None,
    regressor: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="Folder of a trained body-from-joints: its bodies are starts too."
        ),
    ] = None,
    age_months: Annotated[
        float | None,
        typer.Option(help="Age of the infant: sets the length that is expected, and warns."),
    ] = None,
    over_time: Annotated[
        str,
        typer.Option(
            metavar="sequence|neighbours|moment",
            help="All moments together, each with its neighbours, or each for itself.",
        ),
    ] = "sequence",
    device: Annotated[
        str,
        typer.Option(
            metavar="auto|cpu|cuda|torch",
            help="Where poses are solved; auto takes a GPU for long recordings, if there is one.",
        ),
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Fit the infant body to the joints of one session.

    \b
    Examples:
      infantnet tools fit --cameras cameras.toml --joints joints.npz --floor-z 0 --out fits.npz
      infantnet tools fit --cameras cameras.toml --joints joints.npz --masks masks.npz -o fits.npz
      infantnet tools fit --joints single.npz --image-size 1920x1080 --out fits.npz
      infantnet tools fit --cameras cameras.toml --joints joints.npz --age-months 9 -o fits.npz
    """
    given = read_joints(joints)
    placed = _cameras(cameras, image_size, given)
    moments, views = given.joints.shape[:2]
    model: BodyModel = open_body() if body is None else load_body(body)
    settings = FitConfig() if config is None else FitConfig.from_json(_text(config), config.name)
    settings = _over_time(settings, over_time)
    if age_months is not None:
        settings = at_age(settings, age_months)
    outlines = None if masks is None else read_masks(masks, moments, views)
    clouds = None if scan is None else read_scans(scan, moments)
    start = None if previous is None else WarmStart.of(read_fits(previous))
    chosen = None if only is None else _moments(only, moments)
    if not out.parent.is_dir():
        raise Stop(f"{out.parent} is not a folder.", Exit.USAGE)
    proposed = None
    if regressor is not None:
        # Torch and the training packages are needed for this alone.
        from worker.training.regressor import Regressor

        proposed = Regressor.of_run(regressor, model).propose(placed, given.joints)
    with progress("Fitting") as task:
        found = fit_session(
            model,
            placed,
            given.joints,
            given.kind,
            masks=outlines,
            scan=clouds,
            floor=None if floor_z is None else (0.0, 0.0, 1.0, -floor_z),
            config=settings,
            times=given.time_s,
            progress=task.update,
            start=start,
            only=chosen,
            calibration="assumed" if cameras is None else cameras.name,
            proposed=proposed,
            device=device,
        )
    write_fits(out, found)
    unusual = []
    if not found.camera_assumed.any():
        length = length_of(model, found.betas[0], float(found.scale[0]))
        unusual = unusual_body(length, found.betas[0].tolist(), age_months)
    _report(found, moments, out, unusual, as_json)


def _over_time(settings: FitConfig, chosen: str) -> FitConfig:
    if chosen == "sequence":
        return settings
    if chosen not in ("neighbours", "moment"):
        raise Stop(f"--over-time {chosen}: sequence, neighbours or moment is wanted.", Exit.USAGE)
    settings = replace(settings, sequence_weight=0.0)
    return settings if chosen == "neighbours" else replace(settings, smooth_weight=0.0)


def _cameras(path: Path | None, size: str | None, given: JointsFile) -> list[Camera | None]:
    names = given.camera_names
    if path is None:
        if size is None:
            raise Stop("Name the cameras with --cameras, or give --image-size.", Exit.USAGE)
        if len(names) != 1:
            raise Stop(f"Only a single view can do without --cameras, not {len(names)}.")
        width, _, height = size.lower().partition("x")
        if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
            raise Stop(f"--image-size {size}: write it as 1920x1080.", Exit.USAGE)
        say("The camera is assumed: what is fitted has no true scale.")
        return [assumed_camera(names[0], int(width), int(height))]
    by_name = {camera.name: camera for camera in read_cameras([path]).cameras}
    out: list[Camera | None] = []
    for name in names:
        camera = by_name.get(name)
        if camera is None or not (camera.placed or len(names) == 1):
            what = "is not" if camera is None else "has no place"
            say(f"{name} {what} in {path.name}: continuing without this view.")
            camera = None
        out.append(camera)
    if not any(out):
        fault = f"it has none of the cameras {', '.join(names)}; it has {', '.join(by_name)}"
        raise InvalidInput(f"{path.name} cannot be used: {fault}.", file=path.name, fault=fault)
    return out


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path.name} cannot be read.", file=path.name, fault=str(error)
        ) from error


def _moments(text: str, count: int) -> list[int]:
    """Moments of "3,10-12".

    Raises:
        Stop: the text is no list of moments, or one lies outside.
    """
    out: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise Stop(f"--only {text}: write it as 3,10-12.", Exit.USAGE)
        out += range(int(first), int(last or first) + 1)
    if max(out, default=0) >= count:
        raise Stop(f"--only {text}: there are moments 0..{count - 1}.", Exit.USAGE)
    return out


def _good(fit: SessionFit) -> int:
    """How many fits are good by their expected error."""
    return 0 if fit.quality_mm is None else int((fit.quality_mm <= GOOD_MM).sum())


def _kinds(moment: Sequence[Odd]) -> set[str]:
    return {odd.kind.value for odd in moment}


def _report(fit: SessionFit, moments: int, out: Path, unusual: list[str], as_json: bool) -> None:
    seen = ~np.isnan(fit.error_px)
    per_joint = {
        name: float(fit.error_px[:, :, k][seen[:, :, k]].mean())
        for k, name in enumerate(JOINTS)
        if seen[:, :, k].any()
    }
    per_view = {
        name: float(fit.error_px[:, c][seen[:, c]].mean())
        for c, name in enumerate(fit.camera_names)
        if seen[:, c].any()
    }
    iou = fit.mask_iou[~np.isnan(fit.mask_iou)]
    failed = {
        int(fit.moment[n]): failed_rules(fit.error_px[n], fit.config, fit.camera_names)
        for n in np.flatnonzero(~fit.gate_passed)
    }
    summary: dict[str, Any] = {
        "file": str(out),
        "body": fit.body_name,
        "moments": moments,
        "fits": len(fit),
        "gate_passed": int(fit.gate_passed.sum()),
        "gate_failed": {str(moment): rules for moment, rules in failed.items()},
        "not_fitted": sorted(set(range(moments)) - set(fit.moment.tolist())),
        "mean_error_px": float(np.nanmean(fit.mean_error_px)),
        "error_px_by_joint": per_joint,
        "error_px_by_view": per_view,
        "mask_iou": float(iou.mean()) if len(iou) else None,
        "scale": float(fit.scale[0]),
        "camera_assumed": bool(fit.camera_assumed.any()),
        "self_intersecting": int((fit.self_intersections > 0).sum()),
        "time_filter": fit.time_filter,
        "bridged": 0 if fit.bridged is None else int(fit.bridged.sum()),
        "unusual": unusual,
        "mark_noise_px": fit.noise_px,
        "quality_mm": None if fit.quality_mm is None else float(fit.quality_mm.mean()),
        "good": _good(fit),
        "doubts": dict(Counter(kind for moment in fit.doubts for kind in _kinds(moment))),
    }
    if as_json:
        print_json(summary)
        return
    for line in unusual:
        say(line)
    if summary["bridged"]:
        say(f"{summary['bridged']} moments with too few joints were placed by the sequence alone.")
    odd = ", ".join(f"{kind} in {count}" for kind, count in sorted(summary["doubts"].items()))
    say(
        f"{len(fit)} of {moments} moments fitted with {fit.body_name}, {summary['gate_passed']} "
        f"pass the gate of {fit.config.gate_px:g} px; mean error"
        f" {np.nanmean(fit.mean_error_px):.1f} px."
    )
    if fit.quality_mm is not None:
        say(
            f"Joints are expected to be {fit.quality_mm.mean():.0f} mm from the truth; "
            f"{_good(fit)} fits are good (up to {GOOD_MM:g} mm)."
            + (f" Odd: {odd} moments." if odd else "")
        )
    for moment, rules in list(failed.items())[:_SHOWN]:
        say(f"  moment {moment} fails: {'; '.join(rules[:3])}")
    if len(failed) > _SHOWN:
        say(f"  … and {len(failed) - _SHOWN} more; all are in the summary (--json).")
    if without := summary["not_fitted"]:
        say(
            f"  not fitted: {len(without)} moments with fewer than {MIN_JOINTS} joints in"
            f" calibrated views ({', '.join(map(str, without[:10]))}"
            f"{' …' if len(without) > 10 else ''})"
        )
    say(f"Written to {out}.")
