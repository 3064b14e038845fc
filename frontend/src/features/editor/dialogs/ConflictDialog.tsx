import { useState } from 'react';
import type { Mark } from '@/shared/api/types';
import { VISIBILITY_WORDS } from '@/shared/domain/bones';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { REASON_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { countPresent, isPresent } from '../document/skeleton';
import type { Decision, DrawnBox, Joint } from '../document/types';
import { useEditor, useEditorParts } from '../store/context';
import { distance } from '../store/geometry';
import { type Conflict, conflictKey, type Side } from '../sync/merge';
import css from './dialogs.module.css';
import { JointCrop } from './JointCrop';

/** Two people changed the same thing differently; everything else was joined without asking. */
export function ConflictDialog() {
  const editor = useEditor();
  const [answers, setAnswers] = useState<ReadonlyMap<string, Side>>(new Map());
  const { frameId } = useEditorParts((s) => ({ frameId: s.frame?.doc.id ?? null }));
  const merge = frameId === null ? null : editor.queue.conflictOf(frameId);
  if (merge === null || frameId === null) return null;
  const { conflicts } = merge;
  const own = editor.queue.authorOf(frameId) === editor.state.me.id;
  const complete = conflicts.every((conflict) => answers.has(conflictKey(conflict)));
  const answer = (key: string, side: Side): void => setAnswers(new Map([...answers, [key, side]]));
  const all = (side: Side): void =>
    setAnswers(new Map(conflicts.map((conflict) => [conflictKey(conflict), side])));

  return (
    <Dialog
      open
      onOpenChange={() => editor.open(null)}
      title={own ? 'You changed this frame elsewhere too' : 'Somebody else changed this frame too'}
      description={
        own
          ? 'In another tab, or on another computer. All other differences were merged: choose where both changed the same thing. Nothing is lost until you do.'
          : 'All other differences were merged. Choose where both of you changed the same thing. Nothing is lost until you do.'
      }
      width={560}
      footer={
        <>
          <Button variant="ghost" onClick={() => all('mine')}>
            {own ? 'All from here' : 'All mine'}
          </Button>
          <Button variant="ghost" onClick={() => all('theirs')}>
            {own ? 'All from there' : 'All theirs'}
          </Button>
          <Button
            variant="primary"
            disabled={!complete}
            onClick={() => {
              editor.open(null);
              editor.queue.resolve(frameId, answers);
            }}
          >
            Save
          </Button>
        </>
      }
    >
      <ul className={css.conflicts}>
        {conflicts.map((conflict) => {
          const key = conflictKey(conflict);
          const { title, mine, theirs } = wordsFor(conflict);
          return (
            <li key={key}>
              <strong>{title}</strong>
              {(['mine', 'theirs'] as const).map((side) => (
                <button
                  key={side}
                  type="button"
                  aria-pressed={answers.get(key) === side}
                  onClick={() => answer(key, side)}
                >
                  {conflict.kind === 'joint' && <Crop conflict={conflict} side={side} />}
                  <b>{own ? ELSEWHERE[side] : side}</b>
                  {side === 'mine' ? mine : theirs}
                </button>
              ))}
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}

/** Both pictures show the same place at the same size, so that only the joint differs. */
function Crop({ conflict, side }: { conflict: Extract<Conflict, { kind: 'joint' }>; side: Side }) {
  const { mine, theirs, joint } = conflict;
  const placed = [mine, theirs].filter(isPresent);
  const x = placed.reduce((sum, j) => sum + j.x, 0) / placed.length;
  const y = placed.reduce((sum, j) => sum + j.y, 0) / placed.length;
  const apart = placed.length === 2 ? distance(mine, theirs) : 0;
  return (
    <JointCrop
      index={joint}
      joint={conflict[side]}
      centre={{ x, y }}
      span={Math.max(120, 3 * apart)}
    />
  );
}

/** What the sides are called where the other one is this person, too. */
const ELSEWHERE = { mine: 'here', theirs: 'there' } as const;

function wordsFor(conflict: Conflict): { title: string; mine: string; theirs: string } {
  if (conflict.kind === 'joint') {
    const title = JOINT_LABELS[conflict.joint] ?? 'joint';
    return { title, mine: jointWords(conflict.mine), theirs: jointWords(conflict.theirs) };
  }
  if (conflict.kind === 'verdict') {
    return {
      title: 'decision',
      mine: decisionWords(conflict.mine),
      theirs: decisionWords(conflict.theirs),
    };
  }
  if (conflict.kind === 'box') {
    return { title: 'box', mine: boxWords(conflict.mine), theirs: boxWords(conflict.theirs) };
  }
  if (conflict.kind === 'mark') {
    return { title: 'mark', mine: markWords(conflict.mine), theirs: markWords(conflict.theirs) };
  }
  return {
    title: 'the whole skeleton',
    mine: count(countPresent(conflict.mine.skeleton), 'joint'),
    theirs: count(countPresent(conflict.theirs.skeleton), 'joint'),
  };
}

const jointWords = (joint: Joint): string =>
  joint.v === 0
    ? VISIBILITY_WORDS[0]
    : `${VISIBILITY_WORDS[joint.v]} at ${joint.x.toFixed(0)}, ${joint.y.toFixed(0)}`;

const boxWords = (box: DrawnBox | null): string =>
  box === null
    ? 'no box'
    : `${box.width.toFixed(0)} × ${box.height.toFixed(0)} at ${box.x.toFixed(0)}, ${box.y.toFixed(0)}; ${box.status.replace('_', ' ')}`;

const markWords = (mark: Mark | null): string =>
  mark === null ? 'no mark' : mark === 'good' ? 'good' : 'to revise';

const decisionWords = ({ verdict, reason, text }: Decision): string =>
  reason === null ? verdict : `${verdict}: ${text ?? REASON_LABELS[reason]}`;
