import type { FieldError } from "../api/types";

/**
 * Sorts the server's field errors by the fields of a form, by JSON pointer (`/key` → `key`).
 *
 * `rest` holds what belongs to no field on the page; it must be shown too, or the person can't go on.
 */
export function placeErrors<Field extends string>(errors: readonly FieldError[], fields: readonly Field[]) {
  const placed: Partial<Record<Field, string>> = {};
  const rest: FieldError[] = [];
  for (const error of errors) {
    const field = fields.find((name) => error.pointer.replace(/^#/, "") === `/${name}`);
    if (field === undefined) rest.push(error);
    else placed[field] = placed[field] ? `${placed[field]} ${error.message}` : error.message;
  }
  return { placed, rest };
}

/** As `placeErrors`, for the entries of an object within a form: `/labels/team` → `team`. */
export function placeInside(errors: readonly FieldError[], field: string) {
  const placed: Record<string, string> = {};
  const rest: FieldError[] = [];
  const start = `/${field}/`;
  for (const error of errors) {
    const pointer = error.pointer.replace(/^#/, "");
    if (!pointer.startsWith(start)) {
      rest.push(error);
      continue;
    }
    const name = pointer.slice(start.length).replaceAll("~1", "/").replaceAll("~0", "~");
    placed[name] = placed[name] ? `${placed[name]} ${error.message}` : error.message;
  }
  return { placed, rest };
}
