import { Check, ChevronDown, Search } from 'lucide-react';
import { Checkbox as RadixCheckbox } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { useId } from 'react';
import { cx } from './cx';
import css from './Field.module.css';

interface FieldProps {
  label: string;
  /** Plain words on what belongs here. */
  help?: ReactNode;
  error?: string | null;
  optional?: boolean;
  /** Gets the ids that tie the control to its label, help and error. */
  children: (control: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean | undefined;
  }) => ReactNode;
}

export function Field({ label, help, error, optional, children }: FieldProps) {
  const id = useId();
  const helpId = help || error ? `${id}-help` : undefined;
  return (
    <div className={css.field}>
      <label htmlFor={id} className={css.label}>
        {label}
        {optional ? <span className={css.optional}>optional</span> : null}
      </label>
      {children({ id, 'aria-describedby': helpId, 'aria-invalid': error ? true : undefined })}
      {helpId ? (
        <p id={helpId} className={error ? css.error : css.help}>
          {error ?? help}
        </p>
      ) : null}
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={cx(css.input, className)} {...rest} />;
}

export function Textarea({ className, rows = 3, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={cx(css.input, css.textarea, className)} rows={rows} {...rest} />;
}

interface NumberFieldProps
  extends Pick<FieldProps, 'label' | 'help' | 'error' | 'optional'>,
    Pick<ComponentProps<'input'>, 'min' | 'max' | 'step' | 'required' | 'disabled'> {
  value: string | number;
  /** Gets what was typed: empty where it is no number. */
  onChange: (text: string) => void;
}

/** A number with its label. */
export function NumberField({
  label,
  help,
  error = null,
  optional = false,
  onChange,
  ...input
}: NumberFieldProps) {
  return (
    <Field label={label} help={help} error={error} optional={optional}>
      {(control) => (
        <Input
          {...control}
          {...input}
          type="number"
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** The browser's own select: works with every keyboard and screen reader. */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={cx(css.selectWrap, className)}>
      <select className={cx(css.input, css.select)} {...rest}>
        {children}
      </select>
      <ChevronDown size={14} aria-hidden />
    </span>
  );
}

export function SearchInput({ className, ...rest }: ComponentProps<'input'>) {
  return (
    <span className={cx(css.searchWrap, className)}>
      <Search size={14} aria-hidden />
      <input type="search" className={cx(css.input, css.search)} {...rest} />
    </span>
  );
}

interface CheckboxProps {
  checked: boolean | 'indeterminate';
  onChange: (checked: boolean) => void;
  label: ReactNode;
  help?: ReactNode;
  disabled?: boolean;
  /** Names the box without showing the label. */
  hideLabel?: boolean;
}

export function Checkbox({ checked, onChange, label, help, disabled, hideLabel }: CheckboxProps) {
  const id = useId();
  return (
    <div className={css.checkRow}>
      <RadixCheckbox.Root
        id={id}
        className={css.checkbox}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(value) => onChange(value === true)}
      >
        <RadixCheckbox.Indicator className={css.indicator}>
          {checked === 'indeterminate' ? <span className={css.dash} /> : <Check size={12} />}
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : undefined}>
        {label}
        {help ? <span className={css.checkHelp}>{help}</span> : null}
      </label>
    </div>
  );
}
