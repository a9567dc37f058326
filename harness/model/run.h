/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * run.h - everything a report may show, complete before the first byte of any report.
 *
 * A run is one JSON document (the `json` report is exactly it; schema in reports/schema/) with
 * a typed view over it. Views borrow from the document; every string is valid UTF-8 without
 * control characters other than newline (in statements), and never NULL unless said.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"
#include "model/change.h"
#include "model/finding.h"

struct json_t;

#define HG_RUN_FORMAT 1

/* One verdict, as reports see it. "" where there is nothing to say. */
struct hg_finding {
    const char *check;  /* mysql.binlog.format */
    const char *target; /* contributor */
    const char *title;  /* "The binary log records whole rows" */
    enum hg_severity severity;
    enum hg_verdict verdict;
    bool closes_gate;     /* a failure or unknown at or above the gate */
    const char *sentence; /* always one readable sentence */
    const char *expected, *actual;
    struct json_t *offenders; /* array of strings, at most 20, or NULL */
    size_t n_offenders;       /* how many there really are */
    const char *why;
    const char *fix_text, *fix_effect, *fix_who; /* "" when there is no fix */
    const char *fix_statement; /* SQL, JS, shell or file lines; may be many lines */
    const char *fix_language;  /* sql js shell file text */
    bool fix_incomplete;       /* a name could not be filled in */
    struct json_t *fix_steps;  /* array of {language, text, file, incomplete, afterwards} in the
                                * order of doing; NULL in runs of before */
    struct json_t *fix_after;  /* globs of checks whose fixes come first, or NULL */
    struct json_t *refs;       /* array of strings */
    struct json_t *evidence;   /* array of fact keys */
    const char *waits_on;      /* the check whose result this one waits for, or "" */
    const char *waiver;        /* "until 2027-01-31: reason (owner)", or "" */
    enum hg_change since;      /* new, worse, better, unchanged; HG_SAME: nothing is said */
};

struct hg_run_target {
    const char *id, *engine;
    const char *host; /* as the secret names it; "" when unknown */
    long long port;
    const char *dialled; /* "127.0.0.1:13306", instead of these; "" when they were dialled */
    const char *account, *server; /* "datastream_user@127.0.0.1", "MySQL 9.7.4"; "" unknown */
    const char *database;         /* as the secret names it; "" when unknown */
    long long ms;                 /* how long its probe took, the last time */
    long long attempts;           /* 0: not said */
    long long waited_ms;          /* from the first attempt to the last */
    bool starting;                /* the last one found no server that is ready */
    struct json_t *errors;        /* array of strings: faults of ours; never NULL */
};

/* The run that this one was compared with (--since). */
struct hg_since {
    const char *started_at; /* NULL when it was compared with none */
    const char *name, *level, *plan_digest;
    /* Arrays of { check, target, severity, was }, each of them texts; never NULL. */
    struct json_t *fixed, *waived, *lost;
    size_t count[HG_CHANGES];
};

struct hg_run {
    struct json_t *doc; /* owned */
    const char *name, *version, *started_at, *level, *vantage, *plan_digest;
    enum hg_severity fail_on;
    struct hg_run_target *targets; /* ordered as in the plan */
    size_t n_targets;
    struct hg_finding *findings; /* ordered by target (plan order), then check id */
    size_t n_findings;
    size_t count[HG_VERDICTS];
    struct hg_since since;
    size_t n_errors; /* faults of ours, over all targets and the run */
    bool interrupted;
    int exit_status;
};

/* Takes a document (stolen, also on failure) and checks every field that a view shows.
 * HG_E_SYNTAX with the offending path otherwise. */
HG_MUST_CHECK struct hg_run *hg_run_from_json(struct json_t *doc, struct hg_error *err);
void hg_run_free(struct hg_run *run);
HG_DEFINE_AUTO(struct hg_run, hg_run_free)

/* The exit status that the findings lead to (DESIGN section 7):
 * 130 > 70 > 1 > 3 > 5 > 0. `judged`: findings that were looked at; what is above the run's
 * level was not. Stored in the document by whoever makes it. */
int hg_exit_status(bool interrupted, size_t errors, size_t closing_fails,
                   size_t closing_unknowns, size_t judged);
