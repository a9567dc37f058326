/* SPDX-License-Identifier: Apache-2.0 */
#include "model/finding.h"

#include <string.h>

static const char *const verdicts[HG_VERDICTS] = { "pass", "skip", "waived", "unknown",
                                                   "fail" };
static const char *const severities[HG_SEVERITIES] = { "info", "minor", "major", "blocker" };

static const char *const effects[HG_EFFECTS] = { "restart", "recreate", "reload", "online" };

static bool find(const char *const *names, int n, const char *name, int *ret)
{
    for (int i = 0; name != NULL && i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

const char *hg_verdict_name(enum hg_verdict verdict)
{
    return verdicts[verdict];
}

bool hg_verdict_parse(const char *name, enum hg_verdict *ret)
{
    int i = 0;
    bool ok = find(verdicts, HG_VERDICTS, name, &i);

    *ret = ok ? (enum hg_verdict)i : *ret;
    return ok;
}

const char *hg_severity_name(enum hg_severity severity)
{
    return severities[severity];
}

bool hg_severity_parse(const char *name, enum hg_severity *ret)
{
    int i = 0;
    bool ok = find(severities, HG_SEVERITIES, name, &i);

    *ret = ok ? (enum hg_severity)i : *ret;
    return ok;
}

enum hg_verdict hg_verdict_and(enum hg_verdict a, enum hg_verdict b)
{
    return a > b ? a : b;
}

enum hg_verdict hg_verdict_or(enum hg_verdict a, enum hg_verdict b)
{
    return a < b ? a : b;
}

enum hg_verdict hg_verdict_not(enum hg_verdict a)
{
    return a == HG_PASS ? HG_FAIL : a == HG_FAIL ? HG_PASS : a;
}

const char *hg_effect_name(enum hg_effect effect)
{
    return effects[effect];
}

enum hg_effect hg_effect_parse(const char *name)
{
    int i = HG_ONLINE;

    return find(effects, HG_EFFECTS, name, &i) ? (enum hg_effect)i : HG_ONLINE;
}
