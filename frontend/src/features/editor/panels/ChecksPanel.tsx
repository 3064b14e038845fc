import { TriangleAlert } from 'lucide-react';
import { Kbd } from '@/shared/ui/Kbd';
import { flagsOf, medianSharpness } from '../frames/navigation';
import { useConcerns } from '../frames/useConcerns';
import { useEditor, useEditorParts } from '../store/context';
import css from './checks.module.css';
import { Panel } from './Panel';

let cached: { of: unknown; median: number | null } = { of: null, median: null };

/** The median changes only with the recording; ten thousand frames need not be sorted again. */
function medianOf(recordingId: number, frames: Parameters<typeof medianSharpness>[0]) {
  if (cached.of !== recordingId) cached = { of: recordingId, median: medianSharpness(frames) };
  return cached.median;
}

/** What deserves a second look. Silent where there is nothing to say. */
export function ChecksPanel() {
  const editor = useEditor();
  const { frames, index, mode, recordingId } = useEditorParts((s) => ({
    frames: s.frames,
    index: s.index,
    mode: s.mode,
    recordingId: s.recording.id,
  }));
  const { checks } = useConcerns();
  const item = frames[index];
  const flags = item === undefined ? [] : flagsOf(item, medianOf(recordingId, frames));
  if (checks.length === 0 && flags.length === 0) return null;
  return (
    <Panel title="Look twice">
      <ul className={css.checks}>
        {checks.map((check) => (
          <li key={check.id}>
            <button
              type="button"
              onClick={() => editor.select(check.joints[0] ?? null)}
              disabled={check.joints.length === 0}
            >
              <TriangleAlert size={14} aria-hidden />
              <span>
                {check.message}
                {check.key !== undefined && mode === 'annotate' && (
                  <>
                    {' '}
                    <Kbd>{check.key}</Kbd> swaps them.
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
