/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/expr.h"

#include <jansson.h>
#include <string.h>

#include "rules/value.h"

#define MAX_DEPTH 32

bool hg_eval_init(struct hg_eval *e, const struct hg_case *c)
{
    *e = (struct hg_eval){ .c = c, .evidence = json_object(), .undecided = json_array() };
    return e->evidence != NULL && e->undecided != NULL;
}

static void said_done(struct hg_said *said)
{
    hg_buf_done(&said->expected);
    hg_buf_done(&said->actual);
    json_decref(said->offenders);
    *said = (struct hg_said){ 0 };
}

/* An evaluation inside another, which owns evidence and undecided. */
static void sub_done(struct hg_eval *sub)
{
    said_done(&sub->said);
    hg_buf_done(&sub->label);
    json_decref(sub->found);
    sub->found = NULL;
}

void hg_eval_done(struct hg_eval *e)
{
    sub_done(e);
    json_decref(e->evidence);
    json_decref(e->undecided);
}

const char *const *hg_run_names(void)
{
    static const char *const names[] = { "vantage", "where", "dialled", "forward",    "collect",
                                         "judge",   "range", "ranges",  "mysql-host", NULL };

    return names;
}

/* The plan's own words as if they were facts. */
static struct hg_fact pseudo_fact(const struct hg_case *c, const char *key, json_t **ret_owned)
{
    struct hg_fact fact = { .key = key, .state = HG_FACT_KNOWN };

    if (strcmp(key, "param") == 0) {
        fact.value = (json_t *)c->params;
    } else if (strcmp(key, "target") == 0) {
        *ret_owned = json_pack("{s:s, s:O*}", "engine", c->check->engine, "scope", c->scope);
        fact.value = *ret_owned;
    } else if (strcmp(key, "run") == 0) {
        *ret_owned = json_pack("{s:s}", "vantage", "unstated");
        json_object_update(*ret_owned, (json_t *)c->run);
        fact.value = *ret_owned;
    } else {
        return hg_facts_get(c->facts, key);
    }
    if (fact.value == NULL) {
        fact.state = HG_FACT_ABSENT;
    }
    return fact;
}

json_t *hg_eval_value(const struct hg_case *c, const char *address)
{
    json_auto_t *owned = NULL;
    const char *pointer;
    char key[128];
    struct hg_fact fact;
    json_t *value;

    if (!hg_address_split(address, key, sizeof(key), &pointer)) {
        return NULL;
    }
    fact = pseudo_fact(c, key, &owned);
    if (fact.state != HG_FACT_KNOWN) {
        return fact.state == HG_FACT_ABSENT ? json_null() : NULL;
    }
    value = hg_pointer_get(fact.value, pointer);
    return value ? json_incref(value) : json_null();
}

/* A copy of `want` with {param:}, {fact:} and {target:} filled in; NULL when one is not known.
 */
static json_t *fill(const struct hg_case *c, const json_t *want, int depth)
{
    json_auto_t *out = NULL;
    const char *key = NULL, *name;
    json_t *value;
    size_t i;
    char address[256];

    if (depth > MAX_DEPTH) {
        return NULL;
    }
    if (json_object_size(want) == 1) {
        key = json_object_iter_key(json_object_iter((json_t *)want));
        name = json_string_value(json_object_get(want, key));
        if (name != NULL && strcmp(key, "fact") == 0) {
            return hg_eval_value(c, name);
        }
        if (name != NULL && (strcmp(key, "param") == 0 || strcmp(key, "target") == 0) &&
            strlen(name) < 200) {
            strcat(strcat(strcpy(address, key), "/"), name);
            out = hg_eval_value(c, address);
            return json_is_null(out) ? NULL : hg_steal(&out);
        }
    }
    if (json_is_array(want)) {
        out = json_array();
        json_array_foreach (want, i, value) {
            if (json_array_append_new(out, fill(c, value, depth + 1)) != 0) {
                return NULL;
            }
        }
        return hg_steal(&out);
    }
    if (json_is_object(want)) {
        out = json_object();
        json_object_foreach ((json_t *)want, key, value) {
            if (json_object_set_new(out, key, fill(c, value, depth + 1)) != 0) {
                return NULL;
            }
        }
        return hg_steal(&out);
    }
    return json_incref((json_t *)want);
}

static void note_undecided(struct hg_eval *e, const struct hg_fact *fact)
{
    json_array_append_new(e->undecided,
                          json_pack("{s:s, s:s, s:s, s:s*}", "key", fact->key, "state",
                                    hg_fact_state_name(fact->state), "reason",
                                    fact->reason ? fact->reason : "no reason was given",
                                    "needs", fact->needs));
}

