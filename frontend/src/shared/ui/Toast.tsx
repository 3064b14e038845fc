import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { useEffect } from 'react';
import { create } from 'zustand';
import { errorMessage } from '@/shared/api/problem';
import { IconButton } from './Button';
import { cx } from './cx';
import css from './Toast.module.css';

type ToastTone = 'info' | 'ok' | 'error';

interface ToastData {
  id: number;
  tone: ToastTone;
  title: string;
  detail?: string;
  action?: { label: string; perform: () => void };
}

interface ToastStore {
  toasts: ToastData[];
  add: (toast: Omit<ToastData, 'id'>) => void;
  remove: (id: number) => void;
}

let nextId = 1;
const MAX_TOASTS = 4;

const useToasts = create<ToastStore>((set) => ({
  toasts: [],
  add: (toast) =>
    set((s) => ({ toasts: [...s.toasts, { ...toast, id: nextId++ }].slice(-MAX_TOASTS) })),
  remove: (id) => set((s) => ({ toasts: s.toasts.filter((t) => t.id !== id) })),
}));

type Extra = Pick<ToastData, 'detail' | 'action'>;

/** Short news at the bottom right. Errors stay until they are closed. */
export const toast = {
  info: (title: string, extra: Extra = {}) =>
    useToasts.getState().add({ tone: 'info', title, ...extra }),
  ok: (title: string, extra: Extra = {}) =>
    useToasts.getState().add({ tone: 'ok', title, ...extra }),
  /** `what` says what was not done; the error says why. */
  error: (what: string, error?: unknown, extra: Extra = {}) =>
    useToasts.getState().add({
      tone: 'error',
      title: what,
      detail: error === undefined ? undefined : errorMessage(error),
      ...extra,
    }),
};

const ICONS = { info: Info, ok: CircleCheck, error: CircleAlert };

function ToastView({ data }: { data: ToastData }) {
  const remove = useToasts((s) => s.remove);
  const stays = data.tone === 'error' || data.action !== undefined;
  useEffect(() => {
    if (stays) return;
    const timer = setTimeout(() => remove(data.id), 5000);
    return () => clearTimeout(timer);
  }, [data.id, stays, remove]);
  const Icon = ICONS[data.tone];
  return (
    <div
      className={cx(css.toast, css[data.tone])}
      role={data.tone === 'error' ? 'alert' : 'status'}
    >
      <Icon size={16} aria-hidden className={css.icon} />
      <div className={css.text}>
        <strong>{data.title}</strong>
        {data.detail ? <p>{data.detail}</p> : null}
        {data.action ? (
          <button
            type="button"
            className={css.action}
            onClick={() => {
              data.action?.perform();
              remove(data.id);
            }}
          >
            {data.action.label}
          </button>
        ) : null}
      </div>
      <IconButton label="Dismiss" size="sm" side="left" onClick={() => remove(data.id)}>
        <X size={14} />
      </IconButton>
    </div>
  );
}

export function Toaster() {
  const toasts = useToasts((s) => s.toasts);
  return (
    <section aria-label="Notifications">
      <div className={css.list}>
        {toasts.map((t) => (
          <ToastView key={t.id} data={t} />
        ))}
      </div>
    </section>
  );
}
