import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, Columns2, Lock, Maximize, RefreshCw, ScanSearch, SwitchCamera } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { comparisonQuery } from '@/shared/api/queries/inspecting';
import type { Comparison, FrameItem, Mark } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { FRAME_STATE_LABELS, REASON_LABELS } from '@/shared/domain/words';
import { usePageKeys } from '@/shared/lib/usePageKeys';
import {
  Badge,
  Button,
  buttonClass,
  ErrorState,
  IconButton,
  Kbd,
  Skeleton,
  shownState,
} from '@/shared/ui';
import { type Crop, cropTo } from '@/shared/ui/crop';
import { namesOf } from '../actions/keys';
import type { Personal } from '../personal/Personal';
import { type Deeds, perform } from './acts';
import css from './inspect.module.css';
import { JointTable } from './JointTable';
import { type JointWord, SkeletonPicture } from './SkeletonPicture';
import { keysShown, useKeymapOf } from './usePersonal';
import type { Words } from './useWords';
import { alsoChanged, concerned, oks, QUICK_REASONS, REASON_WORDS } from './words';

type Shown = 'now' | 'model' | 'previous';

/** How frames are looked at: it stays from one to the next. */
export interface View {
  /** One after the other in the same place, instead of side by side. */
  readonly flicker: boolean;
  /** The whole image, instead of the infant. */
  readonly whole: boolean;
}
const ASPECT = 4 / 3;

interface ComparePaneProps {
  recordingId: number;
  frame: FrameItem;
  personal: Personal;
  mayJudge: boolean;
  words: Words;
  view: View;
  onView: (view: View) => void;
  selected: number | null;
  onSelect: (joint: number | null) => void;
  onStep: (by: 1 | -1) => void;
  /** To another camera's picture of the moment; absent where there is one camera. */
  onCamera: ((by: 1 | -1) => void) | undefined;
  /** Which camera's picture it is, among those of the moment. */
  cameras: ReactNode;
  /** What people said about the frame. */
  threads: ReactNode;
}