/* Keeps the words of the first entry that failed; the others are dropped. */
static void keep_said(struct hg_eval *e, struct hg_said *said, const char *label)
{
    if (e->label.len == 0) {
        said_done(&e->said);
        e->said = *said;
        *said = (struct hg_said){ 0 };
        hg_buf_puts(&e->label, label);
    } else {
        said_done(said);
    }
}

static enum hg_verdict eval_quantifier(struct hg_eval *e, const char *kind,
                                       const json_t *matcher, const json_t *arg,
                                       const json_t *value, const char *label);

static bool is_quantifier(const char *name)
{
    return strcmp(name, "every") == 0 || strcmp(name, "some") == 0 || strcmp(name, "none") == 0;
}

/* SQL's NULL, and JSON's, say nothing: "it is not X" must not hold on them. */
static bool says_nothing(const char *name, const json_t *value)
{
    static const char *const negative[] = { "not_equals", "none_of", "not_like", "excludes",
                                            "length" };

    for (size_t i = 0; json_is_null(value) && i < HG_COUNT(negative); i++) {
        if (strcmp(negative[i], name) == 0) {
            return true;
        }
    }
    return value == NULL;
}

static enum hg_verdict eval_operator(struct hg_eval *e, const char *name, const json_t *want,
                                     const json_t *value, const char *label)
{
    const struct hg_operator *op = hg_operator_find(name);
    json_auto_t *filled = fill(e->c, want, 0);
    struct hg_said said = { 0 };
    enum hg_verdict v;

    if (op == NULL || filled == NULL) {
        struct hg_fact fact = { .key = label,
                                .state = HG_FACT_UNASKED,
                                .reason = "what it is compared with is not known" };

        note_undecided(e, &fact);
        return HG_UNKNOWN;
    }
    if (says_nothing(name, value)) { /* absent: definite, and only `absent` can hold on it */
        v = strcmp(name, "absent") == 0 && json_is_true(filled) ? HG_PASS : HG_FAIL;
        if (v == HG_FAIL) {
            hg_buf_puts(&said.actual, "not there");
            if (strcmp(name, "absent") == 0) {
                hg_buf_puts(&said.expected, "something");
            } else {
                hg_value_say(&said.expected, filled);
            }
        }
    } else {
        v = op->holds(value, filled, &said);
    }
    if (v == HG_PASS) {
        said_done(&said);
    } else {
        keep_said(e, &said, label);
    }
    return v;
}

static enum hg_verdict eval_matcher(struct hg_eval *e, const json_t *matcher,
                                    const json_t *value, const char *label)
{
    enum hg_verdict v = HG_PASS;
    const char *name;
    json_t *want;

    json_object_foreach ((json_t *)matcher, name, want) {
        if (is_quantifier(name)) {
            v = hg_verdict_and(v, eval_quantifier(e, name, matcher, want, value, label));
        } else if (value != NULL && (strcmp(name, "empty") == 0) && json_is_string(want)) {
            continue; /* belongs to the quantifier beside it */
        } else {
            v = hg_verdict_and(v, eval_operator(e, name, want, value, label));
        }
    }
    return v;
}

/* ---- quantifiers ---- */

/* An element against `{ /field: matcher, …, operator: want, where: … }`. */
static enum hg_verdict eval_element(struct hg_eval *e, const json_t *arg, const json_t *element)
{
    enum hg_verdict v = HG_PASS;
    const char *name;
    json_t *want;

    json_object_foreach ((json_t *)arg, name, want) {
        if (strcmp(name, "where") == 0) {
            continue;
        }
        if (hg_operator_find(name) != NULL) {
            v = hg_verdict_and(v, eval_operator(e, name, want, element, "element"));
        } else {
            json_auto_t *one = json_pack("{s:O}", name, want);

            v = hg_verdict_and(v, hg_eval_expect(e, one, element));
        }
    }
    return v;
}

struct tally {
    size_t n, pass, fail, unknown;
    json_t *failed, *passed; /* elements */
    struct hg_said first;    /* words of the first element that failed */
    struct hg_buf label;
};

static void count_element(struct hg_eval *e, struct tally *t, const json_t *arg,
                          const json_t *element)
{
    struct hg_eval sub = {
        .c = e->c, .evidence = e->evidence, .undecided = e->undecided, .depth = e->depth
    };
    const json_t *where = json_object_get(arg, "where");
    enum hg_verdict in = where ? hg_eval_expect(&sub, where, element) : HG_PASS;
    enum hg_verdict v;

    said_done(&sub.said);
    hg_buf_clear(&sub.label);
    if (in == HG_FAIL) {
        sub_done(&sub);
        return;
    }
    t->n++;
    v = in == HG_UNKNOWN ? HG_UNKNOWN : eval_element(&sub, arg, element);
    e->account_used |= sub.account_used;
    t->pass += v == HG_PASS;
    t->fail += v == HG_FAIL;
    t->unknown += v == HG_UNKNOWN;
    if (v == HG_FAIL || v == HG_PASS) {
        json_array_append(v == HG_FAIL ? t->failed : t->passed, (json_t *)element);
    }
    if (v == HG_FAIL && t->label.len == 0) {
        t->first = sub.said;
        t->label = sub.label;
        json_decref(sub.found);
        return;
    }
    sub_done(&sub);
}

