"""All tables; importing this package registers them on ``Base.metadata``."""

from backend.database.models.accounts import ApiToken, LoginSession, User
from backend.database.models.annotations import Annotation, AnnotationRevision, Candidate
from backend.database.models.audit import AuditEntry
from backend.database.models.bodies import Body
from backend.database.models.boxes import BoxRevision, FrameBox
from backend.database.models.calibrations import Calibration, Synchronisation
from backend.database.models.fits import Fit, FitRevision, FitRun, FitView
from backend.database.models.jobs import Job, JobLog, OutboxMessage
from backend.database.models.recordings import Camera, Frame, Infant, Moment, Recording
from backend.database.models.releases import Export
from backend.database.models.reviews import Comment, FrameMark, ReviewRound
from backend.database.models.scans import Scan
from backend.database.models.uploads import Upload

__all__ = [
    "Annotation",
    "AnnotationRevision",
    "ApiToken",
    "AuditEntry",
    "Body",
    "BoxRevision",
    "Calibration",
    "Camera",
    "Candidate",
    "Comment",
    "Export",
    "Fit",
    "FitRevision",
    "FitRun",
    "FitView",
    "Frame",
    "FrameBox",
    "FrameMark",
    "Infant",
    "Job",
    "JobLog",
    "LoginSession",
    "Moment",
    "OutboxMessage",
    "Recording",
    "ReviewRound",
    "Scan",
    "Synchronisation",
    "Upload",
    "User",
]
