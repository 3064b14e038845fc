import { Tabs as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import css from './Tabs.module.css';

interface Tab<T extends string> {
  value: T;
  label: ReactNode;
  count?: number;
}

interface TabsProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  tabs: Tab<T>[];
  label: string;
  /** The open tab's content. */
  children: ReactNode;
}

export function Tabs<T extends string>({ value, onChange, tabs, label, children }: TabsProps<T>) {
  // Browsers take the focus that a press of the mouse gives here for one that keys gave.
  const [pressed, setPressed] = useState(false);
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as T)}>
      <Radix.List
        className={css.list}
        aria-label={label}
        data-pressed={pressed || undefined}
        onPointerDown={() => setPressed(true)}
        onKeyDown={() => setPressed(false)}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setPressed(false);
        }}
      >
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.value} value={tab.value} className={css.trigger}>
            {tab.label}
            {tab.count === undefined ? null : <span className={css.count}>{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content value={value} className={css.content}>
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}
