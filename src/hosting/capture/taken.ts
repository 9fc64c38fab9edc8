import type { IncomingHttpHeaders } from 'node:http';
import type { CaptureSettings } from './capture-settings.js';
import { Gathered } from './gathered.js';
import type { Room } from './room.js';

/** Whom a request that is captured belongs to. */
export interface Keeper {
  readonly settings: CaptureSettings;
  readonly room: Room;
  /** Takes one over that went well, with the room that it has taken. */
  keep(taken: Taken): void;
  /** Told of one that went well, for which there was no room. */
  skip(): void;
}

/** One request that is captured: its bodies are copied while they pass, and never held up. */
export class Taken {
  /** Undefined where it is not wanted, or there is no room. */
  input: Gathered | undefined;
  output: Gathered | undefined;
  /** How much room it has taken. */
  bytes = 0;
  readonly #keeper: Keeper;
  readonly #headers: IncomingHttpHeaders;
  #outputType = '';
  #isSkipped = false;

  /** @param headers the client's */
  constructor(keeper: Keeper, headers: IncomingHttpHeaders) {
    const { input, output } = keeper.settings;
    this.#keeper = keeper;
    this.#headers = headers;
    if (input) this.input = new Gathered();
    if (output) this.output = new Gathered();
  }

  /** What is known of it beside its bodies, a line each: a header's value has no line ends. */
  get about(): string {
    const headers = this.#headers;
    return `${headers['content-type'] ?? ''}\n${this.#outputType}\n${
      headers['x-amzn-sagemaker-inference-id'] ?? ''
    }\n${headers['x-amzn-sagemaker-custom-attributes'] ?? ''}`;
  }

  /** The request's body, whole; it may be sent once more, to the same container. */
  sends(body: Buffer): void {
    if (this.input?.length === 0) this.#add(this.input, body);
  }

  /** A piece of a request's body of which there may be more. */
  sendsPiece(piece: Buffer): void {
    if (this.input === undefined) return;
    this.input.expected = Number(this.#headers['content-length'] ?? 0);
    this.#add(this.input, piece);
  }

  /** A good answer begins. */
  answers({ 'content-type': type = '', 'content-length': length }: IncomingHttpHeaders): void {
    this.#outputType = type;
    if (this.output !== undefined) this.output.expected = Number(length ?? 0);
  }

  answersPiece(piece: Buffer): void {
    if (this.output !== undefined) this.#add(this.output, piece);
  }

  /** Nothing more will come of it. */
  end(wasAnswered: boolean): void {
    if (!wasAnswered) this.#giveBack();
    else if (this.#isSkipped) this.#keeper.skip();
    else this.#keeper.keep(this);
  }

  #add(body: Gathered, piece: Buffer): void {
    if (this.#keeper.room.take(piece.length)) {
      this.bytes += piece.length;
      body.add(piece);
    } else this.#giveBack();
  }

  #giveBack(): void {
    this.#isSkipped = true;
    this.input = undefined;
    this.output = undefined;
    this.#keeper.room.give(this.bytes);
    this.bytes = 0;
  }
}
