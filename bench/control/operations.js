import { call } from '../lib/sagemaker.js';

/** Records on a page of those operations that page. */
export const PAGE = 50;

/** @typedef {(index: number) => Promise<unknown>} Operation one call of its kind; the index makes it differ from the others */

/**
 * The operations that are measured, on a server that has models of the names `PREFIX-0` to `PREFIX-N`.
 * @param {string} url
 * @param {{ models: number, configs: number, endpoints: number }} there how many of each the server has
 * @param {string} run makes the names of what is created differ from those of other runs
 * @returns {Record<string, Operation>}
 */
export function operations(url, there, run) {
  /** @type {Record<string, string | undefined>} */
  const next = {};
  const page = async (/** @type {string} */ operation, /** @type {object} */ input) => {
    const { NextToken } = await call(url, operation, { ...input, NextToken: next[operation] });
    next[operation] = NextToken;
  };
  return {
    create_model: (index) => call(url, 'CreateModel', model(`${run}-${index}`)),
    describe_model: (index) =>
      call(url, 'DescribeModel', { ModelName: `bench-${(index * 7919) % there.models}` }),
    list_models: () => call(url, 'ListModels', {}),
    list_models_by_name: () => call(url, 'ListModels', { SortBy: 'Name', MaxResults: PAGE }),
    page_models: () => page('ListModels', { MaxResults: PAGE }),
    create_config: (index) => call(url, 'CreateEndpointConfig', config(`${run}-${index}`)),
    describe_config: (index) => {
      const EndpointConfigName = `bench-${(index * 7919) % there.configs}`;
      return call(url, 'DescribeEndpointConfig', { EndpointConfigName });
    },
    page_configs: () => page('ListEndpointConfigs', { MaxResults: PAGE }),
    describe_endpoint: (index) => {
      const EndpointName = `bench-${(index * 7919) % there.endpoints}`;
      return call(url, 'DescribeEndpoint', { EndpointName });
    },
    page_endpoints: () => page('ListEndpoints', { MaxResults: PAGE }),
  };
}

/** What moto is asked, too. */
export const MIX = ['create_model', 'describe_model', 'list_models'];

/** @param {string} ModelName */
export function model(ModelName) {
  return {
    ModelName,
    ExecutionRoleArn: 'arn:aws:iam::111122223333:role/bench',
    PrimaryContainer: {
      Image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/bench:1',
      // A Python that is nowhere: an endpoint of it fails at once, and costs no more than its record.
      Environment: { SMLOCAL_PYTHON: '/nowhere/python3', STAGE: 'bench' },
    },
    Tags: [{ Key: 'team', Value: 'search' }],
  };
}

/** @param {string} EndpointConfigName of the model `bench-0` */
export function config(EndpointConfigName) {
  const variant = { VariantName: 'AllTraffic', ModelName: 'bench-0', InstanceType: 'ml.m5.large' };
  return { EndpointConfigName, ProductionVariants: [{ ...variant, InitialInstanceCount: 1 }] };
}
