"""Says which changes between two OpenAPI documents break programs that were written for the first.

api_changes.py OLD NEW              prints them; exit code 1 when there are any
api_changes.py --versions OLD NEW   the same; none counts when info.version was raised as semantic versioning demands
api_changes.py --cases FILE         tries the rules on the cases of a file
"""

import copy
import json
import sys

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


class Comparison:
    def __init__(self, old, new):
        self.old, self.new = old, new
        self.found = []
        self.seen = set()

    def note(self, rule, place):
        if (rule, place) not in self.found:
            self.found.append((rule, place))

    def run(self):
        for path, item in self.old["paths"].items():
            if path not in self.new["paths"]:
                self.note("path-removed", path)
                continue
            for method in METHODS:
                if method in item:
                    place = f"{method.upper()} {path}"
                    if method not in self.new["paths"][path]:
                        self.note("operation-removed", place)
                    else:
                        self.operation(place, item[method], self.new["paths"][path][method])
        return self.found

    def operation(self, place, old, new):
        if old.get("operationId") != new.get("operationId"):
            self.note("operation-renamed", place)
        self.security(place, old.get("security"), new.get("security"))
        self.parameters(place, old.get("parameters", []), new.get("parameters", []))
        before, after = old.get("requestBody"), new.get("requestBody")
        if after and after.get("required") and not (before or {}).get("required"):
            self.note("body-required", place)
        if before and not after:
            self.note("body-removed", place)
        if before and after:
            self.content(f"{place} body", before, after, asked=True)
        for status, answer in old.get("responses", {}).items():
            if status not in new.get("responses", {}):
                self.note("status-removed", f"{place} {status}")
                continue
            other = new["responses"][status]
            self.content(f"{place} {status}", answer, other, asked=False)
            for name in answer.get("headers", {}):
                if name not in other.get("headers", {}):
                    self.note("header-removed", f"{place} {status} {name}")

    def security(self, place, old, new):
        """Each way in that was enough has to be enough still."""
        for way in old or [{}]:
            enough = any(all(name in way and set(scopes) <= set(way[name]) for name, scopes in other.items()) for other in new or [{}])
            if not enough:
                self.note("security-narrowed", f"{place} {'+'.join(way) or 'nobody'}")

    def parameters(self, place, old, new):
        name = lambda one: (one["in"], one["name"])
        known, after = {name(one): one for one in old}, {name(one): one for one in new}
        for key, one in known.items():
            if key not in after:
                self.note("parameter-removed", f"{place} {key[1]}")
            else:
                self.schema(f"{place} {key[1]}", one.get("schema", {}), after[key].get("schema", {}), asked=True)
        for key, one in after.items():
            if one.get("required") and not known.get(key, {}).get("required"):
                self.note("parameter-required", f"{place} {key[1]}")

    def content(self, place, old, new, asked):
        for media, one in old.get("content", {}).items():
            if media not in new.get("content", {}):
                self.note("media-type-removed", f"{place} {media}")
            else:
                self.schema(place, one.get("schema", {}), new["content"][media].get("schema", {}), asked)

    def schema(self, place, old, new, asked):
        """`asked`: callers send it, so it must not get narrower; else they read it, so it must not get wider."""
        names = json.dumps([old.get("$ref"), new.get("$ref"), asked])
        if "$ref" in old and "$ref" in new:
            if names in self.seen:
                return
            self.seen.add(names)
            place = old["$ref"].rsplit("/", 1)[1]
        old, new = resolve(self.old, old), resolve(self.new, new)
        before, after = kinds(self.old, old), kinds(self.new, new)
        lost = {kind for kind in before - after if not (kind == "integer" and "number" in after)}
        gained = {kind for kind in after - before if not (kind == "integer" and "number" in before)}
        if lost if asked else gained:
            self.note("type-narrowed" if asked else "type-widened", place)
        for word in old.get("enum", []):
            if "enum" in new and word not in new["enum"]:
                self.note("enum-value-removed", f"{place} {word}")
        if asked and "enum" in new and "enum" not in old and "const" not in old:
            self.note("type-narrowed", place)
        if asked:
            self.limits(place, old, new)
        self.properties(place, old, new, asked)
        if "items" in old and "items" in new:
            self.schema(f"{place}[]", old["items"], new["items"], asked)
        if isinstance(old.get("additionalProperties"), dict) and isinstance(new.get("additionalProperties"), dict):
            self.schema(f"{place}{{}}", old["additionalProperties"], new["additionalProperties"], asked)
        self.choices(place, old, new, asked)

    def limits(self, place, old, new):
        for name in LEAST:
            if name in new and (name not in old or new[name] > old[name]):
                self.note("type-narrowed", f"{place} {name}")
        for name in MOST:
            if name in new and (name not in old or new[name] < old[name]):
                self.note("type-narrowed", f"{place} {name}")
        for name in ("pattern", "format", "multipleOf"):
            if name in new and new[name] != old.get(name):
                self.note("type-narrowed", f"{place} {name}")

    def properties(self, place, old, new, asked):
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, one in before.items():
            if name not in after:
                self.note("field-removed", f"{place}.{name}")
            else:
                self.schema(f"{place}.{name}", one, after[name], asked)
        required, still = set(old.get("required", [])), set(new.get("required", []))
        if asked:
            for name in sorted(still - required):
                self.note("field-required", f"{place}.{name}")
        else:
            for name in sorted((required - still) & set(after)):
                self.note("field-optional", f"{place}.{name}")

    def choices(self, place, old, new, asked):
        """Alternatives: by name where they have one, and the only one there was beside what it has become."""
        flat = lambda one: [other for name in ("oneOf", "anyOf", "allOf") for other in one.get(name, []) if other.get("type") != "null"]
        before, after = flat(old), flat(new)
        for one in before:
            same = [other for other in after if other.get("$ref") == one.get("$ref")] or (after if len(after) == 1 else [])
            if same:
                self.schema(place, one, same[0], asked)
            elif after:
                self.note("choice-removed", place)


