/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_causes.c - what waits on another check is counted there, not listed again. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reports/terminal.h"

#define CHAIN_MAX                                                                              \
    16 /* steps from one waiting check to the next; a stored run may have a ring */

struct tracing {
    const struct hg_section *section;
    struct hg_causes *causes;
    json_t *by_check; /* { check: index in the section } */
    json_t *cause_of; /* { check: index in causes } */
};

static bool is_trouble(const struct hg_finding *f)
{
    return f->verdict == HG_FAIL || f->verdict == HG_UNKNOWN;
}

static bool waits(const struct hg_finding *f)
{
    return is_trouble(f) && f->waits_on[0] != '\0';
}

/* The check that a waiting finding waits on in the end. */
static const char *root_of(const struct tracing *t, const struct hg_finding *f)
{
    const char *root = f->waits_on;

    for (int step = 0; step < CHAIN_MAX; step++) {
        const json_t *index = json_object_get(t->by_check, root);
        const struct hg_finding *next = index ? t->section->findings[json_integer_value(index)]
                                              : NULL;

        if (next == NULL || !waits(next)) {
            break;
        }
        root = next->waits_on;
    }
    return root;
}

static bool add(const struct tracing *t, const char *check, const struct hg_finding *f,
                bool stands_in)
{
    struct hg_cause *cause = &t->causes->list[t->causes->n];

    *cause = (struct hg_cause){ .finding = f,
                                .section = t->section,
                                .stands_in = stands_in,
                                .closes = f->closes_gate,
                                .severity = f->severity };
    return json_object_set_new(t->cause_of, check, json_integer((json_int_t)t->causes->n++)) ==
           0;
}

static bool wait_on(const struct tracing *t, const struct hg_finding *f)
{
    const char *root = root_of(t, f);
    struct hg_cause *cause;

    if (json_object_get(t->cause_of, root) == NULL && !add(t, root, f, true)) {
        return false;
    }
    cause = &t->causes->list[json_integer_value(json_object_get(t->cause_of, root))];
    cause->waiting++;
    cause->closes = cause->closes || f->closes_gate;
    cause->severity = f->severity > cause->severity ? f->severity : cause->severity;
    return true;
}

static bool trace(const struct tracing *t)
{
    const struct hg_section *s = t->section;

    for (size_t i = 0; i < s->n_findings; i++) {
        const struct hg_finding *f = s->findings[i];

        if (json_object_set_new(t->by_check, f->check, json_integer((json_int_t)i)) != 0 ||
            (is_trouble(f) && !waits(f) && !add(t, f->check, f, false))) {
            return false;
        }
    }
    for (size_t i = 0; i < s->n_findings; i++) {
        if (waits(s->findings[i]) && !wait_on(t, s->findings[i])) {
            return false;
        }
    }
    return true;
}

static int by_severity(const void *a, const void *b)
{
    const struct hg_cause *x = a, *y = b;

    if (x->severity != y->severity) {
        return x->severity > y->severity ? -1 : 1;
    }
    return x->finding < y->finding ? -1 : x->finding > y->finding;
}

bool hg_causes_make(struct hg_causes *ret, const struct hg_sections *sections,
                    size_t n_findings)
{
    bool ok;

    *ret = (struct hg_causes){ .list = calloc(n_findings + 1, sizeof(*ret->list)) };
    ok = ret->list != NULL;
    for (size_t i = 0; ok && i < sections->n; i++) {
        json_auto_t *by_check = json_object(), *cause_of = json_object();
        struct tracing t = { &sections->list[i], ret, by_check, cause_of };
        size_t first = ret->n;

        ok = by_check != NULL && cause_of != NULL && trace(&t);
        qsort(ret->list + first, ret->n - first, sizeof(*ret->list), by_severity);
    }
    return ok;
}

void hg_causes_done(struct hg_causes *causes)
{
    free(causes->list);
}