static enum hg_verdict verdict_of(const struct tally *t, const char *kind, bool complete)
{
    if (strcmp(kind, "some") == 0) {
        return t->pass > 0 ? HG_PASS : t->unknown > 0 || !complete ? HG_UNKNOWN : HG_FAIL;
    }
    if (strcmp(kind, "none") == 0) {
        return t->pass > 0 ? HG_FAIL : t->unknown > 0 || !complete ? HG_UNKNOWN : HG_PASS;
    }
    return t->fail > 0 ? HG_FAIL : t->unknown > 0 || !complete ? HG_UNKNOWN : HG_PASS;
}

static enum hg_verdict verdict_of_empty(struct hg_eval *e, const char *kind,
                                        const json_t *matcher, const char *label, bool complete)
{
    const char *empty = json_string_value(json_object_get(matcher, "empty"));
    enum hg_verdict v = HG_UNKNOWN;

    if (empty == NULL && strcmp(kind, "every") != 0 && complete) {
        return strcmp(kind, "some") == 0 ? HG_FAIL : HG_PASS;
    }
    if (empty != NULL && strcmp(empty, "skip") == 0 && complete) {
        e->skipped = true;
        return HG_PASS;
    }
    if (empty != NULL && (complete || strcmp(empty, "fail") == 0) &&
        hg_verdict_parse(empty, &v) && v != HG_UNKNOWN) {
        return v;
    }
    json_array_append_new(
        e->undecided, json_pack("{s:s, s:s, s:s}", "key", label, "state", "known", "reason",
                                complete ? "the list is empty: there is nothing in scope, or "
                                           "the account may see nothing"
                                         : "the list may be incomplete"));
    return HG_UNKNOWN;
}

static void say_quantified(struct hg_eval *e, struct tally *t, const char *kind,
                           const char *label)
{
    struct hg_said said = { 0 };
    bool none = strcmp(kind, "none") == 0;

    said.offenders = none                         ? json_incref(t->passed)
                     : strcmp(kind, "every") == 0 ? json_incref(t->failed)
                                                  : NULL;
    e->n_elements = t->n;
    if (strcmp(kind, "some") == 0) {
        hg_buf_puts(&said.expected, "at least one that fits");
        hg_buf_printf(&said.actual, "none of %zu", t->n);
    } else {
        hg_buf_printf(&said.expected, none ? "none" : "all of %zu", t->n);
        hg_buf_printf(&said.actual, "%zu of %zu", none ? t->pass : t->fail, t->n);
    }
    if (!none && t->label.len > 0) {
        hg_buf_clear(&said.expected);
        hg_buf_printf(&said.expected, "%s %s", hg_buf_text(&t->label),
                      hg_buf_text(&t->first.expected));
    }
    keep_said(e, &said, label);
}

static enum hg_verdict eval_quantifier(struct hg_eval *e, const char *kind,
                                       const json_t *matcher, const json_t *arg,
                                       const json_t *value, const char *label)
{
    bool complete = true;
    json_t *items = value ? hg_value_items(value, &complete) : NULL, *element;
    json_auto_t *failed = json_array(), *passed = json_array();
    struct tally t = { .failed = failed, .passed = passed };
    enum hg_verdict v;
    size_t i;

    if (items == NULL) {
        struct hg_fact fact = { .key = label,
                                .state = HG_FACT_GARBLED,
                                .reason = "it is not a list" };

        if (value == NULL) { /* absent: nothing holds on it, unless the check says so */
            return strcmp(kind, "none") == 0 && json_object_get(matcher, "empty") == NULL
                       ? HG_FAIL
                       : verdict_of_empty(e, kind, matcher, label, true);
        }
        note_undecided(e, &fact);
        return HG_UNKNOWN;
    }
    json_array_foreach (items, i, element) {
        count_element(e, &t, arg, element);
    }
    v = t.n == 0 ? verdict_of_empty(e, kind, matcher, label, complete)
                 : verdict_of(&t, kind, complete);
    if (v == HG_UNKNOWN && t.n > 0 && !complete && t.unknown == 0) {
        (void)verdict_of_empty(e, "every", NULL, label, false); /* notes why */
    }
    if (v == HG_FAIL) {
        say_quantified(e, &t, kind, label);
    }
    if (v == HG_PASS && t.n > 0 && strcmp(kind, "some") == 0) {
        json_decref(e->found);
        e->found = json_incref(passed);
    }
    said_done(&t.first);
    hg_buf_done(&t.label);
    return v;
}

