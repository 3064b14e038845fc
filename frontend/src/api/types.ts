/** Shapes of the HTTP interface, `/api/v1`. Times are ISO 8601 in UTC, lengths image pixels. */
import type {
  DiscardReason,
  Event,
  FrameState,
  Role,
  Stage,
  Verdict,
  Visibility,
} from '@/domain.gen';

export interface Person {
  id: number;
  name: string;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

// Accounts

export interface Me extends Person {
  email: string;
  roles: Role[];
  is_demo: boolean;
}

export interface User extends Me {
  is_active: boolean;
  created_at: string;
}

export interface DemoLogin {
  email: string;
  name: string;
  roles: Role[];
  password: string;
}

export interface ApiToken {
  id: number;
  name: string;
  prefix: string;
  created_at: string;
  last_used_at: string | null;
}

export interface NewApiToken {
  id: number;
  name: string;
  token: string;
}

// Uploads

export interface Upload {
  id: number;
  filename: string;
  size: number;
  offset: number;
  complete: boolean;
}

// Jobs

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface JobSummary {
  id: number;
  kind: string;
  state: JobState;
  done: number;
  total: number | null;
  message: string | null;
}

export interface Job extends JobSummary {
  queue: string;
  recording: Person | null;
  error: string | null;
  result: Record<string, unknown> | null;
  attempt: number;
  cancel_requested: boolean;
  created_by: Person | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface JobLogLine {
  id: number;
  created_at: string;
  level: string;
  message: string;
}

// Recordings

export type Source = 'youtube' | 'home_visit' | 'other';
export type Consent = 'public_video' | 'research' | 'research_and_release' | 'not_recorded';
export type Sex = 'female' | 'male';
export type StateCounts = Record<FrameState, number>;

export interface BoxCounts {
  total: number;
  flagged: number;
  stale: number;
  approved: number;
  sent_back: number;
}

export interface RecordingSummary {
  id: number;
  name: string;
  source: string;
  stage: Stage;
  stage_since: string;
  round: number;
  infant: { id: number; pseudonym: string; sex: string | null };
  age_months: number | null;
  consent: string;
  annotator: Person | null;
  inspector: Person | null;
  cameras: number;
  frames: number;
  counts: StateCounts;
  boxes: BoxCounts;
  open_comments: number;
  to_revise: number;
  is_demo: boolean;
  prelabel_model: string | null;
  prelabels_simulated: boolean;
  cover_frame_id: number | null;
  active_job: JobSummary | null;
  created_at: string;
}

export interface Camera {
  id: number;
  index: number;
  name: string;
  width: number;
  height: number;
  fps: number | null;
  rotation: number;
  duration_s: number | null;
  frames: number;
  source_filename: string | null;
}

export interface Round {
  id: number;
  kind: 'keypoints' | 'boxes';
  round: number;
  submitted_by: Person | null;
  submitted_at: string;
  inspector: Person | null;
  decision: 'returned' | 'approved' | null;
  decided_at: string | null;
  note: string | null;
}

export interface RecordingDetail extends RecordingSummary {
  notes: string | null;
  cameras_list: Camera[];
  allowed_events: Event[];
  reasons_not: Partial<Record<Event, string>>;
  can: { edit: boolean; review: boolean; review_boxes: boolean; manage: boolean };
  blocked_reason: string | null;
  rounds: Round[];
  discard_counts: Partial<Record<DiscardReason, number>>;
  quality: Record<string, unknown>;
}

export interface ImportRequest {
  kind: 'video' | 'images' | 'coco';
  name: string;
  source: string;
  infant: { pseudonym: string; sex?: string | null };
  age_months?: number | null;
  consent: string;
  notes?: string | null;
  cameras: { name: string; upload_id?: number }[];
  upload_ids?: number[];
  coco_upload_id?: number;
  sampling?: { mode: 'every' | 'fps'; value: number };
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: Person | null;
  action: string;
  details: Record<string, unknown>;
}

export interface Work {
  annotate: RecordingSummary[];
  returned: RecordingSummary[];
  inspect: RecordingSummary[];
  boxes: RecordingSummary[];
  claimable: RecordingSummary[];
}

// Frames

export interface JointJson {
  x: number;
  y: number;
  v: Visibility;
}

export type Mark = 'good' | 'revise';

export interface FrameItem {
  id: number;
  position: number;
  camera_id: number;
  moment_id: number;
  moment_index: number;
  time_s: number | null;
  state: FrameState;
  returned: boolean;
  comments: number;
  mark: Mark | null;
  changed: boolean;
  duplicate_of_id: number | null;
  sharpness: number | null;
  mean_luma: number | null;
  box: {
    flagged: boolean;
    stale: boolean;
    status: BoxStatus;
    consistency: number | null;
  } | null;
  reason: DiscardReason | null;
}

export interface Candidate {
  id: number;
  rank: number;
  score: number;
  joints: JointJson[];
  scores: number[];
  box: [number, number, number, number];
  model: string;
  simulated: boolean;
}

export interface Annotation {
  version: number;
  verdict: Verdict;
  reason: DiscardReason | null;
  reason_text: string | null;
  state: FrameState;
  candidate_id: number | null;
  joints: JointJson[] | null;
  updated_by: Person | null;
  updated_at: string | null;
}

export interface Comment {
  id: number;
  frame_id: number;
  joint: number | null;
  round: number;
  body: string;
  author: Person;
  created_at: string;
  resolved_at: string | null;
  resolved_by: Person | null;
}

export interface FrameDocument {
  id: number;
  recording_id: number;
  position: number;
  camera_id: number;
  camera_name: string;
  moment_id: number;
  time_s: number | null;
  width: number;
  height: number;
  image_url: string;
  thumbnail_url: string;
  candidates: Candidate[];
  annotation: Annotation;
  previous: {
    joints: JointJson[] | null;
    verdict: Verdict;
    reason: DiscardReason | null;
    round: number;
  } | null;
  changed_joints: number[];
  comments: Comment[];
  mark: Mark | null;
  returned: boolean;
  box: Box | null;
}

export type Operation =
  | { type: 'placeJoint'; joint: number; x: number; y: number; visibility: Visibility }
  | { type: 'moveJoint'; joint: number; x: number; y: number }
  | { type: 'setVisibility'; joint: number; visibility: Visibility }
  | { type: 'chooseCandidate'; candidateId: number }
  | { type: 'setSkeleton'; candidateId: number | null; joints: JointJson[] | null }
  | { type: 'swapSides' }
  | {
      type: 'setVerdict';
      verdict: Verdict;
      reason?: DiscardReason | null;
      text?: string | null;
    };

export interface HistoryEntry {
  version: number;
  round: number;
  author: Person | null;
  model: string | null;
  created_at: string;
  operations: Operation[];
  state: FrameState;
  verdict: Verdict;
  reason: DiscardReason | null;
  joints: JointJson[] | null;
}

// Boxes

export type BoxStatus = 'proposed' | 'approved' | 'sent_back';

export interface Box {
  version: number;
  x: number;
  y: number;
  width: number;
  height: number;
  has_mask: boolean;
  mask_url: string | null;
  mask_area: number | null;
  mask_score: number | null;
  consistency: number | null;
  flagged: boolean;
  stale: boolean;
  status: BoxStatus;
  origin: 'model' | 'human';
  model: string | null;
  simulated: boolean;
  attempts: unknown[];
  updated_at: string;
}

export interface BoxItem extends Box {
  frame_id: number;
  position: number;
}

// Exports, weights, system

export interface Export {
  id: number;
  filename: string;
  recording_ids: number[];
  recordings: string[];
  bytes: number | null;
  sha256: string | null;
  images: number | null;
  annotations: number | null;
  created_at: string;
  created_by: Person | null;
  job: JobSummary | null;
  ready: boolean;
}

export interface Weight {
  name: string;
  kind: string;
  title: string;
  present: boolean;
  path: string | null;
  bytes: number | null;
  sha256: string | null;
  source: string | null;
  expected_bytes: number | null;
  untrained: boolean;
  in_use: boolean;
}

export interface SystemInfo {
  version: string;
  demo: boolean;
  models_installed: boolean;
  gpu: string | null;
  storage: string;
  workers: { name: string; queues: string[]; alive: boolean }[];
}

// Server-sent events

export interface JobEvent {
  id: number;
  kind: string;
  state: JobState;
  done: number;
  total: number | null;
  message: string | null;
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
