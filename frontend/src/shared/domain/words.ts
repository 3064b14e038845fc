/** The product's words for people. One place, so that a thing has one name on every page. */
import type { DiscardReason, Event, FrameState, QualityFlag, Role, Stage } from './rules.gen';

export const STAGE_LABELS: Record<Stage, string> = {
  ingesting: 'Importing',
  ingested: 'Imported',
  prelabelling: 'Pre-labelling',
  prelabelled: 'Ready to annotate',
  annotating: 'Annotating',
  inspecting: 'Inspecting joints',
  returned: 'Returned',
  keypoints_approved: 'Joints approved',
  boxing: 'Making boxes',
  boxed: 'Boxes ready',
  inspecting_boxes: 'Inspecting boxes',
  boxes_returned: 'Boxes returned',
  approved: 'Approved',
};

export const STAGE_HELP: Record<Stage, string> = {
  ingesting: 'Frames are being taken out of the files.',
  ingested: 'Frames are here. Run the pre-labels, or start annotating from scratch.',
  prelabelling: 'A model is placing joints on every frame.',
  prelabelled: 'Joints to start from are placed. Waiting for an annotator.',
  annotating: 'The annotator decides on every frame and corrects joints.',
  inspecting: 'Submitted. An inspector checks every frame.',
  returned: 'Changes were asked for. Back with the annotator.',
  keypoints_approved: 'The joints are approved. Boxes come next.',
  boxing: 'A model is outlining the infant and drawing boxes.',
  boxed: 'Boxes are ready for the inspector’s second review.',
  inspecting_boxes: 'The inspector checks every box.',
  boxes_returned: 'The inspector sent boxes back to the annotator.',
  approved: 'Finished and read-only. Can be exported.',
};

/** The six steps of the work, and the stages that belong to each. */
export const STEPS: readonly { label: string; help: string; stages: readonly Stage[] }[] = [
  { label: 'Import', help: 'Frames from the files', stages: ['ingesting'] },
  { label: 'Pre-labels', help: 'Joints to start from', stages: ['ingested', 'prelabelling'] },
  {
    label: 'Annotate',
    help: 'Accept or correct',
    stages: ['prelabelled', 'annotating', 'returned'],
  },
  { label: 'Inspect joints', help: 'Return or approve', stages: ['inspecting'] },
  {
    label: 'Boxes',
    help: 'Outlines and boxes',
    stages: ['keypoints_approved', 'boxing'],
  },
  {
    label: 'Inspect boxes',
    help: 'The second review',
    stages: ['boxed', 'inspecting_boxes', 'boxes_returned'],
  },
];

/** Index in STEPS at which a stage stands; 6 when all is done. */
export function stepOf(stage: Stage): number {
  if (stage === 'approved') return STEPS.length;
  return STEPS.findIndex((step) => step.stages.includes(stage));
}

export const EVENT_LABELS: Record<Event, string> = {
  ingest_finished: 'Import finished',
  prelabel: 'Run pre-labels',
  prelabel_finished: 'Pre-labels finished',
  prelabel_failed: 'Pre-labels failed',
  prelabels_imported: 'Pre-labels imported',
  start_annotating: 'Start annotating',
  submit: 'Submit for inspection',
  return: 'Return to annotator',
  approve_keypoints: 'Approve joints',
  box: 'Make boxes',
  box_finished: 'Boxes finished',
  box_failed: 'Boxes failed',
  start_box_review: 'Start box review',
  return_boxes: 'Return boxes',
  submit_boxes: 'Submit boxes again',
  approve: 'Approve recording',
  reopen: 'Reopen',
};

export const EVENT_HELP: Record<Event, string> = {
  ingest_finished: '',
  prelabel: 'A model places joints on every frame. Existing decisions of people are kept.',
  prelabel_finished: '',
  prelabel_failed: '',
  prelabels_imported: '',
  start_annotating: 'The recording moves to its annotator. With nobody assigned, it becomes yours.',
  submit: 'Hands the recording to an inspector. You can no longer change it until it is returned.',
  return: 'Sends the recording back to its annotator with your marks and comments.',
  approve_keypoints: 'Accepts all joints as they are. Boxes are made next, automatically.',
  box: 'A model outlines the infant in every kept frame and draws its box.',
  box_finished: '',
  box_failed: '',
  start_box_review: 'Opens the second review: every box is looked at once.',
  return_boxes: 'Sends the boxes that you marked back to the annotator.',
  submit_boxes: 'Makes the changed boxes again and hands them back to the inspector.',
  approve: 'Finishes the recording. It becomes read-only and can be exported.',
  reopen: 'Opens the finished work for a new round of corrections. This is written into the log.',
};

