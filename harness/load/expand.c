/* SPDX-License-Identifier: Apache-2.0 */
/* expand.c - ${NAME} and ${NAME:-default} in the texts of a plan. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "load/plan_parts.h"

static bool is_name(const char *text, size_t len)
{
    static const char chars[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

    return len > 0 && len < 100 && !(text[0] >= '0' && text[0] <= '9') &&
           strspn(text, chars) >= len;
}

/* One reference at `p` ("${…}"); returns what follows it, or NULL with the error set. */
static const char *expand_one(const struct hg_plan_context *context, const struct hg_at *at,
                              const char *p, struct hg_buf *out)
{
    const char *end = strchr(p, '}'), *otherwise;
    size_t len;
    char name[104];
    const char *value;

    if (end == NULL) {
        hg_at_fail(at, "`%.40s` is not closed; a literal ${ is written $${", p);
        return NULL;
    }
    len = strcspn(p + 2, ":}");
    otherwise = p[2 + len] == ':' && p[3 + len] == '-' ? p + 4 + len : NULL;
    if (!is_name(p + 2, len) || (p[2 + len] == ':' && otherwise == NULL)) {
        hg_at_fail(at, "`%.*s` is not ${NAME} or ${NAME:-default}", (int)(end - p + 1), p);
        return NULL;
    }
    if (otherwise != NULL && memmem(otherwise, (size_t)(end - otherwise), "${", 2) != NULL) {
        hg_at_fail(at, "`%.*s`: a default holds no variable", (int)(end - p + 1), p);
        return NULL;
    }
    snprintf(name, sizeof(name), "%.*s", (int)len, p + 2);
    value = context->lookup(context->data, name);
    if (value != NULL && (value[0] != '\0' || otherwise == NULL)) {
        hg_buf_puts(out, value);
    } else if (otherwise != NULL) {
        hg_buf_put(out, otherwise, (size_t)(end - otherwise));
    } else {
        hg_at_fail(at, "${%s} is not set; type: export %s=...", name, name);
        return NULL;
    }
    return end + 1;
}

static bool expand_text(const struct hg_plan_context *context, const struct hg_at *at,
                        json_t *text)
{
    struct hg_buf out = { 0 };
    const char *p = json_string_value(text);
    bool ok = true;

    while (p != NULL && *p != '\0') {
        if (p[0] == '$' && p[1] == '$' && p[2] == '{') {
            hg_buf_puts(&out, "${");
            p += 3;
        } else if (p[0] == '$' && p[1] == '{') {
            p = expand_one(context, at, p, &out);
        } else {
            hg_buf_putc(&out, *p++);
        }
    }
    ok = p != NULL && json_string_set(text, hg_buf_text(&out)) == 0;
    if (p != NULL && !ok) {
        hg_at_fail(at, "a variable here holds what is not UTF-8");
    }
    hg_buf_done(&out);
    return ok;
}

bool hg_plan_expand(const struct hg_plan_context *context, const struct hg_at *at)
{
    const char *key;
    json_t *value;
    size_t i;

    if (json_is_string(at->value)) {
        return strstr(json_string_value(at->value), "${") == NULL ||
               expand_text(context, at, (json_t *)at->value);
    }
    json_array_foreach (at->value, i, value) {
        struct hg_at below = hg_at_index(at, i);

        if (!hg_plan_expand(context, &below)) {
            return false;
        }
    }
    json_object_foreach ((json_t *)at->value, key, value) {
        struct hg_at below = hg_at_key(at, key);

        if (!hg_plan_expand(context, &below)) {
            return false;
        }
    }
    return true;
}
