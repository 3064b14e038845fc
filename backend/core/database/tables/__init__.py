"""All tables; importing this package registers them on ``Base.metadata``."""

from backend.core.database.tables.accounts import ApiToken, LoginSession, PersonalSetting, User
from backend.core.database.tables.annotations import Annotation, AnnotationRevision, Candidate
from backend.core.database.tables.audit import AuditEntry
from backend.core.database.tables.bodies import Body
from backend.core.database.tables.boxes import BoxRevision, FrameBox
from backend.core.database.tables.calibrations import Calibration, Synchronisation
from backend.core.database.tables.checkpoints import Checkpoint
from backend.core.database.tables.consents import InfantConsent
from backend.core.database.tables.counts import (
    RecordingAnnotator,
    RecordingCount,
    RecordingFacts,
    RecordingFits,
)
from backend.core.database.tables.datasets import (
    Dataset,
    Release,
    ReleaseComparison,
    ReleaseFile,
    ReleaseFrame,
    ReleaseRecording,
    ReleaseSplit,
)
from backend.core.database.tables.evaluations import Evaluation, EvaluationFrame
from backend.core.database.tables.exports import Export
from backend.core.database.tables.fits import Fit, FitRevision, FitRun, FitView
from backend.core.database.tables.inspections import (
    FrameLook,
    InspectionRule,
    InspectionSample,
    JointMark,
)
from backend.core.database.tables.jobs import Job, JobLog, OutboxMessage
from backend.core.database.tables.postures import (
    PostureImport,
    PostureRange,
    PostureRevision,
    PostureState,
)
from backend.core.database.tables.propagation import (
    Estimate,
    FlowFile,
    Propagation,
    PropagationSolve,
)
from backend.core.database.tables.quality import (
    Adjudication,
    Attempt,
    GoldFrame,
    QualityRule,
    TrainingPass,
)
from backend.core.database.tables.ranges import DiscardProposal, PlaybackCheck, RangeAct
from backend.core.database.tables.recordings import (
    Camera,
    CameraFile,
    Frame,
    Infant,
    Moment,
    Recording,
)
from backend.core.database.tables.release_acts import FaceCheck, FaceMark, ReleaseRemoval
from backend.core.database.tables.reviews import Comment, CommentReply, FrameMark, ReviewRound
from backend.core.database.tables.scans import Scan
from backend.core.database.tables.suspicions import (
    CameraUsual,
    FrameSuspicion,
    SuspicionNote,
    Waiver,
)
from backend.core.database.tables.team import RecordingLease, RecordingPart, TeamRules
from backend.core.database.tables.training import TrainingRun
from backend.core.database.tables.uploads import Upload, UploadLook

__all__ = [
    "Adjudication",
    "Annotation",
    "AnnotationRevision",
    "ApiToken",
    "Attempt",
    "AuditEntry",
    "Body",
    "BoxRevision",
    "Calibration",
    "Camera",
    "CameraFile",
    "CameraUsual",
    "Candidate",
    "Checkpoint",
    "Comment",
    "CommentReply",
    "Dataset",
    "DiscardProposal",
    "Estimate",
    "Evaluation",
    "EvaluationFrame",
    "Export",
    "FaceCheck",
    "FaceMark",
    "Fit",
    "FitRevision",
    "FitRun",
    "FitView",
    "FlowFile",
    "Frame",
    "FrameBox",
    "FrameLook",
    "FrameMark",
    "FrameSuspicion",
    "GoldFrame",
    "Infant",
    "InfantConsent",
    "InspectionRule",
    "InspectionSample",
    "Job",
    "JobLog",
    "JointMark",
    "LoginSession",
    "Moment",
    "OutboxMessage",
    "PersonalSetting",
    "PlaybackCheck",
    "PostureImport",
    "PostureRange",
    "PostureRevision",
    "PostureState",
    "Propagation",
    "PropagationSolve",
    "QualityRule",
    "RangeAct",
    "Recording",
    "RecordingAnnotator",
    "RecordingCount",
    "RecordingFacts",
    "RecordingFits",
    "RecordingLease",
    "RecordingPart",
    "Release",
    "ReleaseComparison",
    "ReleaseFile",
    "ReleaseFrame",
    "ReleaseRecording",
    "ReleaseRemoval",
    "ReleaseSplit",
    "ReviewRound",
    "Scan",
    "SuspicionNote",
    "Synchronisation",
    "TeamRules",
    "TrainingPass",
    "TrainingRun",
    "Upload",
    "UploadLook",
    "User",
    "Waiver",
]
