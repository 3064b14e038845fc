import { formatDate, formatRelative } from '@/shared/lib/format';
import type { ApiToken } from './types';

/** What a token may do, in words; never more than its owner. */
export const TOKEN_SCOPES: Record<ApiToken['scope'], string> = {
  maintain: 'may do all that I may',
  annotate: 'may annotate and inspect',
  read: 'may only read',
};

const REACH: Record<ApiToken['scope'], string> = {
  maintain: 'may do all',
  annotate: 'annotates and inspects',
  read: 'reads only',
};

/** One line about a token: its reach, age, end and last use. */
export function tokenFacts(token: ApiToken): string {
  const end = token.expires_at ? `expires ${formatDate(token.expires_at)}` : 'never expires';
  const used = token.last_used_at ? `used ${formatRelative(token.last_used_at)}` : 'never used';
  return [REACH[token.scope], `created ${formatDate(token.created_at)}`, end, used].join(' · ');
}
