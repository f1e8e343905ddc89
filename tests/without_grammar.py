"""A plugin that pytest loads first (``-p tests.without_grammar``): no process compiles web grammar.

nbval imports jsonschema, which compiles it, over a second of computing in each process, and no test asks for
it (docs/decisions/0010-no-grammar-of-addresses.md). None counts as not installed.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
