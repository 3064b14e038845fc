import { DAMAGE_LABELS, REASON_LABELS } from '@/shared/domain/words';
import { useEditor, useEditorPartsSoon } from '../store/context';
import css from './facts.module.css';
import { Panel } from './Panel';
import panels from './panels.module.css';

/** Where this frame comes from. */
export function FactsPanel() {
  const editor = useEditor();
  const { doc, item, document, mode } = useEditorPartsSoon((s) => ({
    doc: s.frame?.doc ?? null,
    item: s.frames[s.index] ?? null,
    document: s.document,
    mode: s.mode,
  }));
  if (doc === null || item === null) return null;
  const { decision } = document ?? {};
  return (
    <Panel
      title="Frame"
      aside={
        <button type="button" className={panels.link} onClick={() => editor.open('history')}>
          History
        </button>
      }
    >
      <dl className={css.facts}>
        {doc.time_s !== null && (
          <Fact
            name="Time"
            value={`${formatTime(doc.time_s)}${doc.own_time ? '' : ' (not in the file)'}`}
          />
        )}
        {doc.damage !== null && <Fact name="Video" value={DAMAGE_LABELS[doc.damage]} />}
        <Fact name="Camera" value={doc.camera_name} />
        <Fact name="Image" value={`${doc.width} × ${doc.height}`} />
        <Fact name="Sharpness" value={doc.sharpness.toFixed(0)} />
        <Fact name="Brightness" value={doc.mean_luma.toFixed(0)} />
        {decision?.verdict === 'discard' && decision.reason !== null && (
          <Fact name="Discarded" value={decision.text ?? REASON_LABELS[decision.reason]} />
        )}
        {doc.previous !== null && (
          <Fact name="Round before" value={VERDICTS[doc.previous.verdict]} />
        )}
        {mode !== 'inspect' && doc.box?.consistency != null && (
          <Fact name="Mask agrees" value={`${Math.round(doc.box.consistency * 100)} %`} />
        )}
      </dl>
    </Panel>
  );
}

const VERDICTS = { undecided: 'undecided', keep: 'kept', discard: 'discarded' } as const;

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function formatTime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds % 60).toFixed(3).padStart(6, '0')}`;
}
