/** What becomes of each joint of two answers, while somebody decides. */
import type { Adjudication, Pair } from '@/shared/api/types';
import { N_JOINTS } from '@/shared/domain/rules.gen';

export type Joint = Readonly<NonNullable<Pair['first']['joints']>[number]>;

export type Choice =
  | { readonly take: 'first' | 'second' | 'mean' }
  | (Joint & { readonly take: 'new' });

export type Choices = ReadonlyMap<number, Choice>;

/** Two places so near are one: the mean is proposed. In pixels. */
const NEAR_PX = 4;

const NOWHERE: Joint = { x: 0, y: 0, v: 0 };

const jointOf = (joints: readonly Joint[] | null, i: number): Joint => joints?.[i] ?? NOWHERE;

export interface Row {
  readonly joint: number;
  readonly first: Joint;
  readonly second: Joint;
  readonly px: number | null;
  /** Whether anything has to be decided. */
  readonly differs: boolean;
  readonly mayMean: boolean;
}

/** The joints of a pair that both keep; those that differ most come first. */
export function rowsOf({ first, second }: Pick<Pair, 'first' | 'second'>): Row[] {
  const rows = Array.from({ length: N_JOINTS }, (_, joint): Row => {
    const a = jointOf(first.joints, joint);
    const b = jointOf(second.joints, joint);
    const both = a.v > 0 && b.v > 0;
    return {
      joint,
      first: a,
      second: b,
      px: both ? Math.hypot(a.x - b.x, a.y - b.y) : null,
      differs: a.x !== b.x || a.y !== b.y || a.v !== b.v,
      mayMean: both || (a.v === 0 && b.v === 0),
    };
  });
  const weight = ({ px, differs }: Row): number => (px === null && differs ? Infinity : (px ?? -1));
  return rows.sort((a, b) => weight(b) - weight(a) || a.joint - b.joint);
}

/** What needs no thought: the mean of places that are nearly one, with the same visibility. */
export function proposed(rows: readonly Row[]): Choices {
  return new Map(
    rows
      .filter(
        (row) => row.differs && (row.px ?? Infinity) <= NEAR_PX && row.first.v === row.second.v,
      )
      .map((row) => [row.joint, { take: 'mean' }]),
  );
}

export type Take = Exclude<Choice['take'], 'new'>;

/**
 * The same for all that is still to decide, in one act. A joint that only one of them placed has
 * no mean, and stays to be decided.
 */
export function takenForRest(rows: readonly Row[], choices: Choices, take: Take): Choices {
  const rest = leftOf(rows, choices).filter((row) => take !== 'mean' || row.mayMean);
  return new Map([...choices, ...rest.map((row) => [row.joint, { take }] as const)]);
}

export const leftOf = (rows: readonly Row[], choices: Choices): Row[] =>
  rows.filter((row) => row.differs && !choices.has(row.joint));

/** A joint that is placed anew is as visible as the one who saw more of it says. */
export const placed = ({ first, second }: Row, x: number, y: number): Choice => ({
  take: 'new',
  x,
  y,
  v: first.v === 2 || second.v === 2 ? 2 : 1,
});

/** Where a joint lies by what was chosen; null where it is not decided. */
export function resultOf(row: Row, choice: Choice | undefined): Joint | null {
  if (choice === undefined) return row.differs ? null : row.first;
  switch (choice.take) {
    case 'first':
      return row.first;
    case 'second':
      return row.second;
    case 'new':
      return choice;
    case 'mean':
      if (row.first.v === 0) return row.first;
      return {
        x: (row.first.x + row.second.x) / 2,
        y: (row.first.y + row.second.y) / 2,
        v: row.first.v < row.second.v ? row.first.v : row.second.v,
      };
  }
}

interface Decision {
  readonly operationId: string;
  readonly version: number;
  readonly verdict: 'first' | 'second';
  readonly choices: Choices;
}

export function bodyOf({ operationId, version, verdict, choices }: Decision): Adjudication {
  return {
    operation_id: operationId,
    version,
    verdict,
    choices: [...choices].map(([joint, choice]) => ({ joint, ...choice })),
  };
}
