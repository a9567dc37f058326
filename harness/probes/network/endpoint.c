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

static void settle(struct hg_endpoint *e, const char *outcome, int code)
{
    e->outcome = outcome;
    e->ms = hg_clock_ms() - e->started_ms;
    if (code != 0) {
        snprintf(e->message, sizeof(e->message), "%s", strerror(code));
    }
}

static const char *outcome_of(int code)
{
    switch (code) {
    case ECONNREFUSED:
        return "refused";
    case ETIMEDOUT:
        return "timeout";
    case ECONNRESET:
    case EPIPE:
        return "reset";
    case EADDRNOTAVAIL: /* out of local ports: ours, not the target's */
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:
        return "local";
    default:
        return "unreachable";
    }
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

/* The result of one address: reached settles all, anything else goes on to the next. */
static void take(struct hg_endpoint *e, int code)
{
    if (e->fd >= 0) {
        close(e->fd); /* an orderly FIN: an RST would read as trouble in the server's log */
        e->fd = -1;
    }
    e->stage = code == 0 ? "done" : "connect";
    if (code == 0) {
        settle(e, "reached", 0);
    } else if (++e->at >= e->n_addresses) {
        e->at = e->n_addresses - 1;
        settle(e, outcome_of(code), code);
    } else {
        hg_endpoint_next(e);
    }
}

void hg_endpoint_next(struct hg_endpoint *e)
{
    struct sockaddr_storage address;
    socklen_t size;

    if (e->outcome != NULL) {
        return;
    }
    size = e->at < e->n_addresses ? address_of(e, &address) : 0;
    if (size == 0) {
        settle(e, "name-not-found", 0);
        return;
    }
    e->stage = "connect";
    e->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (e->fd < 0) {
        take(e, errno);
    } else if (connect(e->fd, (struct sockaddr *)&address, size) == 0) {
        take(e, 0);
    } else if (errno != EINPROGRESS) {
        take(e, errno);
    }
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
    } else if (hg_clock_ms() >= e->deadline_ms) {
        take(e, ETIMEDOUT);
    }
}

json_t *hg_endpoint_report(struct hg_endpoint *e)
{
    json_t *addresses = json_array();

    if (e->outcome == NULL) { /* the time for all of them is over */
        snprintf(e->message, sizeof(e->message), "not settled within the deadline");
        e->outcome = "timeout";
        e->ms = e->started_ms ? hg_clock_ms() - e->started_ms : 0;
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

void hg_endpoint_done(struct hg_endpoint *e)
{
    if (e->fd >= 0) {
        close(e->fd);
        e->fd = -1;
    }
}
