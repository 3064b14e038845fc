/** Acts on many frames: marking a range, what the machine proposes, and playback. */
import { count } from '@/shared/lib/format';
import type { Editor } from '../store/Editor';
import { type Action, annotating } from './action';
import * as edits from './edits';

const extend =
  (steps: 1 | -1) =>
  (editor: Editor, since?: number): void => {
    const before = editor.item?.id;
    edits.step(editor, steps, since);
    editor.ranges.extend(before, editor.item?.id);
  };

const marked = (editor: Editor): boolean =>
  annotating(editor) && editor.ranges.state.marks.from !== null;
const mayPlay = (editor: Editor): boolean =>
  editor.state.mode !== 'boxes' && editor.state.tool !== 'place';
const hasSeen = (editor: Editor): boolean =>
  annotating(editor) && editor.playback.state.seen.size > 0;

/** Accept what was seen in playback, in one gesture. */
export function acceptSeen(editor: Editor): void {
  editor.playback.stop();
  const items = editor.playback.acceptable;
  const doubted = editor.playback.doubted.length;
  const left =
    doubted === 0
      ? ''
      : `${count(doubted, 'frame')} with doubted joints ${doubted === 1 ? 'stays' : 'stay'} undecided: look at ${doubted === 1 ? 'it' : 'them'} frame by frame${edits.by(editor, 'suspicion.next')}.`;
  if (items.length === 0) {
    editor.notify(left || 'Nothing undecided was seen in playback yet.', left ? 'warn' : 'info');
    return;
  }
  editor.ranges.acceptSeen(items, editor.playback.speedOf(items));
  editor.playback.forget();
  if (left) editor.notify(`${count(items.length, 'frame')} accepted. ${left}`, 'warn');
}

export const RANGE_ACTIONS: readonly Action[] = [
  {
    id: 'range.from',
    label: 'A range begins here',
    group: 'Ranges and playback',
    keys: ['Shift+I'],
    when: annotating,
    perform: (e) => e.ranges.mark('from'),
  },
  {
    id: 'range.to',
    label: 'The range ends here',
    group: 'Ranges and playback',
    keys: ['Shift+O'],
    when: annotating,
    perform: (e) => e.ranges.mark('to'),
  },
  {
    id: 'range.extendForward',
    label: 'Go on, and take the frames into the range',
    group: 'Ranges and playback',
    keys: ['Mod+Right'],
    held: 'steps',
    when: annotating,
    perform: extend(1),
  },
  {
    id: 'range.extendBack',
    label: 'Go back, and take the frames into the range',
    group: 'Ranges and playback',
    keys: ['Mod+Left'],
    held: 'steps',
    when: annotating,
    perform: extend(-1),
  },
  {
    id: 'range.decide',
    label: 'Decide on the range',
    group: 'Ranges and playback',
    keys: ['Shift+X'],
    when: marked,
    perform: (e) => e.open('range'),
  },
  {
    id: 'proposal.next',
    label: 'Next range that is proposed to be discarded',
    group: 'Ranges and playback',
    keys: ['Shift+N'],
    when: annotating,
    perform: (e) => e.ranges.nextProposal(),
  },
  {
    id: 'proposal.take',
    label: 'Discard the proposed range',
    group: 'Ranges and playback',
    keys: ['Shift+Y'],
    when: annotating,
    perform: (e) => e.ranges.takeProposal(),
  },
  {
    id: 'proposal.refuse',
    label: 'Refuse the proposed range',
    group: 'Ranges and playback',
    keys: ['Alt+Y'],
    when: annotating,
    perform: (e) => e.ranges.refuseProposal(),
  },
  {
    id: 'play.hold',
    label: 'Play while the key is held; let go at what looks wrong',
    group: 'Ranges and playback',
    keys: ['Enter'],
    where: ['pose', 'inspect', 'read'],
    when: mayPlay,
    perform: (e) => e.playback.hold(),
    release: (e) => e.playback.letGo(),
  },
  {
    id: 'play.toggle',
    label: 'Play and stop',
    group: 'Ranges and playback',
    keys: ['Alt+Enter'],
    where: ['pose', 'inspect', 'read'],
    when: mayPlay,
    perform: (e) => e.playback.toggle(),
  },
  {
    id: 'play.slower',
    label: 'Play slower',
    group: 'Ranges and playback',
    keys: ['<'],
    perform: (e) => e.playback.faster(-1),
  },
  {
    id: 'play.faster',
    label: 'Play faster',
    group: 'Ranges and playback',
    keys: ['>'],
    perform: (e) => e.playback.faster(1),
  },
  {
    id: 'play.accept',
    label: 'Accept the frames seen in playback',
    group: 'Ranges and playback',
    keys: ['Shift+Enter'],
    where: ['pose'],
    when: hasSeen,
    perform: acceptSeen,
  },
];
