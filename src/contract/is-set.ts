/** AWS takes a member that is null for one that is absent. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
