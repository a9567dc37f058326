/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "rules/expr.h"
#include "rules/template.h"
#include "rules/value.h"

#define MAX_OFFENDERS 20

/* ---- does it apply? ---- */

static bool listed(const json_t *one_or_list, const char *name)
{
    size_t i;
    json_t *item;

    if (json_is_string(one_or_list)) {
        return strcmp(json_string_value(one_or_list), name) == 0;
    }
    json_array_foreach (one_or_list, i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), name) == 0) {
            return true;
        }
    }
    return false;
}

/* flavour, version and provider from <engine>.server: not known → unknown, never skip. */
static enum hg_verdict server_fits(const struct hg_case *c, const json_t *wanted,
                                   struct hg_buf *why)
{
    static const char *const fields[] = { "flavour", "provider", "version" };
    char address[160];
    enum hg_verdict v = HG_PASS;

    for (size_t i = 0; i < HG_COUNT(fields); i++) {
        json_t *want = json_object_get(wanted, fields[i]);
        json_auto_t *have = NULL;
        enum hg_verdict one;

        if (want == NULL) {
            continue;
        }
        snprintf(address, sizeof(address), "%s.server/%s", c->check->engine, fields[i]);
        have = hg_eval_value(c, address);
        one = !json_is_string(have) ? HG_UNKNOWN
              : i == 2 ? hg_version_holds(json_string_value(have), json_string_value(want))
              : listed(want, json_string_value(have)) ? HG_PASS
                                                      : HG_FAIL;
        if (one == HG_FAIL && why->len == 0) {
            hg_buf_printf(why, "does not apply: the server's %s is %s, this is for ", fields[i],
                          json_string_value(have));
            hg_value_say(why, want);
        }
        v = hg_verdict_and(v, one);
    }
    return v;
}

bool hg_server_fits(const struct hg_case *c, const json_t *wanted)
{
    struct hg_buf why = { 0 };
    enum hg_verdict v = server_fits(c, wanted, &why);

    hg_buf_done(&why);
    return v == HG_PASS;
}

/* ---- words ---- */

static void put_text(json_t *finding, const char *key, const struct hg_buf *text)
{
    if (text->len > 0) {
        json_object_set_new(finding, key, json_string(hg_buf_text(text)));
    }
}

static void put_offenders(json_t *finding, const json_t *offenders)
{
    size_t n = json_array_size(offenders);
    json_auto_t *names = json_array();

    if (n == 0) {
        return;
    }
    for (size_t i = 0; i < n && i < MAX_OFFENDERS; i++) {
        struct hg_buf name = { 0 };

        hg_value_name(&name, json_array_get(offenders, i));
        json_array_append_new(names, json_string(hg_buf_text(&name)));
        hg_buf_done(&name);
    }
    json_object_set(finding, "offenders", names);
    json_object_set_new(finding, "offender_count", json_integer((json_int_t)n));
}

static void say_fail(const struct hg_eval *e, struct hg_buf *out)
{
    const char *actual = hg_buf_text(&e->said.actual),
               *expected = hg_buf_text(&e->said.expected);
    size_t n = json_array_size(e->said.offenders);

    if (e->label.len == 0) {
        hg_buf_printf(out, "not so: %s", e->c->check->title);
        return;
    }
    hg_buf_printf(out, "%s is %s", hg_buf_text(&e->label), actual[0] ? actual : "otherwise");
    if (expected[0] != '\0') {
        hg_buf_printf(out, "; expected %s", expected);
    }
    for (size_t i = 0; i < n && i < 3; i++) {
        hg_buf_puts(out, i == 0 ? ": " : ", ");
        hg_value_name(out, json_array_get(e->said.offenders, i));
    }
    if (n > 3) {
        hg_buf_printf(out, " and %zu more", n - 3);
    }
}

