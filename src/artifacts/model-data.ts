/** Where a model's data is, as `ModelDataUrl` or `ModelDataSource.S3DataSource` of a container definition says it. */
export interface ModelData {
  readonly uri: string;
  /** `Gzip` is an archive to unpack; `None` is a folder (or one object), shown as it is. */
  readonly compression: 'Gzip' | 'None';
}

/** The members of a container definition that name its data. */
export interface ModelDataMembers {
  readonly ModelDataUrl?: string;
  readonly ModelDataSource?: {
    readonly S3DataSource?: {
      readonly S3Uri?: string;
      readonly S3DataType?: string;
      readonly CompressionType?: string;
    };
  };
}

/**
 * The data that a container definition names, or nothing where it names none. `ModelDataUrl` is always an archive; a
 * data source says itself whether it is one. That the two exclude each other is for CreateModel to check.
 */
export function modelDataOf(container: ModelDataMembers): ModelData | undefined {
  if (container.ModelDataUrl) return { uri: container.ModelDataUrl, compression: 'Gzip' };
  const source = container.ModelDataSource?.S3DataSource;
  if (!source?.S3Uri) return undefined;
  return { uri: source.S3Uri, compression: source.CompressionType === 'None' ? 'None' : 'Gzip' };
}
