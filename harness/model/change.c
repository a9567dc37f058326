/* SPDX-License-Identifier: Apache-2.0 */
#include "model/change.h"

#include <string.h>

static const char *const names[HG_CHANGES] = {
    "same", "unchanged", "fixed", "better", "waived", "no longer looked at", "worse", "new",
};

const char *hg_change_name(enum hg_change change)
{
    return names[change];
}

bool hg_change_parse(const char *name, enum hg_change *ret)
{
    for (size_t i = 0; i < HG_CHANGES; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = (enum hg_change)i;
            return true;
        }
    }
    return false;
}

static bool is_trouble(struct hg_stand s)
{
    return s.there && (s.verdict == HG_FAIL || s.verdict == HG_UNKNOWN);
}

/* A check that does not apply says nothing about the server. */
static bool is_looked_at(struct hg_stand s)
{
    return s.there && s.verdict != HG_SKIP;
}

static enum hg_change of_trouble(struct hg_stand was, struct hg_stand now)
{
    if (was.verdict == HG_UNKNOWN && now.verdict == HG_FAIL) {
        return HG_WORSE;
    }
    return now.severity > was.severity   ? HG_WORSE
           : now.severity < was.severity ? HG_BETTER
                                         : HG_UNCHANGED;
}

enum hg_change hg_change_of(struct hg_stand was, struct hg_stand now)
{
    if (is_trouble(now)) {
        return is_trouble(was) ? of_trouble(was, now) : HG_NEW;
    }
    if (!is_looked_at(now)) {
        return is_looked_at(was) ? HG_LOST : HG_SAME;
    }
    if (now.verdict == HG_WAIVED) {
        return was.there && was.verdict == HG_WAIVED ? HG_SAME : HG_NEW_WAIVED;
    }
    return is_trouble(was) || (was.there && was.verdict == HG_WAIVED) ? HG_FIXED : HG_SAME;
}
