import { useQuery } from '@tanstack/react-query';
import { PackageCheck } from 'lucide-react';
import { useState } from 'react';
import { JobProgress } from '@/features/jobs/JobRow';
import { errorMessage } from '@/shared/api/problem';
import { isActive } from '@/shared/api/queries/jobs';
import type { Job, Release } from '@/shared/api/types';
import { SCOPE_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { Button, ConfirmDialog, Notice } from '@/shared/ui';
import { differenceQuery } from './changes/queries';
import css from './Publish.module.css';
import { emptySplits, missingToPublish } from './publication';
import { useBegin } from './queries';
import { Section } from './Section';
import type { Draft } from './useDraft';

interface PublishProps {
  release: Release;
  draft: Draft;
  job: Job | null;
}

/** That a version number says less than what changed, and which one would say it. */
function ShortVersion({ release }: { release: Release }) {
  const asked = release.state === 'checked' && release.base_id !== null;
  const { data } = useQuery({ ...differenceQuery(release.id, undefined), enabled: asked });
  if (!asked || !data?.falls_short) return null;
  const gone = data.frames_out ? `${count(data.frames_out, 'frame')} went out` : null;
  const came = data.frames_in ? `${count(data.frames_in, 'frame')} came in` : null;
  const sides = data.splits_changed.length ? 'splits changed' : null;
  const what = [gone, sides, data.needed === 'minor' ? came : null].filter(Boolean).join(' and ');
  return (
    <Notice tone="warn">
      <strong>
        Since {data.before} {what}: that is {data.fitting}, not {release.version}.
      </strong>{' '}
      {data.needed === 'major'
        ? 'Who trained on the last version cannot go on as before.'
        : 'Who reads the number expects the same frames.'}{' '}
      Change the version under About and check again, or publish it so on purpose.
    </Notice>
  );
}

export function Publish({ release, draft, job }: PublishProps) {
  const [asking, setAsking] = useState(false);
  const publish = useBegin(release.id, 'publication');
  const working = isActive(job);
  const missing = missingToPublish(release.state, draft.form, draft.dirty);
  const empty = emptySplits(release.settings.splitting?.targets ?? [], release.splits);
  const name = `${release.dataset.title} ${release.version}`;
  return (
    <Section
      title="Publish"
      help="Writes all files and makes the release final. It can be withdrawn later, never changed."
      actions={
        <Button
          variant="primary"
          icon={<PackageCheck size={14} aria-hidden />}
          disabled={missing.length > 0 || working}
          onClick={() => setAsking(true)}
        >
          Publish…
        </Button>
      }
    >
      {job && working ? (
        <>
          <p className={css.quiet}>{job.title}: under way; you can leave this page.</p>
          <JobProgress job={job} />
        </>
      ) : missing.length ? (
        <div>
          <p className={css.quiet}>Before that:</p>
          <ul className={css.missing}>
            {missing.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </div>
      ) : (
        <div className={css.ready}>
          <ShortVersion release={release} />
          {empty.length ? (
            <Notice tone="warn">
              {empty.join(' and ')} {empty.length === 1 ? 'holds' : 'hold'} no frame.
            </Notice>
          ) : null}
          <p className={css.quiet}>
            All is there: {count(release.frames ?? 0, 'frame')} in{' '}
            {count(release.splits.length, 'split')}.
          </p>
        </div>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={(open) => {
          if (!open) publish.reset();
          setAsking(open);
        }}
        title={`Publish ${name}?`}
        description={`This is final. ${count(release.frames ?? 0, 'frame')} are written for the audience “${SCOPE_LABELS[release.audience]}”; version ${release.version} can never be changed or used again, only withdrawn.`}
        confirm={`Publish ${release.version}`}
        busy={publish.isPending}
        onConfirm={() => publish.mutate(undefined, { onSuccess: () => setAsking(false) })}
      >
        <ShortVersion release={release} />
        {publish.error ? <Notice tone="error">{errorMessage(publish.error)}</Notice> : null}
      </ConfirmDialog>
    </Section>
  );
}
