import { describe, expect, it, vi } from 'vitest';
import { ACTIONS, isPossible } from '../actions/registry';
import { snapshotOf } from '../document/received';
import { jointOf, openThreeCameras as open, seenBy, without } from '../testing/threeCameras';

describe('several cameras on the screen', () => {
  it('shows the moment in every pane', async () => {
    const driver = await open();
    expect([...driver.state.panes.keys()]).toEqual([2, 3]);
    expect([...driver.state.panes.values()].map((pane) => pane.frame?.doc.id)).toEqual([2, 4]);
  });

  it('steps by moments, and keeps to its camera', async () => {
    const driver = await open();
    driver.editor.views.activate(2);
    driver.key('F');
    expect(driver.editor.frameId).toBe(3);
    expect([...driver.state.panes.values()].map((pane) => pane.frame?.doc.id).sort()).toEqual([
      1, 5,
    ]);
    driver.key('F');
    expect(driver.state.notice?.text).toBe('This is the last moment.');
  });

  it('takes a camera that was knocked where it stands at each moment', async () => {
    const driver = await open();
    const { calibration } = driver.state;
    if (calibration === null) throw new Error('no calibration');
    const [first, ...others] = calibration.cameras as [(typeof calibration.cameras)[0]];
    const before = first.T_camera_world as number[][];
    const after = before.map((row, i) => (i === 0 ? [...row.slice(0, 3), (row[3] ?? 0) + 1] : row));
    const moves = [
      { from_s: null, from_moment: null, T_camera_world: before },
      { from_s: 0.5, from_moment: 1, T_camera_world: after },
    ];
    driver.editor.views.setCalibration({
      ...calibration,
      cameras: [{ ...first, T_camera_world: null, moves }, ...others],
    });
    const agreed = () => driver.editor.views.consensus().joints.filter((joint) => joint.agreed);
    expect(driver.editor.views.consensus().views).toHaveLength(3);
    expect(agreed()).toHaveLength(17);
    const there = driver.editor.views.consensus().views[0]?.model.centre.y;
    driver.key('F');
    expect(driver.editor.views.consensus().views[0]?.model.centre.y).not.toBe(there);
  });

  it('accepts camera by camera, then goes to the next moment', async () => {
    const driver = await open();
    driver.key('Space', 'Space', 'Space');
    expect(driver.state.frames.map((item) => item.state)).toEqual([
      'accepted',
      'undecided',
      'accepted',
      'undecided',
      'accepted',
      'undecided',
    ]);
    expect(driver.editor.item?.moment_index).toBe(1);
  });

  it('accepts all cameras with one key, and takes that back as one', async () => {
    const driver = await open();
    driver.key('Shift+Space');
    expect(driver.state.frames.filter((item) => item.state === 'accepted')).toHaveLength(3);
    expect(driver.editor.item?.moment_index).toBe(1);
    driver.key('Mod+Z');
    expect(driver.editor.item?.moment_index).toBe(0);
    expect(driver.state.frames.filter((item) => item.state === 'accepted')).toHaveLength(0);
  });

  it('works in the pane that is activated, and keeps the selected joint', async () => {
    const driver = await open();
    driver.editor.select(4);
    driver.key('C');
    expect(driver.editor.item?.camera_id).toBe(2);
    expect(driver.state.selected).toBe(4);
    driver.key('2');
    expect(jointOf(driver, 2, 4)?.v).toBe(1);
    expect(jointOf(driver, 1, 4)?.v).toBe(2);
    driver.key('Shift+C');
    expect(driver.editor.item?.camera_id).toBe(1);
  });

  it('undoes what was done in each pane', async () => {
    const driver = await open();
    driver.editor.select(4);
    driver.key('Q', 'C', 'Q', 'Mod+Z');
    expect([1, 2].map((camera) => jointOf(driver, camera, 4)?.v)).toEqual([1, 2]);
    driver.key('Shift+C', 'Mod+Z');
    expect(jointOf(driver, 1, 4)?.v).toBe(2);
  });

  it('saves what was done in every pane', async () => {
    const driver = await open();
    driver.editor.select(4);
    driver.key('Q', 'C', 'Q');
    driver.editor.queue.flush();
    await vi.waitFor(() =>
      expect(new Set(driver.server.batches.map((batch) => batch.frameId))).toEqual(new Set([0, 2])),
    );
  });

  it('is as before where one camera is shown', async () => {
    const driver = await open();
    driver.editor.views.setLayout('single');
    expect(driver.state.panes.size).toBe(0);
    expect(driver.state.order).toEqual([0, 1, 2, 3, 4, 5]);
    driver.key('F');
    expect(driver.editor.frameId).toBe(1);
  });
});

