import { type InfiniteData, QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it } from 'vitest';
import { applyFrameEvent, applyJobEvent, applyRecordingEvent, onFrameEvent } from './events';
import { keys } from './keys';
import type { Job, JobEvent, Page, RecordingDetail } from './types';

const job = (id: number, state: Job['state'] = 'running') =>
  ({ id, kind: 'ingest', state, done: 0, total: 10, message: null, error: null }) as Job;

const news = (change: Partial<JobEvent> = {}): JobEvent => ({
  id: 1,
  kind: 'ingest',
  state: 'running',
  done: 4,
  total: 10,
  message: 'frame 4',
  error: null,
  recording_id: 7,
  ...change,
});

const list: InfiniteData<Page<Job>> = {
  pages: [{ items: [job(2), job(1)], next_cursor: null }],
  pageParams: [undefined],
};

describe('live events', () => {
  let client: QueryClient;
  const listKey = keys.jobList({});
  const isStale = (key: readonly unknown[]) => client.getQueryState(key)?.isInvalidated;

  beforeEach(() => {
    client = new QueryClient();
    client.setQueryData(listKey, list);
    client.setQueryData(keys.job(1), job(1));
    client.setQueryData(keys.recording(7), {
      id: 7,
      stage: 'ingesting',
      round: 1,
      active_job: job(1),
    } as RecordingDetail);
  });

  it('move a running job’s bar everywhere without asking the server', () => {
    applyJobEvent(client, news());
    const jobs = client.getQueryData<typeof list>(listKey)?.pages[0]?.items;
    expect(jobs?.map((j) => j.done)).toEqual([0, 4]);
    expect(client.getQueryData<Job>(keys.job(1))?.done).toBe(4);
    expect(client.getQueryData<RecordingDetail>(keys.recording(7))?.active_job?.done).toBe(4);
    expect(isStale(listKey)).toBe(false);
    expect(isStale(keys.recording(7))).toBe(false);
  });

  it('ask again for what a finished job changed', () => {
    applyJobEvent(client, news({ state: 'succeeded', done: 10 }));
    expect(client.getQueryData<Job>(keys.job(1))?.state).toBe('succeeded');
    expect(isStale(listKey)).toBe(true);
    expect(isStale(keys.recording(7))).toBe(true);
  });

  it('bring the reason of a failure with them', () => {
    applyJobEvent(client, news({ state: 'failed', error: 'visit.mp4 is no video.' }));
    expect(client.getQueryData<Job>(keys.job(1))?.error).toBe('visit.mp4 is no video.');
  });

  it('ask again for a recording that a failed import took with it', () => {
    applyJobEvent(client, news({ state: 'failed', recording_id: null }));
    expect(isStale(keys.recording(7))).toBe(true);
  });

  it('ask again when they tell of a job that is not listed yet', () => {
    applyJobEvent(client, news({ id: 99, state: 'queued', recording_id: null }));
    expect(isStale(listKey)).toBe(true);
  });

  it('leave an older job of a recording alone', () => {
    applyJobEvent(client, news({ id: 2, done: 9 }));
    const recording = client.getQueryData<RecordingDetail>(keys.recording(7));
    expect(recording?.active_job?.done).toBe(0);
  });

  it('ask again what the rules of drafts select when a recording was approved', () => {
    client.setQueryData(keys.releaseEffect(4, { every: 1 }), {});
    client.setQueryData(keys.release(4), {});
    applyRecordingEvent(client, { id: 7, stage: 'approved', round: 1 });
    expect(isStale(keys.releaseEffect(4, { every: 1 }))).toBe(true);
    expect(isStale(keys.release(4))).toBe(false);
  });

  it('move a recording to its new stage at once', () => {
    applyRecordingEvent(client, { id: 7, stage: 'ingested', round: 1 });
    expect(client.getQueryData<RecordingDetail>(keys.recording(7))?.stage).toBe('ingested');
    expect(isStale(keys.recording(7))).toBe(true);
  });

  it('tell the editor of a frame’s new version until it stops listening', () => {
    const heard: number[] = [];
    const stop = onFrameEvent((event) => heard.push(event.version));
    applyFrameEvent(client, { id: 3, recording_id: 7, version: 5 });
    stop();
    applyFrameEvent(client, { id: 3, recording_id: 7, version: 6 });
    expect(heard).toEqual([5]);
  });
});
