"""Calibrations as the HTTP interface takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints, model_validator

from backend.core.database.tables.calibrations import CalibrationOrigin, CalibrationPhase
from backend.core.jobs.schemas import Named
from backend.domain.cameras import Lens

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Metres = Annotated[FiniteFloat, Field(ge=-1000, le=1000)]


BoardKind = Literal["chessboard", "charuco", "aruco", "aprilgrid"]


class BoardIn(BaseModel):
    """A board: its kind, counts and lengths.

    columns and rows: of a checkerboard its inner corners (one less than squares in each direction),
    of a ChArUco board its squares, of the others their markers. square_mm: side of a square, or
    from one marker to the next. The rest is for boards with markers: the side of a marker's black
    outline, the set they are of, and the first one's number, of each of several boards.
    """

    kind: BoardKind = "chessboard"
    columns: int = Field(ge=1, le=60)
    rows: int = Field(ge=1, le=60)
    square_mm: FiniteFloat = Field(ge=1, le=1000)
    marker_mm: FiniteFloat | None = Field(default=None, ge=1, le=1000)
    dictionary: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,30}$")] | None = None
    first_ids: list[Annotated[int, Field(ge=0, le=10_000)]] = Field(
        default_factory=lambda: [0], min_length=1, max_length=8
    )

    @model_validator(mode="after")
    def _whole(self) -> BoardIn:
        if self.kind in ("chessboard", "charuco") and min(self.columns, self.rows) < 3:
            raise ValueError("a board has at least 3 columns and 3 rows")
        if self.kind != "chessboard":
            if self.marker_mm is None:
                raise ValueError("say how large the markers are (marker_mm)")
            if self.marker_mm >= self.square_mm:
                raise ValueError("markers are smaller than squares: measure both")
        if len(set(self.first_ids)) < len(self.first_ids):
            raise ValueError("two boards begin with the same marker")
        return self


class _Step(BaseModel):
    phase: CalibrationPhase = CalibrationPhase.SESSION
    note: Note | None = None
    based_on: int | None = None
    """The version whose lenses (and other cameras) are kept; default: the one in use."""

    def uploads(self) -> list[int]:
        """Ids of all uploads that the step reads."""
        return []

    def camera_ids(self) -> set[int]:
        """Cameras that the step names."""
        return set()


class _ImagesStep(_Step):
    board: BoardIn
    images: dict[int, list[int]] = Field(min_length=1)
    """Uploads (images or videos) by camera id, in order."""

    @model_validator(mode="after")
    def _some(self) -> _ImagesStep:
        if not any(self.images.values()):
            raise ValueError("add pictures or videos of the board")
        return self

    def uploads(self) -> list[int]:
        """Ids of all uploads that the step reads."""
        return [upload for ids in self.images.values() for upload in ids]

    def camera_ids(self) -> set[int]:
        """Cameras that the step names."""
        return set(self.images)


class IntrinsicsIn(_ImagesStep):
    """Lenses from pictures of a board; cameras without pictures keep theirs."""

    step: Literal["intrinsics"]
    lens: Lens = Lens.PINHOLE


class ExtrinsicsIn(_ImagesStep):
    """Places from a board that several cameras see at the same moments.

    match: what pictures of one moment have in common across cameras: their names, the time at which
    they were taken, or the place in their order; auto takes names where they agree.
    """

    step: Literal["extrinsics"]
    board_on_floor: bool = False
    match: Literal["auto", "order", "name", "time"] = "auto"


class ScenePointIn(BaseModel):
    """A point of known position (metres) and its pixels by camera id, our image convention."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] | None = None
    xyz: tuple[Metres, Metres, Metres]
    seen: dict[int, tuple[FiniteFloat, FiniteFloat]]


class PointsIn(_Step):
    """Places from scene points of known position that somebody marked."""

    step: Literal["points"]
    points: list[ScenePointIn] = Field(min_length=4, max_length=1000)
    floor_z: Metres | None = None

    def camera_ids(self) -> set[int]:
        """Cameras that the step names."""
        return {camera for point in self.points for camera in point.seen}


class CameraFileIn(_Step):
    """Cameras from files of other programs; matched by name, else by order."""

    step: Literal["import"]
    format: Literal["auto", "toml", "qualisys", "opencv", "kalibr", "colmap"] = "auto"
    units: Literal["auto", "m", "cm", "mm"] = "auto"
    upload_ids: list[int] = Field(min_length=1, max_length=100)
    cameras: dict[int, str] = Field(default_factory=dict)
    """Name in the file by camera id."""
    floor_z: Metres | None = None

    def uploads(self) -> list[int]:
        """Ids of all uploads that the step reads."""
        return self.upload_ids

    def camera_ids(self) -> set[int]:
        """Cameras that the step names."""
        return set(self.cameras)


class JointsIn(_Step):
    """Cameras adjusted to the joints of the recording itself, on top of a placed version.

    lenses: held, their focal lengths free, or also their centres and bending. movements: look for
    cameras that were knocked in the middle of the visit.
    """

    step: Literal["joints"]
    lenses: Literal["fixed", "focal", "free"] = "fixed"
    movements: bool = True


CalibrationIn = Annotated[
    IntrinsicsIn | ExtrinsicsIn | PointsIn | CameraFileIn | JointsIn, Field(discriminator="step")
]


class CovarianceOut(BaseModel):
    """How well a camera is known; null where that was not worked out.

    pose: over a small turn about the camera's axes (radians, applied last) and the translation
    (metres). lens: over fx, fy, cx and cy (pixels). cross: between the two.
    """

    pose: list[list[float]] | None = None
    lens: list[list[float]] | None = None
    cross: list[list[float]] | None = None


class CameraMoveOut(BaseModel):
    """Where a camera stands from a time of the session on; null for the beginning."""

    from_s: float | None
    T_camera_world: list[list[float]]
    covariance: CovarianceOut | None = None


class CalibratedCameraOut(BaseModel):
    """One camera: pixels from the outer corner of the first one, metres, z up.

    One that was knocked has no single place: ``moves`` lists its places in the order of time.
    """

    camera_id: int
    name: str
    width: int
    height: int
    lens: Lens
    K: list[list[float]]
    distortion: list[float]
    T_camera_world: list[list[float]] | None
    rms_px: float | None
    covariance: CovarianceOut | None = None
    moves: list[CameraMoveOut] = Field(default_factory=list)


class CalibrationOut(BaseModel):
    """One version of a recording's cameras."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    recording_id: int
    version: int
    phase: CalibrationPhase
    origin: CalibrationOrigin
    cameras: list[CalibratedCameraOut]
    report: dict[str, Any]
    floor_z: float | None
    note: str | None
    based_on_id: int | None
    created_at: datetime
    created_by: Named | None
    in_use: bool
    placed: bool


class ChooseCalibrationIn(BaseModel):
    """The version to use, or null for none."""

    calibration_id: int | None


class CameraDriftOut(BaseModel):
    """How far one camera moved between two calibrations."""

    camera_id: int
    rotation_deg: float
    translation_mm: float
    focal_percent: float
    pixels: float | None


class DriftOut(BaseModel):
    """The latest placed calibrations before and after a visit, compared."""

    before_id: int
    after_id: int
    limit_px: float
    exceeded: bool
    cameras: list[CameraDriftOut]
