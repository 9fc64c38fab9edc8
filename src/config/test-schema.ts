import { z } from 'zod';

const expectation = z
  .strictObject({
    status: z
      .int()
      .min(100)
      .max(599)
      .describe('HTTP status of the container’s answer. Default 200.'),
    content_type: z.string().describe('The answer’s type.'),
    json: z.unknown().describe('The answer, as JSON; the order of keys says nothing.'),
    tolerance: z.number().min(0).describe('By how much numbers of json may differ. Default 0.'),
    text: z.string().describe('The answer, letter for letter.'),
    contains: z.string().describe('A text that the answer has in it.'),
    file: z.string().describe('A file with the answer, byte for byte.'),
  })
  .partial();

/** A request that "smlocal test" sends, and what is expected of the answer. */
export const endpointTest = z
  .strictObject({
    body: z.unknown().describe('The payload: a text as it is, anything else as JSON.'),
    file: z.string().describe('A file with the payload, in place of body.'),
    content_type: z.string().describe('Default application/json.'),
    accept: z.string().describe('What the answer should be.'),
    variant: z.string().describe('The variant that is asked.'),
    target_model: z.string().describe('With mode MultiModel: the archive that is asked.'),
    expect: expectation.describe('What the answer has to be. Default: status 200.'),
  })
  .partial();

export type TestBlock = z.infer<typeof endpointTest>;
