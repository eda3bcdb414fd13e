"""Requests as they stand on the wire: headers, paths and methods. Status 0: the connection ends without an answer."""

from texts import request

ME = "GET /api/gateway/me"
FIXTURE = "PATCH /api/gateway/tenants/fixture"
TENANTS = "POST /api/gateway/tenants"
GOOD = {"notes": "by wire"}
IDENTITY = """X-Tenant-Id X-Tenant-Key X-Forwarded-User X-Remote-User Remote-User X-User X-Authenticated-User X-Auth-Request-User X-Gateway-Actor
X-Gateway-Scopes X-Role X-Admin X-Original-User X-Amzn-Oidc-Identity X-Goog-Authenticated-User-Email X-WebAuth-User X-Internal
X-Forwarded-Client-Cert X-SSL-Client-Verify X-Client-Cert From Proxy-User""".split()
PROXY = ["X-Forwarded-For: 127.0.0.1", "X-Forwarded-For: 127.0.0.1, 10.0.0.1", "X-Real-Ip: 127.0.0.1", "Forwarded: for=127.0.0.1;proto=https",
         "X-Forwarded-Proto: https", "X-Forwarded-Host: admin.example", "X-Forwarded-Port: 443", "X-Forwarded-Prefix: /api", "X-Original-URL: /api/gateway/tenants",
         "X-Rewrite-URL: /api/gateway/tenants", "X-Forwarded-Uri: /health", "X-Client-Ip: ::1", "True-Client-Ip: 127.0.0.1", "CF-Connecting-Ip: 127.0.0.1",
         "Via: 1.1 gateway", "X-Cluster-Client-Ip: 127.0.0.1", "X-Original-Host: x", "X-Host: x", "X-Forwarded-Server: x", "X-HTTP-Host-Override: x"]
OVERRIDE = ["X-HTTP-Method-Override: DELETE", "X-HTTP-Method: DELETE", "X-Method-Override: DELETE", "_method: DELETE"]


def raw(why, lines, status, code=None, **more):
    """A whole request; each line is given as it is sent, and nothing is added."""
    return request("\r\n".join(lines) + "\r\n\r\n", why, status=status, code=code, raw=True, **more)


def spoofed():
    for name in IDENTITY:
        for form in dict.fromkeys((name, name.lower(), name.replace("-", "_"))):
            yield request(ME, "nobody is who a header says", status=401, code="unauthenticated", headers=[f"{form}: root"], bare=True)
    for line in PROXY:
        yield request(ME, "what a proxy says is no credential", status=401, code="unauthenticated", headers=[line], bare=True)
        yield request(ME, "and harms nobody", status=200, headers=[line])
    for line in OVERRIDE:
        yield request("GET /api/gateway/tenants/fixture", "a method is not overridden", status=200, headers=[line])
    for name in ("authorization", "Authorization", "host, authorization", "close, x-tenant-id", "cookie", "upgrade", "te", "content-length"):
        yield request(ME, "a header for one hop takes no header away", status=200, headers=[f"connection: {name}"])
    for line in ("Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"):
        yield request(FIXTURE, "a key speaks for itself, from wherever", GOOD, 200, headers=[line])
        yield request("POST /api/gateway/session", "a browser of another site does not log in", {"email": "a@test", "password": "x"}, 403, "cross_site", headers=[line], bare=True)


