import { Eye } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Event } from '@/shared/domain/rules.gen';
import { EVENT_LABELS, STAGE_HELP } from '@/shared/domain/words';
import { Button } from '@/shared/ui/Button';
import { ErrorState } from '@/shared/ui/States';
import { isTyping, keyOf } from './actions/keys';
import { actionFor } from './actions/registry';
import { Dialogs } from './dialogs/Dialogs';
import { Filmstrip } from './filmstrip/Filmstrip';
import { Stage } from './layers/Stage';
import { canShowViews } from './multiview/panes';
import { StripPlot } from './multiview/StripPlot';
import { ViewsStage } from './multiview/ViewsStage';
import css from './panels/frame.module.css';
import { Header } from './panels/Header';
import { Hints, NoticeLine } from './panels/Hints';
import { SidePanel } from './panels/SidePanel';
import { Toolbar } from './panels/Toolbar';
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

/** Keys go to the actions unless somebody types, a dialog is open, or a button has the focus. */
function useKeys(editor: Editor): void {
  const held = useRef<{ code: string; release: (editor: Editor) => void } | null>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || editor.state.dialog !== null) return;
      if (isTyping(event.target) || belongsToControl(event)) return;
      const key = keyOf(event);
      if (key === 'Mod+C' && !window.getSelection()?.isCollapsed) return;
      const action = actionFor(key, editor);
      if (action === null) return;
      event.preventDefault();
      if (action.release !== undefined) {
        if (event.repeat) return;
        held.current = { code: event.code, release: action.release };
      }
      action.perform(editor, event.timeStamp);
    };
    const onUp = (event: KeyboardEvent): void => {
      if (held.current?.code === event.code) letGo();
    };
    const letGo = (): void => {
      const { current } = held;
      held.current = null;
      current?.release(editor);
    };
    // Before the page's own keys, so that Ctrl+K is the editor's here.
    window.addEventListener('keydown', onKey, { capture: true });
    window.addEventListener('click', leaveButton, { capture: true });
    window.addEventListener('keyup', onUp, { capture: true });
    window.addEventListener('blur', letGo);
    return () => {
      window.removeEventListener('keydown', onKey, { capture: true });
      window.removeEventListener('click', leaveButton, { capture: true });
      window.removeEventListener('keyup', onUp, { capture: true });
      window.removeEventListener('blur', letGo);
    };
  }, [editor]);
}

/** A button that was clicked by hand lets go of the keys: the next Space means the frame again. */
function leaveButton({ detail }: MouseEvent): void {
  const { activeElement: button } = document;
  if (detail === 0 || !(button instanceof HTMLButtonElement)) return;
  if (button.closest('[role="dialog"]') === null) button.blur();
}

const CONTROL_KEYS = new Set([
  'Enter',
  ' ',
  'Tab',
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
]);

/** Somebody who walks through the buttons by Tab presses them by Space. */
function belongsToControl({ target, key }: KeyboardEvent): boolean {
  return (
    CONTROL_KEYS.has(key) &&
    target instanceof HTMLElement &&
    target !== document.body &&
    target.matches(':focus-visible')
  );
}

/** Says why nothing can be changed here, and offers what would change that. */
function Banner() {
  const editor = useEditor();
  const { mode, recording } = useEditorParts((s) => ({ mode: s.mode, recording: s.recording }));
  const [busy, setBusy] = useState(false);
  if (mode !== 'read') return null;
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

const OFFERS: readonly Event[] = ['start_annotating', 'start_box_review'];

function LoadState() {
  const editor = useEditor();
  const { loading, loadError, frames } = useEditorParts((s) => ({
    loading: s.loading,
    loadError: s.loadError,
    frames: s.frames,
  }));
  if (frames.length === 0) {
    return (
      <div className={css.centre}>
        <span className={css.loading}>This recording has no frames yet.</span>
      </div>
    );
  }
  if (loadError !== null) {
    return (
      <div className={css.centre}>
        <ErrorState
          title="The frame could not be loaded"
          error={loadError}
          onRetry={() => editor.go(editor.state.index)}
        />
      </div>
    );
  }
  return loading ? (
    <div className={css.centre}>
      <span className={css.loading}>Loading…</span>
    </div>
  ) : null;
}
