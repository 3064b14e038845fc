import { UserRound } from 'lucide-react';
import { cx } from './cx';
import css from './small.module.css';

// Readable with white text in both themes.
const COLOURS = ['#5450c4', '#00736b', '#a0457a', '#8a5a00', '#3a6ea5', '#6b5b95', '#4f7942'];

function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0]?.[0] ?? '?';
  const last = words.length > 1 ? (words[words.length - 1]?.[0] ?? '') : '';
  return (first + last).toUpperCase();
}

interface AvatarProps {
  name: string | null | undefined;
  /** Diameter in pixels. */
  size?: number;
}

/** Decoration: the name itself stands beside it or in a tooltip. */
export function Avatar({ name, size = 22 }: AvatarProps) {
  const style = { width: size, height: size, fontSize: Math.max(9, Math.round(size * 0.42)) };
  if (!name) {
    return (
      <span className={cx(css.avatar, css.nobody)} style={style} aria-hidden>
        <UserRound size={Math.round(size * 0.55)} />
      </span>
    );
  }
  const hash = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
  const background = COLOURS[hash % COLOURS.length];
  return (
    <span className={css.avatar} style={{ ...style, background, color: '#fff' }} aria-hidden>
      {initials(name)}
    </span>
  );
}

/** Avatar and name; an em dash's worth of words for nobody. */
export function PersonName({
  name,
  nobody = 'Nobody yet',
  size,
}: {
  name: string | null | undefined;
  nobody?: string;
  size?: number;
}) {
  return (
    <span className={css.person} style={name ? undefined : { color: 'var(--text-3)' }}>
      <Avatar name={name} size={size} />
      <span>{name ?? nobody}</span>
    </span>
  );
}
