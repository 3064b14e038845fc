import { describe, expect, it } from 'vitest';
import { type Look, Looks } from './Looks';

function watched() {
  const clock = { now: 0 };
  const sent: Look[][] = [];
  const server = { up: true };
  const looks = new Looks({
    now: () => clock.now,
    send: async (seen) => {
      if (!server.up) throw new Error('no network');
      sent.push([...seen]);
    },
  });
  return { clock, sent, server, looks };
}

describe('how long a frame is looked at', () => {
  it('counts the time before each frame, also over several visits', async () => {
    const { clock, sent, looks } = watched();
    looks.show(1);
    clock.now = 2000;
    looks.show(2);
    clock.now = 2500;
    looks.show(1);
    clock.now = 3500;
    looks.show(null);
    clock.now = 60_000;
    await looks.flush();
    expect(sent).toEqual([
      [
        { frameId: 1, seconds: 3 },
        { frameId: 2, seconds: 0.5 },
      ],
    ]);
  });

  it('says nothing twice, and what could not be sent with the next one', async () => {
    const { clock, sent, server, looks } = watched();
    looks.show(1);
    clock.now = 1000;
    looks.show(null);
    server.up = false;
    await looks.flush();
    server.up = true;
    await looks.flush();
    await looks.flush();
    expect(sent).toEqual([[{ frameId: 1, seconds: 1 }]]);
  });

  it('does not count the night before a frame that was left open', async () => {
    const { clock, sent, looks } = watched();
    looks.show(1);
    clock.now = 8 * 3_600_000;
    looks.show(null);
    await looks.flush();
    expect(sent[0]?.[0]?.seconds).toBe(60);
  });
});
