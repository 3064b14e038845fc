import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { Button, IconButton } from './Button';
import { TooltipProvider } from './Tooltip';

it('counts a double click once where it begins work', async () => {
  const begin = vi.fn();
  render(
    <Button busy={false} onClick={begin}>
      Publish
    </Button>,
  );
  await userEvent.dblClick(screen.getByRole('button', { name: 'Publish' }));
  expect(begin).toHaveBeenCalledOnce();
});

it('counts every click where it does no work', async () => {
  const step = vi.fn();
  render(<Button onClick={step}>Next</Button>);
  await userEvent.dblClick(screen.getByRole('button', { name: 'Next' }));
  expect(step).toHaveBeenCalledTimes(2);
});

it('leaves no tooltip behind when it becomes disabled', async () => {
  const inPage = (disabled: boolean) => (
    <TooltipProvider delayDuration={0}>
      <IconButton label="Next frame" disabled={disabled} />
    </TooltipProvider>
  );
  const { rerender } = render(inPage(false));
  await userEvent.tab();
  expect(await screen.findByRole('tooltip')).toBeDefined();
  rerender(inPage(true));
  expect(screen.queryByRole('tooltip')).toBeNull();
});

it('sends a form once by a double click', async () => {
  const send = vi.fn((event: React.FormEvent) => event.preventDefault());
  render(
    <form onSubmit={send}>
      <Button type="submit" busy={false}>
        Add entry
      </Button>
    </form>,
  );
  await userEvent.dblClick(screen.getByRole('button', { name: 'Add entry' }));
  expect(send).toHaveBeenCalledOnce();
});
