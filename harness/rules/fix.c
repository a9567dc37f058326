/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "rules/expr.h"
#include "rules/template.h"

static const char *const languages[] = { "sql", "js", "shell", "file" };

static bool variant_fits(const struct hg_case *c, const json_t *variant)
{
    const json_t *when = json_object_get(variant, "when");

    return when == NULL || hg_server_fits(c, when);
}

static const json_t *choose(const struct hg_case *c, const json_t *variants)
{
    size_t i;
    json_t *variant;

    json_array_foreach (variants, i, variant) {
        if (variant_fits(c, variant)) {
            return variant;
        }
    }
    return NULL;
}

static const char *comment_sign(const char *language)
{
    return strcmp(language, "sql") == 0 ? "--" : strcmp(language, "js") == 0 ? "//" : "#";
}

/* The statements of a variant, first language first; the settings file under a comment. */
static const char *render_variant(const struct hg_case *c, const json_t *variant,
                                  const json_t *offenders, struct hg_buf *out, bool *incomplete)
{
    const char *first = NULL;

    for (size_t i = 0; i < HG_COUNT(languages); i++) {
        const char *text = json_string_value(json_object_get(variant, languages[i]));

        if (text == NULL) {
            continue;
        }
        if (first != NULL) {
            hg_buf_printf(out, "\n%s %s\n", comment_sign(first),
                          strcmp(languages[i], "file") == 0 ? "and in the settings file:"
                                                            : "then:");
            if (strcmp(languages[i], "file") == 0) {
                hg_buf_printf(out, "%s   ", comment_sign(first));
            }
        }
        first = first ? first : languages[i];
        hg_template_render(out, text, c, offenders, NULL, incomplete);
    }
    return first;
}

json_t *hg_fix_render(const struct hg_case *c, const json_t *fix, const json_t *offenders)
{
    const json_t *variant = choose(c, json_object_get(fix, "variants"));
    const char *text = json_string_value(json_object_get(fix, "text"));
    struct hg_buf words = { 0 }, statement = { 0 };
    const char *language = NULL;
    bool incomplete = false, ignored = false;
    json_t *ret;

    if (fix == NULL) {
        return NULL;
    }
    if (text != NULL) {
        hg_template_render(&words, text, c, NULL, NULL, &ignored);
    }
    if (variant != NULL) {
        language = render_variant(c, variant, offenders, &statement, &incomplete);
    }
    ret = json_pack("{s:s, s:O*, s:O*, s:s*, s:s*}", "text", hg_buf_text(&words), "effect",
                    json_object_get(fix, "effect"), "who", json_object_get(fix, "who"),
                    "statement", statement.len > 0 ? hg_buf_text(&statement) : NULL, "language",
                    language);
    if (incomplete && ret != NULL) {
        json_object_set_new(ret, "incomplete", json_true());
    }
    hg_buf_done(&words);
    hg_buf_done(&statement);
    return ret;
}
