"""Tenant keys: 2 to 40 of a-z, 0-9 and single hyphens inside, no UUID, no reserved word."""

import re

RESERVED = """account accounts admin administrator api app apps assets auth autoconfig autodiscover billing blog cdn console
dashboard default dev dns docs email fallback ftp gateway help imap internal localhost login logout mail metrics mx ns ns1
ns2 oauth pool pop pop3 postgres postmaster public redis root security signup smtp sso staging static status support system
template0 template1 test traefik webmail wpad www""".split()
UUID = re.compile(r"^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")


def broken(key):
    """The rule a key breaks; none for a good one."""
    if re.search(r"[^a-z0-9-]", key):
        return "character"
    if not 2 <= len(key) <= 40:
        return "length"
    if key.startswith("-") or key.endswith("-") or "--" in key:
        return "hyphen"
    if UUID.match(key):
        return "uuid"
    return "reserved" if key in RESERVED else None


def inputs():
    yield from ((word, "a word that would speak for the operator") for word in RESERVED)
    for word in ("admin", "www", "api", "postgres"):
        for form in (word + "s1", "my-" + word, word + "-1", word.upper(), word + " ", word + "."):
            yield form, "near a reserved word"
    for size in [*range(0, 12), 39, 40, 41, 42, 62, 63, 64, 65, 128, 255, 256, 1000, 5000]:
        yield ["k" * size] if size <= 65 else [["k", size]], f"{size} bytes"
    for code in range(128):
        yield f"a{code}{chr(code)}z", f"the character {code} of ASCII inside"
    for char in "-_. /\\'\"`;:|&$%#@!?*+=<>()[]{}~^,":
        yield char + "edge", "an odd first character"
        yield "edge" + char, "an odd last character"
    for char in "äßéñøłıİſKÅаеорсухіΑΒοπ日本한ไदعא۱١๑０Ａａ－‐‑‒–—−․。．／＠｀｜​‌‍‎‏‪‮⁠﻿­́̈🙂🅰𝐚𝗮①²ªﬁǆ":
        yield f"ac{char}me", f"U+{ord(char):04X} looks like something plain, or like nothing"
    for form in ("0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef",
                 "00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000",
                 "ffffffff-ffff-4fff-8fff-ffffffffffff", "{01234567-89ab-cdef-0123-456789abcdef}",
                 "urn:uuid:01234567-89ab-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcde",
                 "0123456789abcdef0123456789abcdef0", "01234567-89ab-cdef-0123-456789abcdeg",
                 "0123456789ABCDEF0123456789ABCDEF"):
        yield form, "reads as an id, or nearly"
    for form in ("xn--p1ai", "xn--acme", "acme--shop", "a---b", "-", "--", "a-", "-a", "a-b-c-d-e", "1-2-3", "0x", "00", "007",
                 "1e3", "null", "true", "nan", "none", "undefined", "con", "nul", "aux", "com1", "id", "me", "new", "edit",
                 "deleted", "tenant", "tenants", "self", "select", "table", "user", "public-1", "pg-catalog", "t-1"):
        yield form, "a word that means something elsewhere"
    for form in ("a b", " ab", "ab ", "\tab", "ab\t", "ab\n", "\nab", "a\r\nb", "ab\u0085", "\u2028ab", "ab\u00a0", "\ufeffab",
                 "ab\0", "\0", "a\0b", "\u202eba", "a\u200bb", "\u00ad\u00ad", "ACME", "Acme", "aCME", "ac.me", "ac_me"):
        yield form, "blanks, ends of line, and capitals"
    for form in ("a/rule", "a/../b", "../../etc", "..", ".", "a//b", "%2f", "a%2fb", "a%00b", "%61cme", "a;b", "a?b=c", "a#b",
                 "api@internal", "acme@file", "acme@docker", "a`||Host(`b`)", "Host(`x`)", "{{.Name}}", "${HOME}", "$(id)",
                 "`id`", "a;rm -rf /", "a|b", "a&&b", "<script>", "a'--", "a'); DROP TABLE x; --", "a\"b", "a\\b", "a:b",
                 "[::1]", "127.0.0.1", "a,b", "a=b", "*", "a*", "?", "http://a", "acme.", ".acme", "acme.apps.test",
                 "t_0123", "traefik/http", "a\u001b[31m", "=1+1", "@SUM(A1)", "{\"a\":1}", "[]", "0.0", "1,5", "+1"):
        yield form, "means something to a proxy, a shell, a database or a page"
    for size in (63, 64):
        yield ["same-in-63-bytes-", ["x", size - 18], "1"], "two keys that are one where names are cut at 63 bytes"
        yield ["same-in-63-bytes-", ["x", size - 18], "2"], "two keys that are one where names are cut at 63 bytes"


def whole(text):
    return text if isinstance(text, str) else "".join(p if isinstance(p, str) else p[0] * p[1] for p in text)


def entries():
    seen = set()
    for text, why in inputs():
        key = whole(text)
        if key in seen:
            continue
        seen.add(key)
        code = broken(key)
        yield {"input": text, "verdict": "reject" if code else "accept", **({"code": code} if code else {}), "why": why}
