/* SPDX-License-Identifier: Apache-2.0 */
#include "model/outcome.h"

#include <stddef.h>
#include <string.h>

/* The whole list: what is not on it is final. `refused` and `name-not-found`: a container that
 * does not listen yet, or whose name is not given out yet; `timeout` of a name or a connection,
 * and `reset` before a word of the server: the same behind a proxy; `starting`: the server's
 * own words. Never what came of a login, of a certificate, or of another service. */
static const struct {
    const char *outcome, *stage; /* stage NULL: any */
} starting[] = {
    { "refused",        NULL       },
    { "starting",       NULL       },
    { "name-not-found", NULL       },
    { "timeout",        "dns"      },
    { "timeout",        "connect"  },
    { "reset",          "connect"  },
    { "reset",          "greeting" },
};

bool hg_outcome_starting(const char *stage, const char *outcome, bool greeted)
{
    if (stage == NULL || outcome == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof(starting) / sizeof(starting[0]); i++) {
        if (strcmp(starting[i].outcome, outcome) == 0 &&
            (starting[i].stage == NULL || strcmp(starting[i].stage, stage) == 0)) {
            return true;
        }
    }
    return !greeted && strcmp(outcome, "reset") == 0 && strcmp(stage, "tls") == 0;
}
