import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem, NetworkProblem } from '@/shared/api/problem';
import type { Comment } from '@/shared/api/types';
import { type CommentLetter, CommentQueue, commentsKept, type WaitingComment } from './comments';

const said = (frameId: number, body: string, joint: number | null) => ({
  recordingId: 1,
  frameId,
  body,
  joint,
});

/** A server that writes each comment once, whatever is sent again. */
class Server {
  readonly comments = new Map<string, Comment>();
  mode: 'up' | 'down' | 'deaf' | 'closed' = 'up';

  send = async (letter: CommentLetter): Promise<Comment> => {
    if (this.mode === 'down') throw new NetworkProblem(null);
    if (this.mode === 'closed') throw new ApiProblem(409, { detail: 'It is approved.' });
    const { frameId, joint, body, operationId } = letter;
    const id = this.comments.size + 1;
    const made = { id, frame_id: frameId, joint, body } as Comment;
    const comment = this.comments.get(operationId) ?? made;
    this.comments.set(operationId, comment);
    if (this.mode === 'deaf') throw new NetworkProblem(null);
    return comment;
  };
}

let server: Server;
let name = 0;

function open(database: string, userId = 1) {
  const queue = new CommentQueue({
    send: server.send,
    memory: commentsKept(database),
    userId,
  });
  const seen: { sent: Comment[]; waiting: readonly WaitingComment[] } = { sent: [], waiting: [] };
  queue.onSent = (comment) => seen.sent.push(comment);
  queue.onWaiting = (waiting) => {
    seen.waiting = waiting;
  };
  return { queue, seen };
}

beforeEach(() => {
  server = new Server();
  name++;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('comments on their way', () => {
  it('are told when the server has them, and forgotten', async () => {
    const { queue, seen } = open(`a${name}`);
    await queue.add(said(5, 'Look at the wrist.', 9));
    expect(seen.sent).toMatchObject([{ frame_id: 5, joint: 9, body: 'Look at the wrist.' }]);
    expect(seen.waiting).toEqual([]);
    expect(await commentsKept(`a${name}`).all()).toEqual([]);
  });

  it('say that the server was not reached, until it is', async () => {
    server.mode = 'down';
    const { queue, seen } = open(`b${name}`);
    await queue.add(said(5, 'one', null));
    expect(seen.waiting).toMatchObject([{ held: 'unreachable', refused: null }]);
    server.mode = 'up';
    queue.retry();
    expect(seen.waiting).toMatchObject([{ held: null }]);
    await queue.drained(1);
    expect(seen.waiting).toEqual([]);
  });

  it('are kept while the server is away, and sent on the next visit', async () => {
    server.mode = 'down';
    const first = open(`a${name}`);
    await first.queue.add(said(5, 'one', null));
    await first.queue.add(said(6, 'two', 3));
    expect(first.seen.waiting).toHaveLength(2);
    await expect(first.queue.drained(1)).rejects.toThrow('waiting on this computer');
    await first.queue.drained(2);
    first.queue.close();

    server.mode = 'up';
    expect(await open(`a${name}`, 2).queue.restore()).toBe(0);
    const next = open(`a${name}`);
    expect(await next.queue.restore()).toBe(2);
    await next.queue.drained(1);
    expect([...server.comments.values()].map(({ body }) => body)).toEqual(['one', 'two']);
    expect(await commentsKept(`a${name}`).all()).toEqual([]);
  });

  it('of one millisecond keep their order through a reload', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(1000);
    server.mode = 'down';
    const { queue } = open(`a${name}`);
    const bodies = ['1', '2', '3', '4', '5', '6', '7', '8'];
    for (const body of bodies) await queue.add(said(5, body, null));
    queue.close();

    server.mode = 'up';
    const next = open(`a${name}`);
    await next.queue.restore();
    await next.queue.drained(1);
    expect([...server.comments.values()].map(({ body }) => body)).toEqual(bodies);
  });

  it('are written once although the answer was lost', async () => {
    const { queue, seen } = open(`a${name}`);
    server.mode = 'deaf';
    await queue.add(said(5, 'once', null));
    expect(seen.waiting).toHaveLength(1);
    server.mode = 'up';
    await queue.flush();
    expect(server.comments.size).toBe(1);
    expect(seen.sent).toHaveLength(1);
  });

  it('stay where the server refuses them, with its words, until a person gives them up', async () => {
    const { queue, seen } = open(`a${name}`);
    server.mode = 'closed';
    await queue.add(said(5, 'too late', null));
    expect(seen.waiting).toMatchObject([{ body: 'too late', refused: 'It is approved.' }]);
    expect(await commentsKept(`a${name}`).all()).toHaveLength(1);
    queue.abandon(seen.waiting[0]?.operationId ?? '');
    expect(seen.waiting).toEqual([]);
  });

  it('are on this computer before they are on the wire', async () => {
    const kept = commentsKept(`k${name}`);
    const put = kept.put.bind(kept);
    let keep: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      keep = resolve;
    });
    vi.spyOn(kept, 'put').mockImplementation(async (letter) => {
      await slow;
      await put(letter);
    });
    const send = vi.fn(server.send);
    const queue = new CommentQueue({ send, memory: kept, userId: 1 });
    const added = queue.add(said(5, 'one', null));
    // Another reason to send: the network is back.
    queue.retry();
    await new Promise((done) => setTimeout(done, 5));
    expect(send).not.toHaveBeenCalled();
    keep();
    await added;
    expect(send).toHaveBeenCalledOnce();
  });
});
