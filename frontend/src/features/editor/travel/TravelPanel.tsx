import { Waypoints } from 'lucide-react';
import { Button } from '@/shared/ui/Button';
import { useEditor, useEditorPartsSoon } from '../store/context';
import css from './travel.module.css';
import { framesInWords } from './words';

/** Where the joints of this frame come from, while or since they were inferred from others. */
export function TravelPanel() {
  const editor = useEditor();
  const { inferred, frame, document, frames, recording } = useEditorPartsSoon((s) => ({
    inferred: s.inferred,
    frame: s.frame,
    document: s.document,
    frames: s.frames,
    recording: s.recording,
  }));
  if (frame === null || document === null) return null;
  const taken = document.decision.verdict === 'keep' ? frame.doc.annotation.propagated : null;
  const sources = inferred?.sources ?? taken?.sources;
  if (sources === undefined) return null;
  const name = (id: number): string =>
    recording.cameras_list.find((camera) => camera.id === id)?.name ?? 'another camera';
  const from = framesInWords(sources, frames, frame.doc.camera_id, name);
  const own = document.candidateId;
  return (
    <section className={css.panel} aria-label="Inferred joints" data-testid="inferred">
      <Waypoints size={15} aria-hidden />
      <p>
        {inferred !== null ? <strong>Inferred</strong> : <strong>Taken</strong>}{' '}
        {from === '' ? 'from the motion between frames' : `from ${from}`}
        {inferred !== null && (
          <small>
            Rings hold 80 in 100 joints. Nothing is decided: accept, correct, or
            {own === null ? ' place the joints yourself.' : ' take the pre-label.'}
          </small>
        )}
      </p>
      {inferred !== null && own !== null && editor.canEdit && (
        <Button
          size="sm"
          onClick={(event) => {
            event.currentTarget.blur();
            editor.perform([{ type: 'chooseCandidate', candidateId: own }], 'Take the pre-label');
          }}
        >
          Pre-label
        </Button>
      )}
    </section>
  );
}
