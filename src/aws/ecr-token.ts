/**
 * ECR's authorization token for a registry, with the user's default AWS credentials.
 *
 * The real ECR is named outright, because `AWS_ENDPOINT_URL` in the user's shell usually points at smlocal itself.
 * The SDK is imported here because it costs 100 ms that only an ECR pull should pay.
 */
export async function ecrToken(
  registry: { readonly region: string; readonly endpoint: string },
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const { ECRClient, GetAuthorizationTokenCommand } = await import('@aws-sdk/client-ecr');
  const client = new ECRClient({ ...registry, ignoreConfiguredEndpointUrls: true, maxAttempts: 2 });
  try {
    const answer = await client.send(new GetAuthorizationTokenCommand({}), { abortSignal });
    return answer.authorizationData?.[0]?.authorizationToken;
  } finally {
    client.destroy();
  }
}
