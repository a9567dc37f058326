/* SPDX-License-Identifier: Apache-2.0 */
#include "load/fields.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void join(char *path, size_t size, const char *parent, const char *key)
{
    struct hg_buf out = { 0 };

    hg_buf_printf(&out, "%s/", parent);
    for (; *key != '\0'; key++) {
        if (*key == '~' || *key == '/') {
            hg_buf_puts(&out, *key == '~' ? "~0" : "~1");
        } else {
            hg_buf_putc(&out, *key);
        }
    }
    snprintf(path, size, "%s", hg_buf_text(&out));
    hg_buf_done(&out);
}

struct hg_at hg_at_key(const struct hg_at *at, const char *key)
{
    struct hg_at below = { .doc = at->doc, .err = at->err };

    below.value = json_object_get(at->value, key);
    join(below.path, sizeof(below.path), at->path, key);
    return below;
}

struct hg_at hg_at_index(const struct hg_at *at, size_t index)
{
    struct hg_at below = { .doc = at->doc, .err = at->err };
    char text[24];

    snprintf(text, sizeof(text), "%zu", index);
    below.value = json_array_get(at->value, index);
    join(below.path, sizeof(below.path), at->path, text);
    return below;
}

bool hg_at_fail(const struct hg_at *at, const char *fmt, ...)
{
    char text[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return hg_doc_fail(at->doc, at->path, at->err, "%s", text);
}

bool hg_at_bad_key(const struct hg_at *at, const char *fmt, ...)
{
    char text[400], pointer[520];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    snprintf(pointer, sizeof(pointer), "#%s", at->path);
    return hg_doc_fail(at->doc, pointer, at->err, "%s", text);
}

static bool unknown_key(const struct hg_at *at, const char *what, const char *key,
                        const char *const *keys)
{
    const char *near = hg_did_you_mean(key, keys);
    struct hg_at below = hg_at_key(at, key);
    struct hg_buf list = { 0 };

    if (strcmp(key, "password") == 0) {
        return hg_at_bad_key(&below,
                             "a password does not belong in %s: secrets are named in a plan, "
                             "never held in it ({ file: PATH } or { env: NAME })",
                             what);
    }
    for (size_t i = 0; keys[i] != NULL; i++) {
        hg_buf_printf(&list, "%s%s", i > 0 ? ", " : "", keys[i]);
    }
    if (near != NULL) {
        hg_at_bad_key(&below, "`%s` is not a key of %s; did you mean `%s`?", key, what, near);
    } else {
        hg_at_bad_key(&below, "`%s` is not a key of %s; there %s %s", key, what,
                      keys[0] != NULL && keys[1] == NULL ? "is only" : "are",
                      hg_buf_text(&list));
    }
    hg_buf_done(&list);
    return false;
}

bool hg_at_mapping(const struct hg_at *at, const char *what, const char *const *keys)
{
    const char *key;
    json_t *value;

    if (!json_is_object(at->value)) {
        return hg_at_fail(at, "%s must be a mapping", what);
    }
    json_object_foreach ((json_t *)at->value, key, value) {
        bool found = false;

        for (size_t i = 0; keys[i] != NULL; i++) {
            found = found || strcmp(keys[i], key) == 0;
        }
        if (!found) {
            return unknown_key(at, what, key, keys);
        }
    }
    return true;
}

bool hg_at_text(const struct hg_at *at, const char *key, bool required, const char **ret)
{
    struct hg_at below = hg_at_key(at, key);

    if (below.value == NULL) {
        return !required || hg_at_fail(at, "`%s` is missing", key);
    }
    if (!json_is_string(below.value) || json_string_length(below.value) == 0) {
        return hg_at_fail(&below, "`%s` must be a text", key);
    }
    *ret = json_string_value(below.value);
    return true;
}

bool hg_at_word(const struct hg_at *at, const char *key, bool required,
                const char *const *words, int *ret)
{
    const char *text = NULL;
    struct hg_at below = hg_at_key(at, key);
    struct hg_buf list = { 0 };

    if (!hg_at_text(at, key, required, &text)) {
        return false;
    }
    if (text == NULL) {
        return true;
    }
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            *ret = i;
            hg_buf_done(&list);
            return true;
        }
        hg_buf_printf(&list, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    hg_at_fail(&below, "`%s` is no %s; there are %s", text, key, hg_buf_text(&list));
    hg_buf_done(&list);
    return false;
}

bool hg_at_names(const struct hg_at *at, const char *key, const char *what)
{
    struct hg_at below = hg_at_key(at, key);
    bool ok = below.value == NULL || json_string_length(below.value) > 0 ||
              json_array_size(below.value) > 0;
    size_t i;
    json_t *item;

    json_array_foreach (below.value, i, item) {
        ok = ok && json_string_length(item) > 0;
    }
    return ok || hg_at_fail(&below, "`%s` must be a %s or a list of %ss", key, what, what);
}

bool hg_at_engine(const struct hg_at *at, const char **ret)
{
    struct hg_at here = hg_at_key(at, "engine");

    if (!hg_at_text(at, "engine", true, ret)) {
        return false;
    }
    return (strlen(*ret) <= 40 &&
            strspn(*ret, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(*ret)) ||
           hg_at_fail(&here, "`%.60s` is no engine: a word of a-z, 0-9, - and _", *ret);
}

bool hg_at_texts(const struct hg_at *at, const char *key, bool required, json_t **ret)
{
    struct hg_at below = hg_at_key(at, key);
    size_t i;
    json_t *item;

    *ret = NULL;
    if (below.value == NULL) {
        return !required || hg_at_fail(at, "`%s` is missing", key);
    }
    if (!json_is_array(below.value) || (required && json_array_size(below.value) == 0)) {
        return hg_at_fail(&below, "`%s` must be a list of texts", key);
    }
    json_array_foreach (below.value, i, item) {
        if (!json_is_string(item)) {
            struct hg_at here = hg_at_index(&below, i);

            return hg_at_fail(&here, "`%s` must be a list of texts", key);
        }
    }
    *ret = (json_t *)below.value;
    return true;
}

bool hg_at_duration(const struct hg_at *at, const char *key, int *ret_ms)
{
    struct hg_at here = hg_at_key(at, key);
    const char *text;
    long long seconds = 0;

    if (here.value == NULL) {
        return true;
    }
    if (!json_is_string(here.value)) {
        return hg_at_fail(&here, "`%s` is a duration such as 30s", key);
    }
    text = json_string_value(here.value);
    if (!hg_duration_parse(text, &seconds) || seconds < 1 || seconds > 3600) {
        return hg_at_fail(&here, "`%s` is not a duration from 1s to 1h", text);
    }
    *ret_ms = (int)seconds * 1000;
    return true;
}
