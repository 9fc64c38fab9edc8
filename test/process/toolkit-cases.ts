/* Handlers of every shape that the toolkit knows, and requests that take them through every step, good and bad. */

export interface HandlerCase {
  readonly name: string;
  readonly title: string;
  readonly code: string;
}

export interface Request {
  readonly contentType: string | undefined;
  readonly accept: string | undefined;
  readonly body: Buffer;
}

const THREE_STEPS = `
def model_fn(model_dir):
    return "model"

def input_fn(data, content_type):
    kind = type(data).__name__
    text = data if isinstance(data, str) else bytes(data or b"").decode("latin-1")
    if "input" in text:
        raise ValueError("no\\r\\ninput: " + text)
    return kind, text, content_type

def predict_fn(data, model):
    if "predict" in data[1]:
        raise KeyError("predict")
    return data + (model,)

def output_fn(prediction, accept):
    text = prediction[1]
    if "output" in text:
        raise RuntimeError()
    answers = {
        "tuple": ("{}", "application/x-other"), "dict": {"b": 1, "a": [1, 2.5, None, True]}, "none": None, "int": 5,
        "list": ["é", 1], "empty": "", "accented": "é", "float": 1e100,
    }
    return answers.get(text, "%r for %s" % (prediction, accept))
`;

const DEFAULTS = `
def model_fn(model_dir, context):
    return 2

def predict_fn(data, model):
    return data * model
`;

const TRANSFORM = `
def model_fn(model_dir):
    return {"scale": 3}

def transform_fn(model, data, content_type, accept):
    if "%" in str(data):
        raise UnicodeError("per cent")
    return "%s|%s|%s|%s" % (model["scale"], type(data).__name__, content_type, len(data or "")), accept
`;

const CONTEXT = `
class Refused(Exception):
    def __init__(self, code):
        self.status_code, self.message, self.phrase = code, "refused", "why"
        super().__init__("refused with %d" % code)

def model_fn(model_dir, context):
    return context.system_properties["model_dir"] == model_dir

def transform_fn(model, data, content_type, accept, context):
    headers = context.get_all_request_header(0)
    text = data if isinstance(data, str) else bytes(data or b"").decode("latin-1")
    if text == "teapot":
        context.set_response_status(code=418, phrase="short and stout")
        return "a pot"
    if text == "created":
        context.set_response_status(code=201, phrase="Created")
        return "made"
    if text == "refuse":
        raise Refused(409)
    context.set_response_header(0, "x-of-the-handler", "1")
    return "%s %s %s" % (model, content_type, sorted(name for name in headers if name in ("content-type", "accept")))
`;

const BOTH = `
def model_fn(model_dir):
    return 1

def transform_fn(model, data, content_type, accept):
    return "never"

def input_fn(data, content_type):
    return data
`;

const MODEL_RAISES = `
def model_fn(model_dir):
    raise OSError("the weights are gone")

def predict_fn(data, model):
    return data
`;

const NO_PREDICT = `
def model_fn(model_dir):
    return 1
`;

const WRONG_ARGUMENTS = `
def model_fn(model_dir):
    return 1

def input_fn(data):
    return data

def predict_fn(data, model):
    return data
`;

const SYNTAX = 'def model_fn(model_dir):\n    return (\n';

export const HANDLERS: readonly HandlerCase[] = [
  { name: 'three-steps', title: 'A handler of three steps', code: THREE_STEPS },
  { name: 'defaults', title: 'The default functions', code: DEFAULTS },
  { name: 'transform', title: 'A transform_fn', code: TRANSFORM },
  { name: 'context', title: 'A transform_fn with its context', code: CONTEXT },
  { name: 'both', title: 'A transform_fn beside an input_fn', code: BOTH },
  { name: 'model-raises', title: 'A model_fn that raises', code: MODEL_RAISES },
  { name: 'no-predict', title: 'A handler without predict_fn', code: NO_PREDICT },
  { name: 'wrong-arguments', title: 'A function with too few arguments', code: WRONG_ARGUMENTS },
  { name: 'syntax', title: 'A handler that is no Python', code: SYNTAX },
];

const TYPES = [
  'application/json',
  'text/csv',
  'application/x-npy',
  'application/octet-stream',
  'text/plain',
  'application/json; charset=utf-8',
  undefined,
];

const ACCEPTS = [
  undefined,
  '*/*',
  'text/csv',
  'application/x-npy',
  'text/csv, application/json',
  'image/png',
];

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'three-steps': [
    'plain',
    'input',
    'predict',
    'output',
    'tuple',
    'dict',
    'none',
    'int',
    'list',
    'empty',
    'accented',
    'float',
    '',
  ],
  context: ['teapot', 'created', 'refuse', 'plain', ''],
  transform: ['plain', '100 %', '', 'ünïcode'],
};

/** A 2 × 2 array of float64 as \`numpy.save\` writes it (format 1.0). */
const NPY = Buffer.concat([
  Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
  Buffer.from(`${"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117)}\n`),
  Buffer.from(new Float64Array([1, 2, 3.5, -4]).buffer),
]);

const NUMBERS: readonly (readonly [string, Buffer])[] = [
  ['application/json', Buffer.from('[[1, 2], [3.5, -4]]')],
  ['application/json', Buffer.from('[1, 2')],
  ['application/json', Buffer.from('{"a": 1}')],
  ['application/json', Buffer.from('3')],
  ['text/csv', Buffer.from('1,2\n3.5,-4\n')],
  ['text/csv', Buffer.from('1\n')],
  ['application/x-npy', NPY],
  ['application/x-npy', Buffer.from('not an array')],
  ['text/plain', Buffer.from('1')],
];

/** The requests for one handler. */
export function requestsFor({ name }: HandlerCase): Request[] {
  if (name === 'defaults') {
    return ACCEPTS.flatMap((accept) =>
      NUMBERS.map(([contentType, body]) => ({ contentType, accept, body })),
    );
  }
  const texts = TEXTS[name] ?? ['plain', '[1]'];
  const bodies = [...texts.map((text) => Buffer.from(text)), Buffer.from([0xff, 0xfe, 0x00])];
  return TYPES.flatMap((contentType, index) =>
    bodies.map((body, place) => ({
      contentType,
      accept: ACCEPTS[(index + place) % ACCEPTS.length],
      body,
    })),
  );
}
