import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CircleCheck, ShieldCheck } from 'lucide-react';
import { useEffect } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { isActive } from '@/shared/api/queries/jobs';
import { framesQuery } from '@/shared/api/queries/recordings';
import type { Job, Release } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import { beginErrand } from '@/shared/lib/errand';
import { count, formatDateTime, formatNumber } from '@/shared/lib/format';
import { Badge, Button, Notice, toast } from '@/shared/ui';
import { FramesLink } from './FramesLink';
import css from './Gate.module.css';
import type { Gate as Kind } from './queries';
import { useBegin } from './queries';
import { reveal } from './reveal';
import { GATE, PACKAGING, SELECTION, Section, showSection } from './Section';
import type { Draft } from './useDraft';

type Blocking = Kind['items'][number];

interface FrameButtonProps {
  recording: number;
  frame: number;
  begin: () => void;
}

interface PlacesProps {
  item: Blocking;
  kind: Kind['kind'];
  /** Remembers the way back. */
  begin: () => void;
}

/** Opens a frame in the editor; its address counts frames of its recording. */
function FrameButton({ recording, frame, begin }: FrameButtonProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const open = async () => {
    try {
      const frames = await client.fetchQuery(framesQuery(recording));
      const position = frames.find((one) => one.id === frame)?.position;
      if (position === undefined) throw new Error('The recording no longer has this frame.');
      begin();
      await navigate({
        to: '/recordings/$recordingId/frames/$frame',
        params: { recordingId: String(recording), frame: frameParam(position) },
      });
    } catch (error) {
      toast.error('The frame could not be opened', error);
    }
  };
  return (
    <Button size="sm" variant="ghost" onClick={() => void open()}>
      Open frame
    </Button>
  );
}

/** Where a thing that blocks is mended; each page that it opens leads back here. */
function Places({ item, kind, begin }: PlacesProps) {
  const { recording_id: recording, frame_id: frame, infant_id: infant } = item;
  if (kind === 'unmasked') return null;
  // A recording is reopened, and postures are imported, on its own page.
  const both = kind === 'without_posture';
  return (
    <span className={css.places}>
      {recording !== null && frame !== null ? (
        <FrameButton recording={recording} frame={frame} begin={begin} />
      ) : null}
      {recording !== null && (frame === null || both) ? (
        <Link
          to="/recordings/$recordingId"
          params={{ recordingId: String(recording) }}
          onClick={begin}
        >
          Open recording
        </Link>
      ) : null}
      {infant === null ? null : kind === 'unconsented' ? (
        <Link to="/infants" search={{ infant }} onClick={begin}>
          Open consent
        </Link>
      ) : (
        <Button size="sm" variant="ghost" onClick={() => reveal(infant)}>
          Show in splits
        </Button>
      )}
    </span>
  );
}

interface KindProps {
  kind: Kind;
  open: boolean;
  begin: () => void;
}

function KindOfBlocking({ kind, open, begin }: KindProps) {
  const more = kind.count - kind.items.length;
  return (
    <details className={css.kind} open={open}>
      <summary>
        <Badge tone="danger">{formatNumber(kind.count)}</Badge>
        {kind.words}
      </summary>
      {kind.kind === 'unmasked' ? (
        <p className={css.mend}>
          One setting decides for all of them.
          <Button size="sm" variant="ghost" onClick={() => showSection(PACKAGING)}>
            Show in What is written
          </Button>
        </p>
      ) : null}
      {kind.kind === 'without_posture' ? (
        <p className={css.mend}>
          The annotator names them in the editor (⇧ T). An approved recording is reopened for that
          on its page, or a table of postures is imported there: both are under ⋯.
          <Button size="sm" variant="ghost" onClick={() => showSection(SELECTION)}>
            Or take frames without a posture
          </Button>
        </p>
      ) : null}
      <ul>
        {kind.items.map((item, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a list that never changes
          <li key={i}>
            <span>
              <strong>{item.what}</strong> {item.why}
            </span>
            <Places item={item} kind={kind.kind} begin={begin} />
          </li>
        ))}
        {more > 0 ? <li className={css.more}>and {formatNumber(more)} more</li> : null}
      </ul>
    </details>
  );
}

interface GateProps {
  release: Release;
  draft: Draft;
  job: Job | null;
  /** Frames that the rule selects now. */
  selected: number | undefined;
}

interface FoundProps {
  release: Release;
  dirty: boolean;
  /** Frames that the rule selects now. */
  selected: number | undefined;
}

function Found({ release, dirty, selected }: FoundProps) {
  const { gate, state } = release;
  const moved = !dirty && selected !== undefined && selected !== release.frames;
  if (state === 'checked') {
    return (
      <p className={css.green}>
        <CircleCheck size={16} aria-hidden />
        <span>
          Nothing blocks.{' '}
          <FramesLink releaseId={release.id} search={{}}>
            {count(release.frames ?? 0, 'frame')}
          </FramesLink>{' '}
          frozen.
          {dirty ? ' Saving your changes makes it a draft again.' : ''}
          {moved
            ? ` The rule selects ${formatNumber(selected)} now: check again to freeze them.`
            : ''}
        </span>
      </p>
    );
  }
  if (!gate) {
    return <p className={css.quiet}>Not checked yet, or changed since. Nothing is frozen.</p>;
  }
  const begin = () =>
    beginErrand({
      path: `/releases/${release.id}`,
      hash: GATE,
      words: `the gate of ${release.dataset.title} ${release.version}`,
    });
  return gate.length ? (
    <>
      {release.gate_checked_at ? (
        <p className={css.quiet}>
          As of the check of {formatDateTime(release.gate_checked_at)}.{' '}
          {release.gate_outdated
            ? 'This release was changed since: check again to see what is left.'
            : 'What you mend elsewhere is seen by the next check.'}
        </p>
      ) : null}
      <div className={css.kinds}>
        {gate.map((kind, i) => (
          <KindOfBlocking key={kind.kind} kind={kind} open={i === 0} begin={begin} />
        ))}
      </div>
    </>
  ) : (
    <p className={css.quiet}>
      Nothing blocked at the last check. Check again to freeze the frames.
    </p>
  );
}

/** What keeps the selection from being published, with the place to mend it. */
export function Gate({ release, draft, job, selected }: GateProps) {
  const check = useBegin(release.id, 'check');
  // Whoever comes back from mending something comes back to here.
  useEffect(() => {
    if (window.location.hash === `#${GATE}`) showSection(GATE);
  }, []);
  const working = isActive(job);
  const begin = async () => {
    try {
      await draft.save();
    } catch {
      return; // The bar of unsaved changes says why.
    }
    check.mutate();
  };
  return (
    <Section
      id={GATE}
      title="Gate"
      help="Looks at every frame of the selection: approved, consented, split without leaks, with box and image. Where nothing blocks, the frames are frozen as they are."
      actions={
        <Button
          variant={release.state === 'checked' ? 'secondary' : 'primary'}
          icon={<ShieldCheck size={14} aria-hidden />}
          disabled={working || !draft.valid}
          busy={check.isPending || draft.saving}
          onClick={() => void begin()}
        >
          {draft.dirty ? 'Save and check' : release.gate ? 'Check again' : 'Check'}
        </Button>
      }
    >
      {check.error ? <Notice tone="error">{errorMessage(check.error)}</Notice> : null}
      {job && working ? (
        <p className={css.quiet}>{job.title}: under way; you can leave this page.</p>
      ) : (
        <Found release={release} dirty={draft.dirty} selected={selected} />
      )}
    </Section>
  );
}
