/**
 * Shapes of the HTTP interface by the names that the frontend uses, taken from the generated
 * schema. Times are ISO 8601 in UTC, lengths image pixels.
 */
import type { DiscardReason, Event, Role, Stage, Visibility } from '@/shared/domain/rules.gen';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

/** The same shape, unchangeable to its ground. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

export type Person = Schemas['Named'];

export interface Page<T> {
  items: T[];
  next_cursor: number | null;
}

// Accounts
export type Me = Schemas['Me'];
export type User = Schemas['UserItem'];
export type DemoLogin = Schemas['DemoLoginItem'];
export type ApiToken = Schemas['TokenItem'];
export type NewApiToken = Schemas['TokenCreated'];
export type ApiTokenWish = Schemas['TokenCreate'];

// Uploads
export type Upload = Schemas['UploadItem'];

// Jobs
export type Job = Schemas['JobOut'];
export type JobState = Job['state'];

// Recordings
export type Source = Schemas['Source'];
export type Consent = Schemas['Consent'];
export type Sex = Schemas['Sex'];
export type StateCounts = Schemas['StateCounts'];
export type RecordingSummary = Schemas['RecordingSummary'];
export type RecordingDetail = Schemas['RecordingDetail'];
export type Camera = Schemas['CameraOut'];
export type Round = Schemas['RoundOut'];
export type ImportRequest = Schemas['ImportIn'];
export type InspectionRequest = Schemas['InspectIn'];
export type Inspection = Schemas['InspectOut'];
export type AuditEntry = Schemas['ActivityOut'];
export type Work = Schemas['WorkOut'];
export type WorkItem = Schemas['WorkItem'];
export type OwnPart = Schemas['OwnPart'];

// The team
export type Analytics = Schemas['AnalyticsOut'];
export type Effort = Schemas['EffortOut'];
export type Change = Schemas['LogEntryOut'];
export type ChangeKind = Schemas['LogKind'];
export type Lab = Schemas['LabOut'];
export type Held = Schemas['InHandOut'];
export type LabPerson = Schemas['LabPersonOut'];
export type Stuck = Schemas['StuckOut'];
export type TeamRules = Schemas['TeamRulesBody'];
export type BulkAssignment = Schemas['BulkAssignIn'];
export type RecordingPart = Schemas['RecordingPartOut'];

/** Moments of several cameras. */
export type SessionCalibration = Schemas['SessionCalibration'];
export type ViewErrors = Schemas['ViewErrors'];

/** Corrections that travel. */
export type Propagation = Schemas['PropagationOut'];
export type PropagationChange = Schemas['PropagationIn'];
export type Estimates = Schemas['EstimatesOut'];
export type Question = Schemas['QuestionOut'];
// Postures
export type Postures = Schemas['PosturesOut'];
export type PostureProposals = Schemas['PostureProposalsOut'];

// Frames
type JointJson = Schemas['JointOut'];
export type Mark = Schemas['Mark'];
export type FrameStrip = Schemas['FrameStrip'];
type FrameCell = Schemas['FrameCell'];

