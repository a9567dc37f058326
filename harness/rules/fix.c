/* SPDX-License-Identifier: Apache-2.0 */
/* fix.c - what mends a failure: steps in the order of doing, and the same as one text. */
#include <jansson.h>
#include <string.h>

#include "rules/expr.h"
#include "rules/template.h"

struct rendering {
    const struct hg_case *c;
    const json_t *file; /* the name of the settings file, or NULL */
    const json_t *offenders;
    json_t *steps;
    bool incomplete;
};

static bool facts_fit(const struct hg_case *c, const json_t *expect)
{
    struct hg_eval e;
    bool fit = hg_eval_init(&e, c) && hg_eval_expect(&e, expect, NULL) == HG_PASS;

    hg_eval_done(&e);
    return fit;
}

static bool variant_fits(const struct hg_case *c, const json_t *variant)
{
    const json_t *when = json_object_get(variant, "when");
    const json_t *facts = json_object_get(when, "facts");

    return when == NULL || (hg_server_fits(c, when) && (facts == NULL || facts_fit(c, facts)));
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

/* ---- steps ---- */

static void add_step(struct rendering *r, const char *language, const char *template,
                     bool afterwards)
{
    struct hg_buf text = { 0 };
    bool incomplete = false;
    json_t *step;

    hg_template_render(&text, template, r->c, r->offenders, NULL, &incomplete);
    step = json_pack("{s:s, s:s}", "language", language, "text", hg_buf_text(&text));
    if (strcmp(language, "file") == 0) {
        json_object_set(step, "file", (json_t *)r->file);
    }
    if (incomplete) {
        json_object_set_new(step, "incomplete", json_true());
        r->incomplete = true;
    }
    if (afterwards) {
        json_object_set_new(step, "afterwards", json_true());
    }
    json_array_append_new(r->steps, step);
    hg_buf_done(&text);
}

/* One statement, or a list of them. */
static void add_steps(struct rendering *r, const json_t *from, const char *language,
                      bool afterwards)
{
    const json_t *value = json_object_get(from, language);
    size_t i;
    json_t *one;

    if (json_is_string(value)) {
        add_step(r, language, json_string_value(value), afterwards);
    }
    json_array_foreach (value, i, one) {
        add_step(r, language, json_string_value(one), afterwards);
    }
}

/* A file is changed before it is read again; what is set in a running server is written down
 * afterwards, so that it lasts. */
static void add_variant(struct rendering *r, const json_t *variant, bool online)
{
    static const char *const languages[] = { "sql", "js", "shell" };

    if (!online) {
        add_steps(r, variant, "file", false);
    }
    for (size_t i = 0; i < HG_COUNT(languages); i++) {
        add_steps(r, variant, languages[i], false);
    }
    if (online) {
        add_steps(r, variant, "file", false);
    }
    for (size_t i = 0; i < HG_COUNT(languages); i++) {
        add_steps(r, json_object_get(variant, "then"), languages[i], true);
    }
}

/* ---- all of it as one text, in the language of the first statement ---- */

static const char *text_of(const json_t *step, const char *key)
{
    const char *text = json_string_value(json_object_get(step, key));

    return text ? text : "";
}

static const char *main_language(const json_t *steps)
{
    const char *language = NULL;
    size_t i;
    json_t *step;

    json_array_foreach (steps, i, step) {
        if (language == NULL || strcmp(language, "file") == 0) {
            language = text_of(step, "language");
        }
    }
    return language;
}

static void put_lines(struct hg_buf *out, const char *text, const char *margin)
{
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        hg_buf_puts(out, margin);
        hg_buf_put(out, line, len);
        hg_buf_puts(out, line[len] == '\n' ? "\n" : "");
        line += len + (line[len] == '\n');
    }
}

static void join(struct hg_buf *out, const json_t *steps, const char *language)
{
    const char *sign = strcmp(language, "sql") == 0  ? "--"
                       : strcmp(language, "js") == 0 ? "//"
                                                     : "#";
    const char *before = "";
    bool afterwards = false;
    char margin[8];
    size_t i;
    json_t *step;

    strcat(strcpy(margin, sign), "   ");
    json_array_foreach (steps, i, step) {
        const char *now = text_of(step, "language"), *file = text_of(step, "file");
        bool in_file = strcmp(now, "file") == 0 && strcmp(language, "file") != 0;

        hg_buf_puts(out, i > 0 ? "\n" : "");
        if (in_file) {
            hg_buf_printf(out, "%s %sin %s:\n", sign, i > 0 ? "and " : "",
                          file[0] ? file : "the settings file");
        } else if (json_is_true(json_object_get(step, "afterwards")) && !afterwards) {
            hg_buf_printf(out, "%s then:\n", sign);
            afterwards = true;
        } else if (before[0] != '\0' && strcmp(now, before) != 0 &&
                   strcmp(now, language) != 0) {
            hg_buf_printf(out, "%s then:\n", sign);
        }
        put_lines(out, text_of(step, "text"), in_file ? margin : "");
        before = now;
    }
}

/* Text, effect and who are there already. */
static void put_steps(const struct hg_case *c, const json_t *variants, const json_t *offenders,
                      const json_t *file, json_t *fix)
{
    const json_t *variant = choose(c, variants);
    json_auto_t *steps = json_array();
    struct rendering r = { c, file, offenders, steps, false };
    struct hg_buf statement = { 0 };
    const char *language;

    if (variant == NULL) {
        return;
    }
    if (json_object_get(variant, "effect") != NULL) {
        json_object_set(fix, "effect", json_object_get(variant, "effect"));
    }
    add_variant(&r, variant, strcmp(text_of(fix, "effect"), "online") == 0);
    language = main_language(steps);
    join(&statement, steps, language ? language : "");
    json_object_set(fix, "steps", steps);
    json_object_set_new(fix, "statement", json_string(hg_buf_text(&statement)));
    json_object_set_new(fix, "language", json_string(language));
    if (r.incomplete) {
        json_object_set_new(fix, "incomplete", json_true());
    }
    hg_buf_done(&statement);
}

json_t *hg_fix_render(const struct hg_case *c, const json_t *fix, const json_t *offenders)
{
    const char *text = json_string_value(json_object_get(fix, "text"));
    struct hg_buf words = { 0 };
    bool ignored = false;
    json_t *ret;

    if (fix == NULL) {
        return NULL;
    }
    if (text != NULL) {
        hg_template_render(&words, text, c, NULL, NULL, &ignored);
    }
    ret = json_pack("{s:s, s:O*, s:O*, s:O*}", "text", hg_buf_text(&words), "effect",
                    json_object_get(fix, "effect"), "who", json_object_get(fix, "who"), "after",
                    json_object_get(fix, "after"));
    if (ret != NULL) {
        put_steps(c, json_object_get(fix, "variants"), offenders, json_object_get(fix, "file"),
                  ret);
    }
    hg_buf_done(&words);
    return ret;
}

json_t *hg_look_render(const struct hg_case *c, const char *text)
{
    json_t *ret = json_pack("{s:s, s:s, s:s}", "text", text, "effect", "online", "who", "dba");

    if (ret != NULL) {
        put_steps(c, c->check->look, NULL, NULL, ret);
    }
    return ret;
}
