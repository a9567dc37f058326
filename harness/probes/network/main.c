/* SPDX-License-Identifier: Apache-2.0 */
/* The network probe: a TCP connect to each endpoint, with name resolution, side by side. */
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "probes/network/network.h"

static const struct hg_fact_def facts[] = {
    { "network.connection", HG_LEVEL_LOOK, "{stage, outcome}",                              NULL },
    { "network.endpoints",  HG_LEVEL_LOOK,
     "list of {name, host, port, outcome, address, addresses, stage, message, dns_ms, ms}", NULL },
    { NULL,                 HG_LEVEL_LOOK, NULL,                                            NULL },
};

static const struct hg_statement statements[] = {
    { "connect", HG_LEVEL_LOOK, "TCP connect to {host}:{port}, closed at once; nothing is sent",
     "network.endpoints"                                                                              },
    { NULL,      HG_LEVEL_LOOK, NULL,                                                            NULL },
};

/* Some descriptors are ours; with the rest as many connects run side by side. */
static size_t places(size_t wanted)
{
    struct rlimit r;
    size_t most = 256;

    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur > 64) {
        most = (size_t)r.rlim_cur - 32;
    }
    return wanted < most ? wanted : most;
}

static void start_one(struct hg_endpoint *e, int timeout_ms)
{
    e->started_ms = hg_clock_ms();
    e->deadline_ms = e->started_ms + timeout_ms;
    hg_endpoint_next(e);
}

/* One turn: start what has a place, wait, take what has happened. False when all are done. */
static bool turn(struct hg_endpoint *list, size_t n, struct pollfd *fds, size_t places_left,
                 int timeout_ms)
{
    long long until = hg_clock_ms() + 1000;
    size_t running = 0, waiting = 0;

    for (size_t i = 0; i < n; i++) {
        struct hg_endpoint *e = &list[i];

        if (e->outcome == NULL && e->fd < 0 && e->started_ms == 0) {
            if (running >= places_left) {
                waiting++;
                fds[i].fd = -1;
                continue;
            }
            start_one(e, timeout_ms);
        }
        fds[i] = (struct pollfd){ .fd = e->outcome == NULL ? e->fd : -1, .events = POLLOUT };
        running += fds[i].fd >= 0;
        until = fds[i].fd >= 0 && e->deadline_ms < until ? e->deadline_ms : until;
    }
    if (running == 0) {
        return waiting > 0;
    }
    until -= hg_clock_ms();
    (void)poll(fds, n, until < 0 ? 0 : (int)until + 1);
    for (size_t i = 0; i < n; i++) {
        if (fds[i].fd >= 0) {
            hg_endpoint_look(&list[i], fds[i].revents != 0);
        }
    }
    return true;
}

static void connect_all(struct hg_probe *probe, struct hg_endpoint *list, size_t n)
{
    struct pollfd *fds = calloc(n, sizeof(*fds));
    int timeout_ms = hg_probe_left_ms(probe, 300);

    if (fds == NULL) {
        hg_emit_fault(probe, "out of memory");
        return;
    }
    /* Each gets at most 3 s; thousands of them share what is left by going in waves. */
    timeout_ms = timeout_ms > 3000 ? 3000 : timeout_ms;
    while (hg_probe_left_ms(probe, 200) > 1 && turn(list, n, fds, places(n), timeout_ms)) {
    }
    free(fds);
}

static void run(struct hg_probe *probe)
{
    struct hg_outcome done = { .stage = "ready", .outcome = "ok" };
    json_t *wanted = json_object_get(probe->request, "endpoints"), *item;
    size_t n = json_array_size(wanted), i;
    struct hg_endpoint *list = calloc(n + 1, sizeof(*list));
    json_t *out = json_array();

    if (list == NULL || out == NULL) {
        hg_emit_fault(probe, "out of memory");
        free(list);
        return;
    }
    json_array_foreach (wanted, i, item) {
        hg_endpoint_init(&list[i], item);
    }
    hg_emit_stage(probe, "dns");
    hg_resolve_all(probe, list, n);
    hg_emit_stage(probe, "connect");
    connect_all(probe, list, n);
    for (i = 0; i < n; i++) {
        json_array_append_new(out, hg_endpoint_report(&list[i]));
        hg_endpoint_done(&list[i]);
    }
    hg_emit_list(probe, "network.endpoints", out, true, false);
    hg_emit_outcome(probe, "connection", &done, NULL, 0, hg_clock_ms() - probe->started_ms);
    free(list);
}

static const struct hg_probe_def def = {
    .engine = "network",
    .summary = "TCP connects: reached, refused, timed out, unreachable, name not found",
    .facts = facts,
    .statements = statements,
    .wants_secret = false,
    .run = run,
};

int main(int argc, char **argv)
{
    return hg_probe_main(&def, argc, argv);
}
