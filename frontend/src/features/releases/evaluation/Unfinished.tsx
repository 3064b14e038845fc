import { Link } from '@tanstack/react-router';
import { Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { JobProgress } from '@/features/jobs/JobRow';
import { RetryJobButton } from '@/features/jobs/RetryJobButton';
import { isActive, useJobAction } from '@/shared/api/queries/jobs';
import type { Job } from '@/shared/api/types';
import { Button, Notice, toast } from '@/shared/ui';
import css from './Board.module.css';
import { type Entry, useDeleteEvaluation, useLiveJob } from './queries';
import { shownOfUnfinished } from './rows';
import { SETTING_LABELS } from './words';

const titleOf = (entry: Entry) =>
  `${entry.model}, ${SETTING_LABELS[entry.setting].toLowerCase()}, on ${entry.split}`;

function Running({ entry, job }: { entry: Entry; job: Job }) {
  const cancel = useJobAction('cancel');
  return (
    <div className={css.running}>
      <strong>{titleOf(entry)}</strong>
      <JobProgress job={job} />
      {job.cancel_requested ? (
        <span>Stopping…</span>
      ) : (
        <Button
          size="sm"
          icon={<X size={14} aria-hidden />}
          busy={cancel.isPending}
          onClick={() =>
            cancel.mutate(job.id, {
              onError: (error) => toast.error('The job could not be cancelled', error),
            })
          }
        >
          Cancel
        </Button>
      )}
    </div>
  );
}

function Failed({ entry, job }: { entry: Entry; job: Job | null }) {
  const remove = useDeleteEvaluation(entry.release_id);
  return (
    <Notice tone={job?.state === 'failed' ? 'error' : 'warn'}>
      <strong>Not measured: {titleOf(entry)}.</strong>
      <p className={css.reason}>{job?.error ?? 'The job was cancelled.'}</p>
      <div className={css.acts}>
        {job ? <RetryJobButton job={job} /> : null}
        <Button
          size="sm"
          icon={<Trash2 size={14} aria-hidden />}
          busy={remove.isPending}
          onClick={() =>
            remove.mutate(entry.id, {
              onError: (error) => toast.error('It could not be removed', error),
            })
          }
        >
          Remove
        </Button>
        {job ? (
          <Link to="/jobs" search={{ log: job.id }}>
            Show its log
          </Link>
        ) : null}
      </div>
    </Notice>
  );
}

function Item({ entry }: { entry: Entry }) {
  const job = useLiveJob(entry.job);
  if (job && isActive(job)) return <Running entry={entry} job={job} />;
  // The list itself is asked again when a job ends well.
  if (job?.state === 'succeeded') return null;
  return <Failed entry={entry} job={job} />;
}

/** Files that are being measured, or could not be: of these the latest, so that the board is seen. */
export function Unfinished({ entries }: { entries: readonly Entry[] }) {
  const [all, setAll] = useState(false);
  if (!entries.length) return null;
  const { shown, hidden } = shownOfUnfinished(entries);
  return (
    <section className={css.unfinished} aria-label="Files that are not measured yet">
      {(all ? entries : shown).map((entry) => (
        <Item key={entry.id} entry={entry} />
      ))}
      {hidden > 0 ? (
        <Button size="sm" className={css.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show the latest only' : `Show ${hidden} more that could not be measured`}
        </Button>
      ) : null}
    </section>
  );
}
