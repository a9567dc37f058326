/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * fact.h - what was observed about one target, and how sure we are of it.
 *
 * A fact set is plain data: it is filled from a probe's output or from a stored file, and
 * judged later, perhaps on another machine. Asking for a key never yields NULL; a key nobody
 * observed comes back as HG_FACT_UNASKED, so that "we did not look" never reads as "all is
 * well". The shapes of the facts are in docs/PROBES.md.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"

struct json_t;

enum hg_fact_state {
    HG_FACT_UNASKED,     /* nobody was asked for it */
    HG_FACT_KNOWN,       /* observed; .value is set */
    HG_FACT_ABSENT,      /* asked, and there is no such thing */
    HG_FACT_DENIED,      /* asked, and we are not allowed to see it */
    HG_FACT_UNREACHABLE, /* could not ask: no connection, or the deadline passed */
    HG_FACT_UNSUPPORTED, /* this engine or version has no such notion */
    HG_FACT_GARBLED,     /* asked, and could not make sense of the answer */
};

struct hg_fact {
    const char *key; /* "mysql.settings" */
    enum hg_fact_state state;
    struct json_t *value; /* HG_FACT_KNOWN only; borrowed from the set */
    const char *reason;   /* any other state: one sentence, no secrets */
    const char *needs;    /* HG_FACT_DENIED: the right that would let us look, or NULL */
    bool by_auditor;      /* seen by the auditor, not by the account itself */
};

struct hg_facts;

/* NULL when out of memory. */
struct hg_facts *hg_facts_new(const char *target_id);
void hg_facts_free(struct hg_facts *facts);
HG_DEFINE_AUTO(struct hg_facts, hg_facts_free)

const char *hg_facts_target(const struct hg_facts *facts);

/* Puts one fact line as a probe prints it ({"key","state","value",…}, docs/PROBES.md section
 * 3). A list whose line says "more" is continued by the next line of the same key. Refused
 * (HG_E_SYNTAX) when the line is not a fact. The line is copied by reference. */
HG_MUST_CHECK bool hg_facts_put_line(struct hg_facts *facts, struct json_t *line,
                                     struct hg_error *err);

/* Puts one fact; an earlier one of the same key is replaced. */
HG_MUST_CHECK bool hg_facts_put(struct hg_facts *facts, const struct hg_fact *fact,
                                struct hg_error *err);

/* Never fails: a key that is not there is HG_FACT_UNASKED. Borrowed from the set. */
struct hg_fact hg_facts_get(const struct hg_facts *facts, const char *key);

/* True when the key has a fact and no chunk of it is still awaited. */
bool hg_facts_has(const struct hg_facts *facts, const char *key);

/* Every fact as it would be stored, in the order in which keys first came; borrowed lines
 * {"key","state",…} in a new array owned by the caller. */
struct json_t *hg_facts_lines(const struct hg_facts *facts);

/* "known", "denied", … */
const char *hg_fact_state_name(enum hg_fact_state state);
HG_MUST_CHECK bool hg_fact_state_parse(const char *name, enum hg_fact_state *ret);
