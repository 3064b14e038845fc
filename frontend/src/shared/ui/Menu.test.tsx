import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { Menu, MenuItem } from './Menu';

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
