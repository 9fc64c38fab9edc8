/** What came of one tier. `failed` is the new code's fault, `cannot` the tier's: then a dearer one is tried. */
export type TierResult =
  | { readonly kind: 'done'; readonly detail: string }
  | { readonly kind: 'failed'; readonly failure: string }
  | { readonly kind: 'cannot'; readonly reason: string };
