import { z } from 'zod';
import { fileSchema } from './schema.js';

/**
 * The JSON Schema of config.yml, for editors: made of the very checks that a file is read with. Draft 7, which the YAML
 * language server reads best.
 */
export function configJsonSchema(): object {
  return {
    ...z.toJSONSchema(fileSchema, { target: 'draft-7', io: 'input' }),
    title: 'config.yml of smlocal',
  };
}
