import { boxIn } from '../store/boxShown';
import { useEditorParts } from '../store/context';
import css from './layers.module.css';

/** The infant's mask, tinted, and its box with handles where it can be dragged. */
export function MaskLayer() {
  const { box, camera, image, show, mode } = useEditorParts((s) => ({
    box: boxIn(s),
    image: s.frame?.doc ?? null,
    camera: s.camera,
    show: s.view.mask,
    mode: s.mode,
  }));
  if (box === null || image === null || !show || box.mask_url === null || mode === 'inspect') {
    return null;
  }
  const url = `${box.mask_url}${box.mask_url.includes('?') ? '&' : '?'}v=${box.version}`;
  return (
    <div
      className={css.mask}
      data-testid="mask"
      style={{
        width: image.width * camera.zoom,
        height: image.height * camera.zoom,
        transform: `translate(${camera.x}px, ${camera.y}px)`,
        maskImage: `url("${url}")`,
      }}
    />
  );
}
