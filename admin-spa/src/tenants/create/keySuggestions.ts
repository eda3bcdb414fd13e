import { keyReasons } from "../keyRules";

/** Room for a number behind it. */
const MOST = 36;
/** What companies put behind their names and nobody says. */
const LEGAL =
  /[\s,]+(incorporated|inc|ltd|limited|llc|llp|gmbh|ag|kg|se|sa|sarl|bv|nv|oy|ab|as|plc|corp|corporation|co)\.?$/i;

/** A company's name as a key: "Müller & Söhne GmbH" → "muller-sohne". Empty where nothing of it can stand in a key. */
export function keyFrom(company: string): string {
  const plain = company.trim().replace(LEGAL, "");
  return plain
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, MOST)
    .replace(/-+$/, "");
}

/** Keys to propose for a company, the best first. Whether they are free has to be asked. */
export function keySuggestions(company: string, key: string): string[] {
  const stem = keyReasons(key).length === 0 ? key : keyFrom(company);
  if (stem === "") return [];
  const all = [stem, `${stem}-2`, `${stem}-3`, `${stem}-app`, `${stem}-hq`];
  return all.filter((one) => one !== key && keyReasons(one).length === 0);
}
