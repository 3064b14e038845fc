import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { isActive } from '@/shared/api/queries/jobs';
import type { RecordingDetail } from '@/shared/api/types';
import { BY_HAND_HELP, BY_HAND_LABEL } from '@/shared/domain/words';
import { JobFrame } from './JobFrame';
import css from './JobFrame.module.css';

/** The newest job of a recording, while it runs or when it failed. */
export function JobBanner({ recording }: { recording: RecordingDetail }) {
  const me = useMe();
  const job = recording.active_job;
  if (!job || (!isActive(job) && job.state !== 'failed')) return null;
  const mayControl = isMaintainer(me) || job.created_by?.id === me.id;
  const byHand = job.kind === 'boxes' && recording.allowed_events.includes('box');
  return (
    <div className={css.above}>
      <JobFrame job={job} mayControl={mayControl}>
        {byHand ? (
          <p>
            Or press “{BY_HAND_LABEL}” above. {BY_HAND_HELP}
          </p>
        ) : null}
      </JobFrame>
    </div>
  );
}
