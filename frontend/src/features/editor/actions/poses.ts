/** What keys do to whole poses. */
import { FACE, JOINT_LABELS, MIRROR, PAIRS } from '@/shared/domain/rules.gen';
import { mirroredPose, mirrorImage } from '../document/mirror';
import { isPresent, jointAt } from '../document/skeleton';
import type { Operation } from '../document/types';
import { readFrame } from '../frames/requests';
import type { Editor } from '../store/Editor';
import { meantJoint, pastePose } from './edits';

const pairsOf = (parts: RegExp): readonly number[] =>
  PAIRS.map(([left]) => left).filter((joint) => parts.test(JOINT_LABELS[joint] ?? ''));

/** The left joints of what can be exchanged together; each stands for its pair. */
export const ARMS = pairsOf(/shoulder|elbow|wrist/);
export const LEGS = pairsOf(/hip|knee|ankle/);
export const FACE_PAIRS = PAIRS.map(([left]) => left).filter((joint) => FACE.includes(joint));

/** Exchange left and right of these joints; null: of all. */
export function swap(editor: Editor, joints: readonly number[] | null, label: string): void {
  const operation: Operation =
    joints === null ? { type: 'swapSides' } : { type: 'swapSides', joints: [...joints] };
  editor.perform([operation], label);
}

/** The pair of the joint that is meant; all of them where none is, or where it has no other side. */
export function swapSelected(editor: Editor): void {
  const joint = meantJoint(editor);
  if (joint === null || MIRROR[joint] === joint) swap(editor, null, 'Swap left and right');
  else {
    const part = (JOINT_LABELS[joint] ?? '').replace(/^(left|right) /, '');
    swap(editor, [joint], `Swap left and right ${part}`);
  }
}

const NO_AXIS = 'The body’s axis needs a shoulder and a hip, or the nose and a hip.';

/** The whole pose as in a mirror along the body: what the left side does, the right one does. */
export function mirrorPose(editor: Editor): void {
  const skeleton = editor.state.document?.skeleton ?? null;
  const mirrored = skeleton === null ? null : mirroredPose(skeleton);
  if (mirrored === null) {
    editor.notify(NO_AXIS, 'warn');
    return;
  }
  const operations = mirrored.flatMap((joint, i): Operation[] => {
    if (!isPresent(joint)) {
      const gone = isPresent(jointAt(skeleton, i));
      return gone ? [{ type: 'setVisibility', joint: i, visibility: 0 }] : [];
    }
    return [{ type: 'placeJoint', joint: i, ...editor.tools.clamp(joint), visibility: joint.v }];
  });
  editor.perform(operations, 'Mirror the pose');
}

/** The other side of the selected joint, where the mirror along the body shows it. */
export function mirrorJoint(editor: Editor): void {
  const { selected, document } = editor.state;
  const skeleton = document?.skeleton ?? null;
  if (selected === null || skeleton === null) return;
  const other = MIRROR[selected] ?? selected;
  const joint = jointAt(skeleton, selected);
  if (other === selected || !isPresent(joint)) {
    editor.notify(`${JOINT_LABELS[selected]} has nothing to mirror.`);
    return;
  }
  const image = mirrorImage(skeleton, joint);
  if (image === null) {
    editor.notify(NO_AXIS, 'warn');
    return;
  }
  editor.perform(
    [{ type: 'placeJoint', joint: other, ...editor.tools.clamp(image), visibility: joint.v }],
    `Mirror to the ${JOINT_LABELS[other]}`,
  );
}

/** The pose of the kept frame before or after, of the same camera. */
export async function copyFrom(editor: Editor, direction: 1 | -1): Promise<void> {
  const { frames, index, frame } = editor.state;
  const here = frames[index];
  const where = direction < 0 ? 'before' : 'after';
  const isSource = (item: (typeof frames)[number]): boolean =>
    item.camera_id === here?.camera_id &&
    // What lies ahead is as a rule still undecided: that is the model's pose, not a kept one.
    (direction < 0 ? item.state !== 'discarded' : ['accepted', 'corrected'].includes(item.state));
  const source =
    direction < 0
      ? frames.slice(0, index).findLast(isSource)
      : frames.slice(index + 1).find(isSource);
  if (source === undefined || frame === null) {
    editor.notify(`There is no kept frame ${where} this one.`);
    return;
  }
  let pose = editor.queue.documentOf(source.id)?.skeleton ?? null;
  if (pose === null) {
    const doc = editor.cache.document(source.id) ?? (await readFrame(source.id));
    pose = doc.annotation.joints;
  }
  if (editor.frameId !== frame.doc.id) return;
  if (pose === null) editor.notify(`The frame ${where} has no skeleton.`);
  else pastePose(editor, pose, `Copy the pose of the frame ${where}`);
}
