"""What people and programs send as address and password. Nobody of these has an account."""

from texts import request

ADDRESSES = ["nobody@test", "NOBODY2@TEST", " nobody3@test ", "no-at-sign", "@", "a@", "@b", "a@b@c", "a b@test", "ä@test",
             "用户@例子.广告", "xn--nxa@test", "a@[127.0.0.1]", "\"a b\"@test", "a+tag@test", "a%b@test", "a!b@test",
             "' OR 1=1 --@test", "admin'--", "*", "%", "_", "a@test; DROP", "${x}@test", "{{x}}@test", "<b>@test",
             "a@test,b@test", "a@test;b@test", "a\u200b@test", "\u0430dmin@test", "\u202ea@test", "a@test.", "..@test",
             "user:a@test", "key:root", "login:x", "*)(uid=*", "null", "0", "true"]
PASSWORDS = ["x", " ", "a b", "wrong", "password", "123456", "qwerty", "gateway", "é", "e\u0301", "\ufb01", "fi", "ＡＢＣ", "ABC",
             "日本語", "🙂", "\u202e", "\u200b", "'", "\"", "\\", "' OR '1'='1", "%00", "$2b$10$x", "$argon2id$v=19$x", "\t",
             "a\nb", "\0", "a\0b", "\u001b[31m", "null", "{}"]


def body(address, password):
    return {"email": address, "password": password}


def entries():
    for address in ADDRESSES:
        yield entry(body(address, "wrong"), 401, why="an address that nobody has")
    for number, password in enumerate(PASSWORDS):
        yield entry(body(f"p{number}@test", password), 401, why="a password that is nobody's")
    yield entry(body("size@test", "p" * 1024), 401, why="the longest password")
    yield entry(body("a" * 249 + "@test", "wrong"), 401, why="the longest address")
    wrong = [
        (body("size2@test", "p" * 1025), [["/password", "length"]], "a password of 1,025 bytes would only cost time"),
        (body("size3@test", "é" * 513), [["/password", "length"]], "1,026 bytes in 513 characters"),
        (body("size4@test", "p" * 4096), [["/password", "length"]], "4,096 bytes"),
        (body("a" * 250 + "@test", "x"), [["/email", "length"]], "an address of 255 bytes"),
        (body("", "x"), [["/email", "length"]], "nobody"),
        (body("   ", "x"), [["/email", "length"]], "nobody, in blanks"),
        (body("a\nb@test", "x"), [["/email", "character"]], "an end of line in an address"),
        (body("a\0@test", "x"), [["/email", "character"]], "a NUL in an address"),
        (body("a\u0085@test", "x"), [["/email", "character"]], "a control character in an address"),
        ({"email": "a@test"}, [["/password", "required"]], "no password"),
        ({"password": "x"}, [["/email", "required"]], "no address"),
        ({}, [["/email", "required"], ["/password", "required"]], "nothing"),
        (body(None, None), [["/email", "required"], ["/password", "required"]], "null is nothing"),
        (body(1, "x"), [["/email", "type"]], "a number"),
        (body("a@test", 1), [["/password", "type"]], "a number"),
        ({**body("a@test", "x"), "role": "owner"}, [["/role", "unknown"]], "a role is not asked for"),
        ({**body("a@test", "x"), "otp": ""}, [["/otp", "unknown"]], "a field that is not there"),
    ]
    for value in ([], {}, True):
        wrong.append((body(value, "x"), [["/email", "type"]], "another type"))
        wrong.append((body("a@test", value), [["/password", "type"]], "another type"))
    for given, errors, why in wrong:
        yield entry(given, 422, errors, why)


def entry(given, status, errors=None, why=""):
    code = "login_failed" if status == 401 else "validation_failed"
    return request("POST /api/gateway/session", why, given, status, code, errors)
