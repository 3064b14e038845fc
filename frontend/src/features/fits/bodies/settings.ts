/** Settings of a fit that people may change in the browser; the others keep their defaults. */
import settings from './fitSettings.json';

export interface FitSetting {
  key: string;
  default: number;
  label: string;
  help: string;
  min: number;
  max: number;
  step: number;
}

/** With the defaults of worker/fitting/config.py, to which a test holds them. */
export const FIT_SETTINGS: readonly FitSetting[] = settings;

/** What neighbours in time have to say. */
export type TimeFilter = 'sequence' | 'neighbours' | 'moment';

export const TIME_FILTERS: readonly { value: TimeFilter; label: string; help: string }[] = [
  {
    value: 'sequence',
    label: 'The whole sequence together',
    help: 'All moments are solved at once with what is known of infants’ motion. What each gave for itself is kept beside it.',
  },
  {
    value: 'neighbours',
    label: 'Each moment with its neighbours',
    help: 'A moment is only told where both beside it expect it.',
  },
  {
    value: 'moment',
    label: 'Each moment for itself',
    help: 'Nothing is smoothed: fastest, and most noise.',
  },
];

/** How a run was filtered over time, in words; null for runs that did not say. */
export function filterOf(name: unknown): string | null {
  return TIME_FILTERS.find((filter) => filter.value === name)?.label ?? null;
}

/** What was typed, as overrides: only what differs from the default. */
export function overrides(
  typed: Readonly<Record<string, string>>,
  useMasks: boolean,
  time: TimeFilter = 'sequence',
): Record<string, number> {
  const config: Record<string, number> = {};
  for (const { key, default: usual } of FIT_SETTINGS) {
    const text = typed[key]?.trim();
    if (!text) continue;
    const value = Number(text);
    if (value !== usual) config[key] = value;
  }
  if (!useMasks) config.surface_weight = 0;
  if (time !== 'sequence') config.sequence_weight = 0;
  if (time === 'moment') config.smooth_weight = 0;
  return config;
}

/** What is wrong with a typed value; null where nothing is. */
export function faultOf({ min, max }: FitSetting, text: string | undefined): string | null {
  if (!text?.trim()) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) return 'This is not a number.';
  return value < min || value > max ? `Enter a number between ${min} and ${max}.` : null;
}
