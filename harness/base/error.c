/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool hg_fail(struct hg_error *err, enum hg_errc code, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL || err->code != HG_E_NONE) {
        return false; /* the first failure is the one worth reading */
    }
    err->code = code;
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    return false;
}

bool hg_fail_in(struct hg_error *err, const char *fmt, ...)
{
    char context[256];
    char inner[sizeof(err->text)];
    va_list ap;

    if (err == NULL || err->code == HG_E_NONE) {
        return false;
    }
    va_start(ap, fmt);
    vsnprintf(context, sizeof(context), fmt, ap);
    va_end(ap);
    memcpy(inner, err->text, sizeof(inner));
    if (snprintf(err->text, sizeof(err->text), "%s: %s", context, inner) < 0) {
        memcpy(err->text, inner, sizeof(inner)); /* a long tail is cut, never lost whole */
    }
    return false;
}

bool hg_fail_nomem(struct hg_error *err)
{
    return hg_fail(err, HG_E_NOMEM, "out of memory");
}

int hg_error_exit_status(const struct hg_error *err)
{
    switch (err->code) {
    case HG_E_NONE:
        return 0;
    case HG_E_USAGE:
    case HG_E_SYNTAX:
        return 2;
    default:
        return 70;
    }
}