static void say_unknown(const struct hg_eval *e, struct hg_buf *out)
{
    const json_t *first = json_array_get(e->undecided, 0);
    const char *key = json_string_value(json_object_get(first, "key"));
    const char *state = json_string_value(json_object_get(first, "state"));
    const char *reason = json_string_value(json_object_get(first, "reason"));

    if (first == NULL) {
        hg_buf_printf(out, "could not be decided: %s %s",
                      e->label.len ? hg_buf_text(&e->label) : "what was seen",
                      "is of a form that is not understood");
        return;
    }
    if (strcmp(state, "known") == 0) {
        hg_buf_printf(out, "could not be decided: %s: %s", key, reason);
    } else {
        hg_buf_printf(out, "could not be decided: %s is %s: %s", key, state, reason);
    }
}

/* The remedy of an unknown is a way to look. */
static void put_way_to_look(json_t *finding, const struct hg_eval *e)
{
    size_t i;
    json_t *item;

    json_array_foreach (e->undecided, i, item) {
        const char *needs = json_string_value(json_object_get(item, "needs"));
        struct hg_buf text = { 0 };

        if (needs == NULL) {
            continue;
        }
        hg_buf_printf(&text, "To let headgate look: %s.", needs);
        json_object_set_new(finding, "fix", hg_look_render(e->c, hg_buf_text(&text)));
        hg_buf_done(&text);
        return;
    }
}

static void put_sentence(json_t *finding, const struct hg_eval *e, enum hg_verdict v)
{
    const struct hg_case *c = e->c;
    const char *template = json_string_value(
        json_object_get(c->check->says, v == HG_FAIL ? "fail" : "unknown"));
    struct hg_buf sentence = { 0 };
    bool incomplete = false;

    if (v == HG_PASS) {
        hg_buf_puts(&sentence, c->check->title);
    } else if (template != NULL && (v == HG_FAIL || json_array_size(e->undecided) == 0)) {
        hg_template_render(&sentence, template, c, e->said.offenders, &e->said, &incomplete);
    } else if (v == HG_FAIL) {
        say_fail(e, &sentence);
    } else {
        say_unknown(e, &sentence);
    }
    put_text(finding, "sentence", &sentence);
    hg_buf_done(&sentence);
}

/* ---- the finding ---- */

static enum hg_severity severity_of(const struct hg_case *c)
{
    size_t i;
    json_t *item;

    json_array_foreach (c->check->severity_when, i, item) {
        enum hg_severity severity = c->check->severity;
        struct hg_eval e;
        enum hg_verdict v = HG_UNKNOWN;

        if (hg_eval_init(&e, c)) {
            v = hg_eval_expect(&e, json_object_get(item, "when"), NULL);
        }
        hg_eval_done(&e);
        if (v == HG_PASS &&
            hg_severity_parse(json_string_value(json_object_get(item, "severity")),
                              &severity)) {
            return severity;
        }
    }
    return c->check->severity;
}

static json_t *start(const struct hg_case *c)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:O*}", "check", c->check->id, "target",
                     hg_facts_target(c->facts), "title", c->check->title, "severity",
                     hg_severity_name(severity_of(c)), "why", c->check->why, "refs",
                     c->check->refs);
}

static json_t *end(json_t *finding, enum hg_verdict verdict, const char *sentence)
{
    json_object_set_new(finding, "verdict", json_string(hg_verdict_name(verdict)));
    if (sentence != NULL) {
        json_object_set_new(finding, "sentence", json_string(sentence));
    }
    return finding;
}