def conditions():
    key = [["/idempotency-key", "header"]]
    for value in ("", " ", "a b", "a\tb", "\u00e4", "k" * 256, "k" * 5000, "\u00a0", "a\u007fb"):
        if value == "a\u007fb":
            yield request(FIXTURE, "no header value", GOOD, 400, None, headers=[f"idempotency-key: {value}"])
        else:
            yield request(FIXTURE, "1 to 255 visible characters", GOOD, errors=key, headers=[f"idempotency-key: {value}"])
    yield request(FIXTURE, "one key for one call", GOOD, errors=key, headers=["idempotency-key: a", "idempotency-key: a"])
    for n, value in enumerate(("k" * 255, "!", "~", "'; DROP TABLE x; --".replace(" ", "_"), "../..", "%00", "{}", "\"", "0")):
        yield request(FIXTURE, "a key is a value", {"notes": str(n)}, 200, headers=[f"idempotency-key: {value}"])
    for value in ("", "x", "\"x\"", "1.0", "\"1.0", "1.0\"", "W/\"1.0\"", "\"-1.-1\"", "\"999.999\"", "\"1.0\" OR 1=1", "\"\"", "\"9223372036854775808.0\"", "\u00e4", "**"):
        yield request(FIXTURE, "another version, or none at all", GOOD, 412, "precondition_failed", headers=[f"if-match: {value}"])
    yield request(FIXTURE, "any version", GOOD, 200, headers=["if-match: *"])
    for value in ("", "wait", "wait=", "wait=x", "wait=-1", "wait=1.5", "wait=99999999999999999999", "respond-async", "return=minimal", "wait = 0", "WAIT=0", "\u00e4", ",,;;", "wait=0, wait=9",
                  "handling=strict; wait=0"):
        yield request(FIXTURE, "preferences that are not understood are passed over", GOOD, 200, headers=[f"prefer: {value}"])
    for value in ("", "x" * 65, "a b", "a\"b", "a;b", "<script>", "../..", "\u00e4", "a%0ab", "'--", "{}", "\u001b[31m"[1:]):
        yield request(ME, "an id that is not plain is replaced", status=200, headers=[f"x-request-id: {value}"])
    for line in ("Accept: text/html", "Accept: application/xml", "Accept: ;;", "Accept-Encoding: identity;q=0", "Accept-Encoding: gzip, br", "Range: bytes=0-1",
                 "If-None-Match: *", "If-Modified-Since: Thu, 01 Jan 2100 00:00:00 GMT", "Expect: nothing", "TE: trailers", "Upgrade: h2c", "Upgrade: websocket",
                 "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", "Max-Forwards: 0", "Cache-Control: only-if-cached", "Pragma: x", "X-Debug: 1", "X-Forwarded-Proto: x" * 50):
        yield request(ME, "a header that changes nothing here", status=200, headers=[line])


def oversized():
    for count, status in ((90, 200), (101, 431), (300, 431)):
        yield request(ME, f"{count} lines more", status=status, code="headers_too_large", headers=[f"x-{n}: 1" for n in range(count)])
    yield request(ME, "more lines than are read", status=431, code=None, headers=[f"x-{n}: 1" for n in range(500)])
    for size, status in ((30000, 200), (33000, 431), (100000, 431)):
        yield request(ME, f"a header of {size} bytes", status=status, code="headers_too_large", headers=[f"x-long: {'x' * size}"])
        yield request(ME, f"a name of {size} bytes", status=status, code="headers_too_large" if size < 65536 else None, headers=[f"x-{'n' * size}: 1"])
    yield request(ME, "a header of 500,000 bytes is not read to its end", status=431, code=None, headers=[f"x-long: {'x' * 500000}"])
    for size, status in ((8000, 422), (8300, 414), (60000, 414)):
        yield request(f"GET /api/gateway/me?{'a' * size}=1", f"a query of {size} bytes", status=status, code="validation_failed" if status == 422 else "target_too_long")
        yield request(f"GET /api/gateway/tenants/{'a' * size}", f"a path of {size} bytes", status=404 if status == 422 else 414,
                      code="tenant_not_found" if status == 422 else "target_too_long")
    yield request(f"GET /{'a' * 70000}", "a path that is not read to its end", status=414, code=None)


