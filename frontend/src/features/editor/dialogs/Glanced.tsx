import { useQuery } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import { vouchingQuery } from '@/shared/api/queries/inspecting';
import { queryClient } from '@/shared/api/queryClient';
import { useEditor, useEditorParts } from '../store/context';
import { GlancedNotice } from './LeftList';

/** Frames that were marked good before anybody can have seen them: a key pressed is not a look. */
export function Glanced() {
  const editor = useEditor();
  const { recording, frames } = useEditorParts((s) => ({
    recording: s.recording,
    frames: s.frames,
  }));
  const { data } = useQuery({
    queryKey: [...keys.vouching(recording.id), 'glanced'],
    queryFn: async () => {
      await editor.queue.drained();
      await editor.reviews.beforeMarking();
      return queryClient.fetchQuery({ ...vouchingQuery(recording.id), staleTime: 0 });
    },
    staleTime: 0,
    gcTime: 0,
  });
  const ids = data?.glanced ?? [];
  const first = frames.findIndex(({ id }) => id === ids[0]);
  if (ids.length === 0 || first < 0) return null;
  return (
    <GlancedNotice
      frames={ids.length}
      onLook={() => {
        editor.open(null);
        editor.go(first);
      }}
    />
  );
}
