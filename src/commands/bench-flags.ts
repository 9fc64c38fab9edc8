/** The options of `smlocal bench`, in the order in which its help has them; {@link BenchOptions} are their values. */
export const BENCH_FLAGS: readonly (readonly [flags: string, description: string])[] = [
  ['-e, --env <name>', 'the block of "environments:" (default: DEPLOY_ENV, else local)'],
  ['--endpoint-url <url>', 'ask a private AWS-compatible service at this address'],
  [
    '--concurrency <n>',
    'so many ask at once (default: 1); 1,2,4,8 measures each, one after the other',
  ],
  [
    '--rate <n>',
    'requests a second, due whether others are answered or not; latency counts from then',
  ],
  ['--duration <time>', 'for how long, for example 30s or 5m (default: 10s)'],
  ['--requests <n>', 'how many requests, in place of a time; with --duration whichever ends first'],
  [
    '--warm-up <what>',
    'what comes first and is not counted: 5s, or 100 requests (default: 1s; 0 with --requests)',
  ],
  ['--file <file>', 'take the body from a file; - is standard input'],
  ['--payload-dir <folder>', 'bodies are the files of a folder, in turn'],
  ['--payload-lines <file>', 'bodies are the lines of a file, in turn'],
  ['--payload-size <size>', 'bodies are random bytes, for example 256kB'],
  [
    '--content-type <type>',
    'what a body is (default: application/json; random ones: application/octet-stream)',
  ],
  ['--accept <type>', 'what the answer should be'],
  ['--target-variant <variant>', 'ask this variant; ENDPOINT/VARIANT says the same'],
  ['--target-model <model>', 'ask this one of several models: a path such as a.tar.gz'],
  [
    '--compare <other>',
    'another ENDPOINT, ENDPOINT/VARIANT, or FILE.json of an earlier run: which is faster',
  ],
  ['--rounds <n>', 'into how many parts a run is divided, to tell what is noise (default: 10)'],
  ['--timeout <time>', 'give a request up when nothing has come for so long (default: 70s)'],
  ['--no-metrics', 'do not ask CloudWatch for ModelLatency and OverheadLatency'],
  ['--price-per-hour <price>', 'of one instance, for an estimate of the cost'],
  ['--price-per-gb-second <price>', 'of a serverless endpoint, for an estimate of the cost'],
  ['-y, --yes', 'do not ask before AWS is asked'],
  ['--save <file>', 'write the run to a file, which --compare takes'],
  ['--json', 'print the run as JSON, and nothing else'],
];

/** As they were typed. */
export interface BenchOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly env?: string;
  readonly endpointUrl?: string;
  readonly concurrency?: string;
  readonly rate?: string;
  readonly duration?: string;
  readonly requests?: string;
  readonly warmUp?: string;
  readonly file?: string;
  readonly payloadDir?: string;
  readonly payloadLines?: string;
  readonly payloadSize?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly targetVariant?: string;
  readonly targetModel?: string;
  readonly compare?: string;
  readonly rounds?: string;
  readonly timeout?: string;
  readonly metrics: boolean;
  readonly pricePerHour?: string;
  readonly pricePerGbSecond?: string;
  readonly yes?: boolean;
  readonly save?: string;
  readonly json?: boolean;
}
