import { TriangleAlert } from 'lucide-react';
import { Kbd } from '@/shared/ui/Kbd';
import { concernsAbout } from '../frames/navigation';
import { useConcerns } from '../frames/useConcerns';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorPartsSoon } from '../store/context';
import css from './checks.module.css';
import { Panel } from './Panel';

/** What deserves a second look. Silent where there is nothing to say. */
export function ChecksPanel() {
  const editor = useEditor();
  const { frames, index, mode } = useEditorPartsSoon((s) => ({
    frames: s.frames,
    index: s.index,
    mode: s.mode,
  }));
  const { checks } = useConcerns(useEditorPartsSoon);
  const swap = useKeyNames()('swap.all');
  const item = frames[index];
  const flags = item === undefined ? [] : concernsAbout(item);
  if (checks.length === 0 && flags.length === 0) return null;
  return (
    <Panel title="Look twice">
      <ul className={css.checks}>
        {checks.map((check) => (
          <li key={`${check.kind} ${check.joints.join(' ')}`}>
            <button
              type="button"
              onClick={() => editor.select(check.joints[0] ?? null)}
              disabled={check.joints.length === 0}
            >
              <TriangleAlert size={14} aria-hidden />
              <span>
                {check.message}
                {check.kind === 'exchanged' && mode === 'annotate' && swap !== '' && (
                  <>
                    {' '}
                    <Kbd>{swap}</Kbd> swaps them.
                  </>
                )}
              </span>
            </button>
          </li>
        ))}
        {flags.map((flag) => (
          <li key={flag} className={css.flag}>
            <TriangleAlert size={14} aria-hidden />
            <span>This frame: {flag}.</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
