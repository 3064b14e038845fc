/** Numbers of agreement in words. */

export const two = (value: number | null): string => (value === null ? '–' : value.toFixed(2));
export const px = (value: number | null): string =>
  value === null ? '–' : `${value.toFixed(1)} px`;

/** Krippendorff's own limits: .8 to rely on, .667 for tentative conclusions. */
export function alphaWords(alpha: number | null): string {
  if (alpha === null) return 'All give the same: nothing to tell chance by';
  if (alpha >= 0.8) return 'Reliable';
  if (alpha >= 0.667) return 'For tentative conclusions';
  return 'Below what conclusions can be drawn from';
}
