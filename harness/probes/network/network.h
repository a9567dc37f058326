/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * network.h - the network probe: endpoints on their way to an outcome.
 *
 * main.c         what is printed
 * resolve_all.c  all names, side by side
 * connect_all.c  all connects, as many side by side as there are descriptors
 * endpoint.c     one endpoint: its addresses in turn, and what their ends mean
 */

#include "probes/common/probe.h"

#define HG_MAX_ADDRESSES 8

struct hg_endpoint {
    const char *name, *host; /* borrowed from the request */
    int port;
    struct hg_address addresses[HG_MAX_ADDRESSES];
    size_t n_addresses, at;     /* the one that is tried, or was last */
    int fd;                     /* -1: none open */
    long long started_ms;       /* of its first connect; 0: it was not tried */
    long long until_ms;         /* for all of its addresses */
    long long address_until_ms; /* for this one */
    long long dns_ms, ms;
    const char *outcome; /* NULL: not known yet */
    const char *stage;
    int code; /* the most telling errno of its addresses */
    char message[200];
};

void hg_endpoint_init(struct hg_endpoint *e, struct json_t *wanted);

/* Begins with its first address; it has `timeout_ms` for all of them. */
void hg_endpoint_start(struct hg_endpoint *e, int timeout_ms);

/* Takes what became of the address; `ready` when poll() says that something did. Then it is on
 * its way to the next one or has an outcome. */
void hg_endpoint_look(struct hg_endpoint *e, bool ready);

/* {name, host, port, outcome, …}. One that was not tried is a `local`: the time was too short
 * for all of them, which says nothing of the endpoint. */
struct json_t *hg_endpoint_report(struct hg_endpoint *e);

/* Resolves all names, each once. Each runs in a process of its own, because nothing can end a
 * thread in getaddrinfo(): a resolver that is silent for one name costs the others nothing. */
void hg_resolve_all(struct hg_probe *probe, struct hg_endpoint *list, size_t n);

/* How many descriptors may be used side by side, at most `wanted`: some are ours already. */
size_t hg_places(size_t wanted);

/* Connects to all that have an address. False: out of memory. */
bool hg_connect_all(struct hg_probe *probe, struct hg_endpoint *list, size_t n);
