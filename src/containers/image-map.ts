/**
 * The `images:` map of config.yml: what to run instead of an image that cannot be had here, such as a production ECR
 * name.
 *
 * ```yaml
 * images:
 *   123456789012.dkr.ecr.eu-west-1.amazonaws.com/ranker: ranker:dev        # any tag or digest
 *   123456789012.dkr.ecr.eu-west-1.amazonaws.com/ranker:v2: ranker:v2      # this tag only
 *   763104351884.dkr.ecr.*.amazonaws.com/pytorch-inference:*cpu*: torch-cpu
 * ```
 *
 * `*` stands for any run of characters, an empty one and slashes included. A key without a tag also matches every tag and digest of its
 * repository. The exact key wins, then a repository's plain name, then the pattern with the most characters beside its
 * `*`s. The replacement is used as it stands and is not looked up again.
 */
export function resolveImage(reference: string, images: Readonly<Record<string, string>>): string {
  const exact = Object.hasOwn(images, reference) ? images[reference] : undefined;
  if (exact !== undefined) return exact;
  const keys = Object.keys(images).filter((key) => matches(key, reference));
  const best = keys.sort(byPrecision)[0];
  return (best === undefined ? undefined : images[best]) ?? reference;
}

function matches(key: string, reference: string): boolean {
  const pattern = toPattern(key);
  if (pattern.test(reference)) return true;
  return !hasTag(key) && pattern.test(repositoryOf(reference));
}

/** A colon before the last slash belongs to a registry's port, so only what follows it can hold a tag or digest. */
function hasTag(reference: string): boolean {
  return repositoryOf(reference) !== reference;
}

function repositoryOf(reference: string): string {
  const withoutDigest = reference.replace(/@.*$/s, '');
  return withoutDigest.replace(/:[^/:]*$/, '');
}

function toPattern(key: string): RegExp {
  const literals = key.split(/\*+/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`, 's');
}

function byPrecision(a: string, b: string): number {
  return rank(a) - rank(b) || literalLength(b) - literalLength(a) || (a < b ? -1 : 1);
}

function rank(key: string): number {
  return key.includes('*') ? 1 : 0;
}

function literalLength(key: string): number {
  return key.replaceAll('*', '').length;
}
