"""What schemathesis is to know of this API beyond its document."""

import schemathesis


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """In sequences, calls that make or delete something do: what a dry run answers with is not there afterwards, or still."""
    is_sequence = case.meta is not None and case.meta.phase.name == "stateful"
    if is_sequence and case.query and case.query.get("dry_run") in (True, "true"):
        del case.query["dry_run"]
