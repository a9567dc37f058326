/* SPDX-License-Identifier: Apache-2.0 */
/* The network probe: a TCP connect to each endpoint, with name resolution, side by side. */
#include <jansson.h>
#include <stdlib.h>

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

static void examine(struct hg_probe *probe, struct hg_endpoint *list, size_t n)
{
    struct hg_outcome done = { .stage = "ready", .outcome = "ok" };
    json_t *out = json_array();

    hg_emit_stage(probe, "dns");
    hg_resolve_all(probe, list, n);
    hg_emit_stage(probe, "connect");
    if (!hg_connect_all(probe, list, n)) {
        hg_emit_fault(probe, "out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(out, hg_endpoint_report(&list[i]));
    }
    hg_emit_list(probe, "network.endpoints", out, true, false);
    hg_emit_outcome(probe, "connection", &done, NULL, 0, hg_clock_ms() - probe->started_ms);
}

static void run(struct hg_probe *probe)
{
    json_t *wanted = json_object_get(probe->request, "endpoints"), *item;
    size_t n = json_array_size(wanted), i;
    struct hg_endpoint *list = calloc(n + 1, sizeof(*list));

    if (list == NULL) {
        hg_emit_fault(probe, "out of memory");
        return;
    }
    json_array_foreach (wanted, i, item) {
        hg_endpoint_init(&list[i], item);
    }
    examine(probe, list, n);
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
