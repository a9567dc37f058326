/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* network.h - one endpoint on its way to an outcome. */

#include "probes/common/probe.h"

#define HG_MAX_ADDRESSES 8

struct hg_endpoint {
    const char *name, *host; /* borrowed from the request */
    int port;
    struct hg_address addresses[HG_MAX_ADDRESSES];
    size_t n_addresses, at; /* the one that is tried */
    int fd;                 /* -1: none open */
    long long started_ms, deadline_ms, dns_ms, ms;
    const char *outcome; /* NULL: not known yet */
    const char *stage;
    char message[200];
};

void hg_endpoint_init(struct hg_endpoint *e, struct json_t *wanted);

/* Begins to connect to the next address, or settles on why there is none left. */
void hg_endpoint_next(struct hg_endpoint *e);

/* Looks whether it is connected; `ready` when poll() says so. */
void hg_endpoint_look(struct hg_endpoint *e, bool ready);

/* {name, host, port, outcome, …}; an endpoint that was not reached in time is a `timeout`. */
struct json_t *hg_endpoint_report(struct hg_endpoint *e);
void hg_endpoint_done(struct hg_endpoint *e);

/* Resolves all names. Each runs in a process of its own, because nothing can end a thread in
 * getaddrinfo(): a resolver that is silent for one name costs the others nothing. */
void hg_resolve_all(struct hg_probe *probe, struct hg_endpoint *list, size_t n);
