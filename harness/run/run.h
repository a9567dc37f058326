/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * run.h - from a plan to facts (collect), and from facts to a run (judge). `headgate run` is
 * the two of them, one after the other.
 *
 * Everything that touches the world below `cli` is here: processes, clocks, secret references.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/check.h"
#include "model/fact.h"
#include "model/plan.h"

struct json_t;

/* What is looked at. Lists of words, NULL-terminated or NULL: everything. */
struct hg_selection {
    const char *const *only; /* check ids, globs of them, tags or severities */
    const char *const *skip;
    const char *const *targets;  /* ids, globs of them, or engine:NAME */
    const struct json_t *failed; /* {target: {check: true}} of an earlier run, or NULL */
    enum hg_level level;         /* that this run had reached: what was proved, stays so */
};

/* A check is judged on a target: same engine, selected by the profiles and the command line. */
bool hg_selected(const struct hg_selection *selection, const struct hg_plan *plan,
                 const struct hg_check *check, const struct hg_target *target);

/* Which checks (an entry for each) have to be looked at on a target: the selected ones that
 * the level allows, and what these need, selected or not: a check that was judged without its
 * cause could pass. `ret_any`: there is one. The caller frees it; NULL when out of memory. */
bool *hg_needed(const struct hg_selection *selection, const struct hg_plan *plan,
                const struct hg_checks *checks, const struct hg_target *target,
                enum hg_level level, bool *ret_any);

/* False (HG_E_USAGE) with the first word that names no check, or no target of the plan. `plan`
 * may be NULL. */
HG_MUST_CHECK bool hg_selection_known(const struct hg_selection *selection,
                                      const struct hg_plan *plan,
                                      const struct hg_checks *checks, struct hg_error *err);

struct hg_progress {
    /* `what` is "start", a stage, "waiting OUTCOME (attempt N)" or "done". */
    void (*event)(void *data, const char *target, const char *what);
    void *data;
};

struct hg_options {
    struct hg_selection selection;
    enum hg_level level;
    int jobs;                      /* probes side by side */
    int deadline_ms;               /* for each attempt at a target */
    int wait_ms;                   /* how long one that is starting is tried again; 0: not */
    const char *const *probe_dirs; /* searched in order, NULL-terminated */
    int stop_fd;                   /* readable when the user wants to stop; -1 */
    bool verbose;                  /* keep the probes' diagnostics */
    struct hg_progress progress;
};

/* What is known of one target. */
struct hg_collected {
    char *target; /* id */
    struct hg_facts *facts;
    struct json_t *errors;  /* array of strings: trouble of ours */
    struct json_t *connect; /* what was dialled instead, {host, port}; or NULL */
    long long ms;           /* the last attempt took */
    int attempts;           /* 0: not asked */
    long long waited_ms;    /* from the first attempt to the last */
    bool starting;          /* the last one found no server that is ready (model/outcome.h) */
    char *diagnostics;      /* what the probe said on standard error, or NULL */
};

struct hg_collection {
    struct hg_collected *items; /* in the plan's order */
    size_t n;
    enum hg_level level;
    char vantage[12]; /* where the facts were collected: inside, tunnel, outside or "" */
    char collected_at[24];
    char plan_digest[65];
    bool interrupted;
};

void hg_collection_free(struct hg_collection *collection);
HG_DEFINE_AUTO(struct hg_collection, hg_collection_free)

/* Runs the probes of all selected targets. Errors are ours before anything was contacted (a
 * secret file that cannot be opened, a variable that is not set); afterwards everything
 * becomes facts or the targets' errors. */
HG_MUST_CHECK struct hg_collection *hg_collect(const struct hg_plan *plan,
                                               const struct hg_checks *checks,
                                               const struct hg_options *options,
                                               struct hg_error *err);

/* The request that a probe would get for a target (docs/PROBES.md section 2); new. */
struct json_t *hg_request_make(const struct hg_plan *plan, const struct hg_target *target,
                               const struct hg_checks *checks,
                               const struct hg_options *options);

/* Stored facts: a header line, a line a fact, an end line. */
void hg_collection_write(const struct hg_collection *collection, const struct hg_plan *plan,
                         struct hg_buf *out);
HG_MUST_CHECK struct hg_collection *hg_collection_read(const char *path, struct hg_error *err);

/* What checks may say of the place from which a target was looked at: the values of `run/…`
 * addresses (docs/CHECK-FORMAT.md), from the facts and never from what the plan says today.
 * New; NULL when out of memory. */
struct json_t *hg_where(const struct hg_plan *plan, const struct hg_target *target,
                        const struct hg_collection *collection,
                        const struct hg_collected *item);

/* For every probe's environment: libmongoc starts before main(), and where it cannot have its
 * counters in shared memory (which we do not need) it says so on standard output. */
#define HG_QUIET_MONGOC "MONGOC_DISABLE_SHM=1"

/* The path of `headgate-probe-ENGINE`, owned by the caller, or NULL. */
char *hg_probe_find(const char *const *dirs, const char *engine);

/* What a probe says of itself (--describe), or NULL with err. */
HG_MUST_CHECK struct json_t *hg_probe_describe(const char *const *dirs, const char *engine,
                                               struct hg_error *err);

/* What a secret names (the value of the fact `secret.payload`: host, port, username, database,
 * placeholders, never the password): a probe reads it, with --payload, and contacts nobody; a
 * port that is not stated is 0. A command is run, a variable taken out of the environment.
 * `stop_fd` as in hg_options. New, or NULL with err, which quotes nothing of the payload. */
HG_MUST_CHECK struct json_t *hg_payload_describe(const char *const *probe_dirs,
                                                 const struct hg_secret_ref *secret,
                                                 int stop_fd, struct hg_error *err);

/* Judges everything that is selected and makes the run document (model/run.h). `now` is epoch
 * seconds, for waivers. NULL when out of memory. */
HG_MUST_CHECK struct json_t *hg_run_make(const struct hg_plan *plan,
                                         const struct hg_checks *checks,
                                         const struct hg_collection *collection,
                                         const struct hg_selection *selection, long long now,
                                         const char *version);

/* The examples of a check, judged for real. False with the first that does not hold. */
HG_MUST_CHECK bool hg_examples_hold(const struct hg_check *check, struct hg_error *err);
