import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { performed, usePageKeys } from './usePageKeys';

const heard: string[] = [];

function Page({ dialog = false, inDialog = false, modified = false }) {
  const acts = Object.fromEntries(
    ['g', 'Enter', ' ', 'ArrowRight'].map((key) => [key, () => heard.push(key)]),
  );
  usePageKeys((event) => performed(acts, event), { inDialog, modified });
  return (
    <>
      <textarea aria-label="note" />
      <input type="range" aria-label="time" />
      <button type="button">Approve</button>
      {dialog ? <div role="dialog">Sure?</div> : null}
    </>
  );
}

/** What the page heard of a key, and whether it kept the browser from it. */
function press(key: string, on: Element | Window = window, more: KeyboardEventInit = {}): string[] {
  heard.length = 0;
  const kept = !fireEvent.keyDown(on, { key, ...more });
  return kept ? [...heard, 'kept'] : [...heard];
}

afterEach(cleanup);

describe('keys of a page', () => {
  it('are performed, with and without Shift, and kept from the browser', () => {
    render(<Page />);
    expect(press('g')).toEqual(['g', 'kept']);
    expect(press('G')).toEqual(['g', 'kept']);
    expect(press('q')).toEqual([]);
  });

  it('leave what belongs to the browser', () => {
    render(<Page />);
    expect(press('g', window, { ctrlKey: true })).toEqual([]);
  });

  it('are the page’s with Ctrl, too, where a person may have chosen them', () => {
    render(<Page modified />);
    expect(press('g', window, { ctrlKey: true })).toEqual(['g', 'kept']);
  });

  it('leave a field to whoever writes', () => {
    render(<Page />);
    expect(press('g', screen.getByLabelText('note'))).toEqual([]);
  });

  it('leave a control the keys that it needs itself', () => {
    render(<Page />);
    expect(press('ArrowRight', screen.getByLabelText('time'))).toEqual([]);
    expect(press('g', screen.getByLabelText('time'))).toEqual(['g', 'kept']);
    expect(press(' ', screen.getByRole('button'))).toEqual([]);
    expect(press('ArrowRight', screen.getByRole('button'))).toEqual(['ArrowRight', 'kept']);
  });

  it('do nothing behind an open dialog, and what they mean in one', () => {
    const { rerender } = render(<Page dialog />);
    expect(press('g')).toEqual([]);
    rerender(<Page dialog inDialog />);
    expect(press('g')).toEqual(['g', 'kept']);
  });
});
