import { Eye, MessageSquare } from 'lucide-react';
import { useState } from 'react';
import { returnNote } from '@/features/recordings/parts/returnNote';
import { errorMessage } from '@/shared/api/problem';
import type { Event } from '@/shared/domain/rules.gen';
import { EVENT_LABELS, STAGE_HELP } from '@/shared/domain/words';
import { Button } from '@/shared/ui/Button';
import { Dialogs } from './dialogs/Dialogs';
import { Filmstrip } from './filmstrip/Filmstrip';
import { Stage } from './layers/Stage';
import { canShowViews } from './multiview/panes';
import { StripPlot } from './multiview/StripPlot';
import { ViewsStage } from './multiview/ViewsStage';
import css from './panels/frame.module.css';
import { Header } from './panels/Header';
import { Hints, NoticeLine } from './panels/Hints';
import { LoadState } from './panels/LoadState';
import { SidePanel } from './panels/SidePanel';
import { Toolbar } from './panels/Toolbar';
import { useKeys } from './personal/useKeys';
import { EditorContext, useEditor, useEditorParts, useEditorState } from './store/context';
import type { Editor } from './store/Editor';

/** The whole screen of the editor. */
export function EditorScreen({ editor }: { editor: Editor }) {
  useKeys(editor);
  return (
    <EditorContext value={editor}>
      <div className={css.editor}>
        <Header />
        <Banner />
        <Toolbar />
        <main className={css.middle}>
          <Canvas />
          <NoticeLine />
        </main>
        <SidePanel />
        <StripPlot />
        <Filmstrip />
        <Hints />
      </div>
      <Dialogs />
    </EditorContext>
  );
}

/** One image, or all cameras of the moment. */
function Canvas() {
  const several = useEditorState((s) => s.views.layout !== 'single' && canShowViews(s));
  if (several) return <ViewsStage />;
  return (
    <>
      <Stage />
      <LoadState />
    </>
  );
}

/** Says why nothing can be changed here, and offers what would change that. */
function Banner() {
  const editor = useEditor();
  const { mode, recording } = useEditorParts((s) => ({ mode: s.mode, recording: s.recording }));
  const [busy, setBusy] = useState(false);
  if (mode !== 'read') return mode === 'annotate' ? <Returned /> : null;
  const offered = OFFERS.find(
    (event) =>
      recording.allowed_events.includes(event) ||
      (event === 'start_annotating' && recording.can.claim),
  );
  const begin = async (event: Event): Promise<void> => {
    setBusy(true);
    try {
      await editor.reviews.fireEvent(event);
    } catch (error) {
      editor.notify(`Not started: ${errorMessage(error)}`, 'warn');
    }
    setBusy(false);
  };
  return (
    <div className={css.banner} role="status">
      <Eye size={16} aria-hidden />
      <span>
        <strong>Read-only.</strong> {recording.blocked_reason ?? STAGE_HELP[recording.stage]}
      </span>
      {offered !== undefined && (
        <Button size="sm" variant="primary" busy={busy} onClick={() => void begin(offered)}>
          {EVENT_LABELS[offered]}
        </Button>
      )}
    </div>
  );
}

/** What the inspector wrote with the return, until the annotator has read it. */
function Returned() {
  const { recording } = useEditorParts((s) => ({ recording: s.recording }));
  const [read, setRead] = useState<number | null>(null);
  const last = returnNote(recording);
  if (last === null || last.id === read) return null;
  return (
    <div className={css.banner} role="status">
      <MessageSquare size={16} aria-hidden />
      <span>
        <strong>{last.by}:</strong> {last.note}
      </span>
      <Button size="sm" onClick={() => setRead(last.id)}>
        I have read it
      </Button>
    </div>
  );
}

const OFFERS: readonly Event[] = ['start_annotating', 'start_box_review'];
