#!/usr/bin/env python3
"""Fail when rules, or what they use of model and base, import anything that is not on this list.

An allow-list: a clock, a file, the environment, a random number or a database function cannot
come in under a name that nobody thought of. Usage: pure_rules.py LIBRARY...
"""
import re
import subprocess
import sys

ALLOWED = re.compile(
    r"^(hg_\w+|json_\w+|jsonp_\w+|pcre2_\w+|"
    # memory and text
    r"malloc|calloc|realloc|free|mem(cpy|set|cmp|chr|move|mem)|str\w+|__str\w+|__mem\w+_chk|"
    r"__isoc99_sscanf|strtod|strtol|strtoul|strtoll|__isoc23_strto\w+|"
    # numbers, sorting, formatting into memory
    r"bsearch|qsort|__ctype_\w+|__errno_location|isfinite|__finite|__snprintf_chk|"
    r"__vsnprintf_chk|snprintf|vsnprintf|__isinf|__isnan|tolower|toupper|"
    # compiler, sanitizers, coverage
    r"__stack_chk_fail|__assert_fail|__asan_\w+|__ubsan_\w+|__sanitizer_\w+|__gcov_\w+|__sancov_\w+|"
    r"_GLOBAL_OFFSET_TABLE_|__tls_get_addr|__llvm_\w+|__start___sancov\w+|__stop___sancov\w+)$")

# `pure` holds what rules use of base; run, load and probes are no part of this.
wrong, seen = set(), 0
for library in sys.argv[1:]:
    out = subprocess.run(["nm", "-u", library], capture_output=True, text=True, check=True).stdout
    for word in re.findall(r"\b[Uvw] (\w+)", out):
        seen += 1
        if not ALLOWED.match(word):
            wrong.add(word)
print(f"{seen} imports read; impure: {', '.join(sorted(wrong)) or 'none'}")
sys.exit(1 if wrong or seen == 0 else 0)
