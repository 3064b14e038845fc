import { describe, expect, it, vi } from 'vitest';
import { JOINTS, MIRROR } from '@/shared/domain/rules.gen';
import { mirroredPose } from '../document/mirror';
import type { Skeleton } from '../document/types';
import { Driver, frameDocument, INFANT, person } from '../testing/driver';
import { ACTIONS } from './registry';

const at = (name: (typeof JOINTS)[number]) => JOINTS.indexOf(name);

describe('the keys for how a joint is seen', () => {
  it('mean the joint under the pointer, without a click', async () => {
    const driver = await Driver.open();
    driver.editor.select(at('nose'));
    driver.editor.set({ hover: { kind: 'joint', joint: at('left_knee') } });
    driver.key('2');
    expect(driver.joint('left_knee')?.v).toBe(1);
    expect(driver.joint('nose')?.v).toBe(2);
  });

  it('mean the joint that a key selected since, wherever the pointer rests', async () => {
    const driver = await Driver.open();
    driver.editor.set({ hover: { kind: 'joint', joint: at('left_knee') } });
    driver.key('J B', '2');
    expect(driver.joint('left_elbow')?.v).toBe(1);
    expect(driver.joint('left_knee')?.v).toBe(2);
  });

  it('put a joint that was taken away back where it was', async () => {
    const driver = await Driver.open();
    driver.key('J K', 'Shift+Right', '3');
    expect(driver.joint('left_knee')?.v).toBe(0);
    driver.key('1');
    const before = INFANT[at('left_knee')];
    expect(driver.joint('left_knee')).toEqual({ x: (before?.x ?? 0) + 10, y: before?.y, v: 2 });
    expect(driver.state.tool).toBe('select');
  });

  it('ask for the place of a joint that never had one', async () => {
    const joints = INFANT.map((j, i) => (i === 0 ? { x: 0, y: 0, v: 0 as const } : { ...j }));
    const annotation = { ...frameDocument(0).annotation, joints };
    const driver = await Driver.open({
      documents: [{ candidates: [person(7, joints, 0)], annotation }],
    });
    driver.key('J N');
    expect(driver.state.notice?.text).toBe('nose is not present.');
    driver.key('1');
    expect(driver.state.tool).toBe('place');
    expect(driver.state.gesture?.next).toBe(0);
  });

  it('make all placed joints visible at once, as one step', async () => {
    const driver = await Driver.open();
    driver.key('J N', '2', 'Shift+1');
    expect(driver.state.document?.skeleton?.every((j) => j.v === 2)).toBe(true);
    driver.key('Mod+Z');
    expect(driver.joint('nose')?.v).toBe(1);
  });
});

describe('exchanged sides', () => {
  const swappedJoints = (before: Skeleton, after: Skeleton | null | undefined) =>
    before.flatMap((_, i) =>
      i !== MIRROR[i] && after?.[i] === before[MIRROR[i] ?? i] ? [JOINTS[i]] : [],
    );

  it.each([
    [['S'], 16],
    [['J B', 'S'], 2],
    [['J N', 'S'], 16],
    [['J B', 'Alt+S'], 16],
    [['Alt+A'], 6],
    [['Shift+L'], 6],
  ] as const)('by %j are of %i joints', async (keys, count) => {
    const driver = await Driver.open();
    const before = driver.state.document?.skeleton ?? [];
    driver.key(...keys);
    expect(swappedJoints(before, driver.state.document?.skeleton)).toHaveLength(count);
    driver.key('Mod+Z');
    expect(driver.state.document?.skeleton).toEqual(before);
  });
});

describe('a mirror along the body', () => {
  /** Upright, with the left wrist raised; x grows to the infant's left. */
  const pose: Skeleton = JOINTS.map((name, i) => {
    const side = name.startsWith('left') ? 1 : name.startsWith('right') ? -1 : 0;
    const raised = name === 'left_wrist' ? -40 : 0;
    return { x: 200 + 30 * side, y: 100 + 10 * i + raised - (side < 0 ? 10 : 0), v: 2 };
  });

  it('shows what the left hand does with the right one', () => {
    const mirrored = mirroredPose(pose);
    expect(mirrored?.[at('right_wrist')]?.x).toBeCloseTo(170);
    expect(mirrored?.[at('right_wrist')]?.y).toBeCloseTo(pose[at('left_wrist')]?.y ?? 0);
  });

  it('shows the pose itself when looked into twice', () => {
    const twice = mirroredPose(mirroredPose(pose) ?? []);
    twice?.forEach((joint, i) => {
      expect(joint.x).toBeCloseTo(pose[i]?.x ?? 0);
      expect(joint.y).toBeCloseTo(pose[i]?.y ?? 0);
    });
  });

  it('needs shoulders and hips', () => {
    const headOnly = pose.map((j, i) => (i < 5 ? j : { x: 0, y: 0, v: 0 as const }));
    expect(mirroredPose(headOnly)).toBeNull();
  });

  it('places the other side of the selected joint', async () => {
    const driver = await Driver.open();
    driver.editor.perform([{ type: 'setSkeleton', candidateId: null, joints: [...pose] }], 'pose');
    driver.key('J W', 'Alt+Shift+X');
    expect(driver.joint('right_wrist')?.x).toBeCloseTo(170);
    expect(driver.joint('left_wrist')).toEqual(pose[at('left_wrist')]);
  });
});

