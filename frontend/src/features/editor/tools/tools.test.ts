import { describe, expect, it, vi } from 'vitest';
import { JOINTS } from '@/shared/domain/rules.gen';
import { screenPoint, toImage } from '../store/geometry';
import { ADULT, Driver, INFANT, MAY_NOTHING } from '../testing/driver';
import { dragged } from './BoxTool';
import { PLACE_ORDER } from './PlaceTool';

const nose = INFANT[0] ?? { x: 0, y: 0 };
const wrist = INFANT[9] ?? { x: 0, y: 0 };

describe('the select tool', () => {
  it('selects a joint on a click and lets go of it on empty ground', async () => {
    const driver = await Driver.open();
    driver.click(nose.x, nose.y);
    expect(driver.state.selected).toBe(0);
    driver.click(600, 400);
    expect(driver.state.selected).toBeNull();
  });

  it('drags a joint, without a jump to the cursor, as one undoable step', async () => {
    const driver = await Driver.open();
    driver
      .moveTo(nose.x + 3, nose.y)
      .press()
      .moveTo(nose.x + 23, nose.y)
      .moveTo(nose.x + 43, nose.y + 10);
    expect(driver.editor.tools.current.state).toBe('dragging');
    expect(driver.state.gesture?.joint).toBe(0);
    driver.release();
    expect(driver.joint('nose')).toEqual({ x: nose.x + 40, y: nose.y + 10, v: 2 });
    expect(driver.state.gesture).toBeNull();
    driver.key('Mod+Z');
    expect(driver.joint('nose')).toEqual({ ...nose, v: 2 });
    driver.key('Mod+Shift+Z');
    expect(driver.joint('nose')?.x).toBe(nose.x + 40);
  });

  it('saves a drag once, when it ends', async () => {
    const driver = await Driver.open();
    driver
      .moveTo(nose.x, nose.y)
      .press()
      .moveTo(nose.x + 20, nose.y)
      .moveTo(nose.x + 30, nose.y);
    expect(driver.editor.queue.status().kind).toBe('saved');
    driver.release();
    driver.editor.queue.flush();
    await vi.waitFor(() => expect(driver.server.batches).toHaveLength(1));
    expect(driver.server.batches.map((b) => b.operations)).toEqual([
      [{ type: 'moveJoint', joint: 0, x: nose.x + 30, y: nose.y }],
    ]);
  });

  it('puts a joint back on Escape and saves nothing', async () => {
    const driver = await Driver.open();
    driver
      .moveTo(nose.x, nose.y)
      .press()
      .moveTo(nose.x + 30, nose.y)
      .key('Escape');
    expect(driver.joint('nose')).toEqual({ ...nose, v: 2 });
    driver.moveTo(nose.x + 60, nose.y).release();
    expect(driver.joint('nose')).toEqual({ ...nose, v: 2 });
    expect(driver.state.canUndo).toBeNull();
    expect(driver.editor.queue.status().kind).toBe('saved');
  });

  it('never moves the whole skeleton unless Shift says so', async () => {
    const driver = await Driver.open();
    const bone = { x: (nose.x + (INFANT[1]?.x ?? 0)) / 2, y: nose.y + 5 };
    driver
      .moveTo(bone.x, bone.y)
      .press()
      .moveTo(bone.x + 50, bone.y + 50)
      .release();
    expect(driver.state.document?.skeleton).toEqual(INFANT);
    driver
      .moveTo(nose.x, nose.y)
      .press({ shift: true })
      .moveTo(nose.x + 10, nose.y + 5)
      .release();
    expect(driver.state.document?.skeleton).toEqual(
      INFANT.map((j) => ({ ...j, x: j.x + 10, y: j.y + 5 })),
    );
    driver.key('Mod+Z');
    expect(driver.state.document?.skeleton).toEqual(INFANT);
  });

  it('keeps a dragged joint inside the image', async () => {
    const driver = await Driver.open();
    driver.moveTo(nose.x, nose.y).press().moveTo(-50, 9000).release();
    expect(driver.joint('nose')).toEqual({ x: 0, y: 480, v: 2 });
  });

  it('makes a joint occluded and visible again by right click', async () => {
    const driver = await Driver.open();
    driver.click(nose.x, nose.y, { button: 2 });
    expect(driver.joint('nose')?.v).toBe(1);
    driver.click(nose.x, nose.y, { button: 2 });
    expect(driver.joint('nose')?.v).toBe(2);
  });

  it('makes another person the infant by a click on its bones', async () => {
    const driver = await Driver.open();
    const [a, b] = [ADULT[5], ADULT[6]];
    driver.click(((a?.x ?? 0) + (b?.x ?? 0)) / 2, 20);
    expect(driver.state.document?.candidateId).toBe(8);
    expect(driver.state.document?.skeleton).toEqual(ADULT);
  });

  it('moves the image on empty ground and by the middle button', async () => {
    const driver = await Driver.open();
    driver.moveTo(600, 400).press().moveTo(610, 400).release();
    expect(driver.state.camera.x).toBe(25);
    driver
      .moveTo(nose.x, nose.y)
      .press({ button: 1 })
      .moveTo(nose.x + 10, nose.y)
      .release();
    expect(driver.state.camera.x).toBe(45);
    expect(driver.joint('nose')).toEqual({ ...nose, v: 2 });
  });

  it('changes nothing for somebody who only looks', async () => {
    const driver = await Driver.open({ recording: { can: MAY_NOTHING } });
    driver
      .moveTo(nose.x, nose.y)
      .press()
      .moveTo(nose.x + 30, nose.y)
      .release();
    driver.click(wrist.x, wrist.y, { button: 2 });
    expect(driver.state.document?.skeleton).toEqual(INFANT);
  });
});

