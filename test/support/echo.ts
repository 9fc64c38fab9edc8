import type {
  ContainerDefinition,
  ProductionVariant,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import {
  InvokeEndpointCommand,
  type SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import { expect } from 'vitest';
import { createConfig, createEndpoint } from './endpoints.js';
import { makeScriptImage } from './script-image.js';

/** Reads its model once, as it starts, and answers with the version in it, a colon, and what it was sent. */
const server = (first: string) => `exec perl -MIO::Socket::INET -e '
  $SIG{TERM} = sub { exit 0 };
  ${first}
  my $f; my $version = open($f, "<", "/opt/ml/model/version") ? <$f> : $ENV{VERSION}; chomp $version;
  my $port = $ENV{SAGEMAKER_BIND_TO_PORT} || 8080;
  my $s = IO::Socket::INET->new(Listen => 64, LocalPort => $port, ReuseAddr => 1) or die $!;
  while (my $c = $s->accept) {
    my $length = 0;
    while (<$c>) { $length = $1 if /^content-length: (\\d+)/i; last if /^\\r?$/ }
    read $c, my $body, $length;
    my $answer = "$version:$body";
    print $c "HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: ", length $answer, "\\r\\n\\r\\n$answer";
    close $c;
  }'`;

/**
 * Makes the smallest image that serves, up as soon as its container is.
 * @param first what its server does before anything else, in Perl
 */
export async function makeEchoImage(name: string, first = ''): Promise<void> {
  await makeScriptImage(name, server(first));
}

/** Brings up an endpoint with a config and a model of its own name; its version is `1` unless its container says another. */
export async function serve(
  daemon: { readonly sagemaker: SageMakerClient },
  name: string,
  container: ContainerDefinition,
  variant: Partial<ProductionVariant> = {},
): Promise<void> {
  await createConfig(daemon, name, { Environment: { VERSION: '1' }, ...container }, variant);
  const endpoint = await createEndpoint(daemon, name, name);
  expect(endpoint).toMatchObject({ EndpointStatus: 'InService' });
}

/** What an endpoint answers to a text. */
export async function ask(
  { runtime }: { readonly runtime: SageMakerRuntimeClient },
  EndpointName: string,
  Body: string,
): Promise<string> {
  const answer = await runtime.send(new InvokeEndpointCommand({ EndpointName, Body }));
  return answer.Body?.transformToString() ?? '';
}
