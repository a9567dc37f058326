/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* progress.h - one living line on the terminal's standard error, and nothing left of it. */

#include <stddef.h>

#include "model/plan.h"

struct hg_bar {
    const struct hg_plan *plan;
    size_t running, done, total;
    char last[96];
};

void hg_bar_start(struct hg_bar *bar, const struct hg_plan *plan);
void hg_bar_event(void *bar, const char *target, const char *what);
void hg_bar_end(struct hg_bar *bar);

/* Where there is no terminal: one line for each target that is waited for (`data` is not used).
 */
void hg_wait_event(void *data, const char *target, const char *what);
