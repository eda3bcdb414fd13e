/** A filter as people type it: `status:error`. */
export interface Token {
  name: string;
  value: string;
}

/** What somebody typed: filters, and the words that are none. */
export interface Typed {
  tokens: Token[];
  words: string;
}

// name:value, the value in double quotes where it holds spaces. A name is letters, a value is anything else.
const PIECE = /([a-z_]+):(?:"([^"]*)"|(\S+))|(\S+)/gi;

/** Reads a line of words and filters. Only known names make a filter; anything else stays a word. */
export function readTyped(line: string, names: readonly string[]): Typed {
  const tokens: Token[] = [];
  const words: string[] = [];
  for (const [piece, name, quoted, plain] of line.matchAll(PIECE)) {
    const known = name && names.find((one) => one === name.toLowerCase());
    const value = quoted ?? plain;
    if (known && value) tokens.push({ name: known, value });
    else words.push(piece);
  }
  return { tokens, words: words.join(" ") };
}

/** A filter as it is typed and shown. */
export const writeToken = ({ name, value }: Token): string =>
  /[\s"]/.test(value) ? `${name}:"${value.replaceAll('"', "")}"` : `${name}:${value}`;

export const isSameToken = (one: Token, other: Token): boolean =>
  one.name === other.name && one.value === other.value;
