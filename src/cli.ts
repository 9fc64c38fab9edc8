#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import { BENCH_FLAGS } from './commands/bench-flags.js';
import { keepYoungHeapSmall } from './commands/young-heap.js';
import { ExitCode, SmlocalError } from './errors.js';
import { VERSION } from './version.js';

/** The same on every terminal, so that the README can quote it. */
const HELP_WIDTH = 100;

const EXIT_CODES = `
Exit codes:
  0  done                          4  no container engine answers
  1  failed, and it says why       5  an endpoint failed, or its model did
  2  wrong usage                  70  a bug in smlocal
  3  smlocal is not running      130  ended by Ctrl-C before it was done

Documentation: README.md, and "smlocal COMMAND --help".`;

/** argv to one command. Each command is loaded when it is called, so that none waits for the others' packages. */
function program(finish: (code: number) => void): Command {
  const cli = new Command('smlocal')
    .description(
      'A local Amazon SageMaker: real serving containers behind SageMaker’s own API, on one port.',
    )
    .version(VERSION, '-v, --version')
    .addHelpText('after', EXIT_CODES)
    .enablePositionalOptions()
    .showHelpAfterError('Type "smlocal --help" to see what there is.')
    .configureHelp({ helpWidth: HELP_WIDTH });

  command(cli, 'up', 'start smlocal, and the endpoints that config.yml describes')
    .option(
      '-d, --detach',
      'leave it running in the background, and return when its endpoints have settled',
    )
    .option(
      '-p, --port <port>',
      'listen on this port (default: 4577; 0 takes a free one)',
      portNumber,
    )
    .option(
      '--host <address>',
      'listen on this address (default: 127.0.0.1); beyond this machine, requests must be signed',
    )
    .option('--verify-signatures', 'answer only requests that are signed with a known access key')
    .option('--platform <platform>', 'run images of this platform, for example linux/amd64')
    .addOption(
      new Option('--engine <engine>', 'what runs the serving containers').choices([
        'auto',
        'docker',
        'process',
      ]),
    )
    .option('--no-watch', 'do not deploy again when a file changes')
    .action(async (options) => {
      const letGrow = keepYoungHeapSmall();
      const { up } = await import('./commands/up.js');
      finish(await up(options, letGrow));
    });

  command(cli, 'down', 'stop smlocal and remove its containers; also after it was killed')
    .option('-f, --force', 'kill the containers in place of stopping them')
    .option('--purge', 'remove all that smlocal has kept as well: records, caches, S3’s objects')
    .action(async (options) => finish(await (await import('./commands/down.js')).down(options)));

  command(cli, 'reload', 'take up what is on disk now, by the cheapest way that is right')
    .argument('[endpoint]', 'this endpoint only')
    .action(async (endpoint, options) =>
      finish(await (await import('./commands/reload.js')).reload(endpoint, options)),
    );

  command(cli, 'status', 'show what runs and what each endpoint is doing')
    .option('--json', 'print it as JSON')
    .action(async (options) =>
      finish(await (await import('./commands/status.js')).status(options)),
    );

  command(cli, 'logs', 'print what the containers have printed')
    .argument('[endpoint]', 'this endpoint only')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('-n, --tail <lines>', 'begin with the last lines of each container', wholeNumber)
    .action(async (endpoint, options) =>
      finish(await (await import('./commands/logs.js')).logs(endpoint, options)),
    );

  command(cli, 'invoke', 'send one request to an endpoint and print the answer')
    .argument('<endpoint>')
    .argument('[body]', 'the request’s body; else --file, else standard input')
    .option('--file <file>', 'take the body from a file; - is standard input')
    .option('--content-type <type>', 'what the body is', 'application/json')
    .option('--accept <type>', 'what the answer should be')
    .option('--target-variant <variant>', 'ask this variant')
    .option('--target-model <model>', 'ask this one of several models: a path such as a.tar.gz')
    .action(async (endpoint, body, options) =>
      finish(await (await import('./commands/invoke.js')).invoke(endpoint, body, options)),
    );

  const bench = command(
    cli,
    'bench',
    'measure how many requests an endpoint answers, and how quickly',
  )
    .argument('<endpoint>', 'an endpoint, or one variant of it: ENDPOINT/VARIANT')
    .argument(
      '[body]',
      'the requests’ body; @FILE is that of a file; else --file, else standard input',
    )
    .action(async (endpoint, body, options) =>
      finish(await (await import('./commands/bench.js')).bench(endpoint, body, options)),
    );
  for (const [flags, description] of BENCH_FLAGS) bench.option(flags, description);

  const deploy = command(
    cli,
    'deploy',
    'make an environment’s endpoints what config.yml says, here or in AWS',
  )
    .argument('[endpoint]', 'this endpoint only')
    .option('-e, --env <name>', 'the block of "environments:" (default: DEPLOY_ENV, else local)');
  changesAws(deploy).action(async (endpoint, options) =>
    finish(await (await import('./commands/deploy.js')).deploy(endpoint, options)),
  );
  command(cli, 'test', 'ask endpoints what config.yml says under "tests:", and compare')
    .argument('[endpoint]', 'this endpoint only')
    .option('-e, --env <name>', 'the block of "environments:" (default: DEPLOY_ENV, else local)')
    .option('--endpoint-url <url>', 'ask a private AWS-compatible service at this address')
    .action(async (endpoint, options) =>
      finish(await (await import('./commands/test.js')).test(endpoint, options)),
    );

  const promote = command(cli, 'promote', 'deploy to production what has passed its tests here')
    .argument('[endpoint]', 'this endpoint only')
    .option('-e, --env <name>', 'another block (default: DEPLOY_ENV, else production)');
  changesAws(promote).action(async (endpoint, options) =>
    finish(await (await import('./commands/promote.js')).promote(endpoint, options)),
  );

  command(cli, 'diff', 'show what local and production differ in, by config.yml')
    .argument('[endpoint]', 'this endpoint only')
    .option('-e, --env <name>', 'another block than production')
    .action(async (endpoint, options) =>
      finish(await (await import('./commands/diff.js')).diff(endpoint, options)),
    );

  command(cli, 'doctor', 'look at what smlocal needs on this machine, and say how to mend it')
    .option('-e, --env <name>', 'ask AWS about the credentials of this environment too')
    .option('--endpoint-url <url>', 'ask a private AWS-compatible service at this address')
    .option('--json', 'print it as JSON')
    .action(async (options) =>
      finish(await (await import('./commands/doctor.js')).doctor(options)),
    );

  command(cli, 'env', 'print what leads AWS SDKs here: eval "$(smlocal env)"')
    .option('-e, --env <name>', 'the block of "environments:" (default: DEPLOY_ENV, else local)')
    .addOption(
      new Option('--shell <shell>', 'whose syntax (default: that of $SHELL)').choices([
        'bash',
        'zsh',
        'fish',
        'powershell',
      ]),
    )
    .action(async (options) => finish(await (await import('./commands/env.js')).env(options)));

  command(
    cli,
    'exec',
    'run a command whose AWS SDKs find smlocal: smlocal exec -- python deploy.py',
  )
    .argument('<command...>', 'the command, behind two dashes')
    .option('-e, --env <name>', 'the block of "environments:" (default: DEPLOY_ENV, else local)')
    .passThroughOptions()
    .action(async (words, options) =>
      finish(await (await import('./commands/exec.js')).exec(words, options)),
    );
  return cli;
}

