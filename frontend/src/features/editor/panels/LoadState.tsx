import { ErrorState } from '@/shared/ui/States';
import { useEditor, useEditorParts } from '../store/context';
import css from './frame.module.css';

/** Over the canvas: why there is no frame on it. */
export function LoadState() {
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
