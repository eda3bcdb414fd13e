"""Customers' names: 1 to 200 characters without control characters and without what turns text around.

`sql` is what the database says to a plain INSERT: it knows fewer characters than the API.
"""

INVISIBLE = [0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0x2061,
             0x2064, 0x2800, 0x3164, 0xFE0F, 0xFFA0, 0xE0001, 0xE007F, 0xE0100]
DECEIVING = [0x2028, 0x2029, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0x206A, 0x206F, 0xFDD0,
             0xFDEF, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB, 0xFFFE, 0xFFFF]
BLANKS = [0x20, 0x09, 0x0A, 0x0D, 0x85, 0xA0, 0x1680, 0x2000, 0x2003, 0x2009, 0x202F, 0x205F, 0x3000]
SCRIPTS = """Acme Corporation|Müller & Söhne GmbH|Société Générale|Ñandú S.A.|Łódź Sp. z o.o.|Čapek s.r.o.|Ørsted A/S|Åkesson
AB|Εταιρεία Α.Ε.|ООО Ромашка|Українська компанія|株式会社日立製作所|有限公司|주식회사 삼성|บริษัท จำกัด|Công ty TNHH|भारत इंडस्ट्रीज|شركة النور|خودروسازی
می‌خواهم|חברה בע״מ|Հայաստան|საქართველო|ኢትዮጵያ|İstanbul Şirketi|Straße|ǅemal|Ａｃｍｅ|①②③|ﬁne|𝐀𝐜𝐦𝐞|👩‍👩‍👧 Family|🇩🇪 GmbH|
Ac​me|e\u0301t\u00e9|\u00e9t\u00e9|\u0430cme|Z\u0351\u036b\u0343algo|A\u0300\u0301\u0302\u0303|\u05d0\u05d1 \u200fAcme"""
PLAIN = ["O'Brien & Sons", "a\"b", "a\\b", "a`b", "<script>alert(1)</script>", "</title><h1>x", "<img src=x onerror=alert(1)>",
         "&lt;b&gt;", "javascript:alert(1)", "{{7*7}}", "${7*7}", "#{7*7}", "%s%s%n", "%d", "=1+1", "+1", "-1", "@SUM(A1)",
         "=cmd|' /C calc'!A0", "'; DROP TABLE tenant; --", "1 OR 1=1", "$(id)", "`id`", "; ls", "| cat", "../../etc/passwd",
         "C:\\Windows", "null", "undefined", "NaN", "true", "0", "-", ".", "..", "/", "x@y", "a,b", "[]", "{}", "\ud83d\ude42",
         "To: x", "Bcc: a@b", "**bold**", "[a](http://b)", "http://example.com", "a\u3000b", "a  b", "ACME", "acme", "Ω", "\u212a"]


def broken(name):
    text = name.strip("".join(map(chr, [*BLANKS, 0x0B, 0x0C, *range(0x2000, 0x200B), 0x2028, 0x2029])))
    if any(ord(c) < 32 or 127 <= ord(c) < 160 or ord(c) in DECEIVING for c in text):
        return text, "character"
    if not 1 <= len(text) <= 200:
        return text, "length"
    return text, "invisible" if all(ord(c) in INVISIBLE or ord(c) in BLANKS for c in text) else None


def by_sql(name):
    plain = 1 <= len(name) <= 200 and name == name.strip(" ")
    return "accept" if plain and not any(ord(c) < 32 or ord(c) == 127 for c in name) else "reject"


def inputs():
    for name in SCRIPTS.replace("\n", " ").split("|"):
        yield name.strip(), "a name as people write it in some script"
    for name in PLAIN:
        yield name, "means something to a page, a sheet, a shell or a database; here it is a name"
    for code in [*range(1, 32), 0, *range(127, 160)]:
        yield f"co{chr(code)}ol", f"the control character U+{code:04X} inside"
    for code in DECEIVING:
        yield f"Acme{chr(code)}gpj.exe", f"U+{code:04X} changes how the rest reads"
    for code in INVISIBLE:
        yield chr(code) * 3, f"nothing but U+{code:04X}, which nobody sees"
    for code in (0x200C, 0x200D, 0x200E, 0xFE0F, 0xAD):
        yield f"Ac{chr(code)}me", f"U+{code:04X} inside a word is how some scripts are written"
    for code in BLANKS:
        yield f"{chr(code)}Acme {code:x}{chr(code)}", f"U+{code:04X} at both ends goes"
        yield chr(code) * 2, f"nothing but U+{code:04X}"
    for size in (0, 1, 2, 199, 200, 201, 1000, 5000):
        yield [["n", size]], f"{size} characters"
    for size in (200, 201):
        yield [["\u00e4", size]], f"{size} characters of two bytes"
        yield [["\U0001f642", size]], f"{size} characters of four bytes"
        yield [" ", ["b", size], " "], f"{size} characters between blanks"


def whole(text):
    return text if isinstance(text, str) else "".join(p if isinstance(p, str) else p[0] * p[1] for p in text)


def entries():
    seen = set()
    for text, why in inputs():
        name = whole(text)
        if name in seen:
            continue
        seen.add(name)
        kept, code = broken(name)
        verdict = "reject" if code else "neutralise" if kept != name else "accept"
        entry = {"input": text, "verdict": verdict}
        if code:
            entry["code"] = code
        elif verdict == "neutralise":
            entry["as"] = kept if isinstance(text, str) else [p for p in text if p != " "]
        yield {**entry, "sql": by_sql(name), "why": why}