/** The flags of what deploys. */
function changesAws(deploying: Command): Command {
  return deploying
    .option('--dry-run', 'print each call that would be made, and why; change nothing')
    .option('-y, --yes', 'do not ask before AWS is changed')
    .option(
      '--endpoint-url <url>',
      'deploy to a private AWS-compatible service at this address, and not to AWS',
    );
}

function command(cli: Command, name: string, description: string): Command {
  return cli
    .command(name)
    .description(description)
    .addOption(new Option('-c, --config <file>', 'the project’s config file (default: config.yml)'))
    .addOption(
      new Option(
        '--state-dir <folder>',
        'where everything is kept (default: .smlocal beside config.yml)',
      ).env('SMLOCAL_STATE_DIR'),
    )
    .exitOverride()
    .configureHelp({ helpWidth: HELP_WIDTH })
    .showHelpAfterError(`Type "smlocal ${name} --help" to see how it is used.`);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('A port is at most 65535.');
  return port;
}

function report(error: unknown): ExitCode {
  if (error instanceof SmlocalError) {
    console.error(
      `smlocal: ${error.message}${error.hint === undefined ? '' : `\n  ${error.hint}`}`,
    );
    return error.exitCode;
  }
  console.error('smlocal: this is a bug in smlocal.\n', error);
  return ExitCode.bug;
}

let exitCode: number = ExitCode.ok;
try {
  await program((code) => {
    exitCode = code;
  })
    .exitOverride()
    .parseAsync();
} catch (error) {
  const commanderExit = (error as { code?: string; exitCode?: number }).code?.startsWith(
    'commander.',
  );
  if (commanderExit)
    exitCode = (error as { exitCode: number }).exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  else exitCode = report(error);
}
process.exit(exitCode);
