import { fireEvent, render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { frameItem } from '../testing/driver';
import { NewRemark } from './NewRemark';

const frames = [0, 1, 2, 3].map((position) => frameItem(position, { id: 10 + position, position }));
const ANNA = { id: 4, name: 'Anna' };

function shown(marked: boolean) {
  const onSend = vi.fn();
  const [first, here, , last] = frames;
  if (!first || !here || !last) throw new Error('four frames');
  render(
    <NewRemark
      frame={here}
      frames={frames}
      joint={null}
      people={[ANNA]}
      marked={marked ? [first, last] : null}
      draft={String(marked)}
      onSend={onSend}
    />,
  );
  const write = (far: string): void => {
    fireEvent.change(screen.getByLabelText('Comment on this frame'), { target: { value: 'Look' } });
    fireEvent.change(screen.getByLabelText('How far'), { target: { value: far } });
    fireEvent.click(screen.getByRole('button', { name: 'Comment' }));
  };
  return { onSend, write };
}

it('a remark is for those who are mentioned, and reaches to a later frame', () => {
  const { onSend, write } = shown(false);
  fireEvent.click(screen.getByRole('button', { name: 'Anna' }));
  write('13');
  expect(onSend).toHaveBeenCalledExactlyOnceWith({
    body: 'Look',
    mentions: [4],
    frameId: 11,
    untilFrameId: 13,
  });
});

it('a remark on a marked range begins at its first frame', () => {
  const { onSend, write } = shown(true);
  write('marked');
  expect(onSend.mock.calls[0]?.[0]).toMatchObject({ frameId: 10, untilFrameId: 13 });
});
