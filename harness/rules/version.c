/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "rules/rule.h"

/* "8.0.36-log" → {8, 0, 36, 0}; what follows the numbers does not count. */
static bool parse(const char *text, long ret[4], const char **ret_end)
{
    memset(ret, 0, 4 * sizeof(*ret));
    for (int i = 0; i < 4; i++) {
        char *end;

        if (*text < '0' || *text > '9') {
            return false;
        }
        ret[i] = strtol(text, &end, 10);
        text = end;
        if (*text != '.' || text[1] < '0' || text[1] > '9') {
            break;
        }
        text++;
    }
    *ret_end = text;
    return true;
}

static int compare(const long a[4], const long b[4])
{
    for (int i = 0; i < 4; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

static bool term_holds(const char *op, size_t len, int order)
{
    static const struct {
        const char *op;
        bool less, equal, more;
    } terms[] = {
        { ">=", false, true,  true  },
        { "<=", true,  true,  false },
        { ">",  false, false, true  },
        { "<",  true,  false, false },
        { "=",  false, true,  false },
        { "==", false, true,  false },
        { "!=", true,  false, true  },
    };

    for (size_t i = 0; i < HG_COUNT(terms); i++) {
        if (strlen(terms[i].op) == len && strncmp(terms[i].op, op, len) == 0) {
            return order < 0 ? terms[i].less : order > 0 ? terms[i].more : terms[i].equal;
        }
    }
    return false;
}

enum hg_verdict hg_version_holds(const char *version, const char *wanted)
{
    long have[4], want[4];
    const char *end;
    bool all = true;

    if (!parse(version, have, &end)) {
        return HG_UNKNOWN;
    }
    wanted += strspn(wanted, " ,");
    if (*wanted == '\0') {
        return HG_UNKNOWN;
    }
    while (*wanted != '\0') {
        size_t len = strspn(wanted, "<>=!");
        const char *number = wanted + len + strspn(wanted + len, " ");

        if (len == 0 || len > 2 || !parse(number, want, &end)) {
            return HG_UNKNOWN;
        }
        all = all && term_holds(wanted, len, compare(have, want));
        wanted = end + strspn(end, " ,");
    }
    return all ? HG_PASS : HG_FAIL;
}
