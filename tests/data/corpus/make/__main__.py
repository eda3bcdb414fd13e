"""Writes the corpus: one file of JSON lines for each kind of input.

python3 tests/data/corpus/make          writes the files
python3 tests/data/corpus/make --check  says which of them differ

A text is a string, or a list of strings and [string, times]. The verdicts come from the rules written down here, which
know nothing of the program.
"""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import bodies
import keys
import lists
import logins
import names
import series
import sql
import tokens
import wire

FILES = {
    "keys": keys.entries,
    "names": names.entries,
    "bodies": bodies.entries,
    "tokens": tokens.entries,
    "headers": wire.headers,
    "paths": wire.paths,
    "lists": lists.entries,
    "logins": logins.entries,
    "sql": sql.entries,
    "series": series.entries,
}


def text_of(entries):
    lines = [json.dumps(entry, ensure_ascii=True) for entry in entries]
    return "\n".join(dict.fromkeys(lines)) + "\n"


def main():
    folder = Path(__file__).resolve().parent.parent
    differing = []
    for name, make in FILES.items():
        path = folder / f"{name}.jsonl"
        text = text_of(make())
        if "--check" in sys.argv:
            if not path.exists() or path.read_text() != text:
                differing.append(path.name)
        else:
            path.write_text(text)
    if differing:
        sys.exit("these differ from what tests/data/corpus/make writes: " + ", ".join(differing))


main()
