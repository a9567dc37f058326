/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/network/network.h"

void hg_endpoint_init(struct hg_endpoint *e, json_t *wanted)
{
    *e = (struct hg_endpoint){ .fd = -1, .stage = "dns" };
    e->name = json_string_value(json_object_get(wanted, "name"));
    e->host = json_string_value(json_object_get(wanted, "host"));
    e->port = (int)json_integer_value(json_object_get(wanted, "port"));
    if (e->host == NULL || e->port < 1 || e->port > 65535) {
        e->outcome = "name-not-found";
        snprintf(e->message, sizeof(e->message), "host or port is missing");
    }
}

static const char *outcome_of(int code)
{
    switch (code) {
    case ECONNREFUSED:
        return "refused";
    case ETIMEDOUT:
        return "timeout";
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:
    case EADDRNOTAVAIL: /* out of local ports: ours, not the target's */
        return "local";
    default:
        return "unreachable";
    }
}

/* Of several addresses the one that says most speaks for the endpoint: a refusal comes from the
 * host, silence from the way there; and without IPv6 here, its addresses say nothing at all. */
static int weight(int code)
{
    const char *outcome = outcome_of(code);

    return code == 0                             ? 0
           : code == EADDRNOTAVAIL               ? 1
           : strcmp(outcome, "unreachable") == 0 ? 2
           : strcmp(outcome, "timeout") == 0     ? 3
           : strcmp(outcome, "local") == 0       ? 4
                                                 : 5;
}

static void settle(struct hg_endpoint *e, const char *outcome, const char *words)
{
    e->outcome = outcome;
    e->ms = hg_clock_ms() - e->started_ms;
    snprintf(e->message, sizeof(e->message), "%s", words);
}

static socklen_t address_of(const struct hg_endpoint *e, struct sockaddr_storage *ret)
{
    const char *text = e->addresses[e->at].text;
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

    memset(ret, 0, sizeof(*ret));
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((unsigned short)e->port);
        return sizeof(*v4);
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((unsigned short)e->port);
        return sizeof(*v6);
    }
    return 0;
}

/* Begins to connect to the address that is its turn: 0, EINPROGRESS, or why not. */
static int dial(struct hg_endpoint *e)
{
    struct sockaddr_storage address;
    socklen_t size = address_of(e, &address);

    if (size == 0) {
        return EAFNOSUPPORT; /* one with a scope, such as fe80::1%eth0 */
    }
    e->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (e->fd < 0) {
        return errno;
    }
    return connect(e->fd, (struct sockaddr *)&address, size) == 0 ? 0 : errno;
}

/* An orderly FIN: to close with a greeting unread would be an RST, trouble in a server's log.
 */
static void hang_up(struct hg_endpoint *e)
{
    char unread[4096];

    if (e->fd < 0) {
        return;
    }
    for (int i = 0; i < 16 && recv(e->fd, unread, sizeof(unread), 0) > 0; i++) {
    }
    close(e->fd);
    e->fd = -1;
}

/* The next address gets its part of the time that is left. */
static void share_time(struct hg_endpoint *e)
{
    long long now = hg_clock_ms();

    e->address_until_ms = now + (e->until_ms - now) / (long long)(e->n_addresses - e->at);
}

/* Goes on with what became of an address: the first that is reached settles all. */
static void take(struct hg_endpoint *e, int code)
{
    while (code != EINPROGRESS) {
        hang_up(e);
        if (code == 0 || code == ECONNRESET || code == EPIPE) {
            /* A refusal is ECONNREFUSED: a reset comes after the handshake. */
            e->stage = "done";
            settle(e, "reached", code == 0 ? "" : "it was reset as soon as it was reached");
            return;
        }
        e->code = weight(code) >= weight(e->code) ? code : e->code;
        if (e->at + 1 >= e->n_addresses) {
            settle(e, outcome_of(e->code), strerror(e->code));
            return;
        }
        e->at++;
        share_time(e);
        code = dial(e);
    }
}

void hg_endpoint_start(struct hg_endpoint *e, int timeout_ms)
{
    e->stage = "connect";
    e->started_ms = hg_clock_ms();
    e->until_ms = e->started_ms + timeout_ms;
    share_time(e);
    take(e, dial(e));
}

void hg_endpoint_look(struct hg_endpoint *e, bool ready)
{
    int code = 0;
    socklen_t size = sizeof(code);

    if (ready) {
        if (getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0) {
            code = errno;
        }
        take(e, code);
    } else if (hg_clock_ms() >= e->address_until_ms) {
        take(e, ETIMEDOUT);
    }
}

/* The deadline for all of them came first. */
static void give_up(struct hg_endpoint *e)
{
    if (e->started_ms != 0) {
        hang_up(e);
        settle(e, "timeout", "no answer before the deadline for all endpoints");
        return;
    }
    e->stage = "connect";
    e->outcome = "local";
    snprintf(e->message, sizeof(e->message),
             "it was not tried: the deadline is too short for all endpoints");
}

json_t *hg_endpoint_report(struct hg_endpoint *e)
{
    json_t *addresses = json_array();

    if (e->outcome == NULL) {
        give_up(e);
    }
    for (size_t i = 0; i < e->n_addresses; i++) {
        json_array_append_new(addresses, json_string(e->addresses[i].text));
    }
    return json_pack("{s:s*, s:s*, s:i, s:s, s:s*, s:o, s:s, s:s, s:I, s:I}", "name", e->name,
                     "host", e->host, "port", e->port, "outcome", e->outcome, "address",
                     e->n_addresses > 0 ? e->addresses[e->at].text : NULL, "addresses",
                     addresses, "stage", e->stage, "message", e->message, "dns_ms",
                     (json_int_t)e->dns_ms, "ms", (json_int_t)e->ms);
}
