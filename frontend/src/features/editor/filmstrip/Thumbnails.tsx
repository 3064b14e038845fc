import { useQuery } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { posesQuery } from '@/shared/api/queries/poses';
import type { FrameItem } from '@/shared/api/types';
import { FRAME_STATE_LABELS } from '@/shared/domain/words';
import { cx } from '@/shared/ui/cx';
import { FrameStateDot } from '@/shared/ui/FrameStateDot';
import { InfantThumbnail } from '@/shared/ui/InfantThumbnail';
import { nameOf, wordsFor } from '../frames/naming';
import { useEditor, useEditorPartsSoon } from '../store/context';
import { signOf } from './cells';
import css from './filmstrip.module.css';

const WIDTH = 76;

/** The frames around the current one, as pictures. */
export function Thumbnails({ index }: { index: number }) {
  const editor = useEditor();
  const { frames, order, mode, recording } = useEditorPartsSoon((s) => ({
    recording: s.recording,
    frames: s.frames,
    order: s.order,
    mode: s.mode,
    recordingId: s.recording.id,
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
        const name = nameOf(item, recording, frames);
        return (
          <li key={item.id}>
            <button
              type="button"
              tabIndex={-1}
              className={cx(css.thumbnail, i === index && css.current)}
              aria-current={i === index ? 'true' : undefined}
              data-state={state}
              onClick={(event) => {
                event.currentTarget.blur();
                editor.go(i, event.timeStamp);
              }}
            >
              <span className="visually-hidden">
                {[
                  `Frame ${item.position + 1}`,
                  ...(name.camera === null ? [] : [wordsFor(name)]),
                  FRAME_STATE_LABELS[state],
                ].join(', ')}
              </span>
              <Picture key={visit} recordingId={recording.id} item={item} />
              {(item.doubts ?? 0) > 0 && <span className={css.doubts}>{item.doubts}</span>}
              <span className={css.badge}>
                <FrameStateDot state={state} commented={item.comments > 0} size={13} decorative />
              </span>
              <span className={css.position} aria-hidden>
                {name.number}
                {name.camera !== null && <small> {name.camera.short}</small>}
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

/** The infant, with the skeleton that the frame had when it was last read. */
function Picture({ recordingId, item }: { recordingId: number; item: FrameItem }) {
  const { data } = useQuery(posesQuery(recordingId, item.position));
  return (
    <InfantThumbnail
      src={`/api/v1/frames/${item.id}/thumbnail`}
      pose={data?.get(item.id)}
      className={css.picture}
      aspect={74 / 44}
    />
  );
}
