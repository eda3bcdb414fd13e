"""Numbers over time, readings of logs, and tests of routes."""

from texts import request

S = "/api/gateway/series"
OF_TENANT = "/api/gateway/tenants/fixture/series"
LOGS = "POST /api/gateway/tenants/fixture/logs"
TEST = "POST /api/gateway/routes/test"
WHOLE = {"host": "fixture.apps.test"}


def numbers():
    for path in (S, OF_TENANT):
        yield request(f"GET {path}", "no metric", errors=[["/metric", "required"]])
        for word in ("", "Requests", "requests,errors", "tenants%20", "%00", "*", "pg_stat_activity"):
            yield request(f"GET {path}?metric={word}", "no metric", errors=[["/metric", "unknown_value"]])
        for text in ("x", "2030-01-01", "now", "1e9", "%00", "99999-01-01T00:00:00Z", "infinity", "-1"):
            yield request(f"GET {path}?metric=errors&from={text}", "no time", errors=[["/from", "time"]])
            yield request(f"GET {path}?metric=errors&to={text}", "no time", errors=[["/to", "time"]])
        for text in ("0", "-1", "1.5", "86401", "1e2", "ten", "%00", "99999999999999999999"):
            yield request(f"GET {path}?metric=errors&step={text}", "1 second to a day", errors=[["/step", "range"]])
        yield request(f"GET {path}?metric=errors&from=2020-01-02T00:00:00Z&to=2020-01-02T00:00:00Z", "no time between", errors=[["/from", "order"]])
        yield request(f"GET {path}?metric=errors&from=9999-12-30T00:00:00Z", "beyond tomorrow", errors=[["/from", "order"]])
        yield request(f"GET {path}?metric=errors&limit=1", "no list", errors=[["/limit", "unknown"]])
        yield request(f"GET {path}?metric=errors&metric=errors", "given twice", errors=[["/metric", "twice"]])
        for query in ("metric=requests", "metric=latency&from=0001-01-01T00:00:00Z", "metric=errors&to=9999-12-30T22:00:00Z", "metric=errors&step=86400"):
            yield request(f"GET {path}?{query}", "numbers", status=200)
    yield request(f"GET {OF_TENANT}?metric=queue_depth", "not of a tenant", errors=[["/metric", "unknown_value"]])
    yield request("GET /api/gateway/tenants/nobody/series?metric=errors", "nobody's", status=404, code="tenant_not_found")


def looks():
    for value in (0, -1, 2001, 1.5, 1e300):
        code = "type" if value == 1.5 or value == 1e300 else "range"
        yield request(LOGS, "1 to 2,000 lines", {"lines": value}, errors=[["/lines", code]])
    for value in ("1", True, [], {}):
        yield request(LOGS, "lines are a number", {"lines": value}, errors=[["/lines", "type"]])
    for text in ("", "x", "2030-01-01", "now", "a\0"):
        yield request(LOGS, "no time", {"since": text}, errors=[["/since", "time"]])
    yield request(LOGS, "a field that is not there", {"follow": True}, errors=[["/follow", "unknown"]])
    yield request(LOGS, "a shared tenant", {}, status=409, code="not_dedicated")
    yield request("GET /api/gateway/tenants/fixture/stats", "a shared tenant", status=409, code="not_dedicated")
    for text in ("x", "00000000-0000-0000-0000-000000000000", "%00"):
        yield request(f"GET /api/gateway/tenants/fixture/logs/{text}", "no reading", status=404, code="logs_not_found")


def tests():
    yield request(TEST, "no host", {}, errors=[["/host", "required"]])
    for name in ("host", "path", "method"):
        for value in (1, True, [], {}):
            yield request(TEST, "another type", {**WHOLE, name: value}, errors=[[f"/{name}", "type"]])
    for host, code in (("", "length"), ("localhost", "single_label"), ("127.0.0.1", "address"), ("169.254.169.254", "address"), ("[::1]", "character"),
                       ("fixture.apps.test:80", "character"), ("user@fixture.apps.test", "character"), ("http://fixture.apps.test", "character"),
                       ("fixture.apps.test\r\nHost: x.y", "character"), ("FIXTURE.apps.test", "character"), ("a b.c", "character"), ("a.b\0", "character")):
        yield request(TEST, "no host name", {"host": host}, errors=[["/host", code]])
    for path, code in (("", "path"), ("x", "path"), ("http://evil.example/", "path"), ("\\\\evil", "path"), ("/a\r\nb", "path"), ("/a#b", "path"),
                       ("/\0", "path"), ("/" + "a" * 2048, "length")):
        yield request(TEST, "no path", {**WHOLE, "path": path}, errors=[["/path", code]])
    for method in ("", "get", "POST", "DELETE", "CONNECT", "GET "):
        yield request(TEST, "only GET and HEAD", {**WHOLE, "method": method}, errors=[["/method", "unknown_value"]])
    for host in ("evil.example", "metadata.google.internal", "nobody.apps.test", "apps.test.evil.example"):
        yield request(TEST, "no tenant's host", {"host": host}, status=404, code="tenant_not_found")
    yield request(TEST, "a field that is not there", {**WHOLE, "headers": {}}, errors=[["/headers", "unknown"]])


def entries():
    for part in (numbers, looks, tests):
        yield from part()
