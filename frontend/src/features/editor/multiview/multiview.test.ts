import { describe, expect, it, vi } from 'vitest';
import type {
  FrameDocument,
  FrameItem,
  RecordingDetail,
  SessionCalibration,
  ViewErrors,
} from '@/shared/api/types';
import { N_JOINTS } from '@/shared/domain/rules.gen';
import { CameraModel } from '@/shared/geometry/cameras';
import { worldPoint } from '@/shared/geometry/points';
import { ACTIONS, isPossible } from '../actions/registry';
import { snapshotOf } from '../document/received';
import type { Skeleton } from '../document/types';
import { Driver, person } from '../testing/driver';
import { arrange } from './arrange';
import { plotOf } from './strip';

const NAMES = ['left', 'right', 'front'];

/** Three cameras on a ring around the origin, looking at it. */
const CAMERAS = NAMES.map((name, i) => {
  const angle = (i * 2 * Math.PI) / 3;
  const eye = [2 * Math.cos(angle), 2 * Math.sin(angle), 1.2] as const;
  return { name, json: lookingAt(eye, name), id: i + 1 };
});

function lookingAt([x, y, z]: readonly [number, number, number], name: string) {
  const length = Math.hypot(x, y, z - 0.2);
  const f = [-x / length, -y / length, (0.2 - z) / length] as const;
  const flat = Math.hypot(f[0], f[1]);
  const r = [f[1] / flat, -f[0] / flat, 0] as const;
  const d = [
    f[1] * r[2] - f[2] * r[1],
    f[2] * r[0] - f[0] * r[2],
    f[0] * r[1] - f[1] * r[0],
  ] as const;
  const row = (v: readonly [number, number, number]) => [...v, -(v[0] * x + v[1] * y + v[2] * z)];
  return {
    name,
    width: 640,
    height: 480,
    lens: 'pinhole' as const,
    K: [
      [600, 0, 320],
      [0, 600, 240],
      [0, 0, 1],
    ],
    distortion: [-0.1, 0.01, 0, 0, 0],
    T_camera_world: [row(r), row(d), row(f), [0, 0, 0, 1]],
  };
}

const BODY = Array.from({ length: N_JOINTS }, (_, i) =>
  worldPoint(0.03 * i - 0.25, 0.05 * (i % 4) - 0.1, 0.05 * (i % 5)),
);

/** The true joints as a camera sees them. */
function seenBy(camera: number): Skeleton {
  const model = new CameraModel((CAMERAS[camera] as (typeof CAMERAS)[0]).json);
  return BODY.map((point) => {
    const { x, y } = model.project(point) ?? { x: 0, y: 0 };
    return { x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100, v: 2 as const };
  });
}

const without = (skeleton: Skeleton, ...joints: number[]): Skeleton =>
  skeleton.map((j, i) => (joints.includes(i) ? { x: 0, y: 0, v: 0 as const } : j));

/** Two moments of three cameras; frame `moment + 2 · camera`. */
async function open(skeletons: readonly Skeleton[] = [0, 1, 2].map(seenBy)): Promise<Driver> {
  const frames = 6;
  const items: Partial<FrameItem>[] = [];
  const documents: Partial<FrameDocument>[] = [];
  for (let i = 0; i < frames; i++) {
    const [camera, moment] = [Math.floor(i / 2), i % 2];
    const joints = (skeletons[camera] as Skeleton).map((j) => ({ ...j }));
    const place = { camera_id: camera + 1, moment_id: 100 + moment };
    items.push({ ...place, moment_index: moment });
    documents.push({
      ...place,
      candidates: [person(10 * i + 7, joints, 0)],
      annotation: {
        version: 1,
        verdict: 'undecided',
        reason: null,
        reason_text: null,
        state: 'undecided',
        candidate_id: 10 * i + 7,
        joints,
        propagated: null,
        updated_by: null,
        updated_at: '2026-11-20T12:00:00Z',
      },
    });
  }
  const cameras_list = CAMERAS.map(({ id, name }, index) => ({
    id,
    name,
    index,
    width: 640,
    height: 480,
  }));
  const driver = await Driver.open({
    frames,
    items,
    documents,
    recording: { cameras_list } as Partial<RecordingDetail>,
  });
  driver.editor.views.setCalibration({
    id: 1,
    version: 1,
    phase: 'session',
    origin: 'rendered',
    floor_z: 0,
    cameras: CAMERAS.map(({ id, json }) => ({ ...json, camera_id: id })),
  } as SessionCalibration);
  driver.editor.views.setLayout('grid');
  return driver;
}

const documentOf = (driver: Driver, camera: number) =>
  (camera === driver.editor.item?.camera_id
    ? driver.state.document
    : driver.state.panes.get(camera)?.document) ?? null;
const jointOf = (driver: Driver, camera: number, joint: number) =>
  documentOf(driver, camera)?.skeleton?.[joint];

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

describe('the plot of errors', () => {
  const data: ViewErrors = {
    joints: 2,
    threshold_px: 15,
    cameras: [7, 8],
    moments: [
      {
        id: 1,
        index: 0,
        time_s: 0,
        errors: [
          [1, 2],
          [3, null],
        ],
        disagrees: [],
      },
      {
        id: 2,
        index: 1,
        time_s: 1,
        errors: [
          [40, 9],
          [2, 50],
        ],
        disagrees: [[7, 0]],
      },
    ],
  };

  it('shows the worst camera of a joint', () => {
    const plot = plotOf(data, 'joint', null);
    expect([plot.rows, plot.columns]).toEqual([2, 2]);
    expect(plot.cell(0, 0)).toEqual({ error: 3, disagrees: false, joint: 0, view: 1 });
    expect(plot.cell(1, 1)).toEqual({ error: 50, disagrees: false, joint: 1, view: 1 });
  });

  it('shows one camera alone', () => {
    expect(plotOf(data, 'joint', 1).cell(0, 1).error).toBe(2);
    expect(plotOf(data, 'joint', 1).cell(1, 0).error).toBeNull();
  });

  it('shows the worst joint of a camera, what disagrees before all', () => {
    expect(plotOf(data, 'view', null).cell(0, 1)).toEqual({
      error: 40,
      disagrees: true,
      joint: 0,
      view: 0,
    });
  });
});

describe('the panes', () => {
  const images = Array.from({ length: 4 }, () => ({ width: 1080, height: 1920 }));
  const space = { width: 1088, height: 700 };

  it('put four portrait images into one row', () => {
    const tops = new Set(arrange('grid', images, 0, space).map(({ y }) => y));
    expect(tops.size).toBe(1);
  });

  it('never overlap, and one is larger', () => {
    const rectangles = arrange('beside', images, 2, space);
    const [a, b] = [rectangles[2], rectangles[0]];
    expect((a?.width ?? 0) * (a?.height ?? 0)).toBeGreaterThan((b?.width ?? 0) * (b?.height ?? 0));
    rectangles.forEach((one, i) => {
      for (const other of rectangles.slice(i + 1)) {
        const apart =
          one.x + one.width <= other.x + 0.5 ||
          other.x + other.width <= one.x + 0.5 ||
          one.y + one.height <= other.y + 0.5 ||
          other.y + other.height <= one.y + 0.5;
        expect(apart).toBe(true);
      }
    });
  });
});