describe('what the views say to each other', () => {
  it('agree on true joints', async () => {
    const driver = await open();
    const { joints } = driver.editor.views.consensus();
    expect(joints).toHaveLength(17);
    for (const found of joints) {
      expect(found.agreed).toBe(true);
      expect(Math.max(...found.errors.map((e) => e ?? 0))).toBeLessThan(0.1);
    }
  });

  it('give a joint to the view that lacks it, as occluded', async () => {
    const driver = await open([seenBy(0), seenBy(1), without(seenBy(2), 9)]);
    driver.editor.select(9);
    driver.editor.views.activate(3);
    driver.key('E');
    const { x = 0, y = 0 } = seenBy(2)[9] ?? {};
    const found = jointOf(driver, 3, 9);
    expect(found?.v).toBe(1);
    expect(Math.hypot((found?.x ?? 0) - x, (found?.y ?? 0) - y)).toBeLessThan(0.2);
  });

  it('give the whole body to all views as one step, whichever pane is worked in', async () => {
    const driver = await open([seenBy(0), without(seenBy(1), 3, 4), without(seenBy(2), 9, 10, 11)]);
    driver.key('Mod+Shift+E');
    expect([3, 4].map((joint) => jointOf(driver, 2, joint)?.v)).toEqual([1, 1]);
    expect([9, 10, 11].map((joint) => jointOf(driver, 3, joint)?.v)).toEqual([1, 1, 1]);
    driver.key('Mod+Z');
    expect([3, 4].map((joint) => jointOf(driver, 2, joint)?.v)).toEqual([0, 0]);
    expect(jointOf(driver, 3, 9)?.v).toBe(0);
  });

  it('redo it from a pane that took part', async () => {
    const driver = await open([seenBy(0), without(seenBy(1), 3), without(seenBy(2), 9)]);
    driver.key('Mod+Shift+E', 'Mod+Z');
    driver.editor.views.activate(2);
    driver.key('Mod+Shift+Z');
    expect(jointOf(driver, 2, 3)?.v).toBe(1);
    expect(jointOf(driver, 3, 9)?.v).toBe(1);
  });

  it('move no visible joint that a person placed', async () => {
    const driver = await open();
    driver.editor.perform([{ type: 'moveJoint', joint: 9, x: 10, y: 10 }], 'Move');
    driver.key('Shift+E');
    expect(jointOf(driver, 1, 9)).toEqual({ x: 10, y: 10, v: 2 });
  });

  it('move it when it is asked for by itself, and it stays visible', async () => {
    const driver = await open();
    driver.editor.perform([{ type: 'moveJoint', joint: 9, x: 10, y: 10 }], 'Move');
    driver.editor.select(9);
    driver.key('E');
    expect(jointOf(driver, 1, 9)?.v).toBe(2);
    expect(jointOf(driver, 1, 9)?.x).toBeCloseTo(seenBy(0)[9]?.x ?? 0, 0);
  });

  it('name the view that disagrees', async () => {
    const driver = await open();
    driver.editor.perform([{ type: 'moveJoint', joint: 9, x: 10, y: 10 }], 'Move');
    const found = driver.editor.views.consensus().joints[9];
    expect(found?.disagrees).toEqual([true, false, false]);
  });

  it('say nothing of a joint in one view, and say so', async () => {
    const driver = await open([seenBy(0), without(seenBy(1), 9), without(seenBy(2), 9)]);
    driver.editor.select(9);
    driver.editor.views.activate(3);
    driver.key('E');
    expect(jointOf(driver, 3, 9)?.v).toBe(0);
    expect(driver.state.notice?.text).toMatch(/Two views must have/);
  });

  it('leave a discarded frame out', async () => {
    const driver = await open();
    driver.editor.perform(
      [{ type: 'setVerdict', verdict: 'discard', reason: 'motion_blur' }],
      'Discard',
    );
    expect(driver.editor.views.consensus().joints[0]?.errors[0]).toBeNull();
  });
});

describe('the keymap with several cameras', () => {
  it.each(['annotate', 'inspect', 'read'] as const)(
    'gives a key one meaning at a time (%s)',
    async (mode) => {
      const driver = await open();
      driver.editor.set({ mode, selected: 3 });
      const taken = new Map<string, string>();
      for (const action of ACTIONS) {
        if (!isPossible(action, driver.editor)) continue;
        for (const key of action.keys) {
          expect(`${key}: ${taken.get(key) ?? action.id}`).toBe(`${key}: ${action.id}`);
          taken.set(key, action.id);
        }
      }
    },
  );
});

describe('a frame that somebody else changed', () => {
  it('is read again in its pane', async () => {
    const driver = await open();
    const doc = driver.server.document(2);
    const joints = (doc.annotation.joints ?? []).map((j, i) => (i === 0 ? { ...j, x: 33 } : j));
    driver.server.documents.set(2, {
      ...doc,
      annotation: { ...doc.annotation, version: 5, joints },
    });
    expect(driver.editor.panes.reload(2)).toBe(true);
    await vi.waitFor(() => expect(jointOf(driver, 2, 0)?.x).toBe(33));
    expect(driver.editor.panes.reload(99)).toBe(false);
  });
});

describe('two people in one frame, in a pane that is not worked in', () => {
  it('are asked when the pane is opened, and nothing is lost until then', async () => {
    const driver = await open([seenBy(0), seenBy(1), without(seenBy(2), 9)]);
    const send = driver.server.send.bind(driver.server);
    driver.server.send = async (batch) => {
      if (batch.frameId !== 4) return send(batch);
      const base = snapshotOf(driver.server.document(4));
      const skeleton = (base.document.skeleton ?? []).map((j, i) =>
        i === 9 ? { x: 5, y: 5, v: 2 as const } : j,
      );
      const current = { ...base, version: 9, document: { ...base.document, skeleton } };
      return { kind: 'stale', base, current };
    };
    driver.key('Mod+Shift+E');
    driver.editor.queue.flush();
    await vi.waitFor(() => expect(driver.editor.queue.conflictOf(4)).not.toBeNull());
    expect(driver.state.dialog).toBeNull();
    expect(driver.editor.queue.pendingOf(4)).toBe(1);
    driver.editor.views.activate(3);
    expect(driver.state.dialog).toBe('conflict');
    expect(driver.editor.canEdit).toBe(false);
  });
});
