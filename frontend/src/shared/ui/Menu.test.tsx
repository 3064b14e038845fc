import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import { Menu, MenuItem } from './Menu';

afterEach(cleanup);

it('a menu opens by keyboard, and its items have their roles', async () => {
  const chosen: string[] = [];
  render(
    <Menu trigger={<button type="button">More</button>}>
      <MenuItem onSelect={() => chosen.push('reopen')}>Reopen</MenuItem>
      <MenuItem checked onSelect={() => chosen.push('anna')}>
        Anna
      </MenuItem>
    </Menu>,
  );
  screen.getByRole('button', { name: 'More' }).focus();
  await userEvent.keyboard('{Enter}');
  expect(screen.getByRole('menuitem', { name: 'Reopen' })).toBeTruthy();
  expect(screen.getByRole('menuitemradio', { name: 'Anna', checked: true })).toBeTruthy();
  await userEvent.keyboard('{Enter}');
  expect(chosen).toEqual(['reopen']);
});

it('an open menu is part of the page, which is not hidden from those who listen to it', async () => {
  render(
    <main>
      <h1>Recording</h1>
      <Menu trigger={<button type="button">More</button>}>
        <MenuItem onSelect={() => undefined}>Reopen</MenuItem>
      </Menu>
    </main>,
  );
  await userEvent.click(screen.getByRole('button', { name: 'More' }));
  expect(screen.getByRole('main').contains(screen.getByRole('menu'))).toBe(true);
  expect(screen.getByRole('heading', { name: 'Recording' })).toBeTruthy();
});
