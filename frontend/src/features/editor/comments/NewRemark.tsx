import { useState } from 'react';
import type { FrameItem, Person } from '@/shared/api/types';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { Select } from '@/shared/ui/Field';
import { Composer } from './Composer';
import type { Written } from './remark';

interface NewRemarkProps {
  frame: FrameItem;
  frames: readonly FrameItem[];
  joint: number | null;
  /** Who can be mentioned. */
  people: readonly Person[];
  /** First and last frame of a range that is marked, if one is. */
  marked?: readonly [FrameItem, FrameItem] | null;
  draft: string;
  id?: string;
  autoFocus?: boolean;
  placeholder?: string;
  onSend: (written: Written) => void;
  onCancel?: () => void;
}

/** So many later frames are offered as the last of several. */
const FARTHEST = 300;
const MARKED = 'marked';

export const remarkLabel = (joint: number | null): string =>
  joint === null ? 'Comment on this frame' : `Comment on the ${JOINT_LABELS[joint]}`;

/** Where a remark begins: on a frame, one of its joints, or several frames; for somebody, or all. */
export function NewRemark(props: NewRemarkProps) {
  const { frame, frames, joint, people, marked = null, onSend } = props;
  const [far, setFar] = useState('');
  const later = frames.filter(
    ({ camera_id, position }) => camera_id === frame.camera_id && position > frame.position,
  );
  const send = (body: string, mentions: readonly number[]): void => {
    const range = far === MARKED ? marked : null;
    onSend({
      body,
      mentions,
      frameId: range ? range[0].id : frame.id,
      untilFrameId: range ? range[1].id : far ? Number(far) : null,
    });
    setFar('');
  };
  return (
    <Composer
      {...(props.id === undefined ? {} : { id: props.id })}
      {...(props.placeholder === undefined ? {} : { placeholder: props.placeholder })}
      autoFocus={props.autoFocus ?? false}
      label={remarkLabel(joint)}
      send="Comment"
      people={people}
      draft={props.draft}
      onSend={send}
      onCancel={props.onCancel}
    >
      <Select
        aria-label="How far"
        value={far === MARKED && marked === null ? '' : far}
        onChange={(e) => setFar(e.target.value)}
      >
        <option value="">this frame</option>
        {marked !== null && (
          <option value={MARKED}>
            marked: frames {marked[0].position + 1} to {marked[1].position + 1}
          </option>
        )}
        {later.slice(0, FARTHEST).map(({ id, position }) => (
          <option key={id} value={id}>
            up to frame {position + 1}
          </option>
        ))}
      </Select>
    </Composer>
  );
}
