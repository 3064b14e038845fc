import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiProblem, NetworkProblem } from '@/shared/api/problem';
import type { Postures as Received } from '@/shared/api/types';
import { codeOf } from '@/shared/domain/postures';
import { actionFor } from '../actions/registry';
import { type PostureLetter, PostureQueue, posturesKept } from '../sync/postures';
import { Driver } from '../testing/driver';
import { Postures } from './Postures';
import { paint } from './timeline';

/** A server that paints each act once, whatever is sent again. */
class Server {
  mode: 'up' | 'down' | 'stale' = 'up';
  readonly acts = new Map<string, PostureLetter>();

  state(): Received {
    const ranges = paint(
      [],
      [...this.acts.values()].flatMap(({ strokes }) => strokes),
      'Ana',
    );
    return {
      version: this.acts.size,
      moments: 10,
      covered: 0,
      named: 0,
      ranges: ranges.map(({ first, last, label, origin }) => ({
        first,
        last,
        ...label,
        origin,
        author: { id: 1, name: 'Ana' },
        round: 1,
      })),
    };
  }

  send = async (letter: PostureLetter): Promise<Received> => {
    if (this.mode === 'down') throw new NetworkProblem(null);
    if (this.mode === 'stale' && letter.version < this.acts.size) {
      throw new ApiProblem(412, { detail: 'Ben changed postures of the same moments meanwhile.' });
    }
    this.acts.set(letter.operationId, letter);
    return this.state();
  };
}

let server: Server;
let driver: Driver;
let postures: Postures;
let name = 0;

const open = (): Postures => {
  const queue = new PostureQueue({
    send: server.send,
    memory: posturesKept(`p${name}`),
    userId: 1,
  });
  return new Postures({
    store: driver.editor.store,
    queue,
    read: async () => server.state(),
    readProposals: async () => ({
      proposals: [
        { first: 0, last: 3, group: 'supine', posture: 'rolling', likely: 0.9 },
        { first: 4, last: 9, group: 'sitting', posture: null, likely: 0.8 },
      ],
      from_fits: 0,
      from_images: 10,
      remarks: [],
    }),
  });
};

beforeEach(async () => {
  server = new Server();
  name++;
  driver = await Driver.open({
    frames: 10,
    items: Array.from({ length: 10 }, (_, i) => ({ moment_index: i })),
  });
  postures = open();
  Object.assign(driver.editor, { postures });
  await postures.load();
});
afterEach(() => postures.queue.close());

const shown = (): string[] =>
  postures.state.ranges.map(({ first, last, label }) => `${first}-${last} ${codeOf(label)}`);
const settle = (): Promise<void> => postures.queue.drained(1).catch(() => undefined);

describe('naming postures by key', () => {
  it('gives a posture from a frame to the next change, as they are named in passing', async () => {
    driver.key('Shift+T', '1', '1');
    expect(shown()).toEqual(['0-9 11']);
    driver.key('F', 'F', 'F', '2', '3');
    driver.key('F', 'F', '3', '3');
    driver.key('D', 'D', 'D', 'D', 'D');
    driver.key('2', 'Enter');
    expect(shown()).toEqual(['0-2 20', '3-4 23', '5-9 33']);
    await settle();
    expect(server.acts.size).toBe(4);
  });

  it('takes the keys of joints only while the mode is on', () => {
    expect(actionFor('1', driver.editor)?.id).not.toMatch(/^posture/);
    driver.key('Shift+T');
    expect(actionFor('1', driver.editor)?.id).toBe('posture.1');
    expect(actionFor('Space', driver.editor)?.id).toBe('accept');
    driver.key('1', 'Escape');
    expect(postures.state).toMatchObject({ on: true, group: null });
    driver.key('Escape');
    expect(postures.state.on).toBe(false);
    expect(actionFor('1', driver.editor)?.id).not.toMatch(/^posture/);
  });

  it('paints marked moments, and clears them', () => {
    driver.key('Shift+T', '4', '2', 'F', 'F', '[', 'F', 'F', ']', '0');
    expect(shown()).toEqual(['0-1 42', '5-9 42']);
    expect(postures.state.marked).toBeNull();
  });

  it('undoes and redoes an act as one step', async () => {
    driver.key('Shift+T');
    await Promise.resolve();
    await Promise.resolve();
    driver.key('Shift+Enter');
    expect(shown()).toEqual(['0-3 23', '4-9 30']);
    driver.key('F', '1', '1', 'Mod+Z');
    expect(shown()).toEqual(['0-3 23', '4-9 30']);
    driver.key('Mod+Z');
    expect(shown()).toEqual([]);
    driver.key('Mod+Shift+Z');
    expect(shown()).toEqual(['0-3 23', '4-9 30']);
    await settle();
    expect(server.acts.size).toBe(5);
  });

  it('takes the proposal of this frame, and what is left of others', async () => {
    driver.key('Shift+T');
    await Promise.resolve();
    await Promise.resolve();
    driver.key('Enter');
    expect(shown()).toEqual(['0-3 23']);
    expect(postures.state.ranges[0]?.origin).toBe('proposed');
    expect(postures.open.map(({ first, last }) => [first, last])).toEqual([[4, 9]]);
    driver.key('Enter');
    expect(shown()).toEqual(['0-3 23']);
    expect(driver.state.notice?.text).toBe('Nothing is proposed here.');
  });

  it('says so where it is that posture already', () => {
    driver.key('Shift+T', '1', '1', 'F', '1', '1');
    expect(driver.state.notice?.text).toBe('It is prone lying already.');
    expect(postures.state.waiting.length).toBeLessThanOrEqual(1);
  });

  it('moves a border', () => {
    driver.key('Shift+T', '1', '1', 'F', 'F', '2', '1');
    postures.move(2, 5);
    expect(shown()).toEqual(['0-4 11', '5-9 21']);
    postures.move(5, 1);
    expect(shown()).toEqual(['0-0 11', '1-9 21']);
  });
});

describe('postures on their way', () => {
  it('are shown while the server is away, and sent on the next visit', async () => {
    server.mode = 'down';
    driver.key('Shift+T', '3', '3');
    await settle();
    expect(shown()).toEqual(['0-9 33']);
    expect(postures.state.waiting).toMatchObject([{ held: 'unreachable' }]);
    postures.queue.close();

    server.mode = 'up';
    postures = open();
    await postures.load();
    expect(shown()).toEqual([]);
    expect(await postures.queue.restore()).toBe(1);
    await settle();
    expect(shown()).toEqual(['0-9 33']);
    expect(server.acts.size).toBe(1);
    expect(postures.state.waiting).toEqual([]);
  });

  it('of the same moments as somebody else’s wait until a person decides', async () => {
    const theirs = { strokes: [{ first: 0, last: 4, label: { group: 'prone', posture: null } }] };
    server.acts.set('theirs', theirs as unknown as PostureLetter);
    server.mode = 'stale';
    driver.key('Shift+T', '3', '3');
    await settle();
    expect(postures.state.waiting).toMatchObject([{ refused: expect.stringContaining('Ben') }]);
    await postures.again();
    await settle();
    expect(postures.state.waiting).toEqual([]);
    expect(shown()).toEqual(['0-9 33']);
  });

  it('are given up only by a person’s word', async () => {
    server.acts.set('theirs', { strokes: [] } as unknown as PostureLetter);
    server.mode = 'stale';
    driver.key('Shift+T', '3', '3');
    await settle();
    postures.giveUp();
    await postures.load();
    expect(shown()).toEqual([]);
  });
});
