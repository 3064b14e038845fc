import type { components } from '@/shared/api/schema.gen';

type Schemas = components['schemas'];
export type State = Schemas['ReleaseState'];
export type Scope = Schemas['ConsentScope'];
export type Audience = Exclude<Scope, 'none'>;

export const STATE_LABELS: Record<State, string> = {
  draft: 'Draft',
  checked: 'Checked',
  published: 'Published',
  withdrawn: 'Withdrawn',
};

export const STATE_HELP: Record<State, string> = {
  draft: 'Can be changed. Nothing is frozen yet.',
  checked: 'Nothing blocks, and its frames are frozen. It can be published.',
  published: 'Final: its files never change.',
  withdrawn: 'No longer given out. Its record stays.',
};

export const AUDIENCE_HELP: Record<Audience, string> = {
  internal: 'For the group that made the recordings.',
  research: 'For other researchers, under an agreement. Needs consent to research and release.',
  public: 'For everybody. Needs consent to publication, and no recognisable face.',
};

export const AUDIENCES: readonly Audience[] = ['internal', 'research', 'public'];

/** What balances a split, in words; the server names the kind. */
export const HELD_KINDS: Record<string, string> = {
  source: 'Frames by source',
  infants: 'Infants',
  age: 'Frames by age',
  sex: 'Frames by sex',
  posture: 'Frames by posture',
};
