import { useEffect, useState } from 'react';
import { Kbd } from '@/shared/ui/Kbd';
import { showKey } from '../actions/keys';
import { actionById } from '../actions/registry';
import type { Mode } from '../frames/navigation';
import { useKeymap, useKeyNames } from '../personal/useKeys';
import { usePostures } from '../postures/usePostures';
import { isAllowedAlone } from '../singles/allowed';
import { useEditor, useEditorParts } from '../store/context';
import css from './frame.module.css';

/** The keys worth knowing in each mode: an action and the words for it here. */
const HINTS: Readonly<
  Record<Mode | 'place' | 'views' | 'postures', readonly (readonly [string, string])[]>
> = {
  annotate: [
    ['accept', 'accept'],
    ['next', 'next'],
    ['previous', 'back'],
    ['discard', 'discard'],
    ['joint.visible', 'visible'],
    ['joint.occluded', 'occluded'],
    ['joint.absent', 'not present'],
    ['swap', 'swap sides'],
    ['view.peek', 'hold to hide joints'],
    ['pose.before', 'previous pose'],
    ['view.look', 'image'],
    ['zoom.infant', 'zoom'],
    ['help', 'help'],
  ],
  views: [
    ['accept', 'accept'],
    ['accept.moment', 'accept all cameras'],
    ['next', 'next moment'],
    ['previous', 'back'],
    ['camera.next', 'next camera'],
    ['views.accept', 'joint from the others'],
    ['views.acceptBody', 'body from the others'],
    ['joint.visible', 'visible'],
    ['joint.occluded', 'occluded'],
    ['joint.absent', 'not present'],
    ['views.layout', 'layout'],
    ['help', 'help'],
  ],
  postures: [
    ['accept', 'accept'],
    ['next', 'next'],
    ['previous', 'back'],
    ['posture.markFirst', 'mark from here'],
    ['posture.markLast', 'mark up to here'],
    ['posture.undo', 'undo a posture'],
    ['posture.mode', 'done with postures'],
    ['help', 'help'],
  ],
  inspect: [
    ['mark.good', 'good'],
    ['mark.revise', 'to revise'],
    ['comment', 'comment'],
    ['next', 'next'],
    ['previous', 'back'],
    ['nextOpen', 'next unmarked'],
    ['view.ghost', 'ghost'],
    ['zoom.infant', 'zoom'],
    ['help', 'help'],
  ],
  boxes: [
    ['box.approve', 'approve'],
    ['box.sendBack', 'send back'],
    ['box.rerun', 'new mask'],
    ['next', 'next'],
    ['previous', 'back'],
    ['view.mask', 'mask'],
    ['zoom.infant', 'zoom'],
    ['help', 'help'],
  ],
  read: [
    ['next', 'next'],
    ['previous', 'back'],
    ['zoom.infant', 'zoom'],
    ['help', 'help'],
  ],
  place: [
    ['guide.visible', 'visible (or click)'],
    ['guide.right', 'and the other arrows move the cursor'],
    ['guide.rightFar', 'far'],
    ['guide.rightFine', 'fine'],
    ['guide.occluded', 'occluded (or right-click)'],
    ['guide.skip', 'not present'],
    ['guide.back', 'previous joint'],
    ['cancel', 'done'],
  ],
};

/** Bottom line: the most useful keys, or how a chord goes on. */
export function Hints() {
  const editor = useEditor();
  const keyName = useKeyNames();
  const { mode, tool, several, chord } = useEditorParts((s) => ({
    mode: s.mode,
    tool: s.tool,
    several: s.mode === 'annotate' && s.panes.size > 0,
    chord: s.chord,
  }));
  const { on } = usePostures((s) => ({ on: s.on }));
  const naming = on && mode === 'annotate';
  if (chord !== null) return <ChordHints chord={chord} />;
  const hints = HINTS[naming ? 'postures' : tool === 'place' ? 'place' : several ? 'views' : mode];
  return (
    <footer className={css.hints}>
      <ul>
        {hints
          .filter(([id]) => keyName(id) !== '' && (!editor.alone || isAllowedAlone(id)))
          .map(([id, word]) => (
            <li key={id}>
              <button
                type="button"
                tabIndex={-1}
                onClick={(event) => {
                  event.currentTarget.blur();
                  actionById(id).perform(editor, event.timeStamp);
                }}
              >
                <Kbd>{keyName(id)}</Kbd> {word}
              </button>
            </li>
          ))}
      </ul>
    </footer>
  );
}

/** What the second key of a chord may be; with Shift it is often the same on the right side. */
function ChordHints({ chord }: { chord: string }) {
  const keymap = useKeymap();
  const seconds = keymap.chordsFrom(chord).map((key) => key.slice(chord.length + 1));
  const mirrored = (second: string): boolean =>
    second.startsWith('Shift+') && seconds.includes(second.slice('Shift+'.length));
  const shown = seconds.filter((second) => !mirrored(second));
  return (
    <footer className={css.hints} role="status">
      <ul>
        <li className={css.chord}>
          <Kbd>{showKey(chord)}</Kbd> then
        </li>
        {shown.flatMap((second) =>
          keymap.actionsOn(`${chord} ${second}`).map((id) => (
            <li key={id} className={css.chord}>
              <Kbd>{showKey(second)}</Kbd> {actionById(id).label.replace(/^Select the /, '')}
            </li>
          )),
        )}
        {shown.length < seconds.length && (
          <li className={css.chord}>
            with <Kbd>{showKey('Shift')}</Kbd> the right one
          </li>
        )}
      </ul>
    </footer>
  );
}

const NOTICE_MS = 4000;

/** Short news over the canvas: what a key did, or why it did nothing. */
export function NoticeLine() {
  const { notice } = useEditorParts((s) => ({ notice: s.notice }));
  const [gone, setGone] = useState(0);
  useEffect(() => {
    if (notice === null) return;
    const stays = notice.tone === 'warn' ? 2 * NOTICE_MS : NOTICE_MS;
    const timer = setTimeout(() => setGone(notice.at), stays);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <output className={css.notice} data-tone={notice?.tone} aria-live="polite">
      {notice !== null && gone !== notice.at && <span key={notice.at}>{notice.text}</span>}
    </output>
  );
}
