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

/** What was typed, as overrides: only what differs from the default. */
export function overrides(
  typed: Readonly<Record<string, string>>,
  useMasks: boolean,
): Record<string, number> {
  const config: Record<string, number> = {};
  for (const { key, default: usual } of FIT_SETTINGS) {
    const text = typed[key]?.trim();
    if (!text) continue;
    const value = Number(text);
    if (value !== usual) config[key] = value;
  }
  if (!useMasks) config.surface_weight = 0;
  return config;
}

/** What is wrong with a typed value; null where nothing is. */
export function faultOf({ min, max }: FitSetting, text: string | undefined): string | null {
  if (!text?.trim()) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) return 'This is not a number.';
  return value < min || value > max ? `Enter a number between ${min} and ${max}.` : null;
}
