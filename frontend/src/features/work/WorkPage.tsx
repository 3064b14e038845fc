import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Coffee, Eye, Hand, PenLine, RotateCcw, ScanEye } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Cover } from '@/features/recordings/parts/Cover';
import { RecordingBadges } from '@/features/recordings/parts/RecordingBadges';
import { StateProgress } from '@/features/recordings/parts/StateBar';
import { useOpenEditor } from '@/features/recordings/parts/useOpenEditor';
import { hasRole, isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { recordingsQuery, useFireEvent, workQuery } from '@/shared/api/queries/recordings';
import { queueQuery } from '@/shared/api/queries/team';
import type { OwnPart, RecordingSummary, Work, WorkItem } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import type { Event } from '@/shared/domain/rules.gen';
import { count, formatAge, formatDateTime, formatNumber, formatSince } from '@/shared/lib/format';
import {
  Button,
  buttonClass,
  EmptyState,
  ErrorState,
  SkeletonRows,
  StageBadge,
  toast,
} from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import { Lab } from './lab/Lab';
import { Mentions } from './Mentions';
import { Queue } from './Queue';
import { Singles } from './Singles';
import css from './WorkPage.module.css';

type Group = keyof Work;
/** Only recordings to annotate may be in parts of which some are this person's. */
type Row = RecordingSummary & Partial<Pick<WorkItem, 'own_parts'>>;

interface GroupLook {
  title: string;
  help: string;
  icon: ReactNode;
  /** What is left to do in one recording, in a few words. */
  left: (r: RecordingSummary) => string;
  action: (r: RecordingSummary) => { label: string; event?: Event };
}

const suspicious = (r: RecordingSummary): string =>
  r.suspicious ? `, ${formatNumber(r.suspicious)} suspicious` : '';
const undecided = (r: RecordingSummary) =>
  (r.counts.undecided ? `${formatNumber(r.counts.undecided)} to decide` : 'Ready to submit') +
  suspicious(r);
const notStarted = (r: RecordingSummary) => r.stage === 'ingested' || r.stage === 'prelabelled';

const GROUPS: readonly [Group, GroupLook][] = [
  [
    'returned',
    {
      title: 'Returned to you',
      help: 'Changes were asked for, by an inspector or after a reported label.',
      icon: <RotateCcw size={16} />,
      left: (r) =>
        [
          r.stage === 'boxes_returned' && r.boxes.sent_back
            ? count(r.boxes.sent_back, 'box', 'boxes')
            : '',
          r.to_revise ? `${count(r.to_revise, 'frame')} to revise` : '',
          r.open_comments ? count(r.open_comments, 'comment') : '',
        ]
          .filter(Boolean)
          .join(', ') || 'See the note',
      action: () => ({ label: 'Revise' }),
    },
  ],
  [
    'annotate',
    {
      title: 'To annotate',
      help: 'Accept, correct or discard every frame.',
      icon: <PenLine size={16} />,
      left: undecided,
      action: (r) =>
        notStarted(r)
          ? { label: 'Start', event: 'start_annotating' }
          : { label: r.counts.undecided ? 'Continue' : 'Check and submit' },
    },
  ],
  [
    'inspect',
    {
      title: 'To inspect',
      help: 'Look at every frame, or at a random sample; then return or approve.',
      icon: <Eye size={16} />,
      left: (r) => `${count(r.frames - r.counts.discarded, 'kept frame')}${suspicious(r)}`,
      action: () => ({ label: 'Inspect' }),
    },
  ],
  [
    'boxes',
    {
      title: 'Boxes to check',
      help: 'The second review: boxes, the doubtful ones first.',
      icon: <ScanEye size={16} />,
      left: (r) =>
        r.boxes.flagged
          ? `${count(r.boxes.flagged, 'doubtful box', 'doubtful boxes')}`
          : count(r.boxes.total, 'box', 'boxes'),
      action: (r) =>
        r.stage === 'boxed'
          ? { label: 'Start review', event: 'start_box_review' }
          : { label: 'Continue' },
    },
  ],
  [
    'claimable',
    {
      title: 'Free to take',
      help: 'Nobody annotates these yet.',
      icon: <Hand size={16} />,
      left: (r) => count(r.frames, 'frame'),
      action: () => ({ label: 'Take and start', event: 'start_annotating' }),
    },
  ],
];

/** `part 2 of 3, moments 21 to 40` */
const partWords = (parts: readonly OwnPart[]): string =>
  parts
    .map(
      ({ index, parts: all, first, last }) =>
        `part ${index + 1} of ${all}, moments ${formatNumber(first + 1)} to ${formatNumber(last + 1)}`,
    )
    .join('; ');

function WorkRow({ recording, look }: { recording: Row; look: GroupLook }) {
  const fire = useFireEvent(recording.id);
  const open = useOpenEditor();
  const navigate = useNavigate();
  const [opening, setOpening] = useState(false);
  const { label, event } = look.action(recording);
  const own = recording.own_parts ?? [];
  const go = async () => {
    setOpening(true);
    try {
      const now = event ? await fire.mutateAsync({ event }) : recording;
      if (own[0] === undefined) {
        await open(now);
        return;
      }
      const { start_position } = own.find(({ left }) => left > 0) ?? own[0];
      await navigate({
        to: '/recordings/$recordingId/frames/$frame',
        params: { recordingId: String(recording.id), frame: frameParam(start_position) },
      });
    } catch (error) {
      toast.error(`“${recording.name}” could not be opened`, error);
    } finally {
      setOpening(false);
    }
  };
  return (
    <li className={css.row}>
      <Cover frameId={recording.cover_frame_id} width={72} />
      <div className={css.main}>
        <div className={css.line}>
          <Link
            to="/recordings/$recordingId"
            params={{ recordingId: String(recording.id) }}
            className={css.name}
          >
            {recording.name}
          </Link>
          <span className={css.facts} title={formatDateTime(recording.stage_since)}>
            {recording.infant.pseudonym}, {formatAge(recording.age_months)} · since{' '}
            {formatSince(recording.stage_since)}
            {own.length > 0 ? ` · ${partWords(own)}` : ''}
          </span>
        </div>
        <div className={css.meta}>
          <StageBadge stage={recording.stage} />
          <RecordingBadges recording={recording} />
        </div>
      </div>
      <div className={css.progress}>
        <StateProgress counts={recording.counts} />
        <span className={css.left}>{look.left(recording)}</span>
      </div>
      <div className={css.acts}>
        {look.title === 'To inspect' ? (
          <Link
            to="/recordings/$recordingId/inspect"
            params={{ recordingId: String(recording.id) }}
            className={buttonClass()}
            aria-label={`Compare and sample: ${recording.name}`}
          >
            Compare and sample
          </Link>
        ) : null}
        <Button
          variant={look.title === 'Free to take' ? 'secondary' : 'primary'}
          busy={opening}
          onClick={() => void go()}
          aria-label={`${label}: ${recording.name}`}
        >
          {label}
        </Button>
      </div>
    </li>
  );
}

/** Recordings whose frames or first joints are still being made; they come here by themselves. */
function Underway() {
  const imports = useInfiniteQuery(recordingsQuery({ stage: 'ingesting' }));
  const prelabels = useInfiniteQuery(recordingsQuery({ stage: 'prelabelling' }));
  const underway = [imports, prelabels].reduce(
    (sum, { data }) => sum + (data?.pages[0]?.items.length ?? 0),
    0,
  );
  if (underway === 0) return null;
  return (
    <p>
      {count(underway, 'recording')} {underway === 1 ? 'is' : 'are'} still being prepared:{' '}
      <Link to="/jobs">see how far</Link>.
    </p>
  );
}

function NothingToDo() {
  const me = useMe();
  return (
    <EmptyState
      icon={<Coffee size={20} />}
      title="Nothing is waiting for you"
      actions={
        <Link to="/recordings" className={buttonClass()}>
          See all recordings
        </Link>
      }
    >
      {hasRole(me, 'annotator', 'inspector')
        ? 'Recordings appear here when a maintainer assigns them to you, or when one is free to take.'
        : 'You have no role yet that works on frames. An administrator can give you one.'}
      <Underway />
    </EmptyState>
  );
}

function Groups({ data }: { data: Work }) {
  const groups = GROUPS.filter(([key]) => data[key].length > 0);
  return (
    <div className={css.groups}>
      {groups.map(([key, look]) => (
        <section key={key} aria-labelledby={`group-${key}`}>
          <header className={css.head}>
            {look.icon}
            <h2 id={`group-${key}`}>{look.title}</h2>
            <span className={css.count}>{data[key].length}</span>
            <p>{look.help}</p>
          </header>
          <ul className={css.list}>
            {data[key].map((r) => (
              <WorkRow key={r.id} recording={r} look={look} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** What waits for the person; for maintainers also how the lab stands. */
function Content({ data }: { data: Work }) {
  const me = useMe();
  const { data: queue } = useQuery(queueQuery);
  const maintains = isMaintainer(me);
  const waiting = GROUPS.some(([key]) => data[key].length > 0);
  const pulls = Boolean(queue?.may_pull && (queue.waiting || queue.held));
  return (
    <>
      {hasRole(me, 'annotator') ? <Singles /> : null}
      {hasRole(me, 'annotator') ? <Queue /> : null}
      {waiting ? <Groups data={data} /> : pulls || maintains ? null : <NothingToDo />}
      {maintains ? (
        <div className={waiting || pulls ? css.lab : undefined}>
          <Lab />
        </div>
      ) : null}
    </>
  );
}

export default function WorkPage() {
  const { data, error, refetch } = useQuery(workQuery);
  const maintains = isMaintainer(useMe());
  return (
    <Page
      title="My work"
      description={
        maintains
          ? 'How the lab stands, and what is waiting for you.'
          : 'What is waiting for you, most urgent first.'
      }
      actions={
        maintains ? (
          <Link to="/recordings/import" className={buttonClass({ variant: 'primary' })}>
            Import a recording
          </Link>
        ) : null
      }
    >
      <Mentions />
      {data ? (
        <Content data={data} />
      ) : error ? (
        <ErrorState
          title="Your work could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={5} height={68} />
      )}
    </Page>
  );
}
