/** How sure a fit is, in words: what its expected error means, and what is odd about it. */

import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import type { Doubt, Fit, FitDefaults } from './types';

export interface ConfidenceMark {
  key: string;
  tone: 'ok' | 'warn' | 'danger' | 'info';
  label: string;
  help: string;
  /** Where a person can look at it: position of the frame, and the joint. */
  at: { position: number; joint: number | null } | null;
}

type Names = ReadonlyMap<number, string>;

/** Millimetres in few digits: `4.2`, `31`. */
export function formatMm(mm: number | null | undefined): string {
  if (mm === null || mm === undefined || Number.isNaN(mm)) return '–';
  return mm >= 10 ? mm.toFixed(0) : mm.toFixed(1);
}

const TRUST = {
  good: { tone: 'ok', word: 'Good' },
  fair: { tone: 'warn', word: 'Fair' },
  poor: { tone: 'danger', word: 'Poor' },
} as const;

/** The expected error as a badge; null for fits of before they said so. */
export function trustMark(fit: Fit, { good_mm }: FitDefaults): ConfidenceMark | null {
  if (fit.trust === null || fit.quality_mm === null) return null;
  const { tone, word } = TRUST[fit.trust];
  const first = fit.doubts[0];
  const help =
    fit.trust === 'good'
      ? 'Joints are expected to lie this far from the truth, on average.'
      : `Joints are expected to lie this far from the truth, on average; good is below ${formatMm(good_mm)} mm.${first ? ' The first reason is named below.' : ' The marks are few, or they scatter.'}`;
  return { key: 'trust', tone, label: `${word}: ± ${formatMm(fit.quality_mm)} mm`, help, at: null };
}

/** What is odd about a fit. Joints that nobody saw are one entry. */
export function doubtMarks(fit: Fit, cameras: Names): ConfidenceMark[] {
  const unseen = fit.doubts.filter((doubt) => doubt.kind === 'unseen');
  const marks: ConfidenceMark[] = [];
  fit.doubts.forEach((doubt, i) => {
    if (doubt.kind === 'unseen') {
      if (doubt === unseen[0]) marks.push(unseenMark(unseen));
      return;
    }
    const { label, help } = inWords(doubt, cameras);
    const view = fit.views.find((v) => v.frame_id === doubt.frame_id);
    marks.push({
      key: `${doubt.kind}-${i}`,
      tone: 'warn',
      label,
      help,
      at: view ? { position: view.position, joint: doubt.joint ?? null } : null,
    });
  });
  return marks;
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

function unseenMark(unseen: readonly Doubt[]): ConfidenceMark {
  const names = unseen.map((doubt) => jointName(doubt.joint));
  const widest = Math.max(...unseen.map((doubt) => doubt.mm ?? 0));
  return {
    key: 'unseen',
    tone: 'info',
    label:
      names.length > 2
        ? `${count(names.length, 'joint')} hardly seen`
        : `${capital(names.join(', '))} hardly seen`,
    help: `${names.length > 2 ? `${capital(names.join(', '))}. ` : ''}The body’s usual poses fill in what no view tells: up to ± ${formatMm(widest)} mm.`,
    at: null,
  };
}

function jointName(joint: number | null | undefined): string {
  return joint === null || joint === undefined ? 'a joint' : (JOINT_LABELS[joint] ?? 'a joint');
}

function inWords(doubt: Doubt, cameras: Names): { label: string; help: string } {
  const camera = cameras.get(doubt.camera_id ?? -1) ?? 'a camera';
  const off = `${formatMm(doubt.px)} px, ${formatMm(doubt.mm)} mm at the infant`;
  switch (doubt.kind) {
    case 'mark':
      return {
        label: `${capital(jointName(doubt.joint))} in ${camera}`,
        help: `This mark lies ${off} from where the other views have the joint. It hardly counted; correct it in the editor.`,
      };
    case 'sides':
      return {
        label: `Left and right in ${camera}`,
        help: `With left and right exchanged this view would agree with the others. It misses by ${off}.`,
      };
    case 'view':
      return {
        label: `${capital(camera)} contradicts the others`,
        help: `Its marks miss by ${off}. Does it show another moment or another person, or was it moved?`,
      };
    case 'camera':
      return {
        label: `${capital(camera)} seems ${doubt.what === 'focal' ? 'to have another focal length' : 'turned'}`,
        help: `All moments say so: by about ${doubt.value?.toFixed(1) ?? '?'}${doubt.what === 'focal' ? ' %' : '°'} or more. Calibrate it again on the page Cameras.`,
      };
    case 'shape':
      return doubt.what === 'length'
        ? {
            label: `Length of ${doubt.value?.toFixed(2) ?? '?'} m`,
            help: 'Infants of 0 to 36 months are .45 to 1.02 m long. Check the scale of the calibration, and the expected length in the settings.',
          }
        : {
            label: 'Unusual proportions',
            help: `The shape lies ${doubt.value?.toFixed(1) ?? '?'} standard deviations from the usual infant: joints may be marked elsewhere than the body has them, or a camera is off.`,
          };
    default:
      return { label: jointName(doubt.joint), help: '' };
  }
}
