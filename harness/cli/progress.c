/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>

void hg_bar_start(struct hg_bar *bar, const struct hg_plan *plan)
{
    *bar = (struct hg_bar){ .plan = plan, .total = plan->n_targets };
}

void hg_bar_event(void *data, const char *target, const char *what)
{
    struct hg_bar *bar = data;

    if (strcmp(what, "done") == 0) {
        bar->done++;
    }
    if (strncmp(what, "waiting ", 8) == 0) {
        snprintf(bar->last, sizeof(bar->last), "waiting for %.40s: %.36s", target, what + 8);
    } else {
        snprintf(bar->last, sizeof(bar->last), "%.40s: %.30s", target, what);
    }
    fprintf(stderr, "\r\033[K%zu of %zu targets done; %s", bar->done, bar->total, bar->last);
    fflush(stderr);
}

void hg_wait_event(void *data, const char *target, const char *what)
{
    static const char first[] = " (attempt 1)";
    size_t len = strlen(what);

    (void)data;
    if (strncmp(what, "waiting ", 8) == 0 && len > sizeof(first) &&
        strcmp(what + len - strlen(first), first) == 0) {
        fprintf(stderr, "headgate: waiting for %.40s: %.*s\n", target,
                (int)(len - strlen(first) - 8), what + 8);
    }
}

void hg_bar_end(struct hg_bar *bar)
{
    if (bar->last[0] != '\0') {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
}
