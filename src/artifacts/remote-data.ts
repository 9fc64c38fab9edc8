import type { CallerOptions } from '../shared-work.js';
import type { ModelData } from './model-data.js';

/** Model data that is not on this machine. */
export interface RemoteData {
  /** Whether data with this URI is elsewhere. */
  covers(uri: string): Promise<boolean>;

  /** @throws SmlocalError where it cannot be known */
  exists(data: ModelData): Promise<boolean>;

  /**
   * Changes when the data, one object, has changed. Nothing is brought here.
   * @throws SmlocalError where it is not there, or it cannot be known
   */
  versionOf(data: ModelData): Promise<string>;

  /**
   * Brings the data here, and works on the file or folder that it then is, which stays as it is meanwhile; a folder stays for good.
   * @throws SmlocalError where the data is not there, or cannot be had
   */
  withData<T>(
    data: ModelData,
    caller: CallerOptions,
    work: (path: string) => Promise<T>,
  ): Promise<T>;
}