/** A cell of the filmstrip, as pages know it: see `filmstrip.ts`. */
export interface FrameItem extends Omit<FrameCell, 'box'> {
  id: number;
  position: number;
  camera_id: number;
  moment_id: number;
  moment_index: number;
  time_s: number;
  /** Of its joints and verdict. */
  version: number;
  box: (NonNullable<FrameCell['box']> & { consistency: number | null }) | null;
  /** Joints that probably need a hand; known once the suspicions were read (`editor/suspicion`). */
  doubts?: number;
  percent?: number;
  /** What the inspector's filters ask; known once the facts were read (`editor/inspect`). */
  propagated?: boolean;
  agreement?: number | null;
  author?: number | null;
  quick?: boolean;
  sampled?: boolean;
}
/** What an act on many frames came to. */
export type RangeDone = Schemas['RangeOut'];
/** Frames that measures and models propose to leave out. */
export type DiscardProposal = Schemas['DiscardProposalOut'];
export type Pose = Schemas['PoseOut'];
export type Suspicions = Schemas['SuspicionsOut'];
export type DoubtedJoint = Schemas['DoubtedJoint'];
export type Candidate = Schemas['CandidateOut'];
export type Annotation = Schemas['AnnotationOut'];
export type Comment = Schemas['CommentOut'];
export type Revision = Schemas['RevisionOut'];
export type Reply = Schemas['ReplyOut'];
export type QuickReason = Schemas['QuickReason'];
export type Comparison = Schemas['ComparisonOut'];
export type Against = Schemas['AgainstOut'];
export type InspectionFacts = Schemas['FactsOut'];
export type Vouching = Schemas['VouchingOut'];
export type Sample = Schemas['SampleOut'];
export type InspectionRule = Schemas['SamplingRuleIn'];
export type RoundTimes = Schemas['RoundTimes'];
export type RoundChanges = Schemas['RoundChanges'];
export type FrameChange = Schemas['FrameChange'];
export type FrameDocument = Schemas['FrameDocument'];

/** A frame's joints, verdict, box and mark, as a write is answered. */
export type SavedFrame = Schemas['SavedOut'];

/** One change of a frame, as it is saved. */
export type Operation = Frozen<Schemas['OperationsIn']['operations'][number]>;

// Boxes
export type Box = Schemas['BoxOut'];
export type BoxStatus = Schemas['BoxStatus'];

// Calibrations
export type Calibration = Schemas['CalibrationOut'];

// Exports, weights, body models, system
export type Export = Schemas['ExportItem'];
export type Weight = Schemas['WeightItem'];
export type WeightWish = Schemas['WeightAdd'];
export type Recipe = Schemas['RecipeOut'];
export type RunItem = Schemas['RunItem'];
export type Run = Schemas['RunOut'];
export type TrainWish = Schemas['TrainIn'];
export type BodyItem = Schemas['BodyOut'];

// Infants and consents
export type ConsentScope = Schemas['ConsentScope'];
export type InfantItem = Schemas['InfantItem'];
export type InfantConsents = Schemas['ConsentsOut'];
export type HoldingRelease = Schemas['HeldBy'];

// Datasets and releases
export type Dataset = Schemas['DatasetOut'];
export type ReleaseItem = Schemas['ReleaseItem'];
export type Release = Schemas['ReleaseOut'];
export type ReleaseEffect = Schemas['EffectOut'];

// Server-sent events, which OpenAPI does not describe
export interface JobEvent {
  id: number;
  kind: string;
  state: JobState;
  done: number;
  total: number | null;
  message: string | null;
  error: string | null;
  recording_id: number | null;
}

export interface RecordingEvent {
  id: number;
  stage: Stage;
  round: number;
}

export interface FrameEvent {
  id: number;
  recording_id: number;
  version: number;
}

// The domain's own words and the interface's must be the same; this does not compile otherwise.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
export const wordsAgree: [
  Same<Stage, Schemas['Stage']>,
  Same<Event, Schemas['Event']>,
  Same<Role, Schemas['Role']>,
  Same<DiscardReason, Schemas['DiscardReason']>,
  Same<Visibility, JointJson['v']>,
] = [true, true, true, true, true];
export type QualityRules = Schemas['QualityRulesBody'];
export type Gold = Schemas['GoldOut'];
export type PersonTraining = Schemas['PersonTraining'];
export type PrelabelReport = Schemas['PrelabelReport'];
export type ModelOutlook = Schemas['ModelOutlook'];
export type RecordingOutlook = Schemas['RecordingOutlook'];
export type AgreementReport = Schemas['AgreementReport'];
export type AgreementNumbers = Schemas['AgreementOut'];
export type Pair = Schemas['PairOut'];
export type PairItem = Schemas['PairItem'];
export type Adjudication = Schemas['AdjudicationIn'];
