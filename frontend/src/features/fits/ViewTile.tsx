import { Fragment, useEffect, useMemo, useRef, useState } from 'react';
import { formatPx } from '@/features/fits/bodies/facts';
import { ImageShelf } from '@/features/fits/bodies/images';
import type { OverlayPainter } from '@/features/fits/bodies/scene/OverlayPainter';
import type { Fit, MomentCamera } from '@/features/fits/bodies/types';
import { around, containing, type Rect } from '@/features/fits/bodies/view';
import { urlOf } from '@/shared/api/client';
import { cx } from '@/shared/ui';
import { useSize } from '@/shared/ui/useSize';
import { JointLines } from './JointLines';
import { usePrefs } from './prefs';
import css from './Views.module.css';
import { useWorkbench } from './workbench';

const shelf = new ImageShelf();
const imageUrl = (frameId: number) =>
  urlOf('/api/v1/frames/{frame_id}/image', { frame_id: frameId });

/** The part of the pictures of one camera in which the infant is, over the whole recording. */
function useInfantRect(camera: MomentCamera, fits: readonly Fit[]): Rect {
  const { projectors } = useWorkbench();
  const projector = projectors.get(camera.id);
  return useMemo(() => {
    const image = { x: 0, y: 0, width: camera.width, height: camera.height };
    if (!projector || !fits.length) return image;
    const points = fits.flatMap((fit) => fit.joints.flat());
    const pixels = new Float32Array(points.length);
    projector.project(points, pixels);
    return around(pixels, 0.12, image);
  }, [camera.width, camera.height, projector, fits]);
}

interface Label {
  words: string;
  tone: 'ok' | 'bad' | 'quiet';
}

function labelsOf(fit: Fit | undefined, cameraId: number, gatePx: number): Label[] {
  const view = fit?.views.find((v) => v.camera_id === cameraId);
  if (!fit || !view) return [{ words: fit ? 'not used' : 'no fit', tone: 'quiet' }];
  const labels: Label[] = [];
  if (view.mean_error_px !== null) {
    const bad = view.mean_error_px > gatePx;
    labels.push({ words: `${formatPx(view.mean_error_px)} px`, tone: bad ? 'bad' : 'ok' });
  }
  if (view.mask_iou !== null) {
    labels.push({ words: `mask ${view.mask_iou.toFixed(2).replace(/^0/, '')}`, tone: 'quiet' });
  }
  return labels;
}

interface ViewTileProps {
  camera: MomentCamera;
  number: number;
  painter: OverlayPainter | null;
  small?: boolean;
  onChoose: () => void;
}

/** One camera's picture of the moment with the body drawn over it. */
export function ViewTile({ camera, number, painter, small, onChoose }: ViewTileProps) {
  const bench = useWorkbench();
  const { fit, moment, posed, gatePx, data } = bench;
  const { style, opacity, joints, zoomed } = usePrefs();
  const frame = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const size = useSize(frame);
  const projector = bench.projectors.get(camera.id);
  const frameId = moment.frames[String(camera.id)];
  const infant = useInfantRect(camera, data.fits);
  const [missing, setMissing] = useState(false);
  const [shown, setShown] = useState(frameId);

  const view = useMemo(() => {
    const whole = { x: 0, y: 0, width: camera.width, height: camera.height };
    return containing(zoomed ? infant : whole, size.width, size.height);
  }, [zoomed, infant, camera.width, camera.height, size]);

  // Picture and body change together, or the body would slide over the last picture.
  useEffect(() => {
    const below = picture.current;
    const above = overlay.current;
    if (!below || !above || !size.width || !size.height) return;
    let gone = false;
    const draw = (image: HTMLImageElement | null) => {
      if (gone) return;
      const scale = Math.min(2, window.devicePixelRatio);
      for (const canvas of [below, above]) {
        const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
        if (canvas.width !== width) canvas.width = width;
        if (canvas.height !== height) canvas.height = height;
      }
      drawPicture(below, image, view, camera);
      if (painter && posed && projector && fit) {
        painter.paint(above, posed.body, projector, view, style);
      } else above.getContext('2d')?.clearRect(0, 0, above.width, above.height);
      setMissing(image === null);
      setShown(frameId);
    };
    if (frameId === undefined) {
      draw(null);
      return;
    }
    const url = imageUrl(frameId);
    const here = shelf.now(url);
    if (here) draw(here);
    else shelf.load(url).then(draw, () => draw(null));
    return () => {
      gone = true;
    };
  }, [frameId, size, view, camera, painter, posed, projector, fit, style]);

  // Those that come next are fetched while this one is looked at.
  useEffect(() => {
    for (const step of [1, 2, 3, -1]) {
      const id = bench.moments[bench.cursor + step]?.frames[String(camera.id)];
      if (id !== undefined) shelf.load(imageUrl(id)).catch(() => undefined);
    }
  }, [bench.moments, bench.cursor, camera.id]);

  const labels = labelsOf(fit, camera.id, gatePx);
  return (
    <div className={cx(css.tile, small && css.small)}>
      <button
        type="button"
        className={css.name}
        onClick={onChoose}
        title={`Show ${camera.name} large, or all again (${number})`}
      >
        <strong aria-hidden>{number}</strong>
        <span>{camera.name}</span>{' '}
        {labels.map(({ words, tone }) => (
          <Fragment key={words}>
            <em data-tone={tone}>{words}</em>{' '}
          </Fragment>
        ))}
      </button>
      <div className={css.canvases} ref={frame}>
        <canvas ref={picture} role="img" aria-label={`Picture of ${camera.name}`} />
        <canvas ref={overlay} style={{ opacity }} aria-hidden data-testid={`overlay-${number}`} />
        {joints && projector && fit && shown === frameId && frameId !== undefined ? (
          <JointLines
            frameId={frameId}
            fit={fit}
            projector={projector}
            view={view}
            size={size}
            plain={small}
          />
        ) : null}
        {missing ? <p className={css.missing}>No frame of this camera</p> : null}
        {fit && !projector ? (
          <p className={css.missing}>Where this camera stood is not known</p>
        ) : null}
      </div>
    </div>
  );
}

function drawPicture(
  canvas: HTMLCanvasElement,
  image: HTMLImageElement | null,
  view: Rect,
  { width, height }: { width: number; height: number },
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const scale = canvas.width / view.width;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!image) return;
  context.imageSmoothingQuality = 'high';
  context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
  context.drawImage(image, 0, 0, width, height);
}
