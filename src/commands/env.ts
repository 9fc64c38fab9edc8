import { basename } from 'node:path';
import { UNSET_VARIABLES } from '../aws/variables.js';
import { ExitCode } from '../errors.js';
import { type EnvironmentOptions, programEnvironment } from './environment.js';

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

export interface EnvOptions extends EnvironmentOptions {
  readonly shell?: Shell;
}

interface Syntax {
  readonly set: (name: string, value: string) => string;
  readonly unset: (name: string) => string;
  /** How its user takes up what is printed. */
  readonly take: string;
}

const POSIX: Syntax = {
  set: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  unset: (name) => `unset ${name}`,
  take: 'eval "$(smlocal env)"',
};

const SYNTAX: Readonly<Record<Shell, Syntax>> = {
  bash: POSIX,
  zsh: POSIX,
  fish: {
    set: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}'`,
    unset: (name) => `set -e ${name}`,
    take: 'smlocal env | source',
  },
  powershell: {
    set: (name, value) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
    unset: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
    take: 'smlocal env --shell powershell | Out-String | Invoke-Expression',
  },
};

/** `smlocal env`: what a shell has to be told for every AWS SDK in it to find the environment's AWS. */
export async function env(options: EnvOptions): Promise<ExitCode> {
  const { name, variables } = programEnvironment(options);
  const syntax = SYNTAX[options.shell ?? shellOf(process.env)];
  const lines = [syntax.set('DEPLOY_ENV', name)];
  if (variables === undefined) {
    lines.push(`# ${name}: your own AWS settings, as they are.`);
  } else {
    const set = Object.entries(variables).map(([key, value]) => syntax.set(key, value));
    lines.push(...UNSET_VARIABLES.map(syntax.unset), ...set, `# To take this up: ${syntax.take}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return ExitCode.ok;
}

/** The shell that the user works in, where it can be told. */
export function shellOf({ SHELL, PSModulePath }: NodeJS.ProcessEnv): Shell {
  const name = basename(SHELL ?? '');
  if (name === 'fish' || name === 'zsh' || name === 'bash') return name;
  // PowerShell sets the one and, outside of Unix, not the other.
  return SHELL === undefined && PSModulePath !== undefined ? 'powershell' : 'bash';
}
