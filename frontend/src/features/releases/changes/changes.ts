/** What differs between two versions, in words. */
import type { ReleaseItem } from '@/shared/api/types';
import { JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { extentOf, type Region, regionAround } from '../frames/joints';
import { compareVersions } from '../versions';
import type { ChangedFrame, Difference } from './queries';
import { KINDS, type Kind } from './search';

export const KIND_LABELS: Readonly<Record<Kind, string>> = {
  moved: 'Joints moved',
  visibility: 'Visibility',
  box: 'Boxes',
  posture: 'Posture',
  fit: 'Body fits',
  came: 'Frames in',
  went: 'Frames out',
};

export interface KindCount {
  kind: Kind;
  frames: number;
}

export function kindCounts(difference: Difference): KindCount[] {
  const frames = new Map(difference.kinds.map((one) => [one.kind, one.frames]));
  return KINDS.map((kind) => ({ kind, frames: frames.get(kind) ?? 0 }));
}

/** What is shown first: what was asked for, else the first kind of which there is something. */
export function openKind(counts: readonly KindCount[], asked: Kind | undefined): Kind {
  return asked ?? counts.find((one) => one.frames > 0)?.kind ?? 'moved';
}

/** Versions that a release can be compared with: frozen, of its dataset, the newest first. */
export function basesOf(
  releases: readonly ReleaseItem[],
  release: Pick<ReleaseItem, 'id' | 'dataset'>,
): ReleaseItem[] {
  return releases
    .filter(
      (one) =>
        one.dataset.id === release.dataset.id && one.id !== release.id && one.frozen_at !== null,
    )
    .sort((a, b) => compareVersions(b.version, a.version));
}

const nameOf = (joint: string): string =>
  JOINT_LABELS[(JOINTS as readonly string[]).indexOf(joint)] ?? joint;

/** The joints that moved most, then what else differs. */
export function wordsOf(frame: ChangedFrame): string[] {
  const moved = Object.entries(frame.moved).sort((a, b) => b[1] - a[1]);
  const words = moved.slice(0, 2).map(([joint, px]) => `${nameOf(joint)} ${px.toFixed(1)} px`);
  if (moved.length > 2) words.push(`${moved.length - 2} more moved`);
  if (frame.visibility.length > 2)
    words.push(`visibility of ${count(frame.visibility.length, 'joint')}`);
  else words.push(...frame.visibility.map((joint) => `${nameOf(joint)} visibility`));
  if (frame.oks !== null && moved.length) words.push(`OKS ${frame.oks.toFixed(3)}`);
  if (frame.box_iou !== null && frame.box_iou < 1) {
    words.push(`box overlap ${Math.floor(100 * frame.box_iou)} %`);
  }
  return words;
}

/** The part of the picture in which something can be seen to differ. */
export function regionOf(frame: ChangedFrame, aspect: number): Region {
  const sides = [frame.before, frame.after].filter((side) => side !== null);
  const [first] = sides;
  if (!first) return { x: 0, y: 0, width: 1, height: 1 };
  const parts = sides.flatMap((side) => [side.box, extentOf(side.keypoints)]);
  return regionAround(
    parts.filter((part) => part !== null),
    first,
    aspect,
  );
}

/** The notes of a draft with what changed behind them; the same changes never twice. */
export function notesWith(notes: string, changelog: string): string {
  const changes = changelog.trim();
  if (notes.includes(changes)) return notes;
  return notes.trim() ? `${notes.trim()}\n\n${changes}\n` : `${changes}\n`;
}
