import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { errorMessage } from '@/shared/api/problem';
import { propagationQuery } from '@/shared/api/queries/propagation';
import { queryClient } from '@/shared/api/queryClient';
import type { RecordingDetail } from '@/shared/api/types';
import { count, formatNumber } from '@/shared/lib/format';
import { Button, Notice } from '@/shared/ui';
import css from './SideColumn.module.css';

/** Whether corrections reach from frame to frame here, and what they need for it. */
export function Motion({ recording }: { recording: RecordingDetail }) {
  const { data } = useQuery({
    ...propagationQuery(recording.id),
    enabled: recording.frames > 0,
  });
  const measure = useMutation({
    mutationFn: () =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/motion', {
          params: { path: { recording_id: recording.id } },
        }),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.recording(recording.id) }),
  });
  if (data === undefined) return null;
  const { motion, enabled, expected_error: error, checked } = data;
  return (
    <section className={css.section} aria-label="Corrections that travel">
      <header>
        <h2>Corrections that travel</h2>
      </header>
      <dl className={css.facts}>
        <div>
          <dt>Motion</dt>
          <dd>
            {motion.links === 0
              ? 'Not measured yet'
              : `${formatNumber(motion.links)} of ${count(motion.frames, 'frame')}`}
          </dd>
        </div>
        <div>
          <dt>Expected OKS</dt>
          <dd>{!enabled ? 'Switched off' : error === null ? '–' : (1 - error).toFixed(3)}</dd>
        </div>
        <div>
          <dt>Checked on</dt>
          <dd>{count(checked, 'frame')}</dd>
        </div>
      </dl>
      {measure.error !== null ? <Notice tone="error">{errorMessage(measure.error)}</Notice> : null}
      {recording.can.manage ? (
        <Button size="sm" busy={measure.isPending} onClick={() => measure.mutate()}>
          {motion.links === 0 ? 'Measure motion' : 'Measure motion again'}
        </Button>
      ) : null}
    </section>
  );
}
