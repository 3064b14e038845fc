import { useQuery } from '@tanstack/react-query';
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { openDoubts } from '@/shared/api/doubts';
import { posesQuery } from '@/shared/api/queries/poses';
import type { FrameItem } from '@/shared/api/types';
import { FRAME_STATE_LABELS } from '@/shared/domain/words';
import { cx } from '@/shared/ui/cx';
import { FrameStateDot } from '@/shared/ui/FrameStateDot';
import { InfantThumbnail } from '@/shared/ui/InfantThumbnail';
import { nameOf, wordsFor } from '../frames/naming';
import type { Mode } from '../frames/navigation';
import { useEditor, useEditorPartsSoon } from '../store/context';
import { signOf } from './cells';
import css from './filmstrip.module.css';
import type { Listing } from './listing';

const WIDTH = 76;

/** The frames around the current one, as pictures. */
export const Thumbnails = memo(function Thumbnails({ listing }: { listing: Listing }) {
  const { listed, matching, refused } = listing;
  const { frames, index, mode, recording } = useEditorPartsSoon((s) => ({
    recording: s.recording,
    frames: s.frames,
    index: s.index,
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

  const at = Math.max(0, listed.indexOf(index));
  const start = Math.max(0, Math.min(at - Math.floor(room / 2), listed.length - room));
  return (
    <ol className={css.thumbnails} ref={row}>
      {listed.slice(start, start + room).map((i) => {
        const item = frames[i];
        if (item === undefined) return null;
        const name = nameOf(item, recording, frames);
        return (
          <Thumbnail
            key={item.id}
            index={i}
            item={item}
            current={i === index}
            dimmed={matching?.has(i) === false}
            refused={refused.has(item.id)}
            mode={mode}
            recordingId={recording.id}
            number={name.number}
            camera={name.camera?.short ?? null}
            words={name.camera === null ? null : wordsFor(name)}
            visit={visit}
          />
        );
      })}
    </ol>
  );
});

interface ThumbnailProps {
  index: number;
  item: FrameItem;
  current: boolean;
  dimmed: boolean;
  /** The server refused what was done here. */
  refused: boolean;
  mode: Mode;
  recordingId: number;
  number: number;
  camera: string | null;
  /** Which camera's of which moment, where there are several. */
  words: string | null;
  visit: number;
}

/** Drawn again only when something of this frame changed: most stay as they are from frame to frame. */
const Thumbnail = memo(function Thumbnail(props: ThumbnailProps) {
  const { index, item, current, dimmed, refused, mode, recordingId } = props;
  const { number, camera, words, visit } = props;
  const editor = useEditor();
  const state = signOf(item, mode);
  const doubts = openDoubts(item);
  return (
    <li>
      <button
        type="button"
        tabIndex={-1}
        className={cx(css.thumbnail, current && css.current, dimmed && css.dimmed)}
        aria-current={current ? 'true' : undefined}
        data-state={state}
        onClick={(event) => {
          event.currentTarget.blur();
          editor.go(index, event.timeStamp);
        }}
      >
        <span className="visually-hidden">
          {[
            `Frame ${item.position + 1}`,
            ...(words === null ? [] : [words]),
            FRAME_STATE_LABELS[state],
            ...(refused ? ['your change was not saved'] : []),
            ...(dimmed ? ['left out by the filter'] : []),
          ].join(', ')}
        </span>
        <Picture key={visit} recordingId={recordingId} item={item} />
        {refused && <span className={css.unsaved}>not saved</span>}
        {doubts > 0 && <span className={css.doubts}>{doubts}</span>}
        <span className={css.badge}>
          <FrameStateDot state={state} commented={item.comments > 0} size={13} decorative />
        </span>
        <span className={css.position} aria-hidden>
          {number}
          {camera !== null && <small> {camera}</small>}
        </span>
      </button>
    </li>
  );
});

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
