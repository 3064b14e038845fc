/** The queue of doubted joints, and visibility of all joints at once. */
import { CircleCheck, ScanSearch } from 'lucide-react';
import { isPresent } from '../document/skeleton';
import type { Operation } from '../document/types';
import type { Editor } from '../store/Editor';
import { type Action, posing } from './action';

/** Whether this person may say that a doubted joint is right. */
const judging = (editor: Editor): boolean =>
  editor.state.mode === 'annotate' || editor.state.mode === 'inspect';

/** Every placed joint is seen. */
function allVisible(editor: Editor): void {
  const skeleton = editor.state.document?.skeleton ?? [];
  const operations = skeleton.flatMap((joint, i): Operation[] =>
    isPresent(joint) && joint.v !== 2 ? [{ type: 'setVisibility', joint: i, visibility: 2 }] : [],
  );
  if (operations.length > 0) editor.perform(operations, 'All joints visible');
  else editor.notify('Every placed joint is visible already.');
}

export const SUSPICION_ACTIONS: readonly Action[] = [
  {
    id: 'suspicion.next',
    label: 'Next suspicious joint',
    group: 'Move between frames',
    keys: ['Shift+S'],
    icon: ScanSearch,
    perform: (e, since) => e.suspicions.next(1, since),
  },
  {
    id: 'suspicion.previous',
    label: 'Previous suspicious joint',
    group: 'Move between frames',
    keys: ['Alt+S'],
    perform: (e, since) => e.suspicions.next(-1, since),
  },
  {
    id: 'suspicion.wave',
    label: 'Wave the joint through, or take that back',
    group: 'Decide',
    keys: ['Shift+Q'],
    icon: CircleCheck,
    when: judging,
    perform: (e) => {
      const { selected } = e.state;
      e.suspicions.wave(selected, e.suspicions.doubtOf(selected)?.waived == null);
    },
  },
  {
    id: 'joint.allVisible',
    label: 'All joints visible',
    group: 'Joints',
    keys: ['Shift+V'],
    when: posing,
    perform: allVisible,
  },
];
