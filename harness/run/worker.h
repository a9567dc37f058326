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
    char stage[32];     /* announced last */
    bool done;          /* {"done":true} came */
    const char *broken; /* why we stop listening, or NULL */
};

/* Starts the probe of a target. False: it could not; what is wanted has become unreachable. */
bool hg_worker_start(struct hg_worker *w, const struct hg_options *options,
                     const struct hg_vault *vault, int deadline_ms);

/* Reads what is there; false when the probe has nothing more to say. */
bool hg_worker_read(struct hg_worker *w, const struct hg_progress *progress);

/* Ends the probe if it still runs and says of every wanted fact that did not come why. `how`
 * is NULL (it ended by itself), "deadline" or "interrupted". */
void hg_worker_finish(struct hg_worker *w, const char *how);
