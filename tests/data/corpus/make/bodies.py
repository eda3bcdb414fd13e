"""Bodies: what is no JSON, what means two things, and each field of each body with values of other types.

There is one tenant with the key `fixture`, and nothing else.
"""

import json

from texts import request

TENANTS = "POST /api/gateway/tenants"
FIXTURE = "PATCH /api/gateway/tenants/fixture"
MOVE = "POST /api/gateway/tenants/fixture/move"
JOBS = "POST /api/gateway/jobs"
KEYS = "POST /api/gateway/api-keys"
ROTATE = "POST /api/gateway/api-keys/aaaaaaaaaaaa/rotate"
POOLS = "POST /api/gateway/pools"
POOL = "PATCH /api/gateway/pools/default"
SERVERS = "POST /api/gateway/database-servers"
SERVER = "PATCH /api/gateway/database-servers/default"
SESSION = "POST /api/gateway/session"
NIL = "00000000-0000-0000-0000-000000000000"

WHOLE = {
    TENANTS: {"key": "fresh", "company_name": "Fresh"},
    FIXTURE: {},
    MOVE: {"pool_id": NIL},
    JOBS: {"kind": "verify"},
    KEYS: {"name": "k", "scopes": ["tenants:read"]},
    ROTATE: {},
    POOLS: {"name": "p", "backend_url": "http://10.0.0.1:80"},
    POOL: {"backend_url": "http://10.0.0.1:80"},
    SERVERS: {"name": "s", "address": "10.0.0.1:5432"},
    SERVER: {"weight": 1},
    SESSION: {"email": "a@test", "password": "x"},
}
TEXTS = {
    TENANTS: ["key", "company_name", "tier", "host", "pool_id", "notes"],
    FIXTURE: ["company_name", "notes"],
    MOVE: ["pool_id"],
    JOBS: ["kind"],
    KEYS: ["name", "expires_at"],
    POOLS: ["name", "backend_url"],
    POOL: ["backend_url"],
    SERVERS: ["name", "address", "state", "region"],
    SERVER: ["address", "state", "region"],
    SESSION: ["email", "password"],
}
REQUIRED = [(TENANTS, "key"), (TENANTS, "company_name"), (FIXTURE, "company_name"), (MOVE, "pool_id"), (JOBS, "kind"),
            (KEYS, "name"), (POOLS, "name"), (POOLS, "backend_url"), (POOL, "backend_url"), (SERVERS, "name"), (SERVERS, "address"),
            (SERVER, "address"), (SERVER, "state"), (SERVER, "weight"), (SESSION, "email"),
            (SESSION, "password")]
SHOWN = """id status url database server subnet migration_version container_image generation observed_generation attempt due_at
purge_at reason error operation created_at updated_at deleted_at paused""".split()

