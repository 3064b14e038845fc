/** An error answered by the server: RFC 9457 problem details, or what stands in for them. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  /** Sentences for the person who meets the error. */
  readonly detail: string;
  /** The whole body: `current` of a stale write, `undecided` of a refused submission, … */
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    const title = text(body.title) ?? fallbackTitle(status);
    const detail = detailOf(body) ?? title;
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
    this.type = text(body.type) ?? 'about:blank';
    this.title = title;
    this.detail = detail;
    this.body = body;
  }

  /** Reads the body of a failed response; a body that is no JSON is left out. */
  static async from(response: Response): Promise<ApiProblem> {
    const raw = await response.text().catch(() => '');
    return new ApiProblem(response.status, parseObject(raw));
  }
}

/** The request never got an answer: no connection, or the server is not running. */
export class NetworkProblem extends Error {
  constructor(cause: unknown) {
    super('The server cannot be reached. Check that it is running, then try again.', { cause });
    this.name = 'NetworkProblem';
  }
}

export function isStatus(error: unknown, status: number): error is ApiProblem {
  return error instanceof ApiProblem && error.status === status;
}

/** One or two sentences for any error. */
export function errorMessage(error: unknown): string {
  if (error instanceof ApiProblem || error instanceof NetworkProblem) return error.message;
  return error instanceof Error && error.message ? error.message : 'Something went wrong.';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined;
}

function detailOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const detail = text(body.detail);
  const errors = Array.isArray(body.errors) ? body.errors : [];
  const lines = errors.flatMap((e: unknown) => {
    if (typeof e !== 'object' || e === null) return [];
    const { loc, msg } = e as { loc?: unknown; msg?: unknown };
    const field = Array.isArray(loc) ? loc.filter((part) => part !== 'body').join(' › ') : '';
    return text(msg) ? [field ? `${field}: ${msg}` : String(msg)] : [];
  });
  if (lines.length) return detail ? `${detail} ${lines.join('; ')}` : lines.join('; ');
  return detail;
}

function parseObject(raw: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function fallbackTitle(status: number): string {
  const known: Record<number, string> = {
    401: 'You are not logged in.',
    403: 'You may not do this.',
    404: 'This does not exist, or you may not see it.',
    409: 'This is not possible now.',
    412: 'Somebody else changed this in the meantime.',
    413: 'This is too large.',
    422: 'The input is not valid.',
    429: 'Too many attempts. Wait a little.',
  };
  return known[status] ?? `The server answered with an error (${status}). Nothing was changed.`;
}