/* Skipped or undecided before what is expected is looked at. NULL: it applies. */
static json_t *not_applying(const struct hg_case *c, json_t *finding, struct hg_eval *e)
{
    struct hg_buf why = { 0 };
    enum hg_verdict v = server_fits(c, c->check->applies, &why);
    const json_t *when = json_object_get(c->check->applies, "when");
    json_t *ret = NULL;

    if (c->check->level > c->level) {
        bool wanted = c->check->level <= c->wanted;

        hg_buf_done(&why);
        hg_buf_printf(&why, "not proved%s; add --%s",
                      wanted ? ", though that was asked for: the facts were collected without"
                             : "",
                      c->check->level == HG_LEVEL_PROVE ? "prove" : "attempts");
        ret = end(finding, wanted ? HG_UNKNOWN : HG_SKIP, hg_buf_text(&why));
    } else if (v == HG_FAIL) {
        ret = end(finding, HG_SKIP, hg_buf_text(&why));
    } else if (v == HG_UNKNOWN) {
        ret = end(finding, HG_UNKNOWN,
                  "could not be decided: it is not known which server this is");
    } else if (when != NULL) {
        v = hg_eval_expect(e, when, NULL);
        if (v == HG_FAIL) {
            hg_buf_printf(&why, "does not apply: of %s, ",
                          json_object_iter_key(json_object_iter(e->evidence)));
            say_fail(e, &why);
            ret = end(finding, HG_SKIP, hg_buf_text(&why));
        } else if (v == HG_UNKNOWN) {
            put_sentence(finding, e, HG_UNKNOWN);
            put_way_to_look(finding, e);
            ret = end(finding, HG_UNKNOWN, NULL);
        }
    }
    hg_buf_done(&why);
    return ret;
}

static void put_evidence(json_t *finding, const struct hg_eval *e)
{
    json_auto_t *keys = json_array();
    const char *key;
    json_t *value;

    json_object_foreach (e->evidence, key, value) {
        json_array_append_new(keys, json_string(key));
    }
    json_object_set(finding, "evidence", keys);
    if (e->account_used) {
        json_object_set_new(finding, "as_account", json_true());
    }
}

/* What was seen, and says nothing: the check names such cases, with words and a remedy of their
 * own. False: none of them holds. */
static bool undecided(const struct hg_case *c, json_t *finding)
{
    size_t i;
    json_t *item;
    json_auto_t *found = NULL; /* what it holds of */
    bool held = false;

    json_array_foreach (c->check->undecided, i, item) {
        struct hg_eval e;

        held = hg_eval_init(&e, c) &&
               hg_eval_expect(&e, json_object_get(item, "when"), NULL) == HG_PASS;
        if (held) {
            put_evidence(finding, &e);
            put_offenders(finding, e.found);
            found = json_incref(e.found);
        }
        hg_eval_done(&e);
        if (held) {
            break;
        }
    }
    if (held) {
        struct hg_buf sentence = { 0 };
        json_t *fix = hg_fix_render(c, json_object_get(item, "fix"), NULL);
        bool ignored = false;

        hg_template_render(&sentence, json_string_value(json_object_get(item, "says")), c,
                           found, NULL, &ignored);
        put_text(finding, "sentence", &sentence);
        hg_buf_done(&sentence);
        if (fix != NULL) {
            json_object_set_new(finding, "fix", fix);
        }
    }
    return held;
}

static json_t *judge(const struct hg_case *c, struct hg_eval *e, json_t *finding)
{
    enum hg_verdict v;

    if (not_applying(c, finding, e) != NULL) {
        put_evidence(finding, e);
        return finding;
    }
    if (undecided(c, finding)) {
        return end(finding, HG_UNKNOWN, NULL);
    }
    e->skipped = false;
    v = hg_eval_expect(e, c->check->expect, NULL);
    put_evidence(finding, e);
    if (v == HG_PASS && e->skipped) {
        return end(finding, HG_SKIP, "does not apply: there is nothing of the kind here");
    }
    if (v == HG_FAIL) {
        json_t *fix = hg_fix_render(c, c->check->fix, e->said.offenders);

        put_text(finding, "expected", &e->said.expected);
        put_text(finding, "actual", &e->said.actual);
        put_offenders(finding, e->said.offenders);
        if (fix != NULL) {
            json_object_set_new(finding, "fix", fix);
        }
    }
    if (v == HG_UNKNOWN) {
        put_way_to_look(finding, e);
    }
    put_sentence(finding, e, v);
    return end(finding, v, NULL);
}

json_t *hg_judge(const struct hg_case *c)
{
    json_auto_t *finding = start(c);
    struct hg_eval e;

    if (finding == NULL || !hg_eval_init(&e, c)) {
        return NULL;
    }
    judge(c, &e, finding);
    hg_eval_done(&e);
    return hg_steal(&finding);
}
