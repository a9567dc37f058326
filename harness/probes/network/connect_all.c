/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "probes/network/network.h"

#define LONGEST_MS 3000 /* for one endpoint */

/* poll() takes no more entries than there may be descriptors, so those that run stand together
 * at the front, and the rest waits for a place. */
struct round {
    struct hg_endpoint **running;
    struct pollfd *fds;
    size_t places, n_running;
    struct hg_endpoint *next, *end; /* what has not begun */
    int timeout_ms;
};

size_t hg_places(size_t wanted)
{
    struct rlimit r;
    size_t most = 200;

    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        most = r.rlim_cur > 64 ? (size_t)r.rlim_cur - 32 : (size_t)r.rlim_cur / 2;
    }
    return wanted < most ? wanted : most;
}

/* What it takes of the deadline to print what became of them. */
static int reserve_for(size_t n)
{
    return 200 + (int)(n / 20);
}

static void start_some(struct round *r)
{
    for (; r->n_running < r->places && r->next < r->end; r->next++) {
        if (r->next->outcome != NULL || r->next->n_addresses == 0) {
            continue;
        }
        hg_endpoint_start(r->next, r->timeout_ms);
        if (r->next->outcome == NULL) {
            r->running[r->n_running++] = r->next;
        }
    }
}

/* Waits until something happens or the time of one is over, and takes what has happened. */
static void turn(struct round *r, int left_ms)
{
    long long until = hg_clock_ms() + left_ms;

    for (size_t i = 0; i < r->n_running; i++) {
        const struct hg_endpoint *e = r->running[i];

        r->fds[i] = (struct pollfd){ .fd = e->fd, .events = POLLOUT };
        until = e->address_until_ms < until ? e->address_until_ms : until;
    }
    until -= hg_clock_ms();
    (void)poll(r->fds, r->n_running, until < 0 ? 0 : (int)until);
    for (size_t i = r->n_running; i-- > 0;) { /* backwards: the last one fills a gap */
        hg_endpoint_look(r->running[i], r->fds[i].revents != 0);
        if (r->running[i]->outcome != NULL) {
            r->running[i] = r->running[--r->n_running];
        }
    }
}

/* With more endpoints than places they go in waves, which share the time that is left. */
static int timeout_for(int left_ms, size_t n, size_t places)
{
    size_t waves = (n + places - 1) / places;
    int share = left_ms / (int)waves;

    return share > LONGEST_MS ? LONGEST_MS : share < 1 ? 1 : share;
}

static void run_all(struct hg_probe *probe, struct round *r, size_t n)
{
    int reserve = reserve_for(n);

    /* Ends a little early, so that the last wave has time-outs of its own. */
    r->timeout_ms = timeout_for(hg_probe_left_ms(probe, reserve + 100), n, r->places);
    start_some(r);
    while (r->n_running > 0 && hg_probe_left_ms(probe, reserve) > 1) {
        turn(r, hg_probe_left_ms(probe, reserve));
        start_some(r);
    }
}

bool hg_connect_all(struct hg_probe *probe, struct hg_endpoint *list, size_t n)
{
    struct round r = { .places = hg_places(n), .next = list, .end = list + n };
    bool ok;

    r.running = calloc(r.places + 1, sizeof(struct hg_endpoint *));
    r.fds = calloc(r.places + 1, sizeof(*r.fds));
    ok = r.running != NULL && r.fds != NULL;
    if (ok && r.places > 0) {
        run_all(probe, &r, n);
    }
    free(r.fds);
    free(r.running);
    return ok;
}
