import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FrameDocument } from '@/shared/api/types';
import { boundsOf } from '../document/skeleton';
import { needsMe, orderOf } from '../frames/navigation';
import { Driver, frameDocument, INFANT, MAY_NOTHING } from '../testing/driver';

const KEPT = { ...frameDocument(0).annotation, verdict: 'keep', state: 'accepted' } as const;
const REVIEW = { mode: 'boxes', stage: 'inspecting_boxes' } as const;

afterEach(() => vi.unstubAllGlobals());

/** An inspector in box review before frames without a box; the last one is discarded. */
async function open() {
  const sent: { path: string; ifMatch: string | null; body: unknown }[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const body = (await request.json()) as object;
    const path = new URL(request.url).pathname;
    sent.push({ path, ifMatch: request.headers.get('If-Match'), body });
    const answer = { ...FIRST, ...('x' in body ? body : RECTANGLE), version: sent.length, ...body };
    return new Response(JSON.stringify(answer), {
      headers: { 'Content-Type': 'application/json' },
    });
  });
  const annotation = KEPT as FrameDocument['annotation'];
  const driver = await Driver.open({
    items: [{ state: 'accepted' }, { state: 'corrected' }, { state: 'discarded' }],
    documents: [{ annotation }, { annotation }],
    recording: {
      stage: 'inspecting_boxes',
      can: { ...MAY_NOTHING, review_boxes: true, edit_boxes: true },
    },
  });
  return { driver, sent };
}

const RECTANGLE = { x: 50, y: 60, width: 100, height: 90 };
const FIRST = {
  status: 'proposed',
  origin: 'human',
  flagged: false,
  stale: false,
  consistency: null,
  has_mask: false,
};

const draw = (driver: Driver) => driver.moveTo(150, 60).press().moveTo(50, 150).release();
const boxOf = (driver: Driver) => driver.state.frame?.doc.box ?? null;

describe('box review of frames without a box', () => {
  it('lists every kept frame as one that needs its inspector', async () => {
    const { driver } = await open();
    const { frames } = driver.state;
    expect(orderOf(frames, 'all', 'boxes')).toEqual([0, 1]);
    expect(frames.map((item) => needsMe(item, REVIEW))).toEqual([true, true, false]);
  });

  it('lets the first box be drawn from any corner, and then be approved', async () => {
    const { driver, sent } = await open();
    draw(driver);
    expect(boxOf(driver)).toMatchObject({ ...RECTANGLE, origin: 'human', status: 'proposed' });
    driver.key('Space');
    expect(driver.state.index).toBe(1);
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent).toEqual([
      { path: '/api/v1/frames/0/box', ifMatch: '*', body: RECTANGLE },
      { path: '/api/v1/frames/0/box/status', ifMatch: '"1"', body: { status: 'approved' } },
    ]);
    await vi.waitFor(() => expect(driver.state.frames[0]?.box?.status).toBe('approved'));
  });

  it('sends its judgement before the word on the whole recording, however fast that comes', async () => {
    const { driver, sent } = await open();
    draw(driver);
    driver.key('Space');
    await driver.editor.reviews.fireEvent('approve');
    expect(sent.map(({ path }) => path)).toEqual([
      '/api/v1/frames/0/box',
      '/api/v1/frames/0/box/status',
      '/api/v1/recordings/1/events',
    ]);
  });

  it('starts one around the joints when asked, and leaves its approval to a person', async () => {
    const { driver } = await open();
    driver.key('Shift+W');
    expect(boxOf(driver)).toMatchObject({ ...boundsOf(INFANT), status: 'proposed' });
    expect(driver.state.index).toBe(0);
  });

  it('neither approves nor leaves a frame that has no box yet', async () => {
    const { driver, sent } = await open();
    driver.key('Space');
    expect(driver.state.index).toBe(0);
    expect(driver.state.notice?.text).toContain('No box yet');
    expect(sent).toEqual([]);
  });

  it('takes a drag back on Escape, and a click for no box', async () => {
    const { driver, sent } = await open();
    driver.moveTo(150, 60).press().moveTo(50, 150).key('Escape').release();
    driver.click(200, 200);
    expect(boxOf(driver)).toBeNull();
    expect(sent).toEqual([]);
  });
});