export const ROLE_LABELS: Record<Role, string> = {
  annotator: 'Annotator',
  inspector: 'Inspector',
  maintainer: 'Maintainer',
  admin: 'Administrator',
};

export const ROLE_HELP: Record<Role, string> = {
  annotator: 'Looks at every frame: accepts, corrects joints, or discards with a reason.',
  inspector: 'Checks what others annotated, comments, returns or approves. Later checks boxes.',
  maintainer: 'Imports recordings, runs the models, assigns people, exports the dataset.',
  admin: 'Adds people, gives roles, resets passwords. May do all that a maintainer may.',
};

export const REASON_LABELS: Record<DiscardReason, string> = {
  motion_blur: 'Motion blur',
  camera_shake: 'Camera shake',
  strong_occlusion: 'Strong occlusion',
  no_infant: 'No infant',
  infant_too_old: 'Infant too old',
  lighting: 'Lighting',
  several_infants: 'Several infants',
  duplicate: 'Duplicate',
  other: 'Other',
};

/** What is wrong with a picture of a damaged video. */
export const DAMAGE_LABELS: Record<'broken' | 'inherited', string> = {
  broken: 'damaged here',
  inherited: 'built on a damaged picture',
};

export type ShownState = FrameState | 'returned';

export const BY_HAND_LABEL = 'Draw boxes by hand';
export const BY_HAND_HELP =
  'No model runs and there are no masks: the inspector draws a box on every kept frame that has none.';

export const FRAME_STATE_LABELS: Record<ShownState, string> = {
  undecided: 'Undecided',
  accepted: 'Accepted',
  corrected: 'Corrected',
  discarded: 'Discarded',
  returned: 'To revise',
};

export const SOURCE_LABELS: Record<string, string> = {
  youtube: 'YouTube',
  home_visit: 'Home visit',
  other: 'Other',
};

export const CONSENT_LABELS: Record<string, string> = {
  public_video: 'Public video',
  research: 'Research only',
  research_and_release: 'Research and release',
  not_recorded: 'Not recorded',
};

/** How far pictures of an infant may go. */
export const SCOPE_LABELS: Record<'none' | 'internal' | 'research' | 'public', string> = {
  none: 'None',
  internal: 'Internal',
  research: 'Research',
  public: 'Public',
};

export const PSEUDONYM_HELP =
  'Pseudonyms only, never a name: the key to real names is not in this system.';

export const SEX_LABELS: Record<string, string> = { female: 'Female', male: 'Male' };

export const JOB_KIND_LABELS: Record<string, string> = {
  inspect: 'Look at video files',
  ingest: 'Import',
  check_import: 'First pass over labels',
  prelabel: 'Pre-labels',
  boxes: 'Boxes',
  export: 'Export',
  pull_weights: 'Checkpoint download',
  synchronise: 'Synchronisation',
  resample: 'Frames extracted again',
  calibrate: 'Calibration',
  fit: 'Body fits',
  check_release: 'Check of a release',
  undo_import: 'Undoing of an import',
  write_release: 'Publication',
  remove_release: 'Removal of a release’s files',
  erase_infant: 'Erasure of an infant',
  evaluate: 'Evaluation',
  measure_motion: 'Motion',
  train_model: 'Training',
  propose_discards: 'Ranges to discard',
};

export const JOB_STATE_LABELS: Record<string, string> = {
  queued: 'Waiting',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** `some_word` → `Some word`, for values that a newer server may send. */
export function humanise(word: string): string {
  const spaced = word.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export function labelOf(labels: Readonly<Record<string, string>>, value: string): string {
  return labels[value] ?? humanise(value);
}

export const QUALITY_LABELS: Record<QualityFlag, string> = {
  blurred: 'Blurred',
  dark: 'Dark',
  bright: 'Overexposed',
  duplicate: 'Near-duplicate',
};

/**
 * What a version of a frame is called that is an earlier one again; null where its own acts tell it.
 *
 * @param backTo The version whose joints and verdict it has.
 * @param acts The kinds of its operations.
 */
export function backWords(
  version: number | null,
  backTo: number | null,
  acts: readonly unknown[],
): string | null {
  if (version === null || backTo === null) return null;
  if (backTo < version - 1) return `went back to version ${backTo}`;
  const repeated = acts.length < 2 || acts.every((act) => act === 'setVerdict');
  return repeated ? null : 'changed nothing in the end';
}