describe('jumps', () => {
  it('go to the next frame of a kind, round the end, and say where there is none', async () => {
    const driver = await Driver.open({
      frames: 4,
      items: [{}, { state: 'accepted' }, { returned: true, state: 'accepted' }, { comments: 1 }],
    });
    driver.key('Shift+R');
    expect(driver.state.index).toBe(2);
    driver.key('Alt+M');
    expect(driver.state.index).toBe(3);
    driver.key('Shift+U');
    expect(driver.state.index).toBe(0);
    driver.key('Alt+M', 'Alt+M');
    expect(driver.state.notice?.text).toMatch(/No other frame has an open comment/);
  });

  it('find what somebody else decided', async () => {
    const by = (id: number) => ({ id, name: 'Someone', email: 'x@y.z' });
    const decided = (driver: Driver, id: number, who: number) => {
      const doc = driver.server.document(id);
      const annotation = { ...doc.annotation, updated_by: by(who) };
      driver.editor.cache.update(id, () => ({ ...doc, annotation }));
    };
    const items = Array.from({ length: 4 }, () => ({ state: 'accepted' as const }));
    const driver = await Driver.open({ frames: 4, items });
    decided(driver, 1, 1);
    decided(driver, 2, 5);
    decided(driver, 3, 1);
    driver.key('Alt+N');
    await vi.waitFor(() => expect(driver.state.index).toBe(2));
  });

  it('in a revision go to the frames to revise before one with an open comment', async () => {
    const driver = await Driver.open({
      frames: 4,
      recording: { stage: 'returned' },
      items: [
        { state: 'accepted' },
        { state: 'accepted', comments: 1 },
        { state: 'accepted', returned: true },
        { state: 'accepted' },
      ],
    });
    driver.key('G');
    expect(driver.state.index).toBe(2);
  });
});

describe('what is drawn behind the joints', () => {
  it('is the model in the first round of a review, without a wish', async () => {
    const driver = await Driver.open();
    expect(driver.editor.ghostSources().model).toEqual(INFANT);
    driver.key('K');
    expect(driver.state.view.ghost).toBe('model');
    driver.key('K');
    expect(driver.state.view.ghost).toBe('off');
  });

  it('is the frame before, with what is not saved yet', async () => {
    const driver = await Driver.open();
    driver.key('J N', 'Shift+Right', 'F');
    expect(driver.editor.ghostSources().before?.[0]?.x).toBe((INFANT[0]?.x ?? 0) + 10);
  });
});

describe('how one looks at images', () => {
  it('stays this person’s', async () => {
    const driver = await Driver.open();
    driver.key('L', 'Shift+Z');
    expect(driver.editor.personal.look).toMatchObject({ labels: true, follow: true });
  });

  it('is not what a held key shows for a moment', async () => {
    const driver = await Driver.open();
    driver.key('`');
    expect(driver.state.view.peeking).toBe(true);
    expect(driver.editor.personal.look).toBeNull();
  });

  it('keeps locked joints where they are, whatever the mouse does', async () => {
    const driver = await Driver.open();
    driver.editor.set({ view: { ...driver.state.view, locked: true } });
    driver.moveTo(100, 200).press().moveTo(150, 250).release();
    expect(driver.state.document?.skeleton).toEqual(INFANT);
  });
});

describe('plain words', () => {
  it.each([
    'exchange legs',
    'hide joints',
    'brightness',
    'size',
    'compare model',
    'mirror',
    'shortcuts',
    'go left elbow',
  ])('find an action: %s', (text) => {
    const found = ACTIONS.filter(({ label, words = '' }) =>
      text.split(' ').every((word) => `${label} ${words}`.toLowerCase().includes(word)),
    );
    expect(found.length).toBeGreaterThan(0);
  });
});
