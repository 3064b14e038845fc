import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { DoubtedJoint, FrameItem } from '@/shared/api/types';
import { LeftList } from './LeftList';

const frame = (id: number, of: Partial<FrameItem> = {}) =>
  ({ id, state: 'accepted', flags: [], mark: null, ...of }) as unknown as FrameItem;
const doubted = (joint: number) => ({ joint, doubt: 'limb', waived: null }) as DoubtedJoint;

test('each line says what nobody answered, and leads to the first frame of it', async () => {
  const frames = [frame(1), frame(2), frame(3, { flags: ['blurred'] }), frame(4, { quick: true })];
  const onGo = vi.fn();
  render(
    <LeftList
      frames={frames}
      book={new Map([[2, [doubted(7), doubted(9)]]])}
      inspecting
      onGo={onGo}
    />,
  );
  const lines = screen.getAllByRole('button');
  expect(lines.map(({ textContent }) => textContent)).toEqual([
    "2 joints in 1 frame: a limb longer than this infant's",
    expect.stringMatching(/^1 frame kept: /),
    '1 frame accepted without looking',
  ]);
  for (const line of lines) await userEvent.click(line);
  expect(onGo.mock.calls).toEqual([
    [frames[1], 'suspicious'],
    [frames[2], 'flagged'],
    [frames[3], 'quick'],
  ]);
});

test('where nothing is left nothing is said', () => {
  const { container } = render(
    <LeftList frames={[frame(1)]} book={new Map()} inspecting onGo={() => undefined} />,
  );
  expect(container.textContent).toBe('');
});
