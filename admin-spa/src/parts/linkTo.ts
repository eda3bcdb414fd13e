/**
 * The properties that lead a link to an address of the console made of text, with its query: `linkTo("/tenants?status=error")`.
 * For addresses that are computed; others are written as the router checks them.
 */
export function linkTo(address: string): { to: string; search: never } {
  const [path = "/", query = ""] = address.split("?", 2);
  return { to: path, search: Object.fromEntries(new URLSearchParams(query)) as never };
}
