import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { ApiProblem, NetworkProblem } from '@/shared/api/problem';
import { type WordLetter, WordQueue, wordsKept } from '../inspect/letters';
import { type WaiverLetter, WaiverQueue, waiversKept } from '../suspicion/waivers';
import { type CommentLetter, CommentQueue, commentsKept } from './comments';
import type { Content, Letter, LetterMemory, LetterQueue, Waiting } from './letters';
import { type PostureLetter, PostureQueue, posturesKept } from './postures';
import { type RangeLetter, RangeQueue, rangesKept } from './ranges';

type Weather = 'up' | 'down' | 'deaf' | 'signed-out' | 'starting';

/** Takes each act once, by its id; can be away, forget to answer, or ask for a log-in. */
class Server {
  weather: Weather = 'up';
  readonly taken = new Map<string, Letter>();
  requests = 0;

  readonly take = async (letter: Letter): Promise<never> => {
    this.requests++;
    if (this.weather === 'down') throw new NetworkProblem(null);
    if (this.weather === 'signed-out') throw new ApiProblem(401, { detail: 'Log in.' });
    if (this.weather === 'starting') throw new ApiProblem(503, { detail: 'In a moment.' });
    if (!this.taken.has(letter.operationId)) this.taken.set(letter.operationId, letter);
    if (this.weather === 'deaf') throw new NetworkProblem(null);
    return {} as never;
  };
}

interface Kind<L extends Letter> {
  readonly kept: (name: string) => LetterMemory<L>;
  readonly open: (server: Server, memory: LetterMemory<L>, userId: number) => LetterQueue<L, never>;
  /** The same act a first and a second time. */
  readonly act: (n: number) => Content<L>;
}

const on = { recordingId: 1, frameId: 5 };

const comment: Kind<CommentLetter> = {
  kept: commentsKept,
  open: ({ take: send }, memory, userId) => new CommentQueue({ send, memory, userId }) as never,
  act: (n) => ({ ...on, joint: 9, body: `look ${n}` }),
};
const settled: Kind<CommentLetter> = {
  ...comment,
  act: (n) => ({ ...on, joint: null, body: 'done', settles: { id: n, resolved: true } }),
};
const range: Kind<RangeLetter> = {
  kept: rangesKept,
  open: ({ take: send }, memory, userId) => new RangeQueue({ send, memory, userId }) as never,
  act: (n) => ({ recordingId: 1, act: { kind: 'accept', fps: 5 }, frames: [n], versions: [1] }),
};
const posture: Kind<PostureLetter> = {
  kept: posturesKept,
  open: ({ take: send }, memory, userId) => new PostureQueue({ send, memory, userId }) as never,
  act: (n) => ({
    recordingId: 1,
    version: 3,
    strokes: [{ first: n, last: n, label: { group: 'prone', posture: null }, origin: 'placed' }],
  }),
};
const waiver: Kind<WaiverLetter> = {
  kept: waiversKept,
  open: ({ take: send }, memory, userId) => new WaiverQueue({ send, memory, userId }) as never,
  act: (n) => ({ ...on, joint: n, x: 1, y: 2, doubt: 'jump', holds: true, note: null }),
};
const word: Kind<WordLetter> = {
  kept: wordsKept,
  open: ({ take: send }, memory, userId) => new WordQueue({ send, memory, userId }) as never,
  act: (n) => ({ recordingId: 1, word: { kind: 'mark', frameId: n, mark: 'good' } }),
};

// biome-ignore lint/suspicious/noExplicitAny: each kind goes with its own letters
const KINDS: readonly (readonly [string, Kind<any>])[] = [
  ['a comment', comment],
  ['a comment marked as done', settled],
  ['a range of frames', range],
  ['a posture', posture],
  ['a joint waved through', waiver],
  ['an inspector’s word', word],
];

let databases = 0;

describe.each(KINDS)('%s', (_, { kept, open, act }) => {
  const begin = (userId = 1) => {
    const server = new Server();
    const database = `never-losing-${++databases}`;
    const visit = (person = userId) => {
      const queue = open(server, kept(database), person);
      const shown: { waiting: readonly Waiting<Letter>[] } = { waiting: [] };
      queue.onWaiting = (waiting) => {
        shown.waiting = waiting;
      };
      return { queue, shown };
    };
    return { server, visit, left: () => kept(database).all() };
  };

  it.each(['down', 'starting', 'signed-out'] as const)(
    'is kept and shown while the server is %s, and sent once, in order, after the tab was closed',
    async (weather) => {
      const { server, visit, left } = begin();
      server.weather = weather;
      const first = visit();
      for (const n of [1, 2, 3]) await first.queue.add(act(n));
      expect(first.shown.waiting).toHaveLength(3);
      const held = weather === 'signed-out' ? 'signed-out' : 'unreachable';
      expect(first.shown.waiting.map((letter) => letter.held)).toEqual([held, held, held]);
      await first.queue.close();
      expect(server.taken.size).toBe(0);

      server.weather = 'up';
      const next = visit();
      expect(await next.queue.restore()).toBe(3);
      await next.queue.drained(1);
      expect([...server.taken.values()]).toMatchObject([act(1), act(2), act(3)]);
      expect(next.shown.waiting).toEqual([]);
      expect(await left()).toEqual([]);
    },
  );

  it('is done once where the server stopped before its answer came', async () => {
    const { server, visit, left } = begin();
    const { queue, shown } = visit();
    server.weather = 'deaf';
    await queue.add(act(1));
    expect(shown.waiting).toHaveLength(1);
    server.weather = 'up';
    queue.retry();
    await queue.drained(1);
    expect(server.taken.size).toBe(1);
    expect(await left()).toEqual([]);
  });

  it('is done once where two tabs of one person send it', async () => {
    const { server, visit, left } = begin();
    server.weather = 'down';
    const first = visit();
    await first.queue.add(act(1));
    const second = visit();
    expect(await second.queue.restore()).toBe(1);
    server.weather = 'up';
    first.queue.retry();
    second.queue.retry();
    await Promise.all([first.queue.drained(1), second.queue.drained(1)]);
    expect(server.taken.size).toBe(1);
    expect(await left()).toEqual([]);
  });

  it('is not sent again by a tab that comes later, after what was said since', async () => {
    const { server, visit } = begin();
    server.weather = 'down';
    const first = visit();
    await first.queue.add(act(1));
    const second = visit();
    await second.queue.restore();
    await second.queue.flush();
    server.weather = 'up';
    await first.queue.add(act(2));
    await first.queue.drained(1);
    const { requests } = server;
    second.queue.retry();
    await second.queue.drained(1);
    expect(server.requests).toBe(requests);
    expect(second.shown.waiting).toEqual([]);
  });

  it('waits for its own author where somebody else uses the browser', async () => {
    const { server, visit, left } = begin();
    server.weather = 'signed-out';
    const first = visit(1);
    await first.queue.add(act(1));
    await first.queue.close();
    server.weather = 'up';
    expect(await visit(2).queue.restore()).toBe(0);
    expect(server.taken.size).toBe(0);
    expect(await left()).toHaveLength(1);
    const back = visit(1);
    await back.queue.restore();
    await back.queue.drained(1);
    expect(server.taken.size).toBe(1);
  });
});