def smuggled():
    head = ["POST /api/gateway/tenants HTTP/1.1", "Host: x", "Connection: close", "Authorization: Bearer {root}", "Content-Type: application/json"]
    body = '{"key":"smuggled","company_name":"S"}'
    length = f"Content-Length: {len(body)}"
    for why, lines, status, code in (
        ("two lengths that differ", [length, "Content-Length: 5"], 400, None),
        ("two lengths in one line", [f"Content-Length: {len(body)}, 5"], 400, None),
        ("a negative length", ["Content-Length: -1"], 400, None),
        ("a length with a sign", ["Content-Length: +37"], 400, None),
        ("a length in hexadecimal", ["Content-Length: 0x25"], 400, None),
        ("a length beyond all numbers", ["Content-Length: 99999999999999999999"], 400, None),
        ("no length", ["Content-Length: "], 400, None),
        ("an encoding that is not known", ["Transfer-Encoding: xchunked"], 400, None),
        ("an encoding that is not the last", ["Transfer-Encoding: chunked, gzip"], 400, None),
        ("a blank before the colon", ["Transfer-Encoding : chunked"], 400, None),
        ("a folded line", ["Transfer-Encoding:", " chunked"], 400, None),
        ("no name", [": x"], 400, None),
        ("a name with a blank", ["X Y: z"], 400, None),
        ("a NUL in a value", ["X-Y: a\0b"], 400, None),
        ("a return in a value", ["X-Y: a\rb"], 400, None),
        ("a line without a colon", ["nonsense"], 400, None),
        ("a chunk whose size is no number", ["Transfer-Encoding: chunked", "", "zz", body], 400, "bad_request"),
        ("a chunk whose size is too large", ["Transfer-Encoding: chunked", "", "fffffffffffffffff", body], 400, "bad_request"),
        ("a chunk of negative size", ["Transfer-Encoding: chunked", "", "-1", body], 400, "bad_request"),
        ("a length of more than may be", ["Content-Length: 65537"], 413, "body_too_large"),
    ):
        yield raw(why, head + lines, status, code)
    for why, lines, status in (
        ("no host", ["GET /api/gateway/me HTTP/1.1"], 400),
        ("two hosts", ["GET /api/gateway/me HTTP/1.1", "Host: a", "Host: b"], 400),
        ("the same host twice", ["GET /api/gateway/me HTTP/1.1", "Host: a", "Host: a"], 400),
    ):
        yield raw(why, [*lines, "Connection: close"], status, "bad_host")
    for why, lines, status in (
        ("no version", ["GET /api/gateway/me"], 400),
        ("a version that is not there", ["GET /api/gateway/me HTTP/9.9", "Host: x"], 400),
        ("another protocol", ["GET /api/gateway/me RTSP/1.0", "Host: x"], 400),
        ("no target", ["GET HTTP/1.1", "Host: x"], 400),
        ("two targets", ["GET /a /b HTTP/1.1", "Host: x"], 400),
        ("a tab for a blank", ["GET\t/api/gateway/me HTTP/1.1", "Host: x"], 400),
        ("a target without a slash", ["GET api/gateway/me HTTP/1.1", "Host: x"], 400),
        ("no method", [" /api/gateway/me HTTP/1.1", "Host: x"], 400),
        ("a greeting of TLS", ["\u0016\u0003\u0001\u0002\0\u0001"], 400),
        ("a greeting of Redis", ["*1", "$4", "PING"], 400),
        ("a greeting of SSH", ["SSH-2.0-x"], 400),
    ):
        yield raw(why, [*lines, "Connection: close"], status)


def headers():
    for part in (spoofed, conditions, oversized, smuggled):
        yield from part()


