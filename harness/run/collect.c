/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "run/run.h"
#include "run/worker.h"

void hg_collection_free(struct hg_collection *collection)
{
    if (collection == NULL) {
        return;
    }
    for (size_t i = 0; i < collection->n; i++) {
        free(collection->items[i].target);
        free(collection->items[i].diagnostics);
        hg_facts_free(collection->items[i].facts);
        json_decref(collection->items[i].errors);
    }
    free(collection->items);
    free(collection);
}

static bool wanted_target(const struct hg_plan *plan, const struct hg_target *target,
                          const struct hg_checks *checks, const struct hg_options *options)
{
    for (size_t i = 0; i < checks->n; i++) {
        if (hg_selected(&options->selection, plan, &checks->items[i], target)) {
            return true;
        }
    }
    return false;
}

/* An entry for every target of the plan: one that is not selected has no facts. */
static struct hg_collection *prepare(const struct hg_plan *plan,
                                     const struct hg_options *options)
{
    HG_AUTO(hg_collection_freep) struct hg_collection *c = calloc(1, sizeof(*c));

    if (c == NULL || (c->items = calloc(plan->n_targets + 1, sizeof(*c->items))) == NULL) {
        return NULL;
    }
    c->level = options->level;
    memcpy(c->plan_digest, plan->digest, sizeof(c->plan_digest));
    hg_clock_format(hg_clock_epoch(), c->collected_at, sizeof(c->collected_at));
    for (; c->n < plan->n_targets; c->n++) {
        struct hg_collected *item = &c->items[c->n];

        item->target = strdup(plan->targets[c->n].id);
        item->facts = hg_facts_new(plan->targets[c->n].id);
        item->errors = json_array();
        if (item->target == NULL || item->facts == NULL || item->errors == NULL) {
            c->n++;
            return NULL;
        }
    }
    return hg_steal(&c);
}

struct pool {
    const struct hg_plan *plan;
    const struct hg_checks *checks;
    const struct hg_options *options;
    const struct hg_vault *vault;
    struct hg_collection *into;
    const bool *wanted;        /* an entry for each target */
    struct hg_worker *workers; /* of size `jobs`; free when request is NULL */
    struct pollfd *fds;        /* out, err and pidfd of each, then stop_fd */
    size_t jobs, next;         /* the next target to start */
};

static void tell(const struct pool *p, const char *target, const char *what)
{
    if (p->options->progress.event != NULL) {
        p->options->progress.event(p->options->progress.data, target, what);
    }
}

/* Starts targets until all places are taken. */
static void start_some(struct pool *p)
{
    for (size_t i = 0; i < p->jobs && p->next < p->plan->n_targets; i++) {
        struct hg_worker *w = &p->workers[i];

        while (w->request == NULL && p->next < p->plan->n_targets) {
            const struct hg_target *target = &p->plan->targets[p->next];
            int deadline = target->deadline_ms > 0 ? target->deadline_ms
                                                   : p->options->deadline_ms;

            *w = (struct hg_worker){ .target = target, .into = &p->into->items[p->next] };
            p->next++;
            if (!p->wanted[p->next - 1]) {
                continue;
            }
            w->request = hg_request_make(p->plan, target, p->checks, p->options);
            tell(p, target->id, "start");
            if (!hg_worker_start(w, p->options, p->vault, deadline)) {
                hg_worker_finish(w, NULL);
                tell(p, target->id, "done");
            }
        }
    }
}

static size_t fill_fds(struct pool *p, long long *ret_until)
{
    size_t running = 0;

    *ret_until = hg_clock_ms() + 60000;
    for (size_t i = 0; i < p->jobs; i++) {
        const struct hg_worker *w = &p->workers[i];
        bool on = w->request != NULL;

        p->fds[i * 3] = (struct pollfd){ .fd = on ? w->out : -1, .events = POLLIN };
        p->fds[i * 3 + 1] = (struct pollfd){ .fd = on ? w->err : -1, .events = POLLIN };
        p->fds[i * 3 + 2] = (struct pollfd){ .fd = on ? w->child.pidfd : -1, .events = POLLIN };
        running += on;
        if (on && w->deadline_at < *ret_until) {
            *ret_until = w->deadline_at;
        }
    }
    p->fds[p->jobs * 3] = (struct pollfd){ .fd = p->options->stop_fd, .events = POLLIN };
    return running;
}

