"""Takes a bill of materials (CycloneDX) from standard input and makes it one of a release, the same for every build of a
commit: the time of the commit, a serial number that follows from the content, no name of this machine's directories, of which
the argument is one, and nothing that only development needs."""

import datetime
import json
import os
import sys
import uuid


DEVELOPMENT = "cdx:npm:package:development"


def omit_development(bill: dict) -> None:
    parts = bill["components"]
    gone = {p["bom-ref"] for p in parts if any(q["name"] == DEVELOPMENT for q in p.get("properties", []))}
    bill["components"] = [p for p in parts if p["bom-ref"] not in gone]
    bill["dependencies"] = [d for d in bill["dependencies"] if d["ref"] not in gone]
    for dependency in bill["dependencies"]:
        dependency["dependsOn"] = [ref for ref in dependency.get("dependsOn", []) if ref not in gone]


def main() -> None:
    text = sys.stdin.read()
    for directory in sys.argv[1:]:
        text = text.replace(f"file://{directory}", "file:///gateway")
    bill = json.loads(text)
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    bill["metadata"]["timestamp"] = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    omit_development(bill)
    bill.pop("serialNumber", None)
    bill["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(bill, sort_keys=True)).urn
    json.dump(bill, sys.stdout, indent=1)
    print()


main()
