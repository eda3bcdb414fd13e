"""Who calls: API keys, sessions and what pretends to be either. `GET /api/gateway/me` tells.

{root} is a key from the settings; {key} one that was made, {key:9} its first 9 characters, {key~9} with another character
at place 9, {id} and {secret} its parts; {former} another secret of that key, exchanged since; {revoked} and {expired} what
they say; {session} the token of a session; {ended} of one that is over.
"""

from texts import request

ME = "GET /api/gateway/me"
NONE = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJyb290Iiwic2NvcGUiOiIqIn0."


def seen(why, *headers):
    return request(ME, why, status=200, headers=list(headers), bare=True)


def unseen(why, *headers):
    return request(ME, why, status=401, code="unauthenticated", headers=list(headers), bare=True)


def keys():
    yield seen("a key from the settings", "authorization: Bearer {root}")
    yield seen("a key that was made", "authorization: Bearer {key}")
    for scheme in ("bearer", "BEARER", "bEaReR"):
        yield seen("schemes have no case", f"authorization: {scheme} {{key}}")
    yield seen("more than one blank", "authorization: Bearer   {key}")
    yield seen("blanks around", "authorization:  Bearer {key}  ")
    yield seen("names of headers have no case", "AUTHORIZATION: Bearer {key}")
    yield unseen("nothing")
    for scheme in ("Basic", "Digest", "Token", "ApiKey", "Bearer:", "Bearer,", "Bear", "Bearerx", "JWT", "Negotiate", "OAuth", "AWS4-HMAC-SHA256"):
        yield unseen("another scheme", f"authorization: {scheme} {{key}}")
    for value in ("", "Bearer", "Bearer ", "Bearer\t{key}", "{key}", "Bearer{key}", "Bearer {key} {key}", "Bearer {key},{key}", "Bearer \"{key}\"", "Bearer '{key}'",
                  "Bearer <{key}>", "Bearer key={key}", "Bearer token=\"{key}\"", "Bearer Bearer {key}", "Basic cm9vdDpyb290", "Basic Og=="):
        yield unseen("not of the form", f"authorization: {value}")
    for header in ("x-api-key: {key}", "x-auth-token: {key}", "apikey: {key}", "api-key: {key}", "x-authorization: Bearer {key}", "proxy-authorization: Bearer {key}",
                   "www-authenticate: Bearer {key}", "x-forwarded-authorization: Bearer {key}", "cookie: authorization=Bearer {key}", "cookie: gw_session={key}",
                   "x-gateway-key: {root}", "authorisation: Bearer {key}"):
        yield unseen("keys stand in one header only", header)
    for size in [*range(0, 66, 3), 65, 66]:
        yield unseen(f"the first {size} characters of a key", f"authorization: Bearer {{key:{size}}}")
    for place in range(67):
        yield unseen(f"another character at place {place}", f"authorization: Bearer {{key~{place}}}")
    for form in ("gwk_{id}_{secret}_000000", "gwk_{id}_{secret}", "gwk_{id}__{secret}", "gwk__{secret}_000000", "gwk_{secret}_{id}_000000", "gwt_{id}_{secret}_000000",
                 "GWK_{id}_{secret}_000000", "gw_{id}_{secret}_000000", "gwk-{id}-{secret}-000000", "gwk_test_{id}_{secret}", "{key}x", "x{key}", "{key}_", "_{key}",
                 "{key}%00", "{key}\\0", "{key}==", "{key}#", "{key}?", "{key}/", "{id}", "{secret}", "*", "null", "undefined", "true", "0", "root", "' OR '1'='1", NONE, "a.b.c",
                 "root:{root}", "{root}x", "{root}{root}", "setting/root", "../root", "%72oot", "gwk_{id}_{secret}_zzzzzz", "gwk_{id}' OR '1'='1_{secret}_000000"):
        yield unseen("near a key", f"authorization: Bearer {form}")
    yield unseen("a key of another installation, whole in itself", "authorization: Bearer gwk_000000000000_0000000000000000000000000000000000000000000_{check}")
    yield unseen("a secret that was exchanged", "authorization: Bearer {former}")
    yield unseen("a key that was revoked", "authorization: Bearer {revoked}")
    yield unseen("a key that is over", "authorization: Bearer {expired}")
    for size in (68, 69, 255, 1000, 8000, 30000):
        yield unseen(f"{size} characters", f"authorization: Bearer {'k' * size}")
    yield unseen("given twice", "authorization: Bearer {key}", "authorization: Bearer {key}")
    yield unseen("given twice: which one counts?", "authorization: Bearer {key}", "authorization: Bearer x")
    yield unseen("given twice: which one counts?", "authorization: Bearer x", "authorization: Bearer {key}")
    yield unseen("bytes beyond ASCII", "authorization: Bearer {key}\u00e4")
    yield unseen("a bad key beside a good session", "authorization: Bearer x", "cookie: gw_session={session}")
    yield seen("a good key beside a bad session", "authorization: Bearer {key}", "cookie: gw_session=x")


def cookies():
    yield seen("a session", "cookie: gw_session={session}")
    yield seen("among others", "cookie: a=b; gw_session={session}; c=d")
    yield seen("no blank after the semicolon", "cookie: a=b;gw_session={session}")
    yield seen("in the second of two headers", "cookie: a=b", "cookie: gw_session={session}")
    yield unseen("a session that is over", "cookie: gw_session={ended}")
    yield unseen("given twice: which one counts?", "cookie: gw_session={session}; gw_session=x")
    yield unseen("given twice: which one counts?", "cookie: gw_session=x; gw_session={session}")
    yield unseen("given twice in two headers", "cookie: gw_session=x", "cookie: gw_session={session}")
    for size in (0, 1, 20, 42):
        yield unseen(f"the first {size} characters", f"cookie: gw_session={{session:{size}}}")
    for place in range(0, 43, 6):
        yield unseen(f"another character at place {place}", f"cookie: gw_session={{session~{place}}}")
    for name in ("__Host-gw_session", "__Secure-gw_session", "GW_SESSION", "Gw_session", "gw_session[]", "gw-session", "session", "sid", "gw_session%00", "xgw_session", "gw_sessionx"):
        yield unseen("another name", f"cookie: {name}={{session}}")
    for value in ("\"{session}", "{session}=", "{session}%00", "{session},x", "%7B{session}", "{session}{session}", "' OR '1'='1", "null", "deleted", "..", "*", "a" * 4097, "a" * 20000):
        yield unseen("near a session", f"cookie: gw_session={value}")
    yield unseen("100 cookies", "cookie: " + "; ".join(f"c{n}=x" for n in range(100)))
    for value in ("", ";", "=", "gw_session", "gw_session=", "; ; ;", "=;=;=", "gw_session={session", ",", "gw_session: {session}"):
        yield unseen("no cookie", f"cookie: {value}")
    yield unseen("bytes beyond ASCII", "cookie: gw_session=\u00e4{session}")
    for header in ("set-cookie: gw_session={session}", "cookie2: gw_session={session}", "x-session: {session}", "authorization: Bearer {session}", "authorization: Cookie gw_session={session}"):
        yield unseen("sessions stand in cookies only", header)


def entries():
    yield from keys()
    yield from cookies()
