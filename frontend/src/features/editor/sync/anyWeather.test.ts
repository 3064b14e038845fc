import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  CANDIDATES,
  drawn,
  eachAtNewDesk,
  edit,
  FRAME,
  KEEP,
  move,
  QueueDesk,
  type QueueServer,
} from '../testing/queueServer';

let { server, memory, open } = new QueueDesk();

eachAtNewDesk((desk) => {
  ({ server, memory, open } = desk);
});

describe('autosave in any weather', () => {
  it('never loses a change, whatever the server and the network do', async () => {
    const weather = fc.constantFrom('up', 'down', 'deaf', 'signed-out') satisfies fc.Arbitrary<
      QueueServer['mode']
    >;
    const steps = fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constant('edit' as const),
          joint: fc.nat(7),
          x: fc.integer({ min: 100, max: 999 }),
        }),
        fc.record({
          kind: fc.constant('other' as const),
          joint: fc.integer({ min: 8, max: 16 }),
          x: fc.integer({ min: 100, max: 999 }),
        }),
        fc.record({
          kind: fc.constant('draw' as const),
          joint: fc.constant(0),
          x: fc.integer({ min: 0, max: 99 }),
        }),
        fc.record({ kind: fc.constant('weather' as const), mode: weather }),
        fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(3000) }),
        fc.record({ kind: fc.constant('reload' as const) }),
      ),
      { maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        ({ server, memory, open } = new QueueDesk());
        const expected = new Map<number, number>();
        let box: number | undefined;
        server.write(KEEP);
        let visit = 0;
        let queue = open(`tab-${visit}`);
        queue.load(FRAME, server.current, CANDIDATES);
        for (const step of list) {
          if (step.kind === 'edit' && queue.documentOf(FRAME) !== null) {
            edit(queue, move(step.joint, step.x));
            expected.set(step.joint, step.x);
          } else if (step.kind === 'draw' && queue.documentOf(FRAME) !== null) {
            edit(queue, drawn(step.x));
            box = step.x;
          } else if (step.kind === 'other') {
            server.write(move(step.joint, step.x));
            expected.set(step.joint, step.x);
          } else if (step.kind === 'weather') {
            server.mode = step.mode;
          } else if (step.kind === 'wait') {
            await vi.advanceTimersByTimeAsync(step.ms);
          } else if (step.kind === 'reload') {
            await queue.settled();
            queue.close();
            await vi.advanceTimersByTimeAsync(0);
            queue = open(`tab-${++visit}`);
            await queue.restore();
            queue.load(FRAME, server.current, CANDIDATES);
          }
        }
        server.mode = 'up';
        queue.retry();
        await vi.advanceTimersByTimeAsync(60_000);
        expect(queue.status()).toEqual({ kind: 'saved' });
        expect(memory.batches.size).toBe(0);
        for (const [joint, x] of expected)
          expect(server.current.document.skeleton?.[joint]?.x).toBe(x);
        expect(server.current.document.box?.x).toBe(box);
      }),
      { numRuns: 150 },
    );
  });
});
