/** What brings an earlier version of a frame back, as a new one. */
import type { Revision } from '@/shared/api/types';
import { N_JOINTS, type Visibility } from '@/shared/domain/rules.gen';
import type { Operation } from '../document/types';

/** Joints that were inferred from other frames stay inferred: a copy is nobody's word. */
export function restoring(entry: Revision): readonly Operation[] {
  const { joints, propagated } = entry;
  const inferred: Operation[] = [];
  if (propagated !== null && joints !== null) {
    const { sources, solve } = propagated;
    inferred.push({ type: 'takeEstimate', joints, sources, solve });
    for (let joint = 0; joint < N_JOINTS; joint++) {
      const v = joints[joint]?.v ?? 0;
      if (v === 0 || (propagated.joints >> joint) & 1) continue;
      inferred.push({ type: 'setVisibility', joint, visibility: v as Visibility });
    }
  }
  return [
    { type: 'setSkeleton', candidateId: entry.candidate_id, joints },
    ...inferred,
    {
      type: 'setVerdict',
      verdict: entry.verdict,
      reason: entry.reason,
      text: entry.reason_text,
    },
  ];
}
