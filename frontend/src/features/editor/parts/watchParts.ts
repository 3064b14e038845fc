/** Tells the editor which part of the recording is the person's, and follows where they go. */
import { QueryObserver } from '@tanstack/react-query';
import { partsQuery } from '@/shared/api/queries/team';
import { queryClient } from '@/shared/api/queryClient';
import type { Editor } from '../store/Editor';
import { isInPart, type OwnPart, ownParts, partAt } from './part';

/** Returns what stops it. `atStart`: the address names no frame, so work begins in the part. */
export function watchParts(editor: Editor, atStart: boolean): () => void {
  const { recording, me } = editor.state;
  if (!recording.in_parts) return () => undefined;
  let own: readonly OwnPart[] = [];
  let at = -1;
  const follow = (): void => {
    const { index, frames, part, filter } = editor.state;
    if (index === at) return;
    at = index;
    const next = partAt(own, frames[index] ?? null, part);
    if (next?.id === part?.id) return;
    editor.set({ part: next });
    editor.walk.setFilter(filter);
  };
  const stop = editor.store.api.subscribe(follow);
  let begun = !atStart;
  // Read again once a part was submitted, or given to somebody else.
  const observer = new QueryObserver(queryClient, { ...partsQuery(recording.id), staleTime: 0 });
  const stopReading = observer.subscribe(({ data: parts, isFetching }) => {
    if (parts === undefined || isFetching) return;
    own = ownParts(parts, me.id);
    at = -1;
    follow();
    const { part, frames, index } = editor.state;
    const here = frames[index];
    if (begun) return;
    begun = true;
    if (part === null || (here !== undefined && isInPart(here, part))) return;
    const inside = frames
      .map((item, i) => ({ item, i }))
      .filter(({ item }) => isInPart(item, part));
    const first = inside.find(({ item }) => item.state === 'undecided') ?? inside[0];
    if (first !== undefined) editor.go(first.i);
  });
  return () => {
    stopReading();
    stop();
  };
}
