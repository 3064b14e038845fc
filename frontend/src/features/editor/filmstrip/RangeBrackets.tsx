import { memo, useMemo } from 'react';
import type { FrameItem } from '@/shared/api/types';
import { REASON_LABELS } from '@/shared/domain/words';
import { cx } from '@/shared/ui/cx';
import { framesIn, runsOf } from '../ranges/marks';
import { useRanges } from '../ranges/useRanges';
import { useEditorPartsSoon } from '../store/context';
import type { StripScale } from './cells';
import css from './ranges.module.css';

interface Props {
  frames: readonly FrameItem[];
  /** What the strip shows; what a filter leaves out of it belongs to no range. */
  listed: readonly number[];
  scale: StripScale;
}

interface Bracket {
  readonly key: string;
  readonly kind: 'marked' | 'waiting' | 'proposed' | 'chosen';
  readonly title: string;
  readonly run: readonly [number, number];
}

/** Over the strip: the marked range, ranges on their way, and ranges that are proposed. */
export const RangeBrackets = memo(function RangeBrackets({ frames, listed, scale }: Props) {
  const { order } = useEditorPartsSoon((s) => ({ order: s.order }));
  const { marks, waiting, proposals, proposal } = useRanges((s) => ({
    marks: s.marks,
    waiting: s.waiting,
    proposals: s.proposals,
    proposal: s.proposal,
  }));
  // Which cells belong together does not hang on their states, so it is not worked out at each save.
  const places = useMemo(() => new Map(listed.map((index, place) => [index, place])), [listed]);
  const brackets = useMemo(() => {
    const found: Bracket[] = [];
    const add = (
      kind: Bracket['kind'],
      key: string | number,
      title: string,
      ids: Iterable<number>,
    ) => {
      const indices = new Set(ids);
      for (const run of runsOf(listed, indices)) {
        found.push({ key: `${kind}${key}:${run[0]}`, kind, title, run });
      }
    };
    const indexOf = new Map(frames.map(({ id }, i) => [id, i]));
    for (const p of proposals) {
      if (p.state !== 'open') continue;
      const ids = frames.flatMap((item, i) =>
        item.camera_id === p.camera_id && item.position >= p.first && item.position <= p.last
          ? [i]
          : [],
      );
      const title = `Proposed to discard: ${REASON_LABELS[p.reason].toLowerCase()} (${p.words})`;
      add(p.id === proposal ? 'chosen' : 'proposed', p.id, title, ids);
    }
    for (const { operationId, frames: ids } of waiting) {
      add(
        'waiting',
        operationId,
        'On its way to the server',
        ids.flatMap((id) => indexOf.get(id) ?? []),
      );
    }
    if (marks.from !== null) add('marked', '', 'The marked range', framesIn(marks, frames, order));
    return found.filter(({ run }) => places.size > run[0]);
  }, [frames, order, listed, places, marks, waiting, proposals, proposal]);
  return brackets.map(({ key, kind, title, run: [first, last] }) => (
    <i
      key={key}
      className={cx(css.bracket, css[kind])}
      title={title}
      data-range={kind}
      style={{
        left: scale.x(first),
        width: Math.max(4, scale.x(last + 1) - scale.x(first)),
      }}
    />
  ));
});