/** One frame: the annotator's joints beside the model's and those of the round before. */
export function ComparePane(props: ComparePaneProps) {
  const { data, error, refetch } = useQuery(comparisonQuery(props.frame.id));
  if (error && !data) {
    return (
      <ErrorState
        title="The frame could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <Skeleton height={420} radius={8} />;
  return <Loaded {...props} shown={data} />;
}

/** What there is to compare, the annotator first. */
function sourcesOf(shown: Comparison): Shown[] {
  return [
    'now',
    ...(shown.previous ? (['previous'] as const) : []),
    ...(shown.model ? (['model'] as const) : []),
  ];
}

function cropOf({ width, height, now, model, previous }: Comparison, whole: boolean): Crop {
  if (whole) return { x: 0, y: 0, width, height };
  const joints = [...(now ?? []), ...(model?.joints ?? []), ...(previous?.joints ?? [])];
  return cropTo({ width, height, joints: joints.flatMap(({ x, y, v }) => [x, y, v]) }, ASPECT);
}

function Loaded({
  recordingId,
  frame,
  personal,
  mayJudge,
  words,
  view,
  onView,
  selected,
  onSelect,
  onStep,
  onCamera,
  cameras,
  threads,
  shown,
}: ComparePaneProps & { shown: Comparison }) {
  const { flicker, whole } = view;
  const setFlicker = (on: boolean): void => onView({ ...view, flicker: on });
  const turnWhole = (): void => onView({ ...view, whole: !whole });
  const [turn, setTurn] = useState(0);
  const sources = sourcesOf(shown);
  const one = sources[turn % sources.length] ?? 'now';
  const { wrong, right } = shown.marks;
  const wordOf = (joint: number): JointWord =>
    wrong.includes(joint) ? 'wrong' : right.includes(joint) ? 'right' : null;
  const judge = (joint: number, word: JointWord): void => {
    if (!mayJudge) return;
    onSelect(joint);
    const without = (list: readonly number[]) => list.filter((other) => other !== joint);
    words.say({
      kind: 'joints',
      frameId: frame.id,
      round: shown.round,
      wrong: word === 'wrong' ? [...without(wrong), joint].sort((a, b) => a - b) : without(wrong),
      right: word === 'right' ? [...without(right), joint].sort((a, b) => a - b) : without(right),
    });
  };
  const call = (joints: readonly number[]): void =>
    words.say({
      kind: 'joints',
      frameId: frame.id,
      round: shown.round,
      wrong: [...wrong, ...joints].sort((a, b) => a - b),
      right: right.filter((joint) => !joints.includes(joint)),
    });
  const mark = (value: Mark): void => {
    if (!mayJudge) return;
    words.say({ kind: 'mark', frameId: frame.id, mark: value });
    if (value === 'good') onStep(1);
  };
  const say = (n: number): void => {
    const reason = QUICK_REASONS[n];
    if (!mayJudge || reason === undefined) return;
    const joints = concerned(reason, selected);
    const named = joints.filter((joint) => !wrong.includes(joint));
    if (named.length > 0) call(named);
    if (joints.length === 0) words.say({ kind: 'mark', frameId: frame.id, mark: 'revise' });
    words.say({
      kind: 'remark',
      frameId: frame.id,
      joint: joints.length === 0 ? null : selected,
      untilFrameId: null,
      reason,
      mentions: [],
      body: REASON_WORDS[reason],
    });
  };
  const turnOn = (): void => {
    if (flicker) setTurn((n) => n + 1);
    else setFlicker(true);
  };
  const deeds: Deeds = {
    next: () => onStep(1),
    previous: () => onStep(-1),
    nextCamera: onCamera && (() => onCamera(1)),
    previousCamera: onCamera && (() => onCamera(-1)),
    good: () => mark('good'),
    revise: () => mark('revise'),
    flicker: turnOn,
    beside: () => setFlicker(false),
    whole: turnWhole,
    wrong: () =>
      selected !== null && judge(selected, wordOf(selected) === 'wrong' ? null : 'wrong'),
    right: () =>
      selected !== null && judge(selected, wordOf(selected) === 'right' ? null : 'right'),
    comment: () => document.getElementById('inspect-comment')?.focus(),
    none: () => onSelect(null),
    ...Object.fromEntries(QUICK_REASONS.map((_, n) => [`reason.${n}`, () => say(n)])),
  };
  const keymap = useKeymapOf(personal);
  const key = (name: string): string => keysShown(keymap, name)[0] ?? '';
  usePageKeys(
    (event) =>
      perform(
        namesOf(event).flatMap((name) => keymap.actionsOn(name)),
        deeds,
        { repeated: event.repeat, marked: shown.mark !== null },
      ),
    { modified: true },
  );

  const also = alsoChanged(shown);
  const crop = cropOf(shown, whole);
  const picture = (source: Shown) => (
    <SkeletonPicture
      key={source}
      frameId={frame.id}
      title={titleOf(source, shown)}
      note={noteOf(source, shown)}
      width={shown.width}
      height={shown.height}
      crop={crop}
      joints={source === 'now' ? shown.now : (shown[source]?.joints ?? null)}
      behind={source === 'now' || flicker ? undefined : shown.now}
      wordOf={source === 'now' ? wordOf : undefined}
      selected={selected}
      onJoint={
        source === 'now' && mayJudge
          ? (joint) => judge(joint, wordOf(joint) === 'wrong' ? null : 'wrong')
          : undefined
      }
    />
  );
  return (
    <div className={css.pane}>
      <header className={css.paneHead}>
        <h2>Frame {frame.position + 1}</h2>
        {cameras}
        <Badge>{FRAME_STATE_LABELS[shownState(frame)]}</Badge>
        {frame.reason ? <Badge tone="outline">{REASON_LABELS[frame.reason]}</Badge> : null}
        <MarkBadge mark={shown.mark} />
        {shown.approved_round !== null ? (
          <Badge tone="ok" icon={<Lock size={11} aria-hidden />}>
            approved in round {shown.approved_round}
          </Badge>
        ) : null}
        {also.length > 0 ? (
          <Badge tone="info" title="They were not sent back: the annotator corrected them as well">
            also changed: {also.map((j) => JOINT_LABELS[j]).join(', ')}
          </Badge>
        ) : null}
        {shown.marks_before?.wrong.length ? (
          <Badge tone="warn">
            sent back: {shown.marks_before.wrong.map((j) => JOINT_LABELS[j]).join(', ')}
          </Badge>
        ) : null}
        <span className={css.tools}>
          <IconButton
            label="Side by side"
            shortcut={key('beside')}
            pressed={!flicker}
            onClick={() => setFlicker(false)}
          >
            <Columns2 size={16} />
          </IconButton>
          <IconButton label="Flicker" shortcut={key('flicker')} pressed={flicker} onClick={turnOn}>
            <SwitchCamera size={16} />
          </IconButton>
          <IconButton
            label={whole ? 'Zoom to the infant' : 'Show the whole image'}
            shortcut={key('whole')}
            pressed={whole}
            onClick={turnWhole}
          >
            {whole ? <ScanSearch size={16} /> : <Maximize size={16} />}
          </IconButton>
          <Link
            to="/recordings/$recordingId/frames/$frame"
            params={{ recordingId: String(recordingId), frame: frameParam(frame.position) }}
            className={buttonClass({ size: 'sm' })}
          >
            Open in the editor
          </Link>
        </span>
      </header>
      {mayJudge ? (
        <div className={css.judging}>
          <Button
            variant={shown.mark === 'revise' ? 'secondary' : 'primary'}
            icon={<Check size={15} />}
            onClick={() => mark('good')}
          >
            Good <Kbd>{key('good')}</Kbd>
          </Button>
          <Button
            variant={shown.mark === 'revise' ? 'primary' : 'secondary'}
            icon={<RefreshCw size={15} />}
            onClick={() => mark('revise')}
          >
            Revise <Kbd>{key('revise')}</Kbd>
          </Button>
          <span className={css.reasons}>
            {QUICK_REASONS.map((reason, n) => (
              <Button key={reason} size="sm" variant="ghost" onClick={() => say(n)}>
                <Kbd>{key(`reason.${n}`)}</Kbd> {REASON_WORDS[reason]}
              </Button>
            ))}
          </span>
        </div>
      ) : null}
      <div className={css.body}>
        <div className={css.main}>
          <div className={flicker ? css.single : css.beside}>
            {flicker ? picture(one) : sources.map(picture)}
          </div>
          {threads}
        </div>
        <JointTable
          shown={shown}
          selected={selected}
          wordOf={wordOf}
          onWord={mayJudge ? judge : undefined}
          onSelect={onSelect}
        />
      </div>
    </div>
  );
}

function MarkBadge({ mark }: { mark: Mark | null }) {
  if (mark === null) return null;
  return (
    <Badge tone={mark === 'good' ? 'ok' : 'danger'}>{mark === 'good' ? 'good' : 'to revise'}</Badge>
  );
}

function titleOf(source: Shown, shown: Comparison): string {
  if (source === 'model') return `Model${shown.model_name ? `, ${shown.model_name}` : ''}`;
  if (source === 'previous') {
    return `Round ${shown.previous_round}${shown.previous_author ? `, ${shown.previous_author.name}` : ''}`;
  }
  return shown.author ? `Now, ${shown.author.name}` : 'Now';
}

function noteOf(source: Shown, shown: Comparison): string | undefined {
  const against = source === 'now' ? null : shown[source];
  if (against === null) return undefined;
  const furthest = Math.max(0, ...against.pixels.map((d) => d ?? 0));
  return `OKS ${oks(against.oks)}, at most ${furthest.toFixed(1)} px apart`;
}
