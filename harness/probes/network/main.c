/* SPDX-License-Identifier: Apache-2.0 */
/* The network probe: a TCP connect to each endpoint, with name resolution, side by side. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

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
    json_t *out = json_array(), *ours = NULL;
    size_t n_ours = 0;

    hg_emit_stage(probe, "dns");
    hg_resolve_all(probe, list, n);
    hg_emit_stage(probe, "connect");
    if (!hg_connect_all(probe, list, n)) {
        hg_emit_fault(probe, "out of memory");
    }
    /* A shortage of ours says nothing of an endpoint: it is left out, and the list is not
     * whole. */
    for (size_t i = 0; i < n; i++) {
        json_t *report = hg_endpoint_report(&list[i]);

        if (strcmp(json_string_value(json_object_get(report, "outcome")), "local") == 0) {
            ours = ours ? ours
                        : json_string(json_string_value(json_object_get(report, "message")));
            n_ours++;
            json_decref(report);
        } else {
            json_array_append_new(out, report);
        }
    }
    if (n_ours > 0) {
        hg_emit_fault(probe, "%zu of %zu endpoints could not be tried: %s", n_ours, n,
                      json_string_value(ours));
    }
    json_decref(ours);
    hg_emit_list(probe, "network.endpoints", out, n_ours == 0, false);
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
