/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "run/run.h"
#include "run/worker.h"

#define FDS              5 /* of a worker: output, errors, the probe, its two resolvers */
#define LEAVE_MS         100
#define FIRST_PAUSE_MS   250
#define LONGEST_PAUSE_MS 2000

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
        json_decref(collection->items[i].connect);
    }
    free(collection->items);
    free(collection);
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
    snprintf(c->vantage, sizeof(c->vantage), "%s", plan->vantage);
    memcpy(c->plan_digest, plan->digest, sizeof(c->plan_digest));
    hg_clock_format(hg_clock_epoch(), c->collected_at, sizeof(c->collected_at));
    for (; c->n < plan->n_targets; c->n++) {
        struct hg_collected *item = &c->items[c->n];

        item->target = strdup(plan->targets[c->n].id);
        item->facts = hg_facts_new(plan->targets[c->n].id);
        item->errors = json_array();
        item->connect = json_incref(plan->targets[c->n].connect);
        if (item->target == NULL || item->facts == NULL || item->errors == NULL) {
            c->n++;
            return NULL;
        }
    }
    return hg_steal(&c);
}

/* When a target is tried again. */
struct turn {
    long long first, at; /* monotonic ms: its first attempt, and the next; at 0: none */
    int pause_ms;
};

struct pool {
    const struct hg_plan *plan;
    const struct hg_checks *checks;
    const struct hg_options *options;
    const struct hg_vault *vault;
    struct hg_collection *into;
    const bool *wanted;        /* an entry for each target */
    struct hg_worker *workers; /* of size `jobs`; free when request is NULL */
    struct pollfd *fds;        /* FDS of each, then stop_fd */
    struct turn *turns;        /* an entry for each target */
    size_t jobs, next;         /* the next target that was not tried yet */
    size_t waiting;            /* turns with a next attempt */
    long long wait_until;      /* monotonic ms: from then on nothing is tried again; 0 */
};

static void tell(const struct pool *p, const char *target, const char *what)
{
    if (p->options->progress.event != NULL) {
        p->options->progress.event(p->options->progress.data, target, what);
    }
}

/* ---- once more ---- */

/* A target that is starting comes again after a pause, and for the last time when the waiting
 * is over: that attempt says what there is to say. Its place goes to others meanwhile. */
static bool comes_again(struct pool *p, const struct hg_worker *w)
{
    size_t i = (size_t)(w->target - p->plan->targets);
    struct turn *turn = &p->turns[i];
    long long now = hg_clock_ms();
    const char *outcome = hg_worker_starting(w);
    char what[96];

    p->into->items[i].starting = outcome != NULL;
    if (outcome == NULL || now >= p->wait_until) {
        return false;
    }
    turn->pause_ms = turn->pause_ms == 0                     ? FIRST_PAUSE_MS
                     : turn->pause_ms * 2 < LONGEST_PAUSE_MS ? turn->pause_ms * 2
                                                             : LONGEST_PAUSE_MS;
    turn->at = now + turn->pause_ms < p->wait_until ? now + turn->pause_ms : p->wait_until;
    p->waiting++;
    snprintf(what, sizeof(what), "waiting %.40s (attempt %d)", outcome,
             p->into->items[i].attempts);
    tell(p, w->target->id, what);
    return true;
}

static void finish(struct pool *p, struct hg_worker *w, const char *how)
{
    hg_worker_finish(w, how);
    if (!comes_again(p, w)) {
        tell(p, w->target->id, "done");
    }
}

/* What an earlier attempt brought is not kept. */
static bool start_afresh(struct hg_collected *item)
{
    struct hg_facts *facts = hg_facts_new(item->target);

    if (facts == NULL) {
        return false;
    }
    hg_facts_free(item->facts);
    free(item->diagnostics);
    item->facts = facts;
    item->diagnostics = NULL;
    return true;
}

/* ---- starting ---- */

/* The next target to try, or the number of them. Those that were not tried yet come first, then
 * who has waited longest. */
static size_t next_target(struct pool *p)
{
    size_t n = p->plan->n_targets, found = n;
    long long now = p->waiting > 0 ? hg_clock_ms() : 0;

    while (p->next < n && !p->wanted[p->next]) {
        p->next++;
    }
    if (p->next < n) {
        return p->next++;
    }
    for (size_t i = 0; p->waiting > 0 && i < n; i++) {
        long long at = p->turns[i].at;

        if (at != 0 && at <= now && (found == n || at < p->turns[found].at)) {
            found = i;
        }
    }
    if (found < n) {
        p->turns[found].at = 0;
        p->waiting--;
    }
    return found;
}

static void start_one(struct pool *p, struct hg_worker *w, size_t i)
{
    const struct hg_target *target = &p->plan->targets[i];
    struct hg_collected *item = &p->into->items[i];
    int deadline = target->deadline_ms > 0 ? target->deadline_ms : p->options->deadline_ms;
    long long now = hg_clock_ms();

    if (item->attempts > 0 && !start_afresh(item)) {
        tell(p, target->id, "done"); /* no memory: what the last attempt brought stays */
        return;
    }
    *w = (struct hg_worker){ .target = target, .into = item };
    p->turns[i].first = item->attempts++ == 0 ? now : p->turns[i].first;
    item->waited_ms = now - p->turns[i].first;
    item->starting = false;
    w->request = hg_request_make(p->plan, target, p->checks, p->options);
    if (now < p->wait_until) {
        json_object_set_new(w->request, "wait", json_true());
    }
    tell(p, target->id, "start");
    if (!hg_worker_start(w, p->options, p->vault, deadline)) {
        hg_worker_finish(w, NULL);
        tell(p, target->id, "done");
    }
}

