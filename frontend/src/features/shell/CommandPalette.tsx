import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Film, LogOut, Moon, Plus, Sun } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useDeferredValue, useEffect, useState } from 'react';
import { create } from 'zustand';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { isMaintainer, useLogout, useMe } from '@/shared/api/queries/accounts';
import { STAGE_LABELS } from '@/shared/domain/words';
import { useTheme } from '@/shared/ui';
import css from './CommandPalette.module.css';
import { destinationsFor } from './navigation';

const usePalette = create<{ open: boolean }>(() => ({ open: false }));

export function openPalette(): void {
  usePalette.setState({ open: true });
}

const close = () => usePalette.setState({ open: false });

interface ItemProps {
  icon: ReactNode;
  value: string;
  hint?: string;
  onSelect: () => void;
  children: ReactNode;
}

function Item({ icon, value, hint, onSelect, children }: ItemProps) {
  const perform = () => {
    close();
    onSelect();
  };
  return (
    <Command.Item value={value} onSelect={perform} className={css.item}>
      {icon}
      <span className={css.text}>{children}</span>
      {hint ? <span className={css.hint}>{hint}</span> : null}
    </Command.Item>
  );
}

function Recordings({ text }: { text: string }) {
  const navigate = useNavigate();
  const q = useDeferredValue(text.trim());
  const { data } = useQuery({
    queryKey: [...keys.recordings, 'palette', q],
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/recordings', { params: { query: { q, limit: 8 } }, signal })),
    placeholderData: (previous) => previous,
  });
  if (!data?.items.length) return null;
  return (
    <Command.Group heading="Recordings">
      {data.items.map((r) => (
        <Item
          key={r.id}
          value={`recording ${r.name} ${r.infant.pseudonym} ${q}`}
          icon={<Film size={16} aria-hidden />}
          hint={STAGE_LABELS[r.stage]}
          onSelect={() =>
            void navigate({
              to: '/recordings/$recordingId',
              params: { recordingId: String(r.id) },
            })
          }
        >
          {r.name}
        </Item>
      ))}
    </Command.Group>
  );
}

function Commands() {
  const me = useMe();
  const navigate = useNavigate();
  const logout = useLogout();
  const theme = useTheme((s) => s.theme);
  const choose = useTheme((s) => s.choose);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <>
      <Command.Group heading="Go to">
        {destinationsFor(me).map(({ to, label, Icon }) => (
          <Item
            key={to}
            value={`go to ${label}`}
            icon={<Icon size={16} aria-hidden />}
            onSelect={() => void navigate({ to })}
          >
            {label}
          </Item>
        ))}
      </Command.Group>
      <Command.Group heading="Do">
        {isMaintainer(me) ? (
          <Item
            value="import a recording video images labels coco cvat sleap yolo upload"
            icon={<Plus size={16} aria-hidden />}
            onSelect={() => void navigate({ to: '/recordings/import' })}
          >
            Import a recording
          </Item>
        ) : null}
        <Item
          value={`theme ${other}`}
          icon={other === 'dark' ? <Moon size={16} aria-hidden /> : <Sun size={16} aria-hidden />}
          onSelect={() => choose(other)}
        >
          Switch to {other} theme
        </Item>
        <Item
          value="log out"
          icon={<LogOut size={16} aria-hidden />}
          onSelect={() => logout.mutate()}
        >
          Log out
        </Item>
      </Command.Group>
    </>
  );
}

/** Ctrl+K: every page and recording within a few letters. */
export function CommandPalette() {
  const open = usePalette((s) => s.open);
  const [text, setText] = useState('');
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      if (event.defaultPrevented) return;
      event.preventDefault();
      usePalette.setState((s) => ({ open: !s.open }));
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const onOpenChange = (next: boolean) => {
    usePalette.setState({ open: next });
    if (!next) setText('');
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={css.overlay} />
        <Radix.Content className={css.content} aria-describedby={undefined}>
          <Radix.Title className="visually-hidden">Search and commands</Radix.Title>
          <Command loop label="Search and commands">
            <Command.Input
              className={css.input}
              placeholder="Search recordings, pages, commands…"
              value={text}
              onValueChange={setText}
            />
            <Command.List className={css.list}>
              <Command.Empty className={css.empty}>Nothing found.</Command.Empty>
              <Commands />
              <Recordings text={text} />
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
