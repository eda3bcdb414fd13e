"""Texts that mean something to a database. All are ordinary values here: stored as they are, found again by a search for
them, and none of them a tenant key."""

WORDS = """' '' ''' " "" ; -- /* */ \\ \\\\ % _ %% __ %_% \\% \\_ $$ $1 $tag$ ? :1 :name @p ~ ^ | || & # = <> !=""".split()
TEXTS = [
    "'; DROP TABLE gateway.tenant; --", "\"; DROP DATABASE postgres; --", "'); DELETE FROM gateway.audit; --",
    "' OR '1'='1", "' OR 1=1 --", "' UNION SELECT password_sealed FROM gateway.tenant --", "1; SELECT pg_sleep(10)",
    "'||pg_sleep(10)||'", "$$; DROP ROLE postgres; $$", "$a$x$a$", "E'\\x41'", "U&'\\0041'", "U&\"d\\0061t\"", "X'41'", "B'1'",
    "\\'; SELECT 1; --", "\\\\'; SELECT 1; --", "/* a */ b", "/*! MySQL */", "-- a", "a -- b", "a/**/b", "#a",
    "pg_catalog", "pg_temp", "pg_toast", "pg_read_all_data", "information_schema", "template0", "template1", "postgres",
    "public", "gateway", "gateway.tenant", "\"gateway\".\"tenant\"", "current_user", "session_user", "CURRENT_DATE", "DEFAULT",
    "NULL", "null", "Null", "TRUE", "NaN", "Infinity", "-Infinity", "today", "now", "epoch", "yesterday",
    "SELECT", "select * from pg_shadow", "COPY t TO PROGRAM 'id'", "COPY (SELECT 1) TO '/tmp/x'", "\\copy t from 'x'", "\\! id",
    "\\c postgres", "\\g |id", "lo_import('/etc/passwd')", "CREATE ROLE x SUPERUSER", "ALTER SYSTEM SET x = 1", "SET ROLE postgres",
    "RESET ALL", "DISCARD ALL", "LISTEN gateway_tenant", "NOTIFY gateway_tenant, 'x'", "BEGIN; COMMIT", "ROLLBACK", "VACUUM",
    "host=evil port=1", "host='evil' user=postgres", "postgres://u:p@evil/db", "dbname=postgres sslmode=disable",
    "options=-csearch_path=evil", "service=evil", "passfile=/etc/passwd", "?sslmode=disable", "user%40host", "a=b c=d",
    "{a,b}", "{\"a\":1}", "{}", "{NULL}", "[1,2)", "(1,2)", "(a,\"b\")", "ROW(1)", "1::int", "x::regclass", "'x'::name",
    "1e400", "1E-400", "0x7fffffff", "9223372036854775808", "-9223372036854775809", "2147483648", "1/0", "0/0", "1;1",
    "2030-02-30", "0000-00-00", "infinity", "24:00:01", "P1Y", "01234567-89ab-cdef-0123-456789abcdef",
    "t_0123456789abcdef", "t_x\"; DROP ROLE y; --", "a\u2019b", "\u02bca", "\uff07; DROP", "a\u0301'", "\u00df'", "\u0130'",
    "a%", "%a", "a_b", "a\\", "\\a", "50% off_", "a\\%b", "a\\_b", "~*", "^a$", ".*", "(a+)+$", "[[:alpha:]]", "a{1,1000}",
    "a|b", "a&b", "!a", "a:*", "<->", "'a' & 'b'", "tsquery('a')", "to_tsvector('x')", "similar to '%'", "array[1]",
    "@>", "<@", "?|", "->>", "#>>", "$.a", "$[*]", "strict $", "lax $.a ? (@ > 1)", "xmlparse(x)", "<!ENTITY x SYSTEM 'y'>",
]
CUT = [(["x", 62], "\u00e4"), (["x", 61], "\u20ac"), (["x", 60], "\U0001f642"), (["x", 63], "\u00e4"), (["t", 64], "1")]


def entries():
    for text in dict.fromkeys([*WORDS, *TEXTS]):
        yield {"input": text, "verdict": "neutralise", "why": "a value, whatever a database would make of it as a statement"}
    for part, end in CUT:
        yield {"input": [part, end], "verdict": "neutralise", "why": "63 bytes end inside or just before its last character"}
