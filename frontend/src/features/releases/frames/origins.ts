/** Where a joint comes from, step by step, in words. */
import { formatDateTime } from '@/shared/lib/format';
import type { JointOrigin } from './queries';

export const ORIGIN_LABELS: Readonly<Record<JointOrigin['origin'], string>> = {
  model: 'model',
  file: 'imported file',
  propagated: 'other frames',
  person: 'person',
  absent: 'not placed',
};

export interface Step {
  what: string;
  who: string;
  more?: string;
}

/** Model and checkpoint, then who changed it, who accepted it, who inspected it, the release. */
export function stepsOf(joint: JointOrigin, release: string): Step[] {
  const steps: Step[] = [];
  const checkpoint = joint.model_sha256 ? `checkpoint ${joint.model_sha256.slice(0, 12)}` : null;
  const { model, origin } = joint;
  if (model !== null) {
    const notes = [checkpoint, joint.simulated ? 'simulated for the demo' : null];
    if (origin === 'propagated') notes.push('it was inferred from other frames instead');
    else if (origin !== 'model' && origin !== 'file') notes.push('a person moved it since');
    steps.push({
      what: origin === 'file' ? 'Imported' : 'Model',
      who: model,
      more: notes.filter(Boolean).join(', ') || undefined,
    });
  }
  const when = `version ${joint.changed_in_version}, round ${joint.changed_in_round}, ${formatDateTime(joint.changed_at)}`;
  if (origin === 'propagated') {
    steps.push({
      what: 'Inferred from other frames, taken by',
      who: joint.changed_by?.name ?? 'nobody',
      more: when,
    });
  }
  if (origin === 'person' || origin === 'absent') {
    steps.push({
      what: origin === 'person' ? 'Placed by' : 'Not present, said by',
      who: joint.changed_by?.name ?? 'nobody',
      more: when,
    });
  }
  steps.push({
    what: 'Frame accepted by',
    who: joint.accepted_by?.name ?? 'nobody',
    more: `version ${joint.version}, round ${joint.round}`,
  });
  steps.push({ what: 'Inspected by', who: joint.inspector?.name ?? 'nobody noted' });
  steps.push({ what: 'Frozen in', who: release });
  return steps;
}
