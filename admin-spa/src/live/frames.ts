/** One server-sent event. `id` is absent where the server gave none. */
export interface Frame {
  event: string;
  data: string;
  id?: string;
}

/**
 * Reads server-sent events out of pieces of text as they arrive.
 *
 * Gives each whole event to `onFrame` and each comment to nobody; a piece may end anywhere. Returns what to call with the
 * next piece.
 */
export function readFrames(onFrame: (frame: Frame) => void): (piece: string) => void {
  let rest = "";
  let event = "";
  let id: string | undefined;
  let data: string[] = [];
  const take = (line: string) => {
    if (line === "") {
      if (data.length > 0)
        onFrame({ event: event || "message", data: data.join("\n"), ...(id === undefined ? {} : { id }) });
      event = "";
      data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
  };
  return (piece) => {
    rest += piece;
    // A carriage return at the very end may be the first half of a line's end.
    const held = rest.endsWith("\r") ? "\r" : "";
    const lines = (held ? rest.slice(0, -1) : rest).split(/\r\n|\r|\n/);
    rest = (lines.pop() ?? "") + held;
    for (const line of lines) take(line);
  };
}