def paths():
    here = "/api/gateway/tenants"
    elsewhere = ["/api", "/api/", "/api/gateway", "/api/gateway/", "/api/x", "/api/gateway/nothing", "/api/gateway/tenants/", "/api/gateway/tenants//",
                 "/api//gateway/tenants", "/api/gateway//tenants", "/api/./gateway/tenants", "/api/x/../gateway/tenants", "/api/gateway/Tenants", "/api/gateway/tenants;a=b",
                 "/api/gateway/tenants.json", "/api/gateway/tenants%20", "/api/gateway/tenants%00", "/api/gateway/tenants%2f", "/api/gateway%2ftenants", "/api/gateway/%74enants%2e",
                 "/api/gateway/tenants/fixture/", "/api/gateway/tenants/fixture/nothing", "/api/gateway/tenants/fixture/suspend/x", "/api/gateway/tenants/../operations",
                 "/api/gateway/tenants/fixture/../../operations", "/api/v1/tenants", "/api/gateway/debug/pprof", "/api/gateway/.env", "/api/gateway/openapi.json", "/api/gateway/meters",
                 "/api/gateway/admin", "/api/gateway/tenants\\fixture", "/api/gateway/people", "/docs", "/docs/", "/docs/index.html", "/docs/x", "/openapi.json", "/robots.txt", "/.env",
                 "/.git/config", "/assets/", "/assets/../index.html", "/assets/%2e%2e/index.html", "/index.php", "/wp-login.php", "/favicon.ico%00.svg", "/etc/passwd.txt", "/..%2f..%2fetc%2fpasswd.x",
                 "/server-status.html", "/actuator/env.json", "/assets/x", "/a/../api/gateway/tenants", "/.well-known/x", "/./tenants", "/a/.hidden/b"]
    for path in elsewhere:
        yield request(f"GET {path}", "nothing is served here", status=404, code="route_not_found")
    for name in ("Fixture", "FIXTURE", "fixture%20", "%20fixture", "fixture%00", "fixture%2f", "..", "%2e%2e", "%2e", ".", "*", "%25", "'%20OR%20'1'='1", "fixture'", "fixture;x", "fixture,x",
                 "a%2fb", "a%5cb", "%ff", "%c0%ae", "%e2%80%ae", "%F0%9F%99%82", "null", "undefined", "0", "-1", "1e9", "00000000-0000-0000-0000-000000000000",
                 "%7B00000000-0000-0000-0000-000000000000%7D", "urn:uuid:00000000-0000-0000-0000-000000000000", "x" * 41, "fixture%0d%0aSet-Cookie:a=b", "{id_or_key}", "%24%7Bx%7D", "fix%ture"):
        yield request(f"GET {here}/{name}", "names no tenant", status=404, code="tenant_not_found")
    for path in ("/fixture", "/%66ixture", "/f%69xture"):
        yield request(f"GET {here}{path}", "names the tenant, in other letters", status=200)
    for path, code in (("operations/x", "operation_not_found"), ("operations/%00", "operation_not_found"), ("operations/00000000-0000-0000-0000-000000000000", "operation_not_found"),
                       ("jobs/x", "job_not_found"), ("pools/X", "pool_not_found"), ("pools/%00", "pool_not_found"), ("pools/none", "pool_not_found"),
                       ("api-keys/x", "api_key_not_found"), ("api-keys/aaaaaaaaaaaa", "api_key_not_found"), ("api-keys/aaaaaaaaaaa%00", "api_key_not_found")):
        yield request(f"GET /api/gateway/{path}", "names nothing", status=404, code=code)
    for kind in ("operations", "jobs", "pools", "api-keys"):
        yield request(f"GET /api/gateway/{kind}/%ff", "bytes that are no text", status=400, code="bad_request")
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "TRACK", "PROPFIND", "QUERY", "PURGE", "get", "Post", "DEBUG", "X" * 20):
        yield request(f"{method} {here}", "not a method of this path", status=405, code="method_not_allowed")
    for method, path in (("GET", f"{here}/fixture/suspend"), ("POST", f"{here}/fixture"), ("PUT", f"{here}/fixture"), ("DELETE", "/api/gateway/me"), ("POST", "/health"), ("DELETE", "/ready"),
                         ("PUT", "/version"), ("POST", "/api/gateway/audit"), ("DELETE", "/api/gateway/audit"), ("PATCH", "/api/gateway/operations")):
        yield request(f"{method} {path}", "not a method of this path", status=405, code="method_not_allowed")
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        yield request(f"{method} /tenants", "the console is only read", status=404, code="route_not_found")
    for path in ("/", "/tenants", "/tenants/fixture", "//api/gateway/tenants", "/API/gateway/tenants", "/%2e%2e/x", "/x?next=//evil.example", "/\u0025\u0032\u0065", "/apix", "/docsx"):
        yield request(f"GET {path}", "a page of the console, whatever it is called", status=200, headers=["accept: text/html"])
    for target in ("http://x/api/gateway/me", "http://evil.example/api/gateway/me", "HTTP://x/api/gateway/me"):
        yield request(f"GET {target}", "an absolute target", status=200)
    for path in ("/api/gateway/me", f"{here}/fixture", here, "/health", "/version", "/"):
        yield request(f"HEAD {path}", "as GET, without the body", status=200)
    yield request(f"HEAD {here}/nobody", "as GET, without the body", status=404, code=None)
    yield request("OPTIONS *", "about the server as a whole", status=404, code="route_not_found")
    yield request("CONNECT evil.example:443", "no proxy", status=404, code="route_not_found")
    yield request("CONNECT /", "no proxy", status=404, code="route_not_found")
    yield request("GET http://", "no target", status=400, code=None)
