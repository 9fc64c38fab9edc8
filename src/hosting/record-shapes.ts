/*
 * What a record must have for everything above to work with it. Files of the state folder are the user's to open, and a
 * disk's to damage: one that lacks any of this is set aside when it is read, and never trusted.
 */

type Fields = Readonly<Record<string, unknown>>;

export function isModel(value: unknown, key: string): boolean {
  return isNamed(value, 'Model', key);
}

export function isEndpointConfig(value: unknown, key: string): boolean {
  return (
    isNamed(value, 'EndpointConfig', key) &&
    isList(value.ProductionVariants, (variant) => isText(variant.VariantName))
  );
}

export function isEndpoint(value: unknown, key: string): boolean {
  return (
    isNamed(value, 'Endpoint', key) &&
    isText(value.EndpointStatus) &&
    isDate(value.LastModifiedTime) &&
    isDeploymentOrNone(value.deployment) &&
    isDeploymentOrNone(value.pending)
  );
}

/** What every kind of record has: a name that its file has too, an ARN, the time when it was made, tags. */
function isNamed(value: unknown, kind: string, key: string): value is Fields {
  if (!isFields(value)) return false;
  const name = value[`${kind}Name`];
  return (
    isText(name) &&
    name.toLowerCase() === key &&
    isText(value[`${kind}Arn`]) &&
    isDate(value.CreationTime) &&
    isList(value.Tags, () => true)
  );
}

function isDeploymentOrNone(value: unknown): boolean {
  if (value === undefined) return true;
  return (
    isFields(value) &&
    isText(value.id) &&
    isText(value.EndpointConfigName) &&
    isDate(value.startTime) &&
    isList(value.variants, isVariant)
  );
}

function isVariant({ variant, container, instanceCount, weight }: Fields): boolean {
  return (
    isFields(variant) &&
    isText(variant.VariantName) &&
    isFields(container) &&
    isText(container.Image) &&
    Number.isInteger(instanceCount) &&
    Number.isFinite(weight)
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown, isItem: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isFields(item) && isItem(item));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
