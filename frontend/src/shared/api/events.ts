import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { create } from 'zustand';
import { urlOf } from './client';
import { keys } from './keys';
import { openStream, type Topic } from './stream';
import type { FrameEvent, Job, JobEvent, Page, RecordingEvent } from './types';

/** Whether live news arrive; pages say so when they do not. */
export const useLive = create<{ connected: boolean }>(() => ({ connected: false }));

/** A frame and its box count their versions apart. */
export type FrameTopic = 'frame' | 'box';
type Listener = (event: FrameEvent, topic: FrameTopic) => void;
const frameListeners = new Set<Listener>();

/** Calls back when somebody's write to a frame is announced. Returns how to stop. */
export function onFrameEvent(listener: Listener): () => void {
  frameListeners.add(listener);
  return () => frameListeners.delete(listener);
}

const propagationListeners = new Set<(recordingId: number) => void>();

/** Calls back when a recording's estimates were solved anew or taken back. Returns how to stop. */
export function onPropagation(listener: (recordingId: number) => void): () => void {
  propagationListeners.add(listener);
  return () => propagationListeners.delete(listener);
}

/** Somebody acted on many frames, or on proposals (`act` is null). */
export interface RangeEvent {
  readonly recording_id: number;
  readonly act: string | null;
}
const rangeListeners = new Set<(event: RangeEvent) => void>();

/** Calls back when an act on many frames is announced. Returns how to stop. */
export function onRangeEvent(listener: (event: RangeEvent) => void): () => void {
  rangeListeners.add(listener);
  return () => rangeListeners.delete(listener);
}

/** Somebody painted postures of a recording. */
export interface PostureEvent {
  readonly recording_id: number;
  readonly version: number;
}

const postureListeners = new Set<(event: PostureEvent) => void>();

/** Calls back when somebody's act on postures is announced. Returns how to stop. */
export function onPostureEvent(listener: (event: PostureEvent) => void): () => void {
  postureListeners.add(listener);
  return () => postureListeners.delete(listener);
}

const suspicionListeners = new Set<(recordingId: number) => void>();

/** Calls back when joints of a recording were looked at anew. Returns how to stop. */
export function onSuspicions(listener: (recordingId: number) => void): () => void {
  suspicionListeners.add(listener);
  return () => suspicionListeners.delete(listener);
}

/** Keeps the cache equal to what the event stream says. Returns how to stop. */
export function watchEvents(client: QueryClient): () => void {
  let wasOpen = false;
  const leave = openStream(urlOf('/api/v1/events'), {
    opened: () => {
      useLive.setState({ connected: true });
      // News of the time without connection are lost: ask everything on the page again.
      if (wasOpen) client.invalidateQueries();
      wasOpen = true;
    },
    broken: () => useLive.setState({ connected: false }),
    news: (topic, data) => applyNews(client, topic, data),
  });
  return () => {
    leave();
    useLive.setState({ connected: false });
  };
}

function applyNews(client: QueryClient, topic: Topic, data: string): void {
  const event = JSON.parse(data);
  if (topic === 'job') applyJobEvent(client, event as JobEvent);
  else if (topic === 'recording') applyRecordingEvent(client, event as RecordingEvent);
  else if (topic === 'frame' || topic === 'box') applyFrameEvent(client, event, topic);
  else if (topic === 'range') {
    for (const listener of rangeListeners) listener(event as RangeEvent);
    client.invalidateQueries({ queryKey: keys.recording(event.recording_id), exact: true });
    client.invalidateQueries({ queryKey: keys.frames(event.recording_id), refetchType: 'none' });
  } else if (topic === 'release') {
    client.invalidateQueries({ queryKey: keys.releases });
    client.invalidateQueries({ queryKey: keys.datasets });
  } else if (topic === 'propagation') {
    client.invalidateQueries({ queryKey: keys.propagation(event.recording_id) });
    for (const listener of propagationListeners) listener(event.recording_id);
  } else if (topic === 'infant') {
    client.invalidateQueries({ queryKey: keys.infants });
    client.invalidateQueries({ queryKey: keys.releases, exact: true });
    askSelectionsAgain(client);
  } else if (topic === 'fits') {
    client.invalidateQueries({ queryKey: keys.recording(event.recording_id) });
  } else if (topic === 'postures') {
    client.invalidateQueries({ queryKey: keys.postures(event.recording_id) });
    for (const listener of postureListeners) listener(event as PostureEvent);
  } else if (topic === 'run') {
    client.invalidateQueries({ queryKey: keys.runs });
  } else if (topic === 'suspicion') {
    client.invalidateQueries({ queryKey: keys.suspicions(event.recording_id) });
    client.invalidateQueries({ queryKey: keys.poses(event.recording_id) });
    for (const listener of suspicionListeners) listener(event.recording_id);
  }
  // The server lost its own connection for a moment and cannot say what was missed.
  else client.invalidateQueries();
}

