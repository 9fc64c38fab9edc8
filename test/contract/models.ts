import { readFileSync } from 'node:fs';
import type { ContractName, ServiceModel, Shape, ShapeRef } from '../../src/contract/model.js';

interface GeneratedModel extends ServiceModel {
  readonly generatedFrom: Readonly<Record<string, string>>;
}

interface Reference {
  readonly from: string;
  readonly to: string;
}

interface NamedModel {
  readonly name: ContractName;
  readonly model: GeneratedModel;
  /** Who refers to which shape; operations count. */
  readonly references: readonly Reference[];
}

/** The generated models as they are on the disk, before smlocal's extensions. */
export function models(): NamedModel[] {
  return (
    [
      'sagemaker',
      'sagemaker-runtime',
      'logs',
      'cloudwatch',
      'ecr',
      'iam',
      'sts',
      'application-autoscaling',
    ] as const
  ).map((name) => {
    const url = new URL(`../../src/contract/models/${name}.json`, import.meta.url);
    const model = JSON.parse(readFileSync(url, 'utf8')) as GeneratedModel;
    return { name, model, references: referencesOf(model) };
  });
}

function referencesOf(model: ServiceModel): Reference[] {
  const of = (from: string, refs: readonly (ShapeRef | undefined)[]) =>
    refs.flatMap((ref) => (ref === undefined ? [] : [{ from, to: ref.shape }]));
  return [
    ...Object.values(model.operations).flatMap(({ name, input, output, errors = [] }) =>
      of(`operation ${name}`, [input, output, ...errors]),
    ),
    ...Object.entries(model.shapes).flatMap(([name, shape]) => of(name, refsOf(shape))),
  ];
}

function refsOf(shape: Shape): ShapeRef[] {
  if (shape.type === 'structure') return Object.values(shape.members);
  if (shape.type === 'list') return [shape.member];
  return shape.type === 'map' ? [shape.key, shape.value] : [];
}
