import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { FRAME_STATE_LABELS } from '@/shared/domain/words';
import { cx } from '@/shared/ui/cx';
import { FrameStateDot } from '@/shared/ui/FrameStateDot';
import { useEditor, useEditorParts } from '../store/context';
import { signOf } from './cells';
import css from './filmstrip.module.css';

const WIDTH = 76;

/** The frames around the current one, as pictures. */
export function Thumbnails({ index }: { index: number }) {
  const editor = useEditor();
  const { frames, order, mode } = useEditorParts((s) => ({
    frames: s.frames,
    order: s.order,
    mode: s.mode,
  }));
  const row = useRef<HTMLOListElement>(null);
  const [room, setRoom] = useState(15);
  const [visit, setVisit] = useState(0);

  // Pictures that failed while the network was away are asked for again.
  useEffect(() => {
    const onOnline = (): void => setVisit((n) => n + 1);
    window.addEventListener('online', onOnline);
    return () => window.removeEventListener('online', onOnline);
  }, []);

  useLayoutEffect(() => {
    const element = row.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      setRoom(Math.max(3, Math.floor(element.clientWidth / WIDTH)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const at = Math.max(0, order.indexOf(index));
  const start = Math.max(0, Math.min(at - Math.floor(room / 2), order.length - room));
  return (
    <ol className={css.thumbnails} ref={row}>
      {order.slice(start, start + room).map((i) => {
        const item = frames[i];
        if (item === undefined) return null;
        const state = signOf(item, mode);
        return (
          <li key={item.id}>
            <button
              type="button"
              tabIndex={-1}
              className={cx(css.thumbnail, i === index && css.current)}
              aria-current={i === index ? 'true' : undefined}
              aria-label={`Frame ${item.position + 1}, ${FRAME_STATE_LABELS[state]}${item.in_playback ? ' in playback' : ''}`}
              data-state={state}
              onClick={(event) => {
                event.currentTarget.blur();
                editor.go(i, event.timeStamp);
              }}
            >
              <img
                key={visit}
                src={`/api/v1/frames/${item.id}/thumbnail`}
                alt=""
                draggable={false}
              />
              <span className={css.badge}>
                <FrameStateDot state={state} commented={item.comments > 0} size={13} decorative />
              </span>
              <span className={css.position}>{item.position + 1}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
