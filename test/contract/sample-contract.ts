import { Contract } from '../../src/contract/contract.js';
import type { Shape } from '../../src/contract/model.js';

const MEMBERS: Readonly<Record<string, Shape>> = {
  Needed: { type: 'string' },
  Short: { type: 'string', min: 2, max: 4 },
  Count: { type: 'integer', min: 1, max: 10 },
  Share: { type: 'float', min: 0 },
  Letters: { type: 'string', pattern: '[a-z]+', max: 8 },
  Code: { type: 'string', pattern: '[a-z]+', min: 1, max: 8 },
  Colour: { type: 'string', enum: ['red', 'green'] },
  Items: { type: 'list', member: { shape: 'Item' }, min: 1, max: 2 },
  Names: { type: 'list', member: { shape: 'Short' } },
  Table: { type: 'map', key: { shape: 'Key' }, value: { shape: 'Count' }, max: 1 },
  Records: { type: 'map', key: { shape: 'Key' }, value: { shape: 'Item' } },
  Bytes: { type: 'blob' },
  Either: {
    type: 'structure',
    union: true,
    members: { Left: { shape: 'Needed' }, Right: { shape: 'Needed' } },
  },
};

/** One operation, `Do`, whose input has a member for each kind of shape and constraint a model can hold; `Needed` is required. */
export function sampleContract(): Contract {
  const members = Object.fromEntries(Object.keys(MEMBERS).map((name) => [name, { shape: name }]));
  return new Contract({
    metadata: { apiVersion: '1', protocol: 'json', serviceId: 'Test', signingName: 'test' },
    operationNames: ['Do'],
    operations: {
      Do: { name: 'Do', http: { method: 'POST', requestUri: '/' }, input: { shape: 'Input' } },
    },
    shapes: {
      ...MEMBERS,
      Input: { type: 'structure', members, required: ['Needed'] },
      Key: { type: 'string', pattern: '[a-z]+' },
      Item: { type: 'structure', members: { Id: { shape: 'Count' } }, required: ['Id'] },
    },
  });
}
