import { describe, expect, it } from 'vitest';
import file from '../../../../tests/vectors/cameras.json';
import { type Camera, CameraModel, scaledTo } from './cameras';
import { imagePoint, worldPoint } from './points';
import { agree, agreeByTrust, epipolarCurve, type Trust, triangulate } from './views';

const cameras = (file.cameras as Camera[]).map((json) => new CameraModel(json));
const at = (i: number): CameraModel => cameras[i] as CameraModel;
const world = (p: readonly (number | null)[]) => worldPoint(p[0] ?? NaN, p[1] ?? NaN, p[2] ?? NaN);
const pixel = (p: readonly (number | null)[]) => imagePoint(p[0] ?? NaN, p[1] ?? NaN);

/** Marks of one point in all views. */
const marksOf = (i: number) =>
  file.triangulated.marks.map((view) => {
    const mark = view[i] as (number | null)[];
    return mark[0] === null ? null : pixel(mark);
  });

function close(found: readonly number[], expected: readonly (number | null)[], digits = 6): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(found[i]).toBeCloseTo(value as number, digits);
  });
}

const xyz = (p: { x: number; y: number; z: number } | null) => (p === null ? [] : [p.x, p.y, p.z]);

describe('cameras see what the server says that they see', () => {
  it.each(cameras.map((camera, i) => [camera.name, i] as const))('%s', (_, i) => {
    file.points.forEach((point, n) => {
      const expected = file.pixels[i]?.[n] as number[];
      const found = at(i).project(world(point));
      close([found?.x ?? NaN, found?.y ?? NaN], expected);
      close(at(i).undistort(pixel(expected)), file.undistorted[i]?.[n] as number[]);
      close(xyz(at(i).ray(pixel(expected))), file.rays[i]?.[n] as number[]);
    });
  });

  it('nothing behind them', () => {
    expect(at(file.behind.camera).project(world(file.behind.point))).toBeNull();
  });

  it('the same in smaller images of the same shape, and nothing is guessed for another shape', () => {
    const json = file.cameras[1] as Camera;
    const half = new CameraModel(scaledTo(json, 960, 540) as Camera);
    const full = at(1).project(world(file.points[0] as number[]));
    const small = half.project(world(file.points[0] as number[]));
    close([small?.x ?? NaN, small?.y ?? NaN], [(full?.x ?? NaN) / 2, (full?.y ?? NaN) / 2]);
    expect(scaledTo(json, 960, 720)).toBeNull();
  });
});

describe('several views', () => {
  it.each(file.epipolar.map((c) => [`${c.seen} to ${c.other}`, c] as const))(
    'an epipolar curve runs where the server says (%s)',
    (_, c) => {
      const curve = epipolarCurve(at(c.seen), at(c.other), pixel(c.pixel), c.samples);
      expect(curve.length).toBe(c.curve.length);
      curve.forEach((p, i) => {
        close([p.x, p.y], c.curve[i] as number[], 4);
      });
    },
  );

  it('are triangulated as on the server', () => {
    file.triangulated.points.forEach((expected, i) => {
      const found = triangulate(cameras, marksOf(i));
      if (expected[0] === null) expect(found).toBeNull();
      else close(xyz(found), expected);
      const weighted = file.triangulated.weighted[i] as (number | null)[];
      const weighed = triangulate(cameras, marksOf(i), file.triangulated.weights);
      if (weighted[0] === null) expect(weighed).toBeNull();
      else close(xyz(weighed), weighted);
    });
  });

  it.each(file.agreed.map((c, i) => [i, c] as const))(
    'name the view that disagrees (%i)',
    (i, expected) => {
      const found = agree(cameras, marksOf(i));
      expect(found.inliers).toEqual(expected.inliers);
      expected.errors.forEach((error, n) => {
        if (error === null) expect(found.errors[n] ?? null).toBeNull();
        else expect(found.errors[n]).toBeCloseTo(error, 3);
      });
      if (expected.point[0] !== null) close(xyz(found.point), expected.point);
    },
  );

  it('take people before machines', () => {
    const { trust, points, errors, agreed, disagrees } = file.trusted;
    points.forEach((expected, i) => {
      const found = agreeByTrust(
        cameras,
        marksOf(i),
        trust.map((view) => view[i] as Trust),
      );
      expect(found.agreed).toBe(agreed[i]);
      expect(found.disagrees).toEqual(disagrees.map((view) => view[i]));
      if (expected[0] === null) expect(found.point).toBeNull();
      else close(xyz(found.point), expected);
      errors.forEach((view, n) => {
        const error = view[i] ?? null;
        if (error === null) expect(found.errors[n]).toBeNull();
        else expect(found.errors[n]).toBeCloseTo(error, 3);
      });
    });
  });
});
