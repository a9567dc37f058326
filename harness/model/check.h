/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * check.h - one declarative check, as loaded from one YAML file (docs/CHECK-FORMAT.md), and
 * the profiles that give checks their parameters.
 *
 * There is deliberately no run() here. A check names the facts it needs and says what must
 * hold of them; who collects the facts, and when, is the plan's business.
 */

#include <stddef.h>

#include "base/attr.h"
#include "model/finding.h"
#include "model/level.h"

struct json_t;

enum hg_unsupported { HG_UNSUPPORTED_UNKNOWN, HG_UNSUPPORTED_FAIL, HG_UNSUPPORTED_SKIP };

struct hg_check {
    const char *id;     /* dotted; equals the file's path below checks/ */
    const char *title;  /* what holds when it passes */
    const char *engine; /* applies.engine */
    enum hg_severity severity;
    enum hg_level level;
    enum hg_unsupported unsupported;
    struct json_t *severity_when; /* list of {when: expect, severity: name}, or NULL */
    struct json_t *applies;   /* the mapping; flavour, version, provider, when may be in it */
    struct json_t *needs;     /* list of check ids, or NULL */
    struct json_t *expect;    /* the mapping */
    struct json_t *undecided; /* list of {when: expect, says: template, fix: …}, or NULL */
    struct json_t *says;      /* {fail: template, unknown: template}, or NULL */
    struct json_t *fix;       /* {effect, who, text, file, after, variants}, or NULL */
    struct json_t *look;      /* variants that let headgate look, or NULL */
    struct json_t *tags, *refs, *examples;
    const char *why;
    char *path;         /* of the file, for messages */
    struct json_t *doc; /* owned; everything above borrows from it */
};

/* Sorted by id; owned. */
struct hg_checks {
    struct hg_check *items;
    size_t n;
};

void hg_checks_free(struct hg_checks *checks);
HG_DEFINE_AUTO(struct hg_checks, hg_checks_free)

/* NULL when there is none. */
const struct hg_check *hg_check_find(const struct hg_checks *checks, const char *id);
