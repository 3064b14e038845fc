import { count } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Kbd } from '@/shared/ui/Kbd';
import { useKeyNames } from '../personal/useKeys';
import type { Scope } from '../ranges/marks';
import { useRanges } from '../ranges/useRanges';
import { useEditor } from '../store/context';
import { ReasonPopover } from './DiscardPopover';
import css from './range.module.css';

/** What becomes of the marked range: a reason by number, or one of three letters. */
export function RangePopover() {
  const editor = useEditor();
  const undo = useKeyNames()('undo');
  const scope = useRanges((s) => s.marks.scope);
  const { ranges } = editor;
  const n = ranges.marked.length;
  const close = (act: () => void) => (): void => {
    editor.open(null);
    act();
  };
  const acts: Record<string, () => void> = {
    k: close(() => ranges.keep()),
    u: close(() => ranges.takeBack()),
    c: () => ranges.setScope(other(scope)),
  };
  const several = editor.state.recording.cameras_list?.length > 1;
  return (
    <ReasonPopover
      label={`Decide on ${count(n, 'frame')}`}
      title={`Discard ${count(n, 'frame')}`}
      now={null}
      opener="range.decide"
      onReason={(reason, text) => ranges.discard(reason, text)}
      onKey={(key) => {
        const act = acts[key.toLowerCase()];
        act?.();
        return act !== undefined;
      }}
    >
      <div className={css.others}>
        <Button size="sm" onClick={acts.k}>
          Keep <Kbd>K</Kbd>
        </Button>
        <Button size="sm" onClick={acts.u}>
          Clear verdicts <Kbd>U</Kbd>
        </Button>
        {several && (
          <Button size="sm" aria-pressed={scope === 'moments'} onClick={acts.c}>
            {scope === 'moments' ? 'All cameras' : 'This camera only'} <Kbd>C</Kbd>
          </Button>
        )}
      </div>
      <p>Counted as one step{undo && `: ${undo} takes the whole range back`}.</p>
    </ReasonPopover>
  );
}

export const other = (scope: Scope): Scope => (scope === 'camera' ? 'moments' : 'camera');
