/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/network/network.h"

#define SIDE_BY_SIDE 256 /* so many silent names do not keep the others waiting */

/* What a child sends back: one write of less than PIPE_BUF, so it is whole or absent. */
struct answer {
    size_t n;
    struct hg_address addresses[HG_MAX_ADDRESSES];
    char outcome[24], message[200];
};

struct asking {
    struct hg_endpoint *e;
    pid_t pid;
    int fd;
    long long started_ms;
};

static bool numeric(struct hg_endpoint *e)
{
    unsigned char ignored[16];

    if (inet_pton(AF_INET, e->host, ignored) != 1 &&
        inet_pton(AF_INET6, e->host, ignored) != 1) {
        return false;
    }
    snprintf(e->addresses[0].text, sizeof(e->addresses[0].text), "%.60s", e->host);
    e->n_addresses = 1;
    return true;
}

static void child(const char *host, int fd)
{
    struct answer answer = { 0 };
    struct hg_outcome outcome = { .outcome = "" };

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a fork does not inherit it */
    answer.n = hg_resolve(host, answer.addresses, HG_MAX_ADDRESSES, &outcome);
    snprintf(answer.outcome, sizeof(answer.outcome), "%s", outcome.outcome);
    snprintf(answer.message, sizeof(answer.message), "%.190s", outcome.message);
    _exit(write(fd, &answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? 0 : 1);
}

static bool ask(struct asking *a, struct hg_endpoint *e)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0) {
        e->outcome = "local";
        return false;
    }
    a->pid = fork();
    if (a->pid == 0) {
        child(e->host, fds[1]);
    }
    close(fds[1]);
    if (a->pid < 0) {
        close(fds[0]);
        e->outcome = "local";
        snprintf(e->message, sizeof(e->message), "no process for the name: %s",
                 strerror(errno));
        return false;
    }
    a->e = e;
    a->fd = fds[0];
    a->started_ms = hg_clock_ms();
    return true;
}

static const char *known_outcome(const char *text)
{
    return strcmp(text, "timeout") == 0 ? "timeout"
           : strcmp(text, "local") == 0 ? "local"
                                        : "name-not-found";
}

static void take(struct asking *a)
{
    struct answer answer;
    struct hg_endpoint *e = a->e;

    e->dns_ms = hg_clock_ms() - a->started_ms;
    if (read(a->fd, &answer, sizeof(answer)) != (ssize_t)sizeof(answer)) {
        e->outcome = "timeout";
        snprintf(e->message, sizeof(e->message), "%.100s: the resolver did not answer",
                 e->host);
    } else if (answer.n == 0) {
        e->outcome = known_outcome(answer.outcome);
        snprintf(e->message, sizeof(e->message), "%s", answer.message);
    } else {
        e->n_addresses = answer.n;
        memcpy(e->addresses, answer.addresses, sizeof(e->addresses));
    }
    close(a->fd);
    kill(a->pid, SIGKILL);
    waitpid(a->pid, NULL, 0);
    a->e = NULL;
}

/* ---- each name once ---- */

static int by_host(const void *a, const void *b)
{
    const struct hg_endpoint *x = *(const struct hg_endpoint *const *)a;
    const struct hg_endpoint *y = *(const struct hg_endpoint *const *)b;
    int order = strcmp(x->host, y->host);

    return order != 0 ? order : x < y ? -1 : x > y;
}

/* Those with a name to look up, by name. */
static size_t sort_names(struct hg_endpoint *list, size_t n, struct hg_endpoint **ret)
{
    size_t names = 0;

    for (size_t i = 0; i < n; i++) {
        if (list[i].outcome == NULL && !numeric(&list[i])) {
            ret[names++] = &list[i];
        }
    }
    qsort(ret, names, sizeof(*ret), by_host);
    return names;
}

static bool same_name(struct hg_endpoint *const *sorted, size_t i)
{
    return i > 0 && strcmp(sorted[i - 1]->host, sorted[i]->host) == 0;
}

/* What was found for a name is found for all of that name. */
static void spread(struct hg_endpoint **sorted, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct hg_endpoint *from = sorted[i - 1];

        if (same_name(sorted, i)) {
            memcpy(sorted[i]->addresses, from->addresses, sizeof(from->addresses));
            memcpy(sorted[i]->message, from->message, sizeof(from->message));
            sorted[i]->n_addresses = from->n_addresses;
            sorted[i]->outcome = from->outcome;
            sorted[i]->dns_ms = from->dns_ms;
        }
    }
}

static bool fill(struct asking *asking, size_t places, struct hg_endpoint **sorted, size_t n,
                 size_t *next)
{
    bool any = false;

    for (size_t i = 0; i < places; i++) {
        while (asking[i].e == NULL && *next < n) {
            if (!same_name(sorted, *next)) {
                ask(&asking[i], sorted[*next]);
            }
            (*next)++;
        }
        any = any || asking[i].e != NULL;
    }
    return any;
}

static void ask_all(struct hg_endpoint **sorted, size_t n, long long until)
{
    struct asking asking[SIDE_BY_SIDE] = { 0 };
    size_t next = 0, places = hg_places(SIDE_BY_SIDE);

    while (fill(asking, places, sorted, hg_clock_ms() < until ? n : next, &next)) {
        struct pollfd fds[SIDE_BY_SIDE];
        long long left = until - hg_clock_ms();

        for (size_t i = 0; i < places; i++) {
            fds[i] = (struct pollfd){ .fd = asking[i].e ? asking[i].fd : -1, .events = POLLIN };
        }
        (void)poll(fds, places, left < 0 ? 0 : (int)left);
        for (size_t i = 0; i < places; i++) {
            if (asking[i].e != NULL && (fds[i].revents != 0 || hg_clock_ms() >= until)) {
                if (fds[i].revents == 0) {
                    kill(asking[i].pid, SIGKILL);
                }
                take(&asking[i]);
            }
        }
    }
    for (; next < n; next++) {
        sorted[next]->outcome = "local";
        snprintf(sorted[next]->message, sizeof(sorted[next]->message),
                 "%.100s: not looked up: the resolver was too slow for all names",
                 sorted[next]->host);
    }
}

void hg_resolve_all(struct hg_probe *probe, struct hg_endpoint *list, size_t n)
{
    struct hg_endpoint **sorted = calloc(n + 1, sizeof(struct hg_endpoint *));
    size_t names;

    if (sorted == NULL) {
        return; /* without an address each is told as not tried */
    }
    names = sort_names(list, n, sorted);
    ask_all(sorted, names, hg_clock_ms() + hg_probe_left_ms(probe, 0) / 2);
    spread(sorted, names);
    free(sorted);
}
