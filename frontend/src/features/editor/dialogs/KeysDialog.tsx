import { Plus, RotateCcw, X } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { Button, IconButton } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { Input, Select } from '@/shared/ui/Field';
import { Kbd } from '@/shared/ui/Kbd';
import { GROUPS } from '../actions/action';
import { isModifier, keyOf, showKey } from '../actions/keys';
import { LISTED, type Listed } from '../actions/registry';
import type { Clash, Keymap } from '../personal/keymap';
import type { Personal } from '../personal/Personal';
import { PRESET_LABELS, type Preset } from '../personal/presets';
import { DEFAULT_KEYS, isStandard } from '../personal/settings';
import css from './keys.module.css';

/** What is being asked of the person: to press a key, or to decide about one that is taken. */
interface Asking {
  readonly id: string;
  readonly taken: { readonly key: string; readonly by: readonly Clash[] } | null;
}

/** One's own keys: a set to begin with, and any action by any key. */
export function KeysDialog({ personal, onClose }: { personal: Personal; onClose: () => void }) {
  const keymap = useStore(personal.api, (state) => state.keymap);
  const [text, setText] = useState('');
  const [asking, setAsking] = useState<Asking | null>(null);
  const shown = useMemo(() => LISTED.filter((action) => fits(action, text)), [text]);
  const { settings } = keymap;

  const take = (id: string, key: string): void => {
    const by = keymap.clashes(id, key);
    if (by.length > 0) setAsking({ id, taken: { key, by } });
    else {
      personal.setKeys(keymap.withKey(id, key));
      setAsking(null);
    }
  };
  useNextKey(asking !== null && asking.taken === null, (key) => {
    if (key === null || asking === null) setAsking(null);
    else take(asking.id, key);
  });

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Change keys"
      description="They are yours, on every computer where you log in."
      width={720}
      footer={
        <>
          <Button
            disabled={isStandard(settings)}
            title={`Back to ${PRESET_LABELS[DEFAULT_KEYS.preset]}’s keys, without your changes`}
            onClick={() => personal.setKeys(DEFAULT_KEYS)}
          >
            Reset all
          </Button>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className={css.above}>
        <Input
          type="search"
          aria-label="Search actions"
          placeholder="Search: swap, zoom, a key…"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <label className={css.preset} htmlFor="keys-preset">
          <span>Begin with</span>
          <Select
            id="keys-preset"
            value={settings.preset}
            onChange={(event) =>
              personal.setKeys({ ...settings, preset: event.target.value as Preset })
            }
          >
            {Object.entries(PRESET_LABELS).map(([name, label]) => (
              <option key={name} value={name}>
                {label}’s keys
              </option>
            ))}
          </Select>
        </label>
      </div>
      <div className={css.groups}>
        {GROUPS.map((group) => {
          const actions = shown.filter((action) => action.group === group);
          if (actions.length === 0) return null;
          return (
            <section key={group}>
              <h3>{group}</h3>
              <ul>
                {actions.map((action) => (
                  <Row
                    key={action.id}
                    action={action}
                    personal={personal}
                    keymap={keymap}
                    asking={asking?.id === action.id ? asking : null}
                    onAsk={() => setAsking({ id: action.id, taken: null })}
                    onTake={(key) => {
                      personal.setKeys(keymap.withKey(action.id, key));
                      setAsking(null);
                    }}
                    onLeave={() => setAsking(null)}
                  />
                ))}
              </ul>
            </section>
          );
        })}
        {shown.length === 0 && <p className={css.none}>Nothing by that name.</p>}
      </div>
    </Dialog>
  );
}

function fits({ label, words = '', group, keys }: Listed, text: string): boolean {
  const all = `${label} ${words} ${group} ${keys.join(' ')}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

interface RowProps {
  action: Listed;
  personal: Personal;
  keymap: Keymap;
  asking: Asking | null;
  onAsk: () => void;
  onTake: (key: string) => void;
  onLeave: () => void;
}

function Row({ action, personal, keymap, asking, onAsk, onTake, onLeave }: RowProps) {
  const { id, label } = action;
  return (
    <li className={css.row}>
      <span className={css.label}>{label}</span>
      <span className={css.keys}>
        {keymap.keysOf(id).map((key) => (
          <span key={key} className={css.key}>
            <Kbd>{showKey(key)}</Kbd>
            <button
              type="button"
              aria-label={`Take ${showKey(key)} from: ${label}`}
              onClick={() => personal.setKeys(keymap.withoutKey(id, key))}
            >
              <X size={12} aria-hidden />
            </button>
          </span>
        ))}
        {asking !== null && asking.taken === null ? (
          <output className={css.press}>Press a key… (Esc: none)</output>
        ) : (
          <IconButton label={`Add a key for: ${label}`} size="sm" onClick={onAsk}>
            <Plus size={13} />
          </IconButton>
        )}
        {keymap.isChanged(id) && (
          <IconButton
            label={`Reset: ${label}`}
            size="sm"
            onClick={() => personal.setKeys(keymap.withReset(id))}
          >
            <RotateCcw size={13} />
          </IconButton>
        )}
      </span>
      {asking?.taken != null && (
        <TakenLine taken={asking.taken} onTake={onTake} onLeave={onLeave} />
      )}
    </li>
  );
}

interface TakenLineProps {
  taken: NonNullable<Asking['taken']>;
  onTake: (key: string) => void;
  onLeave: () => void;
}

/** A key that means something else already: take it away there, or leave it. */
function TakenLine({ taken: { key, by }, onTake, onLeave }: TakenLineProps) {
  const names = by.map(({ id, key: theirs }) => {
    const { label = id } = LISTED.find((one) => one.id === id) ?? {};
    return theirs === key ? `“${label}”` : `“${label}” (${showKey(theirs)})`;
  });
  return (
    <div className={css.taken} role="alert">
      <span>
        <Kbd>{showKey(key)}</Kbd> is {names.slice(0, 3).join(' and ')}
        {names.length > 3 && ` and ${names.length - 3} more`}.
      </span>
      <Button size="sm" onClick={onLeave}>
        Leave it
      </Button>
      <Button size="sm" variant="primary" onClick={() => onTake(key)}>
        Take it
      </Button>
    </div>
  );
}

/** Listens for one key; Escape, and a click anywhere, mean none. */
function useNextKey(listening: boolean, onKey: (key: string | null) => void): void {
  useEffect(() => {
    if (!listening) return;
    const down = (event: KeyboardEvent): void => {
      if (isModifier(event)) return;
      event.preventDefault();
      event.stopPropagation();
      const key = keyOf(event);
      onKey(key === 'Escape' ? null : key);
    };
    const none = (): void => onKey(null);
    window.addEventListener('keydown', down, { capture: true });
    window.addEventListener('pointerdown', none);
    return () => {
      window.removeEventListener('keydown', down, { capture: true });
      window.removeEventListener('pointerdown', none);
    };
  });
}
