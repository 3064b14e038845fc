import type { ErrorName, Kind, Measure, Setting } from './queries';

export const SETTING_LABELS: Record<Setting, string> = {
  'zero-shot': 'Zero-shot',
  'fine-tuned': 'Fine-tuned',
};

export const SETTING_HELP: Record<Setting, string> = {
  'zero-shot': 'Used as it was published: it has seen nothing of this dataset.',
  'fine-tuned': 'Trained further on the training split of this dataset.',
};

export const KIND_LABELS: Record<Kind, string> = {
  joints: 'Joints in images',
  bodies: 'Bodies in 3D',
  postures: 'Postures',
};

export const ERROR_LABELS: Record<ErrorName, string> = {
  good: 'Good',
  jitter: 'Jitter',
  inversion: 'Wrong side',
  swap: 'Wrong person',
  miss: 'Miss',
};

export const ERROR_HELP: Record<ErrorName, string> = {
  good: 'At its place.',
  jitter: 'Near its place, not at it.',
  inversion: 'At the other side’s joint of the same infant.',
  swap: 'At a joint of somebody else.',
  miss: 'At none of these.',
};

export const FACET_LABELS: Record<string, string> = {
  joint: 'Joint',
  visibility: 'Visibility',
  source: 'Source',
  camera: 'Camera',
  posture: 'Posture',
  age: 'Age',
  box: 'Box size',
};

/** Measures that are lengths; all others are shares from 0 to 1. */
const UNITS: Record<string, string> = {
  AJPE: 'px',
  AJPE_median: 'px',
  MPJPE: 'mm',
  MPJPE_unaligned: 'mm',
  'PA-MPJPE': 'mm',
  PVE: 'mm',
  PVE_unaligned: 'mm',
};

/** What stands above a column where the measure's own name is none that people say. */
const HEADINGS: Record<string, string> = {
  top1: 'Right posture',
  top1_balanced: 'Balanced',
  top1_groups: 'Right group',
};
export const headingOf = (name: string): string => HEADINGS[name] ?? name;

export const unitOf = (name: string): string => UNITS[name] ?? '';
const LOWER = new Set([...Object.keys(UNITS), 'ECE']);
export const lowerIsBetter = (name: string): boolean => LOWER.has(name);

/** `0.712`, or `31.4` for lengths; a dash for what does not exist. */
export function formatMeasure(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return value.toFixed(unitOf(name) ? 1 : 3);
}

export function formatInterval(name: string, measure: Measure | undefined): string {
  if (!measure?.interval) return '';
  return measure.interval.map((end) => formatMeasure(name, end)).join(' – ');
}

/** Names from the server as people read them: `four_point_kneeling`, `home_visit`. */
export function spoken(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
