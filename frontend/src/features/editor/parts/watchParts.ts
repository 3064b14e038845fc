/** Tells the editor which part of the recording is the person's, and follows where they go. */
import { type QueryClient, type QueryKey, QueryObserver } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import { recordingQuery } from '@/shared/api/queries/recordings';
import { readParts } from '@/shared/api/queries/team';
import { queryClient } from '@/shared/api/queryClient';
import type { RecordingPart } from '@/shared/api/types';
import type { Editor } from '../store/Editor';
import { isInPart, type OwnPart, ownParts, partAt, partsNews } from './part';

interface Source {
  readonly client: QueryClient;
  /** Read the parts; asked again whenever news of recordings come. */
  readonly queryKey: QueryKey;
  readonly queryFn: () => Promise<RecordingPart[]>;
  /** Read the recording again: what the person may do here follows from its parts. */
  readonly reread: () => Promise<unknown>;
}

const fromServer = (recordingId: number): Source => ({
  client: queryClient,
  queryKey: keys.recordingParts(recordingId),
  queryFn: () => readParts(recordingId),
  reread: () => queryClient.fetchQuery({ ...recordingQuery(recordingId), staleTime: 0 }),
});

/**
 * Returns what stops it. `atStart`: the address names no frame, so work begins in the part.
 *
 * Parts are watched also where there are none yet: a maintainer may cut a recording, or give parts
 * to others, while it is open.
 */
export function watchParts(
  editor: Editor,
  atStart: boolean,
  source: Source = fromServer(editor.state.recording.id),
): () => void {
  const { me } = editor.state;
  const { queryKey, queryFn } = source;
  let own: readonly OwnPart[] = [];
  let known: readonly RecordingPart[] | null = null;
  let at = -1;
  const follow = (): void => {
    const { index, frames, part, filter } = editor.state;
    if (index === at) return;
    at = index;
    const next = partAt(own, frames[index] ?? null, part);
    if (next?.id === part?.id && next?.first === part?.first && next?.last === part?.last) return;
    editor.set({ part: next });
    editor.walk.setFilter(filter);
  };
  let begun = !atStart;
  const observer = new QueryObserver(source.client, { queryKey, queryFn, staleTime: 0 });
  const stopReading = observer.subscribe(({ data: parts, isFetching }) => {
    if (parts === undefined || isFetching) return;
    own = ownParts(parts, me.id);
    at = -1;
    follow();
    const news = known === null ? null : partsNews(known, parts, me.id);
    known = parts;
    if (news !== null) {
      editor.notify(news, 'warn');
      source.reread().catch(() => undefined);
    }
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
  const stop = editor.store.api.subscribe(({ refused }, before) => {
    // Perhaps the news of a cut did not arrive.
    if (refused.length > before.refused.length) void observer.refetch();
    follow();
  });
  return () => {
    stopReading();
    stop();
  };
}
