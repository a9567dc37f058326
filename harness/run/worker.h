/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* worker.h - one probe under way: started, read line by line, ended. */

#include "base/buf.h"
#include "base/child.h"
#include "run/run.h"
#include "run/secret_source.h"

struct hg_worker {
    const struct hg_target *target;
    struct hg_collected *into;
    struct json_t *request;
    struct hg_child child, resolvers[2]; /* the probe; commands that print its secrets */
    int out, err;                        /* -1 when closed */
    struct hg_buf line, diagnostics;
    size_t bytes;
    long long started_ms, deadline_at;
    long long leave_at;               /* it has said all; until then it may end by itself */
    int status, resolver_statuses[2]; /* of those that ended by themselves */
    char stage[32];                   /* announced last */
    bool greeted;                     /* the stage `greeting` was announced before this one */
    bool done;                        /* {"done":true} came */
    const char *broken;               /* why we stop listening, or NULL */
};

/* Starts the probe of a target. False: it could not; what is wanted has become unreachable. */
bool hg_worker_start(struct hg_worker *w, const struct hg_options *options,
                     const struct hg_vault *vault, int deadline_ms);

/* Reads what is there; false when the probe has nothing more to say. */
bool hg_worker_read(struct hg_worker *w, const struct hg_progress *progress);

/* True when the probe, and what printed its secrets, have ended by themselves. */
bool hg_worker_gone(struct hg_worker *w);

/* Ends the probe if it still runs and says of every wanted fact that did not come why. `how`
 * is NULL (it ended by itself), "deadline" or "interrupted". */
void hg_worker_finish(struct hg_worker *w, const char *how);

/* After the end: the outcome when the target may only be starting (model/outcome.h), and no
 * login of this attempt was refused or taken; else NULL. Borrowed from the facts. */
const char *hg_worker_starting(const struct hg_worker *w);