/* Starts targets until all places are taken. */
static void start_some(struct pool *p)
{
    for (size_t i = 0; i < p->jobs; i++) {
        while (p->workers[i].request == NULL) {
            size_t target = next_target(p);

            if (target == p->plan->n_targets) {
                return;
            }
            start_one(p, &p->workers[i], target);
        }
    }
}

/* ---- until all have ended ---- */

static void fill_some(struct pollfd *fds, const struct hg_worker *w)
{
    bool on = w->request != NULL;

    for (size_t i = 0; i < FDS; i++) {
        fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
    }
    if (on) {
        fds[0].fd = w->leave_at == 0 ? w->out : -1; /* its end would be told for ever */
        fds[1].fd = w->err;
        fds[2].fd = w->child.pidfd;
        for (size_t i = 0; w->leave_at != 0 && i < HG_COUNT(w->resolvers); i++) {
            fds[3 + i].fd = w->resolvers[i].pidfd;
        }
    }
}

/* How many probes run; until when there may be nothing to do. */
static size_t fill_fds(struct pool *p, long long *ret_until)
{
    size_t running = 0;

    *ret_until = hg_clock_ms() + 60000;
    for (size_t i = 0; i < p->jobs; i++) {
        const struct hg_worker *w = &p->workers[i];
        long long until = w->leave_at != 0 ? w->leave_at : w->deadline_at;

        fill_some(&p->fds[i * FDS], w);
        running += w->request != NULL;
        if (w->request != NULL && until < *ret_until) {
            *ret_until = until;
        }
    }
    for (size_t i = 0; p->waiting > 0 && running < p->jobs && i < p->plan->n_targets; i++) {
        if (p->turns[i].at != 0 && p->turns[i].at < *ret_until) {
            *ret_until = p->turns[i].at;
        }
    }
    p->fds[p->jobs * FDS] = (struct pollfd){ .fd = p->options->stop_fd, .events = POLLIN };
    return running;
}

/* A probe that has said all it had to say has a moment to leave by itself; nobody waits for it
 * meanwhile. */
static void serve(struct pool *p, size_t i)
{
    struct hg_worker *w = &p->workers[i];
    const struct pollfd *fds = &p->fds[i * FDS];
    bool talks = true, exited = fds[2].revents != 0;
    long long now = hg_clock_ms();

    if (fds[0].revents != 0 || fds[1].revents != 0 || exited) {
        talks = hg_worker_read(w, &p->options->progress);
    }
    if (w->leave_at == 0 && (!talks || exited)) {
        w->leave_at = now + LEAVE_MS;
    }
    if (w->leave_at != 0) {
        if (w->broken != NULL || hg_worker_gone(w) || now >= w->leave_at) {
            finish(p, w, NULL);
        }
    } else if (now >= w->deadline_at) {
        finish(p, w, "deadline");
    }
}

static void stop_all(struct pool *p)
{
    p->into->interrupted = true;
    for (size_t i = 0; i < p->jobs; i++) {
        if (p->workers[i].request != NULL) {
            hg_worker_finish(&p->workers[i], "interrupted");
        }
    }
    /* What had not begun is not asked any more; its facts stay unasked. What is waited for
     * keeps the facts of its last attempt. */
    p->next = p->plan->n_targets;
    p->waiting = 0;
}

static void run_pool(struct pool *p)
{
    long long until;

    p->wait_until = p->options->wait_ms > 0 ? hg_clock_ms() + p->options->wait_ms : 0;
    start_some(p);
    while (fill_fds(p, &until) + p->waiting > 0) {
        long long left = until - hg_clock_ms();

        if ((poll(p->fds, p->jobs * FDS + 1, left < 0 ? 0 : (int)left) < 0 && errno != EINTR) ||
            (p->options->stop_fd >= 0 && p->fds[p->jobs * FDS].revents != 0)) {
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
    HG_AUTO(hg_vault_freep)
    struct hg_vault *vault = hg_vault_open(plan, wanted, options->wait_ms > 0, err);
    HG_AUTO(hg_collection_freep)
    struct hg_collection *c = vault ? prepare(plan, options) : NULL;
    struct pool p = { plan, checks, options, vault, c, wanted, .jobs = 0 };
    bool ok;

    if (vault == NULL) {
        return NULL;
    }
    p.jobs = (size_t)(options->jobs < 1 ? 1 : options->jobs);
    p.jobs = p.jobs > plan->n_targets ? plan->n_targets : p.jobs;
    p.jobs = p.jobs > most_jobs() ? most_jobs() : p.jobs;
    p.workers = calloc(p.jobs + 1, sizeof(*p.workers));
    p.fds = calloc(p.jobs * FDS + 1, sizeof(*p.fds));
    p.turns = calloc(plan->n_targets + 1, sizeof(*p.turns));
    ok = c != NULL && p.workers != NULL && p.fds != NULL && p.turns != NULL;
    if (ok) {
        run_pool(&p);
    } else {
        hg_fail_nomem(err);
    }
    free(p.workers);
    free(p.fds);
    free(p.turns);
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
        free(hg_needed(&options->selection, plan, checks, &plan->targets[i], options->level,
                       &wanted[i]));
    }
    c = collect(plan, checks, options, wanted, err);
    free(wanted);
    return c;
}