NO_JSON = [
    " ", "\n", "{", "}", "[", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{'a':1}", "{a:1}", "{\"a\":1 \"b\":2}", "{} {}", "{}x",
    "{}\0", "{},", "// a\n{}", "/* a */{}", "{}#a", "nul", "True", "NULL", "undefined", "NaN", "Infinity", "-Infinity", "+1", "01", "-01", "1.",
    ".5", "1e", "1e+", "0x10", "1_000", "--1", "1e400", "-1e400", "{\"key\":1e400}", "{\"key\":-1e999}", "{\"key\":NaN}", "\"", "\"a", "'a'",
    "\"\\x41\"", "\"\\u12\"", "\"\\u{41}\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\udc00\\ud800\"", "\"a\nb\"", "\"a\tb\"",
    "\"a\0b\"", "{\"key\":\"\\ud83d\"}", "{\"\\ud800\":1}", "\ufeff{}", "{\"key\":\"a\"", "[1,]", "[1 2]", "key=fresh&company_name=Fresh",
    "<tenant><key>a</key></tenant>", "key: fresh", "--- \nkey: fresh", "\x1f\u008b\b", "){}", "while(1);{}", "{\"a\":1}\n{\"a\":2}",
]


def no_json():
    for text in NO_JSON:
        yield request(TENANTS, "no JSON, or more than one value", text, 400, "malformed_json")
    for text in ("\u00ff\u00fe{\u0000}\u0000", "{\"key\":\"\u00e4\"}", "{\"key\":\"\u00c0\u0080\"}", "{\"key\":\"\u00ed\u00a0\u0080\"}", "\u00ff"):
        yield request(TENANTS, "bytes that are no UTF-8", text, 400, "malformed_json", latin1=True)
    for text in ("[]", "1", "0", "-0", "\"x\"", "null", "true", "[{}]", "1e308", "123456789012345678901234567890", "\"{}\""):
        yield request(TENANTS, "JSON, but no object", text, errors=[["", "type"]])
    for depth in (33, 100, 128, 1000):
        inside = "[" * depth + "]" * depth
        yield request(TENANTS, f"{depth} lists in each other", inside, 400, "malformed_json")
        yield request(TENANTS, f"{depth} objects in each other", '{"a":' * depth + "1" + "}" * depth, 400, "malformed_json")
    yield request(TENANTS, "30,000 lists that never end", "[" * 30000, 400, "malformed_json")
    yield request(TENANTS, "10,000 objects that never end", '{"a":' * 10000, 400, "malformed_json")
    deep = '{"key":"fresh","company_name":"Fresh","x":' + "[" * 31 + "]" * 31 + "}"
    yield request(TENANTS, "as deep as may be", deep, errors=[["/x", "unknown"]])
    yield request(TENANTS, "65,536 bytes of nothing", " " * 65536, 400, "malformed_json")
    yield request(TENANTS, "one byte too many", " " * 65537, 413, "body_too_large")
    yield request(TENANTS, "nothing at all", "", errors=[["/key", "required"], ["/company_name", "required"]])


def two_meanings():
    for text, errors in (
        ('{"key":"a1","key":"a2","company_name":"F"}', [["/key", "twice"]]),
        ('{"key":"fresh","company_name":"F","company_name":"G"}', [["/company_name", "twice"]]),
        ('{"key":"fresh","\\u006bey":"other","company_name":"F"}', [["/key", "twice"]]),
        ('{"key":"fresh","company_name":"F","tier":"shared","tier":"dedicated"}', [["/tier", "twice"]]),
        ('{"key":"fresh","company_name":"F","labels":{"a":"1","a":"2"}}', [["/labels/a", "twice"]]),
        ('{"key":"fresh","company_name":"F","labels":{"a":"1"},"labels":{"a":"1"}}', [["/labels", "twice"]]),
        ('{"key":"fresh","company_name":"F","x":{"y":1,"y":2}}', [["/x/y", "twice"], ["/x", "unknown"]]),
        ('{"a":1,"a":1,"a":1}', [["/a", "twice"], ["/a", "twice"], ["/key", "required"], ["/company_name", "required"], ["/a", "unknown"]]),
    ):
        yield request(TENANTS, "a name that stands twice: which one counts?", text, errors=errors)
    for name, pointer in (("__proto__", "/__proto__"), ("constructor", "/constructor"), ("a/b", "/a~1b"), ("a~b", "/a~0b"), ("", "/"),
                          ("Key", "/Key"), ("KEY", "/KEY"), ("key ", "/key "), (" key", "/ key"), ("k\u0435y", "/k\u0435y"), ("key\0", "/key\0"),
                          ("companyName", "/companyName"), ("tenant_key", "/tenant_key"), ("key[]", "/key[]"), ("key.a", "/key.a")):
        yield request(TENANTS, "a field that is not there", {**WHOLE[TENANTS], name: "x"}, errors=[[pointer, "unknown"]])
    for name in SHOWN:
        for call in (TENANTS, FIXTURE):
            yield request(call, "a field of the answer is not one of the question", {**WHOLE[call], name: "x"}, errors=[[f"/{name}", "unknown"]])
    yield request(FIXTURE, "keys never change", {"key": "other"}, errors=[["/key", "unknown"]])
    yield request(FIXTURE, "pools change by a move", {"pool_id": NIL}, errors=[["/pool_id", "unknown"]])
    for call in (MOVE, JOBS, KEYS, ROTATE, POOLS, POOL, SERVERS, SERVER):
        yield request(call, "a field that is not there", {**WHOLE[call], "extra": 1}, errors=[["/extra", "unknown"]])
    for call in ("suspend", "reactivate", "retry", "pause", "resume", "rotate-credentials", "undelete", "reveal-credentials"):
        yield request(f"POST /api/gateway/tenants/fixture/{call}", "a call that takes no body", {"force": True}, errors=[["/force", "unknown"]])


def types():
    for call, names in TEXTS.items():
        for name in names:
            for value in (1, -0.0, True, [], {}, ["x"], 1.5e300):
                yield request(call, "another type", {**WHOLE[call], name: value}, errors=[[f"/{name}", "type"]])
    for call, name in REQUIRED:
        yield request(call, "null where something is needed", {**WHOLE[call], name: None}, errors=[[f"/{name}", "required"]])
    for value in (1, "x", True, [], [{}]):
        yield request(TENANTS, "labels are an object", {**WHOLE[TENANTS], "labels": value}, errors=[["/labels", "type"]])
        yield request(JOBS, "parameters are an object", {**WHOLE[JOBS], "parameters": value}, errors=[["/parameters", "type"]])
    for value in (1, True, [], {}):
        yield request(FIXTURE, "a label is a text", {"labels": {"a": value}}, errors=[["/labels/a", "type"]])
    for value in ("1", True, [], {}):
        yield request(ROTATE, "seconds are a number", {"overlap_seconds": value}, errors=[["/overlap_seconds", "type"]])
    for name in ("scopes", "tenants", "pools"):
        for value in ("x", 1, {}, [1], [None], [["x"]]):
            yield request(KEYS, "a list of texts", {**WHOLE[KEYS], name: value}, errors=[[f"/{name}", "type"]])
        yield request(KEYS, "an empty list", {**WHOLE[KEYS], name: []}, errors=[[f"/{name}", "length"]])


def jobs():
    def job(kind, parameters, errors, why):
        inside = [[f"/parameters/{name}", code] for name, code in errors]
        return request(JOBS, why, {"kind": kind, "parameters": parameters}, errors=inside)

    for value in (-1, -0.001, 31536001, 1e300, -1e300):
        yield job("collect", {"quarantine_seconds": value}, [("quarantine_seconds", "range")], "0 seconds to a year")
    for value in ("1", True, [], {}):
        yield job("collect", {"quarantine_seconds": value}, [("quarantine_seconds", "type")], "seconds are a number")
        yield job("collect", {"kinds": value if value != [] else 1}, [("kinds", "type")], "a list of texts")
    for value in ("true", 1, 0, [], {}):
        yield job("verify", {"quick": value}, [("quick", "type")], "yes or no")
        yield job("reconcile", {"dry_run": value}, [("dry_run", "type")], "yes or no")
    yield job("verify", {"tenants": []}, [("tenants", "length")], "nobody")
    yield job("verify", {"tenants": ["fixture", "nobody"]}, [("tenants/1", "tenant_not_found")], "one that is not there")
    yield job("verify", {"tenants": ["a\0b"]}, [("tenants/0", "tenant_not_found")], "what is no key names nobody")
    yield job("verify", {"tenants": ["xxxx"] * 1001}, [("tenants", "length")], "1,001 tenants")
    yield job("collect", {"kinds": ["role", "moon"]}, [("kinds/1", "unknown_value")], "a kind that is not there")
    yield job("verify", {"dry_run": True}, [("dry_run", "unknown")], "a parameter of another kind")
    yield job("reconcile", {"quick": True}, [("quick", "unknown")], "a parameter of another kind")
    for word in ("", "Verify", "drop", "verify ", "verify\0", "null"):
        yield request(JOBS, "no kind of job", {"kind": word}, errors=[["/kind", "unknown_value"]])


def values():
    def tenant(errors, why, **fields):
        return request(TENANTS, why, {**WHOLE[TENANTS], **fields}, errors=errors)

    for word in ("", "gold", "Shared", "shared ", "shared,dedicated", "shared\0"):
        yield tenant([["/tier", "unknown_value"]], "no tier", tier=word)
    for text in ("", "7", "default", NIL[:-1], NIL + "0", "g" + NIL[1:], "../" + NIL, NIL + "\0"):
        yield tenant([["/pool_id", "uuid"]], "no UUID", pool_id=text)
        yield request(MOVE, "no UUID", {"pool_id": text}, errors=[["/pool_id", "uuid"]])
    yield tenant([["/pool_id", "no_such_pool"]], "a pool that is not there", pool_id=NIL)
    yield request(MOVE, "a pool that is not there", {"pool_id": NIL}, errors=[["/pool_id", "no_such_pool"]])
    yield tenant([["/pool_id", "tier"]], "pools serve shared tenants", pool_id=NIL, tier="dedicated")
    for host, code in (("", "length"), ("x", "single_label"), ("a..b", "length"), (".a.b", "length"), ("a.b.", "length"), ("A.b", "character"),
                       ("a_b.c", "character"), ("-a.b", "hyphen"), ("a-.b", "hyphen"), ("1.2.3.4", "address"), ("a.1", "address"),
                       ("a.b:80", "character"), ("a b.c", "character"), ("*.a.b", "character"), ("a.b/c", "character"), ("ä.b", "character"),
                       ("a`)||Host(`b.c", "character"), ("[::1]", "character"), ("user@a.b", "character"), ("a.b\n", "character"),
                       ("a.b\0", "character"), ("x" * 64 + ".b", "length"), (("x" * 49 + ".") * 5 + "abcd", "length"), ("apps.test", "reserved"),
                       ("other.apps.test", "foreign"), ("a.fresh.apps.test", "foreign"), ("http://a.b", "character"), ("a%2eb.c", "character"),
                       ("a\u3002b", "character"), ("a.b\u200b", "character")):
        yield tenant([["/host", code]], "no host, or not this tenant's", host=host)
    for name in ("", "A", "-a", "a-", ".a", "a b", "a\0", "ä", "x" * 64, "a\n", "a=b", "a:b", "__proto__"):
        yield tenant([[f"/labels/{name}", "label_name"]], "no name of a label", labels={name: "x"})
    for value in ("x" * 201, "a\0b", "a\nb", "\u0085", "\u007f"):
        yield tenant([["/labels/a", "label_value"]], "no value of a label", labels={"a": value})
    yield tenant([["/labels", "label_count"]], "33 labels", labels={f"l{n}": "x" for n in range(33)})
    for notes, code in (("n" * 10001, "length"), ("a\0b", "character")):
        yield tenant([["/notes", code]], "no notes", notes=notes)
        yield request(FIXTURE, "no notes", {"notes": notes}, errors=[["/notes", code]])
    for scope in ("", "tenants", "tenants:*", "TENANTS:READ", "tenants:read ", "tenants:read\0", "admin", "**"):
        yield request(KEYS, "no scope", {"name": "k", "scopes": [scope]}, errors=[["/scopes/0", "unknown_value"]])
    yield request(KEYS, "a scope twice", {"name": "k", "scopes": ["tenants:read"] * 2}, errors=[["/scopes/1", "twice"]])
    for text in ("", "tomorrow", "2030-13-01T00:00:00Z", "2030-02-30T00:00:00Z", "2030-01-01", "10000-01-01T00:00:00Z", "2030-01-01T25:00:00Z",
                 "9999999999", "2030-01-01T00:00:00", "infinity"):
        yield request(KEYS, "no time", {**WHOLE[KEYS], "expires_at": text}, errors=[["/expires_at", "time"]])
    for text in ("1970-01-01T00:00:00Z", "2020-02-29T23:59:60Z", "-000001-01-01T00:00:00Z"):
        yield request(KEYS, "a time that is over", {**WHOLE[KEYS], "expires_at": text}, errors=[["/expires_at", "past"]])
    for name in ("", " ", "n" * 101):
        yield request(KEYS, "no name of a key", {**WHOLE[KEYS], "name": name}, errors=[["/name", "length"]])
    for name in ("a\0b", "a\nb", "a\u0085b"):
        yield request(KEYS, "no name of a key", {**WHOLE[KEYS], "name": name}, errors=[["/name", "character"]])
    for value in (-1, -1e-9, 2592001, 1e300):
        yield request(ROTATE, "0 seconds to 30 days", {"overlap_seconds": value}, errors=[["/overlap_seconds", "range"]])
    for name in ("", "A", "-a", "a-", "a b", "a.b", "a/b", "x" * 41, "a\0", "ä"):
        yield request(POOLS, "no name of a pool", {**WHOLE[POOLS], "name": name}, errors=[["/name", "name"]])
    for url, code in (("", "url"), ("10.0.0.1:80", "url"), ("https://a", "url"), ("ftp://a", "url"), ("file:///etc/passwd", "url"), ("http://", "url"),
                      ("javascript:alert(1)", "url"), ("http://a:99999", "url"), ("http://[::1", "url"), ("http://u:p@a", "parts"),
                      ("http://u@a", "parts"), ("http://a/b", "parts"), ("http://a?b", "parts"), ("http://a#b", "parts"), ("http://a/%2e%2e/b", "parts"),
                      ("unix:/run/x.sock", "url"), ("http://a b", "url"), ("//a", "url")):
        yield request(POOLS, "no address of a pool", {**WHOLE[POOLS], "backend_url": url}, errors=[["/backend_url", code]])
    for name in ("", "A", "-a", "a-", "a b", "a.b", "a/b", "x" * 41, "a\0", "ä", "a_b", "db:5432"):
        yield request(SERVERS, "no name of a server", {**WHOLE[SERVERS], "name": name}, errors=[["/name", "name"]])
    for text in ("", "db", ":5432", "db:", "db:0", "db:05432", "db:65536", "db:99999", "db:-1", "db:+1", "db:5432x", "db: 5432", " db:5432", "db:5432 ",
                 "::1:5432", "[::1]", "[::1]:0", "[db]:5432", "[::1:5432", "::1]:5432", "a..b:1", ".a:1", "a.:1", "-a:1", "a-:1", "a b:1", "a/b:1",
                 "u:p@a:1", "postgres://a:1", "a,b:1", "a:1,b:1", "ä:1", "a\0:1", "a\n:1", "a:1\n", "a?b:1", "a#b:1", "%61:1", "x" * 64 + ":1",
                 ("x" * 49 + ".") * 5 + "abcd:1", "db:\u0661"):
        yield request(SERVERS, "no address of a server", {**WHOLE[SERVERS], "address": text}, errors=[["/address", "address"]])
        yield request(SERVER, "no address of a server", {"address": text}, errors=[["/address", "address"]])
    for word in ("", "Active", "active ", "removed", "active\0"):
        yield request(SERVERS, "no state of a server", {**WHOLE[SERVERS], "state": word}, errors=[["/state", "unknown_value"]])
    for name, values in (("weight", (0, -1, 1001, 1e15)), ("capacity", (-1, 1000001)), ("overcommit", (0, 0.09, -1, 1000.1, 1e300))):
        for value in values:
            yield request(SERVERS, "out of range", {**WHOLE[SERVERS], name: value}, errors=[[f"/{name}", "range"]])
            yield request(SERVER, "out of range", {name: value}, errors=[[f"/{name}", "range"]])
    for name in ("weight", "capacity", "overcommit"):
        for value in ("1", True, [], {}):
            yield request(SERVERS, "a number", {**WHOLE[SERVERS], name: value}, errors=[[f"/{name}", "type"]])
    for text, code in (("r" * 61, "length"), ("a\0b", "character"), ("a\nb", "character"), ("a\u0085b", "character")):
        yield request(SERVERS, "no region", {**WHOLE[SERVERS], "region": text}, errors=[["/region", code]])
    for name in ("id", "tenants", "problem", "reached_at", "max_connections", "from_settings", "url", "admin_url", "password"):
        yield request(SERVERS, "a field of the answer, or a credential", {**WHOLE[SERVERS], name: "x"}, errors=[[f"/{name}", "unknown"]])
    yield from containers()


def containers():
    def pool(errors, why, **fields):
        return request(POOLS, why, {"name": "p", "image": "app", **fields}, errors=errors)

    for image in ("", " ", "-app", ":1", "a b", "a\n", "a\0", "\u00e4pp", "$(id)", "a;b", "../a", "a" * 501):
        yield pool([["/image", "image"]], "no image", image=image)
        yield request(POOL, "no image", {"image": image}, errors=[["/image", "image"]])
    for value in (0, -1, 16, 1e300):
        yield pool([["/replicas", "range" if value != 1e300 else "type"]], "1 to 15 containers", replicas=value)
    for name, values in (("port", (0, -1, 65536)), ("memory_mib", (0, 15, 1048577)), ("cpus", (0, -1, 1025)), ("pids", (0, 7, 1000001))):
        for value in values:
            yield pool([[f"/{name}", "range"]], "a limit out of its range", **{name: value})
    for name in ("replicas", "port", "memory_mib", "cpus", "pids"):
        for value in ("1", True, [], {}):
            yield pool([[f"/{name}", "type"]], "a number", **{name: value})
    for value in (1, "A=1", True, [], ["A=1"]):
        yield pool([["/environment", "type"]], "an environment is an object", environment=value)
        yield request(POOL, "an environment is an object", {"environment": value}, errors=[["/environment", "type"]])
    for name, pointer in (("", "/"), ("1A", "/1A"), ("A-B", "/A-B"), ("A=B", "/A=B"), ("A B", "/A B"), ("A\0", "/A\0"), ("a/b", "/a~1b"),
                          ("\u00c4", "/\u00c4"), ("A" * 101, "/" + "A" * 101)):
        yield pool([[f"/environment{pointer}", "name"]], "no name of a variable", environment={name: "x"})
    for value in (1, True, [], {}):
        yield pool([["/environment/A", "type"]], "a value is a text", environment={"A": value})
    for value in ("x\0", "x" * 8001):
        yield pool([["/environment/A", "value"]], "no value of a variable", environment={"A": value})
    yield pool([["/environment/A", "required"]], "a new variable has a value", environment={"A": None})
    for name, value in (("image", "app"), ("replicas", 1), ("port", 80), ("environment", {}), ("memory_mib", 64), ("cpus", 1), ("pids", 64)):
        yield request(POOLS, "members run by two", {**WHOLE[POOLS], name: value}, errors=[[f"/{name}", "both"]])
    for name in ("image", "replicas"):
        yield request(POOL, "null where something is needed", {name: None}, errors=[[f"/{name}", "required"]])
    yield pool([["/name", "reserved"]], "the pool of the settings", name="default")


def media():
    good = {"notes": "by media type"}
    for value in ("text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
                  "application/jsonx", "application/vnd.api+json", "application/json, text/html", "json", "*/*", "", "application/json\u00e4"):
        yield request(FIXTURE, "not said to be JSON", good, 415, "unsupported_media_type", headers=[f"content-type: {value}"])
    for value in ("application/json", "APPLICATION/JSON", "application/json; charset=utf-8", "application/merge-patch+json", " application/json ;a=b"):
        yield request(FIXTURE, "said to be JSON", good, 200, headers=[f"content-type: {value}"])
    for value in ("gzip", "br", "deflate", "zstd", "identity, gzip", "x"):
        yield request(FIXTURE, "bodies are not unpacked", good, 415, "unsupported_media_type",
                      headers=["content-type: application/json", f"content-encoding: {value}"])
    yield request(FIXTURE, "packed in nothing", good, 200, headers=["content-type: application/json", "content-encoding: identity"])
    yield request(FIXTURE, "bodies of calls by form are for other sites", "notes=x", 415, "unsupported_media_type", headers=["content-type: text/plain"])


def accepted():
    for body, why in (({"notes": None}, "null empties"), ({}, "nothing to change"), ({"labels": {}}, "no labels"), ({"labels": None}, "null is left out"),
                      ({"labels": {"a": None}}, "null removes"), ({"labels": {"a/b_c.d-e": "x" * 200}}, "a long label"),
                      ({"notes": "n" * 10000}, "long notes"), ({"notes": "\u202e\u200b<script>\n\t"}, "notes are text, with ends of line"),
                      ({"notes": "\ud83d\ude42 \U0001f642".encode("utf-16", "surrogatepass").decode("utf-16")}, "pairs of surrogates")):
        yield request(FIXTURE, why, body, 200)
    yield request(FIXTURE, "blanks around", "\r\n\t {\"notes\" : \"x\"} \n", 200)
    yield request(FIXTURE, "escapes mean what they mean", '{"\\u006eotes":"\\u0041\\/\\ud83d\\ude42"}', 200)


def entries():
    for part in (no_json, two_meanings, types, jobs, values, media, accepted):
        yield from part()
