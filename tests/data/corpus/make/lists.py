"""Parameters of lists: pages, filters, orders and fields."""

import base64

from texts import request

T = "/api/gateway/tenants"
LISTS = [T, "/api/gateway/operations", "/api/gateway/jobs", "/api/gateway/orphans", "/api/gateway/pools", "/api/gateway/api-keys", "/api/gateway/audit"]
NIL = "00000000-0000-0000-0000-000000000000"


def cursor(text):
    data = text if isinstance(text, bytes) else text.encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def bad(target, name, code, why):
    return request(f"GET {target}", why, errors=[[f"/{name}", code]])


def good(target, why):
    return request(f"GET {target}", why, status=200)


def pages():
    for text in ("0", "-1", "201", "1.5", "1e2", "0x10", "ten", "", "%20", "1%20", "+1%00", "%2D5", "4294967296", "99999999999999999999", "NaN", "null",
                 "%D9%A1", "1,2", "1;2", "50'"):
        yield bad(f"{T}?limit={text}", "limit", "range", "1 to 200")
    for path in LISTS[1:]:
        yield bad(f"{path}?limit=0", "limit", "range", "1 to 200")
        yield bad(f"{path}?limit=201", "limit", "range", "1 to 200")
        yield bad(f"{path}?offset=1", "offset", "unknown", "no parameter here")
        yield bad(f"{path}?limit=1&limit=2", "limit", "twice", "given twice")
        yield good(f"{path}?limit=200", "the most")
    for text in ("", "x", "!!", "%00", "null", "1", cursor(""), cursor("1"), cursor("1." + NIL), cursor("created_at"), cursor("created_at\n" + NIL),
                 cursor("created_at\nx\n1"), cursor(f"created_at\n{NIL}\nx"), cursor(f"created_at\n{NIL}\n9223372036854775808"),
                 cursor(f"created_at\n{NIL}\n-9223372036854775808"), cursor(f"password_sealed\n{NIL}\n1"), cursor(f"key\n{NIL}\na"),
                 cursor(f"updated_at\n{NIL}\n1"), cursor(f"key; DROP TABLE x\n{NIL}\na"), cursor(b"\xff\xfe"), cursor(f"created_at\n{NIL}\n1") + "=",
                 cursor(f"created_at\n{NIL}\n1") + "A", "a" * 5000):
        yield bad(f"{T}?cursor={text}", "cursor", "cursor", "no cursor, or not one of this order")
    for path in LISTS[1:]:
        yield bad(f"{path}?cursor=%21", "cursor", "cursor", "no cursor")
        if path not in ("/api/gateway/pools",):
            yield bad(f"{path}?cursor={cursor('a')}", "cursor", "cursor", "a cursor of another list")
    yield good(f"{T}?cursor={cursor(f'created_at{chr(10)}{NIL}{chr(10)}1')}", "a place that no tenant is at")
    yield bad(f"{T}?sort=key&cursor={cursor(f'key{chr(10)}{NIL}{chr(10)}a' + chr(0))}", "cursor", "cursor", "a NUL in a cursor")
    yield good(f"{T}?sort=key&cursor={cursor(f'key{chr(10)}{NIL}{chr(10)}' + chr(39) + '; DROP')}", "a place is a value")
    yield bad(f"/api/gateway/audit?cursor={cursor('9223372036854775808')}", "cursor", "cursor", "beyond all numbers")
    yield good(f"/api/gateway/audit?cursor={cursor('-1')}", "before the first")