describe('the guided placing of joints', () => {
  const nobody = async () => {
    const driver = await Driver.open();
    driver.editor.perform([{ type: 'setSkeleton', candidateId: null, joints: null }], 'clear');
    return driver.key('P');
  };
  it('asks for all joints by body part and ends by itself', async () => {
    const driver = await nobody();
    PLACE_ORDER.forEach((joint, n) => {
      expect(driver.state.gesture).toMatchObject({ next: joint, left: 17 - n });
      driver.click(10 + n, 20 + n);
      expect(driver.state.document?.skeleton?.[joint]).toEqual({ x: 10 + n, y: 20 + n, v: 2 });
    });
    expect(driver.state.tool).toBe('select');
    expect(driver.state.gesture).toBeNull();
  });

  it('places occluded by right click and by key, and skips what is not there', async () => {
    const driver = await nobody();
    driver.click(10, 10, { button: 2 });
    driver.moveTo(20, 20).key('2', '3', '1');
    expect(driver.joint('nose')?.v).toBe(1);
    expect(driver.joint('left_eye')).toEqual({ x: 20, y: 20, v: 1 });
    expect(driver.joint('right_eye')?.v).toBe(0);
    expect(driver.joint('left_ear')).toEqual({ x: 20, y: 20, v: 2 });
    expect(driver.state.gesture?.next).toBe(JOINTS.indexOf('right_ear'));
  });

  it('goes back to the joint before, also over a skipped one', async () => {
    const driver = await nobody();
    driver.click(10, 10).key('3').key('Backspace');
    expect(driver.state.gesture?.next).toBe(1);
    driver.key('Backspace');
    expect(driver.state.gesture?.next).toBe(0);
    expect(driver.joint('nose')?.v ?? 0).toBe(0);
    driver.key('Backspace');
    expect(driver.state.gesture?.next).toBe(0);
  });

  it('places without a mouse: Enter first shows the cursor, arrows move it, Enter places', async () => {
    const driver = await nobody();
    driver.key('Enter');
    const { viewport, camera, gesture } = driver.state;
    expect(gesture).toMatchObject({ next: 0, byKeys: true });
    expect(driver.state.document?.skeleton ?? null).toBeNull();
    const middle = toImage(camera, screenPoint(viewport.width / 2, viewport.height / 2));
    driver.key('Right', 'Shift+Down', 'Alt+Left', 'Enter');
    const { zoom } = camera;
    expect(driver.joint('nose')?.v).toBe(2);
    expect(driver.joint('nose')?.x).toBeCloseTo(middle.x + 11 / zoom, 1);
    expect(driver.joint('nose')?.y).toBeCloseTo(middle.y + 72 / zoom, 1);
    driver.key('Left', '2');
    expect(driver.joint('left_eye')?.v).toBe(1);
    expect(driver.joint('left_eye')?.x).toBeCloseTo(middle.x - 1 / zoom, 1);
  });

  it('brings the cursor into sight, and begins where a joint lies that is placed anew', async () => {
    const driver = await Driver.open();
    driver.key('P', 'Right');
    expect(driver.state.gesture).toMatchObject({ next: 0, byKeys: true });
    const before = driver.state.camera;
    for (let n = 0; n < 40; n++) driver.key('Shift+Left');
    expect(driver.state.pointer?.x).toBe(24);
    expect(driver.state.camera.x).toBeGreaterThan(before.x);
    driver.key('Enter');
    expect(driver.joint('nose')?.x).toBe(0);
    driver.key('Enter');
    expect(driver.joint('left_eye')).toEqual(INFANT[1]);
  });

  it('lets a joint be shifted before the button is released', async () => {
    const driver = await nobody();
    driver.moveTo(10, 10).press().moveTo(15, 18).release();
    expect(driver.joint('nose')).toEqual({ x: 15, y: 18, v: 2 });
    driver.key('Mod+Z');
    expect(driver.state.gesture?.next).toBe(0);
    expect(driver.state.document?.skeleton).toBeNull();
  });

  it('asks only for what is missing, the selected joint first', async () => {
    const driver = await Driver.open();
    for (const joint of [3, 9, 16]) {
      driver.editor.perform([{ type: 'setVisibility', joint, visibility: 0 }], 'absent');
    }
    driver.editor.select(9);
    driver.key('P');
    expect(driver.state.tool).toBe('place');
    expect(driver.state.gesture).toMatchObject({ next: 9, left: 3 });
    driver.click(50, 60);
    expect(driver.joint('left_wrist')).toEqual({ x: 50, y: 60, v: 2 });
    expect(driver.state.gesture?.next).toBe(16);
  });

  it('ends on Escape and keeps what was placed', async () => {
    const driver = await nobody();
    driver.click(10, 10).key('Escape');
    expect(driver.state.tool).toBe('select');
    expect(driver.joint('nose')?.v).toBe(2);
  });

  it('starts from nothing although somebody is chosen, and can be undone', async () => {
    const driver = await Driver.open();
    driver.key('N');
    expect(driver.state.document?.skeleton?.every((j) => j.v === 0)).toBe(true);
    driver.key('Escape', 'Mod+Z');
    expect(driver.state.document?.skeleton).toEqual(INFANT);
  });
});

describe('the box tool', () => {
  const box = { x: 100, y: 100, width: 50, height: 40 };

  it.each([
    ['se', { x: 170, y: 160 }, { x: 100, y: 100, width: 70, height: 60 }],
    ['nw', { x: 90, y: 95 }, { x: 90, y: 95, width: 60, height: 45 }],
    ['e', { x: 170, y: 999 }, { x: 100, y: 100, width: 70, height: 40 }],
    ['n', { x: 0, y: 999 }, { x: 100, y: 138, width: 50, height: 2 }],
  ] as const)('pulls %s to a point and never turns inside out', (handle, to, expected) => {
    expect(dragged(box, handle, to)).toEqual(expected);
  });
});
