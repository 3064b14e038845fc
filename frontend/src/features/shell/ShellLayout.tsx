import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { ChevronsUpDown, LogOut, Search, Settings, WifiOff } from 'lucide-react';
import { useLive } from '@/shared/api/events';
import { useLogout, useMe } from '@/shared/api/queries/accounts';
import { workQuery } from '@/shared/api/queries/recordings';
import { ROLE_LABELS } from '@/shared/domain/words';
import { Avatar, Kbd, Menu, MenuItem, MenuLabel, MenuSeparator, ThemeToggle } from '@/shared/ui';
import { openPalette } from './CommandPalette';
import { ErrandBar } from './ErrandBar';
import { type Destination, destinationsFor } from './navigation';
import css from './ShellLayout.module.css';
import { useNavigateTo } from './useNavigateTo';

function NavItem({ to, label, Icon, count }: Destination & { count?: number }) {
  return (
    <li>
      <Link
        to={to}
        className={css.item}
        activeProps={{ 'data-active': true }}
        activeOptions={{ exact: to === '/' }}
      >
        <Icon size={16} aria-hidden />
        <span>{label}</span>
        {count ? (
          <span className={css.count}>
            {count}
            <span className="visually-hidden"> waiting</span>
          </span>
        ) : null}
      </Link>
    </li>
  );
}

function Account() {
  const me = useMe();
  const logout = useLogout();
  const navigateTo = useNavigateTo();
  return (
    <Menu
      side="top"
      label="Account"
      trigger={
        <button type="button" className={css.account}>
          <Avatar name={me.name} size={28} />
          <span className={css.who}>
            <strong>{me.name}</strong>
            <span>{me.roles.map((r) => ROLE_LABELS[r]).join(', ')}</span>
          </span>
          <ChevronsUpDown size={14} aria-hidden />
        </button>
      }
    >
      <MenuLabel>{me.email}</MenuLabel>
      <MenuItem icon={<Settings size={14} />} onSelect={() => navigateTo('/settings')}>
        Settings
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={<LogOut size={14} />} onSelect={() => logout.mutate()}>
        Log out
      </MenuItem>
    </Menu>
  );
}

/** Pages with the navigation at the side. */
export function ShellLayout() {
  const me = useMe();
  const { data: work } = useQuery(workQuery);
  const connected = useLive((s) => s.connected);
  const destinations = destinationsFor(me);
  const waiting = work
    ? work.annotate.length + work.returned.length + work.inspect.length + work.boxes.length
    : 0;
  return (
    <div className={css.shell}>
      <a href="#main" className={css.skip}>
        Skip to content
      </a>
      <nav className={css.side} aria-label="Main">
        <Link to="/" className={css.brand}>
          <img src="/static/icon.svg" alt="" width={24} height={24} />
          InfantNet
        </Link>
        <button type="button" className={css.search} onClick={openPalette}>
          <Search size={14} aria-hidden />
          Search
          <Kbd>Ctrl K</Kbd>
        </button>
        {(['main', 'more'] as const).map((group) => (
          <ul key={group} className={css.list}>
            {destinations
              .filter((d) => d.group === group)
              .map((d) => (
                <NavItem key={d.to} {...d} count={d.to === '/' ? waiting : undefined} />
              ))}
          </ul>
        ))}
        <div className={css.bottom}>
          {connected ? null : (
            <p className={css.offline} role="status">
              <WifiOff size={14} aria-hidden />
              Connecting to live updates…
            </p>
          )}
          <ThemeToggle />
          <Account />
        </div>
      </nav>
      <main id="main" className={css.main} tabIndex={-1}>
        <ErrandBar />
        <Outlet />
      </main>
    </div>
  );
}
