import { Monitor, Moon, Sun } from 'lucide-react';
import { ToggleGroup } from 'radix-ui';
import css from './ThemeToggle.module.css';
import { type ThemeChoice, useTheme } from './theme';

const CHOICES = [
  { value: 'system', label: 'Same as the system', Icon: Monitor },
  { value: 'light', label: 'Light', Icon: Sun },
  { value: 'dark', label: 'Dark', Icon: Moon },
] as const;

/** Light, dark, or what the system says. `words` shows the names beside the icons. */
export function ThemeToggle({ words = false }: { words?: boolean }) {
  const choice = useTheme((s) => s.choice);
  const choose = useTheme((s) => s.choose);
  return (
    <ToggleGroup.Root
      type="single"
      className={css.group}
      value={choice}
      aria-label="Theme"
      onValueChange={(value) => {
        if (value) choose(value as ThemeChoice);
      }}
    >
      {CHOICES.map(({ value, label, Icon }) => (
        <ToggleGroup.Item
          key={value}
          value={value}
          className={css.item}
          aria-label={label}
          title={label}
        >
          <Icon size={14} aria-hidden />
          {words ? label : null}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
