import { expect, it, vi } from 'vitest';
import { ApiProblem, NetworkProblem } from '@/shared/api/problem';
import type { Suspicions } from '@/shared/api/types';
import { EditorStore } from '../store/EditorStore';
import { frameItem } from '../testing/driver';
import { SuspicionQueue } from './SuspicionQueue';
import { type WaiverLetter, WaiverQueue } from './waivers';
import { worriesAbout } from './worries';

const BODY = Array.from({ length: 17 }, (_, i) => ({ x: 10 * i, y: 5, v: 2 }) as const);

const FOUND: Suspicions = {
  waiting: 0,
  frames: [
    {
      frame_id: 1,
      percent: 90,
      joints: [
        {
          joint: 9,
          percent: 90,
          doubt: 'jump',
          reason: 'It jumps.',
          x: null,
          y: null,
          waived: null,
        },
      ],
    },
  ],
  quick: [],
  sampled: [],
  words: [],
  usuals: [],
};

function opened() {
  const store = new EditorStore({
    me: { id: 1, name: 'Ann', email: 'a@b.c', roles: ['annotator'], is_demo: false },
    recording: { id: 7, stage: 'annotating', can: { edit: true } } as never,
    frames: [frameItem(0), frameItem(1)],
    index: 0,
    views: { layout: 'single', scene: false, strip: false, thresholdPx: 15 },
    look: {},
    save: { kind: 'saved' },
  });
  const kept = new Map<string, WaiverLetter>();
  const sent: WaiverLetter[] = [];
  const server: { fault: Error | null } = { fault: null };
  const waivers = new WaiverQueue({
    send: async (letter) => {
      if (server.fault !== null) throw server.fault;
      sent.push(letter);
    },
    memory: {
      all: async () => [...kept.values()],
      put: async (letter) => void kept.set(letter.operationId, letter),
      remove: async (id) => void kept.delete(id),
    },
    userId: 1,
  });
  const go = vi.fn((index: number) => store.set({ index, loading: true }));
  const select = vi.fn((joint: number | null) => store.set({ selected: joint }));
  const worries = () =>
    worriesAbout({
      checks: [],
      doubted: store.state.suspicions.get(store.frameId ?? -1) ?? [],
      skeleton: store.state.document?.skeleton ?? null,
      words: store.state.grounds.words.get(store.frameId ?? -1) ?? [],
    });
  const queue = new SuspicionQueue({ store, waivers, go, select, worries });
  queue.receive(FOUND);
  const arrive = (id: number): void =>
    store.set({
      loading: false,
      frame: { doc: { id } } as never,
      document: { skeleton: BODY } as never,
    });
  return { store, queue, go, select, sent, arrive, server, kept };
}

it('goes to the frame and selects its joint once it is on the canvas', async () => {
  const { queue, go, select, arrive, store } = opened();
  queue.next(1);
  expect(go).toHaveBeenCalledWith(1, undefined);
  expect(select).not.toHaveBeenCalled();
  arrive(1);
  await Promise.resolve();
  expect(select).toHaveBeenCalledWith(9);
  expect(store.state.notice?.text).toMatch(/It jumps\..*1 joint in 1 suspicious frame left/);
});

it('takes a joint out of the queue at once, sends the word, and puts it back', async () => {
  const { queue, sent, arrive, store } = opened();
  store.set({ index: 1 });
  arrive(1);
  queue.wave(queue.worryOf(9), true, 'behind the toy');
  expect(store.state.frames[1]?.doubts).toBe(0);
  queue.wave(queue.worryOf(9), false);
  expect(store.state.frames[1]?.doubts).toBe(1);
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent.map(({ holds, note, doubt, x }) => [holds, note, doubt, x])).toEqual([
    [true, 'behind the toy', 'jump', 90],
    [false, null, 'jump', 90],
  ]);
});

it('sends a word on a whole body as one letter', async () => {
  const { queue, sent, arrive, store } = opened();
  store.set({ index: 1 });
  arrive(1);
  const joints = BODY.map((_, i) => i);
  const worry = {
    doubt: 'wrong_body',
    sentence: '',
    also: [],
    joints,
    whole: true,
    percent: 80,
  } as const;
  queue.wave({ ...worry, waived: null }, true);
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.also).toHaveLength(BODY.length - 1);
  expect(store.state.grounds.words.get(1)).toHaveLength(BODY.length);
});

it('tells frames that are read anew what is doubted of them', () => {
  const { store } = opened();
  store.set({ frames: [frameItem(0), frameItem(1)] });
  expect(store.state.frames[1]?.doubts).toBe(1);
});

it('shows what waits on this computer, also when the server is read anew', async () => {
  const { queue, arrive, store, server, kept } = opened();
  server.fault = new NetworkProblem(null);
  store.set({ index: 1 });
  arrive(1);
  queue.wave(queue.worryOf(9), true);
  await vi.waitFor(() => expect(queue.waiting).toMatchObject([{ held: 'unreachable' }]));
  expect(kept.size).toBe(1);
  queue.receive(FOUND);
  expect(store.state.frames[1]?.doubts).toBe(0);
});

it('doubts a joint again where the word on it was refused and given up', async () => {
  const { queue, arrive, store, server, kept } = opened();
  server.fault = new ApiProblem(409, { detail: 'It is approved.' });
  store.set({ index: 1 });
  arrive(1);
  queue.onAsked = () => queue.receive(FOUND);
  queue.wave(queue.worryOf(9), true);
  await vi.waitFor(() => expect(queue.waiting).toMatchObject([{ refused: 'It is approved.' }]));
  queue.abandon(queue.waiting[0]?.operationId ?? '');
  expect(store.state.frames[1]?.doubts).toBe(1);
  await vi.waitFor(() => expect(kept.size).toBe(0));
});
