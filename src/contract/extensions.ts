import type { ContractName } from './model.js';

/** A pattern that smlocal accepts in place of AWS's, and why. */
export interface WidenedPattern {
  readonly pattern: string;
  readonly reason: string;
}

const MODEL_DATA = '((https|s3)://([^/]+)/?(.*)|file://.+)';

/**
 * Where smlocal accepts more than AWS does, by service and shape; everything else is AWS's own rule. Destinations
 * (capture, async output, core dumps) have the shape `DestinationS3Uri` and are not widened.
 */
export const EXTENSIONS: Readonly<
  Partial<Record<ContractName, Readonly<Record<string, WidenedPattern>>>>
> = {
  sagemaker: {
    Url: {
      pattern: MODEL_DATA,
      reason:
        'ContainerDefinition.ModelDataUrl and an inference component’s ArtifactUrl may name a local directory or ' +
        'archive. ClarifyShapBaselineConfig.ShapBaselineUri shares the shape.',
    },
    S3ModelUri: {
      pattern: MODEL_DATA,
      reason:
        'S3ModelDataSource.S3Uri may name a local directory or archive. S3ModelDataSource.ManifestS3Uri shares the shape.',
    },
  },
};