def filters():
    for text in ("Active", "gone", "active,gone", "active;deleted", "active%00", "%2A", "active%20", "' OR 1=1", "active,,x"):
        yield bad(f"{T}?status={text.replace(' ', '%20')}", "status", "unknown_value", "no state")
    for text in ("ready", "active", "active,deleted", "", ","):
        yield good(f"{T}?status={text}", "states, or none")
    for text in ("gold", "Shared", "shared,dedicated", "%00"):
        yield bad(f"{T}?tier={text}", "tier", "unknown_value", "no tier")
    for text in ("x", "default", NIL[1:], NIL + "0", "%00", "1%20OR%201=1"):
        yield bad(f"{T}?pool_id={text}", "pool_id", "uuid", "no UUID")
    for text in ("x", "2030-01-01", "2030-13-01T00:00:00Z", "now", "1e9", "%00", "2030-01-01T00:00:00", "99999-01-01T00:00:00Z", "-009999-01-01T00:00:00Z", "infinity"):
        yield bad(f"{T}?updated_since={text}", "updated_since", "time", "no time")
    for text in ("2030-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-30T22:00:00Z", "2030-01-01T00:00:00%2B01:00"):
        yield good(f"{T}?updated_since={text}", "a time")
    for text in ("id", "password_sealed", "lease_token", "status", "KEY", "--key", "+key", "key,created_at", "key;drop", "key%20desc", "1", "t.key", "(select)", "%00"):
        yield bad(f"{T}?sort={text}", "sort", "unknown_value", "no order")
    for text in ("key", "-key", "company_name", "-updated_at", ""):
        yield good(f"{T}?sort={text}", "an order")
    for text in ("%00", "a%00b", "a%0Ab", "%1B", "%7F", "%C2%85b"):
        yield bad(f"{T}?q={text}", "q", "character", "no control characters") if text != "%C2%85b" else good(f"{T}?q={text}", "blanks around go")
    yield bad(f"{T}?q={'q' * 201}", "q", "length", "201 characters")
    for text in ("%25", "_", "%5C", "%27", "%22", "%FF", "%E2%80%AE", "%F0%9F%99%82", "q" * 200, "%28a%2B%29%2B%24", "a%26b", "%3Cscript%3E"):
        yield good(f"{T}?q={text}", "a text to search for")
    for name, why in (("label.", "no name"), ("label.A", "no name of a label"), ("label.a%20b", "no name of a label"), ("label.%00", "no name of a label"),
                      ("label." + "x" * 64, "no name of a label"), ("label.a%27", "no name of a label")):
        shown = name.replace("%20", " ").replace("%00", "\0").replace("%27", "'")
        yield bad(f"{T}?{name}=x", shown, "label_name", why)
    yield bad(f"{T}?label.a=%00", "label.a", "character", "a NUL")
    yield bad(f"{T}?label.a=1&label.a=2", "label.a", "twice", "given twice")
    yield good(f"{T}?label.a=%27%3B--&label.b/c=", "labels are values")
    for name in ("offset", "page", "filter", "Limit", "limit%5B%5D", "limit%00", "select", "order", "__proto__", "%20limit", "status%5B0%5D", "_method", "callback"):
        shown = name.replace("%5B", "[").replace("%5D", "]").replace("%00", "\0").replace("%20", " ")
        yield bad(f"{T}?{name}=1", shown, "unknown", "no parameter here")
    yield bad(f"{T}?=1", "", "unknown", "a parameter without a name")
    yield bad(f"{T}?status=active&status=error", "status", "twice", "given twice")
    yield bad(f"{T}?limit=1&l%69mit=2", "limit", "twice", "given twice in other letters")
    yield good(f"{T}?", "an empty query")
    yield good(f"{T}?&&", "nothing between")


def fields():
    for text in ("", ",", "id,", ",id", "Id", "id,password_sealed", "id%20", "id;key", "*", "items", "operation.id", "id%00", "lease_token", "a" * 3000, "__proto__"):
        yield bad(f"{T}?fields={text}", "fields", "unknown_value", "no field of a tenant")
        yield bad(f"{T}/fixture?fields={text}", "fields", "unknown_value", "no field of a tenant")
    yield bad("/api/gateway/operations?fields=key", "fields", "unknown_value", "no field of an operation")
    yield bad(f"{T}?fields=id&fields=key", "fields", "twice", "given twice")
    yield bad("/api/gateway/jobs?fields=id", "fields", "unknown", "jobs are given whole")
    yield good(f"{T}?fields=id,key,id", "fields")
    yield good("/api/gateway/operations?fields=id,steps", "fields, one of which lists leave out")
    for path in ("/api/gateway/me", "/api/gateway/audit/check", f"{T}/fixture", "/api/gateway/pools/default"):
        yield bad(f"{path}?a=1", "a", "unknown", "no parameter here")
    for text in ("", "a%00", "Nobody", "' OR 1=1"):
        status = 200 if text == "" else 404
        yield request(f"GET /api/gateway/operations?tenant={text.replace(' ', '%20')}", "nobody's operations", status=status, code="tenant_not_found")
    for name in ("actor", "target", "call"):
        yield bad(f"/api/gateway/audit?{name}=a%00", name, "character", "no control characters")
        yield good(f"/api/gateway/audit?{name}=%27%20OR%201=1", "a value")
    for text in ("yes", "1", "TRUE", "", "null"):
        yield request(f"POST {T}/fixture/pause?dry_run={text}", "true or false", errors=[["/dry_run", "unknown_value"]])
    for text in ("1", "TRUE", "yes"):
        yield request(f"DELETE {T}/fixture?force={text}", "true or false", errors=[["/force", "unknown_value"]])
        yield request(f"DELETE {T}/fixture?purge={text}", "true or false", errors=[["/purge", "unknown_value"]])


def entries():
    seen = set()
    for part in (pages, filters, fields):
        for entry in part():
            if str(entry) not in seen:
                seen.add(str(entry))
                yield entry
