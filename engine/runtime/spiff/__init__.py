"""SpiffWorkflow made safe: own token semantics inside its specs, tasks and workflow.

Refuses to start on any other version than the one that this code was written and tested against.
"""

from importlib.metadata import version

TESTED_WITH = "3.2.0"

if version("SpiffWorkflow") != TESTED_WITH:
    raise ImportError(f"expected SpiffWorkflow {TESTED_WITH}, found {version('SpiffWorkflow')}")
