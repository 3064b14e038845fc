import type { Form } from './form';
import type { State } from './words';

/** Sides of the split that were wanted and hold nothing. */
export function emptySplits(
  wanted: readonly { name: string }[],
  held: readonly { name: string }[],
): string[] {
  return wanted.map(({ name }) => name).filter((name) => !held.some((one) => one.name === name));
}

/** What is missing before a release can be published, as sentences; nothing when all is there. */
export function missingToPublish(
  state: State,
  saved: Pick<Form, 'licence' | 'contact'>,
  dirty: boolean,
): string[] {
  const missing: string[] = [];
  if (dirty) missing.push('Save your changes, or discard them.');
  if (!saved.licence.trim()) missing.push('Fill in the licence.');
  if (!saved.contact.trim()) missing.push('Fill in the contact.');
  if (state !== 'checked') missing.push('Check it: nothing may block.');
  return missing;
}
