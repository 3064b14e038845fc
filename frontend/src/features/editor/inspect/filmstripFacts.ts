/** What the inspector's filters of the filmstrip ask beside the cells themselves. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { inspectionFactsQuery } from '@/shared/api/queries/inspecting';
import type { FrameItem, InspectionFacts, Person } from '@/shared/api/types';
import { useEditor, useEditorParts } from '../store/context';

const NOBODY: readonly Person[] = [];

/** For each frame that does not know its facts yet, what they are. */
export function missing(
  frames: readonly FrameItem[],
  facts: InspectionFacts,
): ReadonlyMap<number, Partial<FrameItem>> {
  const ignorant = new Set(frames.filter((f) => f.author === undefined).map(({ id }) => id));
  const found = new Map<number, Partial<FrameItem>>();
  facts.id.forEach((id, i) => {
    if (!ignorant.has(id)) return;
    found.set(id, {
      author: facts.author[i] ?? null,
      agreement: facts.agreement[i] ?? null,
      propagated: facts.propagated[i] ?? false,
    });
  });
  return found;
}

/** Tells the frames their facts while one inspects; gives who wrote to them. */
export function usePeople(): readonly Person[] {
  const editor = useEditor();
  const { frames, mode, recording } = useEditorParts((s) => ({
    frames: s.frames,
    mode: s.mode,
    recording: s.recording,
  }));
  const inspects = mode === 'inspect';
  const { data } = useQuery({ ...inspectionFactsQuery(recording.id), enabled: inspects });
  useEffect(() => {
    // Frames that were read anew know nothing of it again.
    if (inspects && data) editor.frames.patchItems(missing(frames, data));
  }, [editor, frames, data, inspects]);
  return inspects && data ? data.people : NOBODY;
}
