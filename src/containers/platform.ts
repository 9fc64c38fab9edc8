import type { ImageInspectInfo } from 'dockerode';

/** `linux/amd64`, as `docker pull --platform` takes it. */
export function platformOf(image: Pick<ImageInspectInfo, 'Os' | 'Architecture'>): string {
  return `${image.Os || 'linux'}/${normal(image.Architecture)}`;
}

/** Whether an image is for the platform that was asked for; any will do where none was. */
export function matchesPlatform(
  image: Pick<ImageInspectInfo, 'Os' | 'Architecture'>,
  platform: string | undefined,
): boolean {
  if (platform === undefined) return true;
  // `amd64`, `linux/amd64` and `linux/arm64/v8` are all said; the variant is not told apart.
  const parts = platform.toLowerCase().split('/');
  const [os = 'linux', architecture = ''] = parts.length === 1 ? ['linux', ...parts] : parts;
  return platformOf(image) === `${os}/${normal(architecture)}`;
}

function normal(architecture: string): string {
  const names: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
  return names[architecture] ?? architecture;
}
