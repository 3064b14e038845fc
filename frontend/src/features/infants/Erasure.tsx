import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Eraser } from 'lucide-react';
import { useState } from 'react';
import { JobFrame } from '@/features/jobs/JobFrame';
import { errorMessage } from '@/shared/api/problem';
import { isActive, jobQuery } from '@/shared/api/queries/jobs';
import type { InfantConsents, Job } from '@/shared/api/types';
import { count, formatDateTime } from '@/shared/lib/format';
import { Button, Dialog, Field, Input, Notice } from '@/shared/ui';
import css from './Infants.module.css';
import { useErase } from './queries';
import { nameOf } from './WithdrawConsent';

/** What erasing removes, counted. */
export function erasedThings({ infant, recordings, stored }: InfantConsents): string[] {
  const sum = (of: 'videos' | 'scans') => recordings.reduce((all, one) => all + one[of], 0);
  const some = (number: number, what: string) => (number ? [count(number, what)] : []);
  return [
    ...some(recordings.length, 'recording'),
    ...some(infant.frames, 'image'),
    ...some(sum('videos'), 'video'),
    ...some(sum('scans'), 'scan'),
    ...some(stored.exports, 'export'),
    ...some(stored.uploads, 'upload'),
  ];
}

function EraseDialog({
  data,
  open,
  onClose,
}: {
  data: InfantConsents;
  open: boolean;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const { pseudonym } = data.infant;
  const erase = useErase(data.infant.id);
  const close = () => {
    setTyped('');
    erase.reset();
    onClose();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? undefined : close())}
      title={`Erase ${pseudonym} from the store?`}
      width={560}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            variant="danger"
            busy={erase.isPending}
            disabled={typed.trim() !== pseudonym}
            onClick={() => erase.mutate(typed.trim(), { onSuccess: close })}
          >
            Erase for good
          </Button>
        </>
      }
    >
      <ul className={css.told}>
        <li>Removed: {erasedThings(data).join(', ')}.</li>
        <li>
          With them go thumbnails, masks, body fits, comments, every revision of their labels and
          pictures, and what failed imports and publications left.
        </li>
        {data.stored.exports ? (
          <li>
            Exports that hold a recording of this infant are removed whole, also where they hold
            others: write them anew.
          </li>
        ) : null}
        <li>The pseudonym and its entries of consent stay, so that nobody imports it again.</li>
        <li>
          {data.published.length
            ? `Files of releases that hold this infant stay until each is withdrawn with its files: ${data.published
                .map(nameOf)
                .join(', ')}.`
            : 'No release that holds this infant has files in the store.'}
        </li>
        <li>
          <strong>This cannot be undone.</strong> Copies outside of this system, such as your
          backups, are out of its reach.
        </li>
      </ul>
      <Field label={`Type ${pseudonym} to confirm`}>
        {(control) => (
          <Input
            {...control}
            value={typed}
            autoComplete="off"
            onChange={(e) => setTyped(e.target.value)}
          />
        )}
      </Field>
      {erase.error ? <Notice tone="error">{errorMessage(erase.error)}</Notice> : null}
    </Dialog>
  );
}

interface Result {
  recordings: number;
  files: number;
  exports: number;
  uploads: number;
}

function Ended({ job }: { job: Job }) {
  if (job.state === 'failed') return <JobFrame job={job} />;
  if (job.state === 'cancelled') {
    return (
      <Notice tone="warn">The last erasure was cancelled: what is listed is still here.</Notice>
    );
  }
  // The news that it ended come before what came of it.
  const result = job.result as unknown as Result | null;
  if (!result) return null;
  const { recordings, files, exports, uploads } = result;
  const more = [
    ...(exports ? [count(exports, 'export')] : []),
    ...(uploads ? [count(uploads, 'upload')] : []),
  ];
  return (
    <Notice>
      Erased{job.finished_at ? ` on ${formatDateTime(job.finished_at)}` : ''}
      {job.created_by ? ` by ${job.created_by.name}` : ''}:{' '}
      {[count(recordings, 'recording'), count(files, 'file'), ...more].join(', ')}.
    </Notice>
  );
}

/** What the store holds of an infant, and its erasure once the family took its consent back. */
export function Erasure({ data }: { data: InfantConsents }) {
  const [asking, setAsking] = useState(false);
  const { data: fresh } = useQuery({
    ...jobQuery(data.erasure?.id ?? 0),
    enabled: data.erasure !== null,
  });
  const job = fresh ?? data.erasure;
  const things = erasedThings(data);
  const withdrawn = data.infant.scope === 'none';
  return (
    <section className={css.part} aria-label="In the store">
      <header>
        <h3>In the store</h3>
        {withdrawn && things.length && !isActive(job) ? (
          <Button
            size="sm"
            variant="danger"
            icon={<Eraser size={14} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            Erase from the store…
          </Button>
        ) : null}
      </header>
      {job ? isActive(job) ? <JobFrame job={job} /> : <Ended job={job} /> : null}
      {things.length ? (
        <>
          <p>{things.join(', ')}.</p>
          <ul className={css.list}>
            {data.recordings.map((recording) => (
              <li key={recording.id}>
                <Link to="/recordings/$recordingId" params={{ recordingId: String(recording.id) }}>
                  {recording.name}
                </Link>
                <span className={css.quiet}>{count(recording.frames, 'frame')}</span>
              </li>
            ))}
          </ul>
          {withdrawn ? null : (
            <p className={css.quiet}>
              If the family takes its consent back and asks for it, all of this can be erased here.
            </p>
          )}
        </>
      ) : (
        <p className={css.quiet}>The store holds nothing of this infant.</p>
      )}
      <EraseDialog data={data} open={asking} onClose={() => setAsking(false)} />
    </section>
  );
}
