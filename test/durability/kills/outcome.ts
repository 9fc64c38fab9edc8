/** How a call ended: carried out, refused, or broken off, so that nobody can say whether it was carried out. */
export type Outcome = 'done' | 'unknown' | { readonly refused: string };

/** Tells how a call ended; throws nothing. */
export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return 'done';
  } catch (error) {
    const { message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    return status !== undefined && status >= 400 ? { refused: message } : 'unknown';
  }
}

/** For a description of what need not be there. */
export function undefinedIfNotFound(error: unknown): undefined {
  if (String(error).includes('Could not find')) return undefined;
  throw error;
}
