import { text } from "../text";
import { reservedKeys } from "./reservedKeys";
import { tenantsText } from "./text";

const LEAST = 2;
const MOST = 40;

/**
 * Every reason why `key` can't be one, in the order they are best read. Empty when its form is fine. Whether another
 * tenant has it is not said here.
 */
export function keyReasons(key: string): string[] {
  const reasons: string[] = [];
  const strange = [...new Set(key.match(/[^a-z0-9-]/gu) ?? [])];
  if (strange.length > 0) {
    const found = strange.map((letter) => (/\s/u.test(letter) ? text.keyReason.space : `“${letter}”`));
    reasons.push(text.keyReason.letters([...new Set(found)].join(", ")));
  }
  if (key.startsWith("-")) reasons.push(text.keyReason.start);
  if (key.length > 1 && key.endsWith("-")) reasons.push(text.keyReason.end);
  if (key.includes("--")) reasons.push(text.keyReason.double);
  if (key.length < LEAST) reasons.push(text.keyReason.short(LEAST));
  if (key.length > MOST) reasons.push(text.keyReason.long(MOST, key.length));
  if (reservedKeys.has(key)) reasons.push(tenantsText.create.keyReserved);
  return reasons;
}