/* ---- addresses and logic ---- */

/* What the plan asks for is no failure of the target: it leaves no words of its own. */
static enum hg_verdict eval_quietly(struct hg_eval *e, const json_t *matcher,
                                    const json_t *value, const char *label)
{
    struct hg_eval sub = {
        .c = e->c, .evidence = e->evidence, .undecided = e->undecided, .depth = e->depth
    };
    enum hg_verdict v = eval_matcher(&sub, matcher, value, label);

    sub_done(&sub);
    return v;
}

/* The check says what a server without the notion means: it does not apply, or it fails. */
static enum hg_verdict eval_unsupported(struct hg_eval *e, const char *label)
{
    struct hg_said said = { 0 };

    if (e->c->check->unsupported == HG_UNSUPPORTED_SKIP) {
        e->skipped = true;
        return HG_PASS;
    }
    hg_buf_puts(&said.actual, "not supported by this server");
    keep_said(e, &said, label);
    return HG_FAIL;
}

static enum hg_verdict eval_address(struct hg_eval *e, const char *address,
                                    const json_t *matcher, const json_t *element)
{
    json_auto_t *owned = NULL;
    const char *pointer, *label = strrchr(address, '/');
    char key[128];
    struct hg_fact fact;

    label = label && label[1] != '\0' ? label + 1 : address;
    if (element != NULL && address[0] == '/') {
        return eval_matcher(e, matcher, hg_pointer_get(element, address), label);
    }
    if (!hg_address_split(address, key, sizeof(key), &pointer)) {
        return HG_UNKNOWN;
    }
    fact = pseudo_fact(e->c, key, &owned);
    if ((strcmp(key, "param") == 0 || strcmp(key, "run") == 0) && fact.value != NULL) {
        return eval_quietly(e, matcher, hg_pointer_get(fact.value, pointer), label);
    }
    if (strcmp(key, "target") != 0) {
        json_object_set_new(e->evidence, key, json_true());
        e->account_used |= !fact.by_auditor;
    }
    if (fact.state == HG_FACT_KNOWN || fact.state == HG_FACT_ABSENT) {
        json_t *value = fact.value ? hg_pointer_get(fact.value, pointer) : NULL;

        return eval_matcher(e, matcher, value, label);
    }
    if (fact.state == HG_FACT_UNSUPPORTED &&
        e->c->check->unsupported != HG_UNSUPPORTED_UNKNOWN) {
        return eval_unsupported(e, label);
    }
    note_undecided(e, &fact);
    return HG_UNKNOWN;
}

static enum hg_verdict eval_list(struct hg_eval *e, const json_t *list, bool any,
                                 const json_t *element)
{
    enum hg_verdict v = any ? HG_FAIL : HG_PASS;
    size_t i;
    json_t *item;

    json_array_foreach (list, i, item) {
        enum hg_verdict one = hg_eval_expect(e, item, element);

        v = any ? hg_verdict_or(v, one) : hg_verdict_and(v, one);
    }
    return v;
}

/* What is under `not` says the opposite of what it means, so it says nothing. */
static enum hg_verdict eval_not(struct hg_eval *e, const json_t *expect, const json_t *element)
{
    struct hg_eval sub = {
        .c = e->c, .evidence = e->evidence, .undecided = e->undecided, .depth = e->depth
    };
    enum hg_verdict v = hg_verdict_not(hg_eval_expect(&sub, expect, element));

    e->account_used |= sub.account_used;
    sub_done(&sub);
    return v;
}

enum hg_verdict hg_eval_expect(struct hg_eval *e, const json_t *expect, const json_t *element)
{
    enum hg_verdict v = HG_PASS;
    const char *key;
    json_t *value;

    if (++e->depth > MAX_DEPTH) {
        e->depth--;
        return HG_UNKNOWN;
    }
    json_object_foreach ((json_t *)expect, key, value) {
        enum hg_verdict one = strcmp(key, "all") == 0   ? eval_list(e, value, false, element)
                              : strcmp(key, "any") == 0 ? eval_list(e, value, true, element)
                              : strcmp(key, "not") == 0 ? eval_not(e, value, element)
                                                        : eval_address(e, key, value, element);

        v = hg_verdict_and(v, one);
    }
    e->depth--;
    return v;
}
