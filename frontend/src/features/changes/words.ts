import type { Change, ChangeKind } from '@/shared/api/types';
import { nameOfCode } from '@/shared/domain/postures';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { backWords, humanise } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';

export const KIND_LABELS: Record<ChangeKind, string> = {
  act: 'Act',
  joints: 'Joints',
  box: 'Box',
  mark: 'Mark',
  comment: 'Comment',
  posture: 'Posture',
  waiver: 'It is right',
};

/** `setLook` → `set look`: what this page does not know by name yet. */
const spaced = (name: string): string =>
  humanise(name.replace(/(?=[A-Z])/g, ' '))
    .toLowerCase()
    .trim();

function boxJudged(status: unknown): string {
  if (status === 'approved') return 'approved the box';
  return status === 'proposed' ? 'took the word on the box back' : 'sent the box back';
}

const joint = (value: unknown): string =>
  (typeof value === 'number' ? JOINT_LABELS[value] : undefined) ?? 'joint';

function operationWords(operation: Record<string, unknown>): string {
  switch (operation.type) {
    case 'placeJoint':
    case 'moveJoint':
      return `moved the ${joint(operation.joint)}`;
    case 'setVisibility':
      return `set the visibility of the ${joint(operation.joint)}`;
    case 'setVerdict':
      return operation.verdict === 'discard'
        ? `discarded it: ${humanise(String(operation.reason ?? '')).toLowerCase()}`
        : operation.verdict === 'keep'
          ? 'kept it'
          : 'took the decision back';
    case 'setSkeleton':
      return 'replaced all joints';
    case 'chooseCandidate':
      return 'chose the person';
    case 'swapSides':
      return 'exchanged sides';
    case 'takeEstimate':
      return 'took the joints inferred from other frames';
    case 'drawBox':
    case 'setBox':
      return 'drew the box';
    case 'judgeBox':
      return boxJudged(operation.status);
    default:
      return spaced(String(operation.type ?? ''));
  }
}

const SHOWN = 3;

/** Acts whose name alone says too little. */
const ACTS: Record<string, (details: Change['details']) => string> = {
  gold_marked: ({ frames, use }) =>
    `made ${count(Number(frames), 'frame')} gold, ${use === 'training' ? 'for training' : 'to be mixed in'}`,
  gold_taken_back: ({ frames }) => `took ${count(Number(frames), 'gold frame')} back`,
  quality_rules_changed: () => 'changed how much is checked',
  training_passed: () => 'reached the standard of the training',
  training_set: ({ passed }) =>
    passed === true ? 'let somebody through the training' : 'asked somebody to train again',
  adjudicated: ({ version }) => `made version ${version} of a frame of two answers`,
};

const names = (joints: unknown): string =>
  Array.isArray(joints) ? joints.map((one) => `the ${joint(one)}`).join(', ') : '';

function markWords({ what, details }: Change): string {
  const said = what === 'revise' ? 'marked it to be revised' : `marked it ${what}`;
  const wrong = names(details.wrong);
  return wrong === '' ? said : `${said}: wrong ${wrong}`;
}

interface Stroke {
  readonly first: number;
  readonly last: number;
  readonly code: number | null;
}

function postureWords({ strokes }: Change['details']): string {
  const said = (Array.isArray(strokes) ? (strokes as Stroke[]) : []).map(
    ({ first, last, code }) =>
      `${nameOfCode(code ?? 0)}, ${
        first === last ? `moment ${first + 1}` : `moments ${first + 1} to ${last + 1}`
      }`,
  );
  const more = said.length - SHOWN;
  return `named ${said.slice(0, SHOWN).join('; ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What was changed, as a sentence without its subject. */
export function describeChange(change: Change): string {
  if (change.kind === 'comment') return `commented: “${change.what}”`;
  if (change.kind === 'mark') return markWords(change);
  if (change.kind === 'posture') return postureWords(change.details);
  if (change.kind === 'waiver') {
    const { holds, note } = change.details;
    const name = joint(change.details.joint);
    if (holds !== true) return `put the ${name} back in the queue`;
    return `said that the ${name} is right${note ? `: “${note}”` : ''}`;
  }
  const back = backWords(
    change.version,
    change.back_to,
    change.operations.map(({ type }) => type),
  );
  if (change.kind === 'joints' && back !== null) return back;
  const words = [...new Set(change.operations.map(operationWords))].filter(Boolean);
  const more = words.length - SHOWN;
  const done = `${words.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  if (change.kind === 'joints') return done || `wrote ${count(change.operations.length, 'change')}`;
  if (change.kind === 'box') return done || `box ${humanise(change.what).toLowerCase()}`;
  const act = ACTS[change.what];
  if (act !== undefined) return act(change.details);
  const event = change.details.event;
  return humanise(typeof event === 'string' ? event : change.what).toLowerCase();
}
