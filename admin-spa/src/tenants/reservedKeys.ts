/**
 * Keys nobody may take. The server decides by the same list (`gateway/src/domain/key.rs`); a test holds the two together.
 * Known here so that the reason is told while somebody types.
 */
export const reservedKeys: ReadonlySet<string> = new Set(
  [
    "account accounts admin administrator api app apps assets auth autoconfig autodiscover billing",
    "blog cdn console dashboard default dev dns docs email fallback ftp gateway help imap internal",
    "localhost login logout mail metrics mx ns ns1 ns2 oauth pool pop pop3 postgres postmaster",
    "public redis root security signup smtp sso staging static status support system template0",
    "template1 test traefik webmail wpad www",
  ]
    .join(" ")
    .split(" "),
);
