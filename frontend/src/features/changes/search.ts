import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { id, oneOf, type RawSearch, text } from '@/shared/lib/search';

export const KINDS = ['act', 'joints', 'box', 'mark', 'comment', 'posture', 'waiver'] as const;

export interface ChangesSearch {
  kind?: (typeof KINDS)[number];
  person?: number;
  /** Nothing that models did. */
  people?: true;
  recording?: number;
  frame?: number;
  joint?: number;
  /** Days, both included. */
  since?: string;
  until?: string;
}

const day = (raw: unknown): string | undefined => {
  const said = text(raw);
  return said && /^\d{4}-\d\d-\d\d$/.test(said) && !Number.isNaN(Date.parse(said))
    ? said
    : undefined;
};

/** The nose is number 0. */
const jointOf = (raw: unknown): number | undefined => {
  const number = Number(text(raw) ?? Number.NaN);
  return Number.isInteger(number) && number >= 0 && number < JOINT_LABELS.length
    ? number
    : undefined;
};

export const changesSearch = (raw: RawSearch): ChangesSearch => ({
  kind: oneOf(KINDS, raw.kind),
  person: id(raw.person),
  people: raw.people === 'true' || raw.people === true ? true : undefined,
  recording: id(raw.recording),
  frame: id(raw.frame),
  joint: jointOf(raw.joint),
  since: day(raw.since),
  until: day(raw.until),
});
