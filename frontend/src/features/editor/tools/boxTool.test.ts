import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Box, FrameDocument, RecordingDetail } from '@/shared/api/types';
import { boundsOf } from '../document/skeleton';
import { needsMe, orderOf } from '../frames/navigation';
import { boxIn } from '../store/boxShown';
import { Driver, frameDocument, INFANT, MAY_NOTHING } from '../testing/driver';

const KEPT = { ...frameDocument(0).annotation, verdict: 'keep', state: 'accepted' } as const;
const REVIEW = { mode: 'boxes', stage: 'inspecting_boxes' } as const;

afterEach(() => vi.unstubAllGlobals());

/** An inspector in box review before frames without a box; the last one is discarded. */
async function open(change: Partial<FrameDocument> = {}, setting: Partial<RecordingDetail> = {}) {
  const events: string[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    events.push(new URL(request.url).pathname);
    return Response.json({});
  });
  const annotation = KEPT as FrameDocument['annotation'];
  const driver = await Driver.open({
    items: [{ state: 'accepted' }, { state: 'corrected' }, { state: 'discarded' }],
    documents: [{ annotation, ...change }, { annotation }],
    recording: {
      stage: 'inspecting_boxes',
      can: { ...MAY_NOTHING, review_boxes: true, edit_boxes: true },
      ...setting,
    },
  });
  const sent = () => driver.server.batches.flatMap((batch) => batch.operations);
  return { driver, sent, events };
}

const RECTANGLE = { x: 50, y: 60, width: 100, height: 90 };
const DRAWN = { type: 'drawBox', ...RECTANGLE };
const MASKED: Box = {
  ...{ x: 90, y: 190, width: 340, height: 60, version: 4, status: 'proposed', origin: 'model' },
  ...{ flagged: true, stale: false, consistency: 0.7, has_mask: true, mask_url: '/mask.png?v=4' },
  ...{ mask_area: 900, mask_score: 0.8, model: 'sam2', simulated: false, attempts: ['points'] },
  made_from: INFANT.map((j) => ({ ...j })),
  updated_at: '2026-11-20T12:00:00Z',
};

const draw = (driver: Driver) => driver.moveTo(150, 60).press().moveTo(50, 150).release();
const boxOf = (driver: Driver) => boxIn(driver.state);

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
    expect(driver.state.frames[0]?.box).toMatchObject({ status: 'approved', stale: false });
    await vi.waitFor(() => expect(driver.state.save.kind).toBe('saved'));
    expect(sent()).toEqual([DRAWN, { type: 'judgeBox', status: 'approved' }]);
    expect(driver.server.batches[0]).toMatchObject({ baseVersion: 1, baseBoxVersion: null });
  });

  it('sends its judgement before the word on the whole recording, however fast that comes', async () => {
    const { driver, sent, events } = await open();
    draw(driver);
    driver.key('Space');
    const fired = driver.editor.reviews.fireEvent('approve');
    expect(events).toEqual([]);
    await fired;
    expect(sent()).toHaveLength(2);
    expect(events).toEqual(['/api/v1/recordings/1/events']);
  });

  it('says no word on the recording while a judgement waits for the server', async () => {
    const { driver, events } = await open();
    driver.server.send = async () => ({ kind: 'unreachable' });
    draw(driver);
    await expect(driver.editor.reviews.fireEvent('approve')).rejects.toThrow('cannot be reached');
    expect(events).toEqual([]);
  });

  it('takes one step back after the other, also across frames, and forward again', async () => {
    const { driver } = await open();
    draw(driver);
    driver.key('Space', 'Mod+Z');
    expect(driver.state.index).toBe(0);
    expect(boxOf(driver)).toMatchObject({ ...RECTANGLE, status: 'proposed' });
    driver.key('Mod+Z');
    expect(boxOf(driver)).toBeNull();
    driver.key('Mod+Shift+Z', 'Mod+Shift+Z');
    expect(boxOf(driver)).toMatchObject({ ...RECTANGLE, status: 'approved' });
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
    expect(sent()).toEqual([]);
  });

  it('takes a drag back on Escape, and a click for no box', async () => {
    const { driver, sent } = await open();
    driver.moveTo(150, 60).press().moveTo(50, 150).key('Escape').release();
    driver.click(200, 200);
    expect(boxOf(driver)).toBeNull();
    expect(sent()).toEqual([]);
  });
});

describe('a box that a model made', () => {
  it('keeps its mask while it is dragged, and counts as drawn by a person', async () => {
    const { driver, sent } = await open({ box: MASKED });
    driver.moveTo(90, 190).press().moveTo(80, 180).release();
    const box = { x: 80, y: 180, width: 350, height: 70 };
    expect(boxOf(driver)).toMatchObject({ ...box, origin: 'human', mask_url: MASKED.mask_url });
    driver.key('Mod+Z');
    expect(boxOf(driver)).toMatchObject({ x: 90, y: 190, origin: 'model' });
    await vi.waitFor(() => expect(driver.state.save.kind).toBe('saved'));
    expect(sent().map(({ type }) => type)).toEqual(['drawBox', 'setBox']);
    expect(driver.server.batches[0]?.baseBoxVersion).toBe(4);
  });

  it('is stale as soon as a joint moves, and asks its inspector again when it is drawn anew', async () => {
    const { driver, sent } = await open(
      { box: { ...MASKED, status: 'sent_back' } },
      { stage: 'boxes_returned', can: { ...MAY_NOTHING, edit: true, edit_boxes: true } },
    );
    driver.editor.perform([{ type: 'moveJoint', joint: 0, x: 3, y: 4 }], 'Move');
    expect(boxOf(driver)?.stale).toBe(true);
    expect(driver.state.frames[0]?.box?.stale).toBe(true);
    driver.editor.boxes.save(RECTANGLE);
    expect(boxOf(driver)).toMatchObject({ ...RECTANGLE, status: 'proposed', stale: false });
    driver.key('Mod+Z');
    expect(boxOf(driver)).toMatchObject({ x: 90, status: 'sent_back', stale: true });
    driver.key('Mod+Z');
    expect(boxOf(driver)?.stale).toBe(false);
    await vi.waitFor(() => expect(driver.state.save.kind).toBe('saved'));
    expect(sent().map(({ type }) => type)).toEqual([
      ...['moveJoint', 'drawBox', 'judgeBox', 'setBox', 'setBox', 'placeJoint'],
    ]);
  });
});
