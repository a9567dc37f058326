/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * plan.h - a plan as loaded: what is examined, as whom, against which profile.
 * Secrets are named here, never held. Everything borrows from `doc`.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "model/finding.h"
#include "model/level.h"

struct json_t;

enum hg_secret_kind { HG_SECRET_NONE, HG_SECRET_FILE, HG_SECRET_ENV, HG_SECRET_COMMAND };

struct hg_secret_ref {
    enum hg_secret_kind kind;
    const char *name;       /* file path or variable name */
    struct json_t *command; /* list of words */
};

struct hg_target {
    const char *id, *engine;
    struct hg_secret_ref secret, auditor;
    struct json_t *connect;   /* {host, port}, or NULL */
    struct json_t *tls;       /* {mode, ca, name, cert, key}, or NULL; paths made absolute */
    struct json_t *scope;     /* list of "schema.table" patterns, or NULL */
    struct json_t *endpoints; /* network: list of {name, host, port} */
    struct json_t
        *params;     /* parameters resolved: target over plan over profiles; owned by doc */
    int deadline_ms; /* 0: the run's */
};

/* The plan itself as a target, where it has waivers: no probe examines it. */
#define HG_PLAN_TARGET "plan"

struct hg_waiver {
    const char *check, *target; /* globs */
    const char *reason, *owner;
    const char *expires; /* YYYY-MM-DD, inclusive, UTC */
    char *problem;       /* owned; why it cannot be read, and all of the above is unset */
};

/* A named range from which a stream comes: `from: { datastream: 10.1.0.0/29 }`. */
struct hg_range {
    const char *name;
    struct json_t *cidrs; /* owned: list of texts without host bits, IPv4 and IPv6 */
    char *mysql_host; /* owned: 10.1.0.0/255.255.255.248; NULL: several, or a range of IPv6 */
};

struct hg_plan {
    struct json_t *doc; /* owned: the document after ${…} and with profiles worked in */
    char *path;         /* owned: the file, as it was named */
    const char *name;
    const char *vantage;       /* inside, tunnel, outside or "" */
    struct json_t *profiles;   /* list of names */
    struct json_t *select;     /* list of globs or tags from the profiles; NULL: everything */
    struct hg_target *targets; /* in the order of the file */
    size_t n_targets;
    struct hg_range *ranges; /* in the order of the file */
    size_t n_ranges;
    struct hg_waiver *waivers;
    size_t n_waivers;
    enum hg_severity fail_on;
    bool unknown_fails; /* gate.unknown: fail (default) | pass */
    bool prove;
    int deadline_ms; /* 0: not stated */
    char digest[65]; /* SHA-256 of the canonical document, hex */
};

/* The range of the plan's consumer: the one named as the first profile that has one, else the
 * only one there is; NULL when that is not plain. */
const struct hg_range *hg_plan_stream(const struct hg_plan *plan);

/* Where headgate stands: inside, tunnel, outside; NULL-terminated. */
const char *const *hg_vantage_names(void);
bool hg_vantage_known(const char *name);

void hg_plan_free(struct hg_plan *plan);
HG_DEFINE_AUTO(struct hg_plan, hg_plan_free)