static void serve(struct pool *p, size_t i)
{
    struct hg_worker *w = &p->workers[i];
    const struct pollfd *fds = &p->fds[i * 3];
    bool goes_on = true, ended = fds[2].revents != 0;

    if (fds[0].revents != 0 || fds[1].revents != 0 || ended) {
        goes_on = hg_worker_read(w, &p->options->progress);
    }
    if (goes_on && !ended && hg_clock_ms() < w->deadline_at) {
        return;
    }
    hg_worker_finish(w, goes_on && !ended ? "deadline" : NULL);
    tell(p, w->target->id, "done");
}

static void stop_all(struct pool *p)
{
    p->into->interrupted = true;
    for (size_t i = 0; i < p->jobs; i++) {
        if (p->workers[i].request != NULL) {
            hg_worker_finish(&p->workers[i], "interrupted");
        }
    }
    /* What had not begun is not asked any more; its facts stay unasked. */
    p->next = p->plan->n_targets;
}

static void run_pool(struct pool *p)
{
    long long until;

    start_some(p);
    while (fill_fds(p, &until) > 0) {
        long long left = until - hg_clock_ms();

        if (poll(p->fds, p->jobs * 3 + 1, left < 0 ? 0 : (int)left) < 0 && errno != EINTR) {
            stop_all(p);
            return;
        }
        if (p->options->stop_fd >= 0 && p->fds[p->jobs * 3].revents != 0) {
            stop_all(p);
            return;
        }
        for (size_t i = 0; i < p->jobs; i++) {
            if (p->workers[i].request != NULL) {
                serve(p, i);
            }
        }
        start_some(p);
    }
}

/* A probe takes up to six descriptors of ours, and poll() no more entries than we may have
 * open. */
static size_t most_jobs(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur == RLIM_INFINITY) {
        return 1000;
    }
    return r.rlim_cur > 76 ? (size_t)(r.rlim_cur - 64) / 6 : 2;
}

static struct hg_collection *collect(const struct hg_plan *plan, const struct hg_checks *checks,
                                     const struct hg_options *options, const bool *wanted,
                                     struct hg_error *err)
{
    HG_AUTO(hg_vault_freep) struct hg_vault *vault = hg_vault_open(plan, wanted, err);
    HG_AUTO(hg_collection_freep)
    struct hg_collection *c = vault ? prepare(plan, options) : NULL;
    struct pool p = { plan, checks, options, vault, c, wanted, NULL, NULL, 0, 0 };
    bool ok;

    if (vault == NULL) {
        return NULL;
    }
    p.jobs = (size_t)(options->jobs < 1 ? 1 : options->jobs);
    p.jobs = p.jobs > plan->n_targets ? plan->n_targets : p.jobs;
    p.jobs = p.jobs > most_jobs() ? most_jobs() : p.jobs;
    p.workers = calloc(p.jobs + 1, sizeof(*p.workers));
    p.fds = calloc(p.jobs * 3 + 1, sizeof(*p.fds));
    ok = c != NULL && p.workers != NULL && p.fds != NULL;
    if (ok) {
        run_pool(&p);
    } else {
        hg_fail_nomem(err);
    }
    free(p.workers);
    free(p.fds);
    return ok ? hg_steal(&c) : NULL;
}

struct hg_collection *hg_collect(const struct hg_plan *plan, const struct hg_checks *checks,
                                 const struct hg_options *options, struct hg_error *err)
{
    bool *wanted = calloc(plan->n_targets + 1, sizeof(*wanted));
    struct hg_collection *c = NULL;

    if (wanted == NULL) {
        hg_fail_nomem(err);
        return NULL;
    }
    for (size_t i = 0; i < plan->n_targets; i++) {
        wanted[i] = wanted_target(plan, &plan->targets[i], checks, options);
    }
    c = collect(plan, checks, options, wanted, err);
    free(wanted);
    return c;
}
