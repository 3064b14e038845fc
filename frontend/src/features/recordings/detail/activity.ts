import type { AuditEntry } from '@/shared/api/types';
import { type Event, STAGES, type Stage } from '@/shared/domain/rules.gen';
import { humanise } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';

const DONE: Record<Event, string> = {
  ingest_finished: 'finished the import',
  prelabel: 'started the pre-labels',
  prelabel_finished: 'finished the pre-labels',
  prelabel_failed: 'could not make pre-labels',
  prelabels_imported: 'took pre-labels from the import',
  start_annotating: 'started the annotation',
  submit: 'submitted it for inspection',
  return: 'returned it to the annotator',
  approve_keypoints: 'approved the joints',
  box: 'started the boxes',
  box_finished: 'finished the boxes',
  box_failed: 'could not make boxes',
  start_box_review: 'started the box review',
  return_boxes: 'returned the boxes',
  submit_boxes: 'submitted the boxes again',
  approve: 'approved the recording',
  reopen: 'reopened it',
};

type Entry = Pick<AuditEntry, 'action' | 'details'>;

function text(value: unknown): string | null {
  return typeof value === 'string' && value ? value : null;
}

const JUDGED: Record<string, string> = {
  verified: 'verified',
  rejected: 'rejected',
  fitted: 'cleared the verdict on',
};

function many(value: unknown, singular: string, plural?: string): string {
  return count(typeof value === 'number' ? value : 0, singular, plural);
}

/** One entry of the log as a sentence without its subject: `submitted it for inspection`. */
export function describe({ action, details }: Entry): string {
  switch (action) {
    case 'import_started':
      return 'started the import';
    case 'facts_changed': {
      const fields = Object.keys(details).map((field) => humanise(field).toLowerCase());
      return `changed ${fields.join(', ') || 'facts'}`;
    }
    case 'pulled':
      return text(details.from)
        ? `took it from the queue, after ${text(details.from)} had paused`
        : 'took it from the queue';
    case 'cut_into_parts':
      return `cut it into ${count(Array.isArray(details.parts) ? details.parts.length : 0, 'part')}`;
    case 'joined_parts':
      return 'made it one piece again';
    case 'part_submitted':
      return `submitted part ${String(details.part)}`;
    case 'part_reassigned':
      return `gave part ${String(details.part)} of ${text(details.from) ?? 'nobody'} to ${text(details.to) ?? 'nobody'}`;
    case 'assigned': {
      const annotator = text(details.annotator) ?? 'nobody';
      if (details.by_first_word) return 'began to inspect it';
      if (details.in_rotation) return `gave it to ${annotator} in rotation`;
      const inspector = text(details.inspector) ?? 'nobody';
      return `assigned ${annotator} to annotate and ${inspector} to inspect`;
    }
    case 'stage_changed': {
      const event = text(details.event) ?? '';
      return DONE[event as Event] ?? humanise(event).toLowerCase();
    }
    case 'synchronised':
      return `compared the cameras’ clocks: version ${details.version}, ${
        details.method === 'manual' ? 'by hand' : `by ${details.method}`
      }`;
    case 'synchronisation_applied':
      return `applied version ${details.version} of the clocks: frames ${
        details.how === 'extracted' ? 'extracted again' : 'paired again'
      }`;
    case 'calibration_started':
      return 'requested a calibration of the cameras';
    case 'calibration_added':
      return `added version ${details.version} of the cameras’ calibration`;
    case 'calibration_chosen':
      return typeof details.version === 'number'
        ? `put version ${details.version} of the cameras’ calibration into use`
        : 'took the cameras’ calibration out of use';
    case 'calibration_deleted':
      return `deleted version ${details.version} of the cameras’ calibration`;
    case 'scans_added':
      return `added ${many(details.files, 'scan')}`;
    case 'scans_removed':
      return `removed ${many(details.files, 'scan')}`;
    case 'fit_requested':
      return 'requested body fits';
    case 'fits_judged':
      return `${JUDGED[text(details.status) ?? ''] ?? 'judged'} ${many(details.fits, 'body fit')}`;
    case 'marked_remaining_good':
      return `marked the other ${many(details.frames, 'frame')} good`;
    case 'approved_remaining_boxes':
      return `approved the other ${many(details.boxes, 'box', 'boxes')}`;
    case 'exported':
      return 'exported it';
    default:
      return humanise(action).toLowerCase();
  }
}

/** The stage that an entry led to, where it led to one. */
export function stageOf({ action, details }: Entry): Stage | null {
  if (action !== 'stage_changed') return null;
  return STAGES.find((stage) => stage === details.to) ?? null;
}

export function noteOf({ details }: Pick<AuditEntry, 'details'>): string | null {
  return text(details.note);
}
