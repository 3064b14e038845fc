/** The queue of doubted joints. */
import { CircleCheck, ScanSearch } from 'lucide-react';
import type { Editor } from '../store/Editor';
import type { Action } from './action';

/** Whether this person may say that a doubted joint is right. */
const judging = (editor: Editor): boolean =>
  editor.state.mode === 'annotate' || editor.state.mode === 'inspect';

export const SUSPICION_ACTIONS: readonly Action[] = [
  {
    id: 'suspicion.next',
    label: 'Next suspicious joint',
    group: 'Move between frames',
    keys: ['Shift+S'],
    held: 'steps',
    icon: ScanSearch,
    perform: (e, since) => e.suspicions.next(1, since),
  },
  {
    id: 'suspicion.previous',
    label: 'Previous suspicious joint',
    group: 'Move between frames',
    keys: ['Alt+Shift+S'],
    held: 'steps',
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
      const worry = e.suspicions.worryOf(e.state.selected);
      e.suspicions.wave(worry, worry?.waived == null);
    },
  },
];
