import type {
  FrameDocument,
  FrameItem,
  RecordingDetail,
  SessionCalibration,
} from '@/shared/api/types';
import { N_JOINTS } from '@/shared/domain/rules.gen';
import { CameraModel } from '@/shared/geometry/cameras';
import { worldPoint } from '@/shared/geometry/points';
import type { Skeleton } from '../document/types';
import { Driver, person } from './driver';

export const NAMES = ['left', 'right', 'front'];

/** Three cameras on a ring around the origin, looking at it. */
export const CAMERAS = NAMES.map((name, i) => {
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

export const BODY = Array.from({ length: N_JOINTS }, (_, i) =>
  worldPoint(0.03 * i - 0.25, 0.05 * (i % 4) - 0.1, 0.05 * (i % 5)),
);

/** The true joints as a camera sees them. */
export function seenBy(camera: number): Skeleton {
  const model = new CameraModel((CAMERAS[camera] as (typeof CAMERAS)[0]).json);
  return BODY.map((point) => {
    const { x, y } = model.project(point) ?? { x: 0, y: 0 };
    return { x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100, v: 2 as const };
  });
}

export const without = (skeleton: Skeleton, ...joints: number[]): Skeleton =>
  skeleton.map((j, i) => (joints.includes(i) ? { x: 0, y: 0, v: 0 as const } : j));

/** Two moments of three cameras; frame `moment + 2 · camera`. */
export async function openThreeCameras(
  skeletons: readonly Skeleton[] = [0, 1, 2].map(seenBy),
): Promise<Driver> {
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

export const documentOf = (driver: Driver, camera: number) =>
  (camera === driver.editor.item?.camera_id
    ? driver.state.document
    : driver.state.panes.get(camera)?.document) ?? null;
export const jointOf = (driver: Driver, camera: number, joint: number) =>
  documentOf(driver, camera)?.skeleton?.[joint];
