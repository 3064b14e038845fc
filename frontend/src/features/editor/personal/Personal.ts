/**
 * A person's own settings: on this computer first, so that the editor opens with them without a
 * network, and on the server, so that the next computer has them too.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { type Keyed, Keymap } from './keymap';
import { DEFAULT_SETTINGS, type KeySettings, type Look, type Settings, sameLook } from './settings';

export type Part = keyof Settings;

/** What is kept here: the settings, and which parts the server does not have yet. */
export interface Kept {
  readonly settings: Settings;
  readonly unsent: readonly Part[];
}

export interface PersonalMemory {
  read(): Kept | null;
  write(kept: Kept): void;
  /** Tells when another tab wrote. Returns how to stop. */
  watch(onChange: () => void): () => void;
}

export interface PersonalServer {
  read(): Promise<Partial<Settings>>;
  /** Null takes a part back to what everybody has. */
  send(parts: Partial<Settings>): Promise<void>;
}

interface PersonalState extends Settings {
  readonly keymap: Keymap;
}

/** Sliders change many times a second. */
const SEND_AFTER_MS = 800;

export class Personal {
  readonly api: StoreApi<PersonalState>;
  private unsent: readonly Part[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly stopWatching: () => void;

  constructor(
    private readonly actions: readonly Keyed[],
    private readonly memory: PersonalMemory | null = null,
    private readonly server: PersonalServer | null = null,
  ) {
    const kept = memory?.read() ?? null;
    this.unsent = kept?.unsent ?? [];
    this.api = createStore<PersonalState>(() => this.stateOf(kept?.settings ?? DEFAULT_SETTINGS));
    this.stopWatching =
      memory?.watch(() => {
        const now = memory.read();
        if (now === null) return;
        this.unsent = now.unsent;
        this.show(now.settings);
      }) ?? (() => undefined);
  }

  get keymap(): Keymap {
    return this.api.getState().keymap;
  }

  get look(): Look | null {
    return this.api.getState().look;
  }

  setKeys(keys: KeySettings): void {
    this.change('keys', { keys });
  }

  setLook(look: Look): void {
    if (!sameLook(look, this.look)) this.change('look', { look });
  }

  /** Send what the server does not have, and take over what was set elsewhere. */
  async meet(): Promise<void> {
    if (this.server === null) return;
    try {
      await this.deliver();
      const there = await this.server.read();
      const news = Object.fromEntries(
        Object.entries(there).filter(([part]) => !this.unsent.includes(part as Part)),
      );
      this.show({ ...this.settings, ...news });
      this.keep();
    } catch {
      // Without a network, what is kept here holds; the next opening tries again.
    }
  }

  close(): void {
    this.stopWatching();
    if (this.timer !== null) {
      clearTimeout(this.timer);
      void this.deliver().catch(() => undefined);
    }
  }

  private get settings(): Settings {
    const { keys, look } = this.api.getState();
    return { keys, look };
  }

  private change(part: Part, value: Partial<Settings>): void {
    this.show({ ...this.settings, ...value });
    this.unsent = [...new Set([...this.unsent, part])];
    this.keep();
    if (this.server === null) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.deliver().catch(() => undefined);
    }, SEND_AFTER_MS);
  }

  private async deliver(): Promise<void> {
    if (this.server === null || this.unsent.length === 0) return;
    const sent = this.settings;
    const parts = this.unsent;
    await this.server.send(Object.fromEntries(parts.map((part) => [part, sent[part]])));
    // What changed meanwhile is still to be sent.
    const now = this.settings;
    this.unsent = this.unsent.filter((part) => !parts.includes(part) || now[part] !== sent[part]);
    this.keep();
  }

  private keep(): void {
    this.memory?.write({ settings: this.settings, unsent: this.unsent });
  }

  private show(settings: Settings): void {
    const before = this.api.getState();
    if (settings.keys !== before.keys) this.api.setState(this.stateOf(settings), true);
    else if (!sameLook(settings.look, before.look)) this.api.setState({ look: settings.look });
  }

  private stateOf({ keys, look }: Settings): PersonalState {
    return { keys, look, keymap: new Keymap(keys, this.actions) };
  }
}
