import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { EditorScreen } from '@/features/editor/EditorScreen';
import type { Editor } from '@/features/editor/store/Editor';
import { errorMessage } from '@/shared/api/problem';
import { meQuery } from '@/shared/api/queries/accounts';
import { framesQuery, recordingQuery } from '@/shared/api/queries/recordings';
import { queryClient } from '@/shared/api/queryClient';
import type { Me, RecordingDetail } from '@/shared/api/types';
import { positionOf } from '@/shared/domain/frameAddress';
import { PagePending } from '@/shared/ui/fallbacks';
import { ErrorState } from '@/shared/ui/States';
import { TooltipProvider } from '@/shared/ui/Tooltip';
import css from './editor.module.css';
import { openEditor } from './openEditor';
import { useDark } from './useDark';
import { framesAround, type Opened as OpenedFrames } from './wholeStrip';

const editorRoute = getRouteApi('/app/recordings/$recordingId/frames/$frame');

/** Full screen, dark, one recording. The address names the frame, counted from 1. */
export default function EditorRoute() {
  const params = editorRoute.useParams();
  const recordingId = Number(params.recordingId);
  useDark();
  // Loaded when the editor opens and when the stage moves; from then on the editor knows better
  // what it changed, and asking again after each of its own saves would only cost time.
  const recording = useQuery({ ...recordingQuery(recordingId), enabled: false });
  // Read once for where the address pointed when the editor opened, see `wholeStrip.ts`.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what follows is the editor's own walk
  const position = useMemo(() => positionOf(params.frame), [recordingId]);
  const [fault, setFault] = useState<unknown>(null);
  const [opened, setOpened] = useState<Loaded | null>(null);
  const { data: me } = useQuery(meQuery);
  const { refetch: loadRecording } = recording;
  const stage = recording.data?.stage;

  const load = useCallback(async (): Promise<Loaded | null> => {
    setFault(null);
    try {
      const [detail, part] = await Promise.all([
        loadRecording(),
        framesAround(recordingId, position),
      ]);
      return detail.data ? { recording: detail.data, ...part } : null;
    } catch (error) {
      setFault(error);
      return null;
    }
  }, [loadRecording, recordingId, position]);

  useEffect(() => {
    let current = true;
    setOpened(null);
    void load().then((loaded) => current && setOpened(loaded));
    return () => {
      current = false;
    };
  }, [load]);

  useEffect(() => {
    if (stage !== undefined) void loadRecording();
  }, [stage, loadRecording]);

  const error = recording.error ?? fault;
  if (error !== null && opened === null) {
    const retry = (): void => {
      void load().then(setOpened);
    };
    return (
      <div className={css.page}>
        <ErrorState title="The recording could not be opened" error={error} onRetry={retry} />
      </div>
    );
  }
  if (!recording.data || opened === null || !me) return <PagePending />;
  return (
    <Opened
      key={recordingId}
      recording={recording.data}
      frames={opened.frames}
      more={opened.more}
      me={me}
      position={positionOf(params.frame)}
    />
  );
}

/** A new stage brings new marks, boxes and rounds with it. */
async function reread(editor: Editor): Promise<void> {
  try {
    const query = framesQuery(editor.state.recording.id);
    editor.frames.replace(await queryClient.fetchQuery({ ...query, staleTime: 0 }));
    editor.cache.invalidateAll();
    editor.start();
  } catch (error) {
    editor.notify(`The frames could not be read again: ${errorMessage(error)}`, 'warn');
  }
}

interface Loaded extends OpenedFrames {
  recording: RecordingDetail;
}

interface OpenedProps extends Loaded {
  me: Me;
  position: number;
}

function Opened({ recording, frames, more, me, position }: OpenedProps) {
  const [editor, setEditor] = useState<Editor | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what follows later is told to the editor
  useEffect(() => {
    const opened = openEditor({ recording, frames, more, me, position });
    setEditor(opened.editor);
    return () => {
      setEditor(null);
      opened.close();
    };
  }, [recording.id, me.id]);

  useEffect(() => {
    if (editor === null) return;
    const moved = editor.state.recording.stage !== recording.stage;
    editor.setRecording(recording);
    if (moved) void reread(editor);
  }, [editor, recording]);

  if (editor === null) return <PagePending />;
  return (
    <TooltipProvider delayDuration={500}>
      <EditorScreen editor={editor} />
    </TooltipProvider>
  );
}