def resolve(document, schema):
    while "$ref" in schema:
        found = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def kinds(document, schema):
    """The JSON types a schema allows; empty where it says nothing."""
    schema = resolve(document, schema)
    given = schema.get("type", [])
    found = {given} if isinstance(given, str) else set(given)
    for name in ("oneOf", "anyOf"):
        for one in schema.get(name, []):
            found |= kinds(document, one)
    return found


def changes(old, new):
    return Comparison(old, new).run()


def is_raised(old, new):
    """Whether the version says that programs may break: the first number that is not 0 is higher."""
    before, after = (tuple(map(int, one["info"]["version"].split("-")[0].split("."))) for one in (old, new))
    first = next((place for place, number in enumerate(before) if number), len(before) - 1)
    return after[: first + 1] > before[: first + 1]


def patched(document, patch):
    """The document with what a JSON merge patch says."""
    if not isinstance(patch, dict):
        return patch
    document = copy.deepcopy(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            document.pop(name, None)
        else:
            document[name] = patched(document.get(name), value)
    return document


def try_cases(path):
    cases = json.load(open(path))
    wrong, rules = [], set()
    for case in cases["cases"]:
        base = patched(cases["base"], case.get("first", {}))
        found = sorted({rule for rule, _ in changes(base, patched(base, case["patch"]))})
        if found != sorted(case["breaks"]):
            wrong.append(f"{case['what']}: found {found}, not {case['breaks']}")
        rules |= set(found)
    known = set(__import__("re").findall(r'"([a-z]+(?:-[a-z]+)+)"', open(__file__).read()))
    wrong += [f"no case breaks the rule {rule}" for rule in sorted(known - rules)]
    return wrong


def main():
    arguments = sys.argv[1:]
    if arguments[0] == "--cases":
        wrong = try_cases(arguments[1])
        print("\n".join(wrong), end="\n" if wrong else "")
        return bool(wrong)
    old, new = (json.load(open(path)) for path in arguments[-2:])
    found = changes(old, new)
    for rule, place in found:
        print(f"{rule:20} {place}")
    if found and arguments[0] == "--versions" and is_raised(old, new):
        print(f"allowed by the version {new['info']['version']}")
        return False
    return bool(found)


sys.exit(main())