function patchJob<T extends Job>(job: T, event: JobEvent): T {
  const { state, done, total, message, error } = event;
  return { ...job, state, done, total, message, error };
}

/** Whether a job's news end or begin something, so that more than its bar has changed. */
function isTurn(before: Job | undefined, event: JobEvent): boolean {
  const ended = event.state !== 'queued' && event.state !== 'running';
  return ended || before?.state !== event.state;
}

/** Moves the bars of a job in every list at once, and asks again for what it changed. */
export function applyJobEvent(client: QueryClient, event: JobEvent): void {
  let before: Job | undefined;
  client.setQueriesData<InfiniteData<Page<Job>>>({ queryKey: [...keys.jobs, 'list'] }, (data) => {
    if (!data) return data;
    const pages = data.pages.map((page) => {
      const items = page.items.map((job) => {
        if (job.id !== event.id) return job;
        before = job;
        return patchJob(job, event);
      });
      return { ...page, items };
    });
    return { ...data, pages };
  });
  client.setQueryData<Job>(keys.job(event.id), (job) => {
    if (!job) return job;
    before = before ?? job;
    return patchJob(job, event);
  });
  if (event.recording_id !== null) {
    client.setQueryData<{ active_job: Job | null }>(
      keys.recording(event.recording_id),
      (recording) => {
        if (recording?.active_job?.id !== event.id) return recording;
        before = before ?? recording.active_job;
        return { ...recording, active_job: patchJob(recording.active_job, event) };
      },
    );
  }
  if (!isTurn(before, event)) return;
  client.invalidateQueries({ queryKey: keys.jobs });
  // A failed import takes its recording with it, and then names none.
  if (event.recording_id !== null || event.kind === 'ingest') {
    client.invalidateQueries({ queryKey: keys.recordings });
    client.invalidateQueries({ queryKey: keys.work });
  }
  if (event.kind.endsWith('_release')) {
    client.invalidateQueries({ queryKey: keys.releases });
    client.invalidateQueries({ queryKey: keys.infants });
  }
  if (event.kind === 'erase_infant') {
    client.invalidateQueries({ queryKey: keys.infants });
    client.invalidateQueries({ queryKey: keys.recordings });
    client.invalidateQueries({ queryKey: keys.exports });
  }
  if (event.kind.startsWith('export')) client.invalidateQueries({ queryKey: keys.exports });
  if (event.kind.includes('weights')) client.invalidateQueries({ queryKey: keys.weights });
}

/** A recording moved to another stage. */
export function applyRecordingEvent(client: QueryClient, event: RecordingEvent): void {
  client.setQueryData<{ stage: string; round: number }>(keys.recording(event.id), (recording) =>
    recording ? { ...recording, stage: event.stage, round: event.round } : recording,
  );
  client.invalidateQueries({ queryKey: keys.recordings });
  client.invalidateQueries({ queryKey: keys.work });
  askSelectionsAgain(client);
}

/** What the rules of open drafts select: approvals, consents and postures change it. */
function askSelectionsAgain(client: QueryClient): void {
  client.invalidateQueries({
    predicate: ({ queryKey: [of, , what] }) => of === 'releases' && what === 'effect',
  });
}

/**
 * A frame or its box has a new version. The frame's own document belongs to the editor, which
 * knows what it saved itself: it listens with `onFrameEvent`.
 */
export function applyFrameEvent(
  client: QueryClient,
  event: FrameEvent,
  topic: FrameTopic = 'frame',
): void {
  for (const listener of frameListeners) listener(event, topic);
  client.invalidateQueries({ queryKey: keys.recording(event.recording_id), exact: true });
  client.invalidateQueries({ queryKey: keys.frames(event.recording_id), refetchType: 'none' });
}
