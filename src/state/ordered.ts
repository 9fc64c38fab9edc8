/** Where a record stands among the others: they are compared part by part, and no two are alike. */
export type Place = readonly (string | number)[];

/**
 * Records in an order that is kept as they come and go, so that a page of them costs no sorting. Nothing is kept before the
 * first look, so that a start with many records costs none either.
 */
export class Ordered<T> {
  readonly #all: () => T[];
  readonly #placeOf: (record: T) => Place;
  #sorted: T[] | undefined;

  /**
   * @param all every record there is, for the first look
   * @param placeOf must not change while a record is among them
   */
  constructor(all: () => T[], placeOf: (record: T) => Place) {
    this.#all = all;
    this.#placeOf = placeOf;
  }

  /** Says that a record has come (`before` is undefined), gone (`after` is), or changed. */
  replace(before: T | undefined, after: T | undefined): void {
    if (this.#sorted === undefined) return;
    if (before !== undefined) this.#sorted.splice(this.#countBefore(this.#placeOf(before)), 1);
    if (after !== undefined) this.#sorted.splice(this.#countBefore(this.#placeOf(after)), 0, after);
  }

  /**
   * The records one after the other.
   * @param from begin after this place; there need not be a record at it (any more)
   */
  *walk(direction: 'ascending' | 'descending', from?: Place): Generator<T> {
    const sorted = this.#look();
    const ascending = direction === 'ascending';
    let index = ascending ? 0 : sorted.length - 1;
    if (from !== undefined) index = ascending ? this.#countUpTo(from) : this.#countBefore(from) - 1;
    for (; index >= 0 && index < sorted.length; index += ascending ? 1 : -1) {
      yield sorted[index] as T;
    }
  }

  #look(): T[] {
    this.#sorted ??= this.#all()
      .map((record) => ({ record, place: this.#placeOf(record) }))
      .sort((a, b) => comparePlaces(a.place, b.place))
      .map(({ record }) => record);
    return this.#sorted;
  }

  #countBefore(place: Place): number {
    return this.#count((other) => comparePlaces(other, place) < 0);
  }

  #countUpTo(place: Place): number {
    return this.#count((other) => comparePlaces(other, place) <= 0);
  }

  /** How many records, from the first, are such; behind one that is not there is none. */
  #count(isSuch: (place: Place) => boolean): number {
    const sorted = this.#look();
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isSuch(this.#placeOf(sorted[middle] as T))) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function comparePlaces(a: Place, b: Place): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (part !== other) return other !== undefined && part < other ? -1 : 1;
  }
  return 0;
}
